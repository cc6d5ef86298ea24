"""Any estimator of the user's: refits on frames with the kept columns, permuted importances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Cost, Keep, by_class, untrained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Estimator(Protocol):
    """What scikit-learn calls a classifier or a regressor."""

    classes_: Floats  # of a classifier, as `predict_proba`

    def fit(self, X: pd.DataFrame, y: Floats, **fit_params: Floats) -> Estimator: ...
    def predict(self, X: pd.DataFrame) -> Floats: ...
    def predict_proba(self, X: pd.DataFrame) -> Floats: ...


class Custom:
    """`factory()` gives a new estimator for every fit; with weights its `fit` must take `sample_weight`."""

    def __init__(
        self,
        factory: Callable[[], Estimator],
        words: str,
        frame: pd.DataFrame,
        target: Floats,
        weights: Floats | None,
        metric: Metric,
        classes: int,
        seed: int,
    ) -> None:
        self._factory, self._words, self._frame, self._target, self._weights = factory, words, frame, target, weights
        self._metric, self._classes, self._seed = metric, classes, seed

    @property
    def words(self) -> str:
        return self._words

    @property
    def cost(self) -> Cost:
        return "dear"

    def answers(self, keep: Keep, fold: Fold) -> Floats:
        if not keep:
            return untrained(self._target, self._weights, fold, self._classes)
        return self._said(self._fit(keep, fold), self._frame.iloc[fold.test, list(keep)])

    def importance(self, keep: Keep, fold: Fold) -> Floats:
        """Loss when the values of one column are shuffled among the test rows, in units of the metric."""
        model = self._fit(keep, fold)
        test = self._frame.iloc[fold.test, list(keep)]
        y = self._target[fold.test]
        w = None if self._weights is None else self._weights[fold.test]
        base = self._metric.score(y, self._said(model, test), w)
        order = np.random.default_rng([self._seed, *fold.key]).permutation(len(test))
        losses = np.empty(len(keep))
        for position, name in enumerate(test.columns):
            shuffled = test.assign(**{name: test[name].take(order).set_axis(test.index)})
            losses[position] = base - self._metric.score(y, self._said(model, shuffled), w)
        return losses

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        return ()

    def _fit(self, keep: Keep, fold: Fold) -> Estimator:
        rows, target = self._frame.iloc[fold.train, list(keep)], self._target[fold.train]
        try:
            model = self._factory()
            return model.fit(rows, target) if self._weights is None else model.fit(rows, target, sample_weight=self._weights[fold.train])
        except (Exception, SystemExit) as error:  # the user's code: anything may come
            raise DataError(f"{self._words} cannot be fitted: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}") from None

    def _said(self, model: Estimator, test: pd.DataFrame) -> Floats:
        try:
            if not self._classes:
                return np.asarray(model.predict(test), dtype=float)
            said = np.asarray(model.predict_proba(test), dtype=float)
            classes = np.asarray(model.classes_, dtype=float)
        except (Exception, SystemExit) as error:
            raise DataError(f"{self._words} cannot predict: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}") from None
        return by_class(said, classes, self._classes)
