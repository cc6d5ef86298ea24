"""Histogram gradient boosting: refits without columns, permuted importances, and exact certificates for columns that no tree splits on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd

from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Cost, Keep, by_class, untrained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = 254  # of a category that the bins can hold
ROWS = 1_000  # rows that are permuted
CELLS = 4_000_000  # of one call to predict
REMEMBERED = 24  # fitted models


class Model(Protocol):
    """A fitted regressor or classifier; only the latter has classes and probabilities."""

    classes_: Floats

    def predict(self, X: Floats) -> Floats: ...
    def predict_proba(self, X: Floats) -> Floats: ...


class Boosted:
    """60 trees, learning rate 0.15, 15 leaves (31 from 20,000 rows), no early stopping, no sampling: a fit is a function of its columns."""

    def __init__(self, frame: pd.DataFrame, target: Floats, weights: Floats | None, metric: Metric, classes: int, seed: int) -> None:
        columns = [_codes(frame[name]) for name in frame.columns]
        self._matrix = np.asfortranarray(np.column_stack([values for values, _ in columns])) if columns else np.empty((len(target), 0))
        self._categorical = np.array([coded for _, coded in columns], dtype=bool)
        self._target, self._weights, self._metric, self._classes, self._seed = target, weights, metric, classes, seed
        self._models: OrderedDict[tuple[Keep, tuple[int, int]], Model] = OrderedDict()

    def __getstate__(self) -> dict[str, object]:
        """Without the fitted models: each process has its own."""
        return {**self.__dict__, "_models": OrderedDict()}

    @property
    def words(self) -> str:
        return "histogram gradient boosting"

    @property
    def cost(self) -> Cost:
        return "dear"

    def answers(self, keep: Keep, fold: Fold) -> Floats:
        if not keep:
            return untrained(self._target, self._weights, fold, self._classes)
        return self._said(self._model(keep, fold), self._rows(fold.test, keep))

    def importance(self, keep: Keep, fold: Fold) -> Floats:
        """Loss when the values of one column are shuffled among the test rows, in units of the metric."""
        model = self._model(keep, fold)
        rows = fold.test[:: max(1, len(fold.test) // ROWS)]
        test = self._rows(rows, keep)
        y = self._target[rows]
        w = None if self._weights is None else self._weights[rows]
        base = self._metric.score(y, self._said(model, test), w)
        order = np.random.default_rng([self._seed, *fold.key]).permutation(len(rows))
        losses = np.zeros(len(keep))
        places = self._places(keep)
        used = np.flatnonzero(_splits(model, len(keep)))
        batch = max(1, CELLS // max(test.size, 1))
        for start in range(0, len(used), batch):
            part = used[start : start + batch]
            shuffled = np.tile(test, (len(part), 1))
            for place, position in enumerate(part):
                shuffled[place * len(rows) : (place + 1) * len(rows), position] = test[order, position]
            said = self._said(model, shuffled).reshape(len(part), len(rows), -1)
            for place, position in enumerate(part):
                one = said[place, :, 0] if said.shape[2] == 1 else said[place]
                losses[places[position]] = base - self._metric.score(y, one, w)
        return losses

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        used = np.zeros(len(keep), dtype=bool)
        for fold in folds:
            used[self._places(keep)] |= _splits(self._model(keep, fold), len(keep))
        return tuple(column for column, needed in zip(keep, used, strict=True) if not needed)

    def _model(self, keep: Keep, fold: Fold) -> Model:
        key = (keep, fold.key)
        if key not in self._models:
            self._models[key] = self._fit(keep, fold)
            if len(self._models) > REMEMBERED:
                self._models.popitem(last=False)
        self._models.move_to_end(key)
        return self._models[key]

    def _fit(self, keep: Keep, fold: Fold) -> Model:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        coded = int(self._categorical[list(keep)].sum())
        model = (HistGradientBoostingClassifier if self._classes else HistGradientBoostingRegressor)(
            max_iter=60,
            learning_rate=0.15,
            max_leaf_nodes=15 if len(self._target) < 20_000 else 31,
            min_samples_leaf=20,
            early_stopping=False,
            categorical_features=list(range(coded)) or None,
            random_state=self._seed % 2**32,
        )
        weights = None if self._weights is None else self._weights[fold.train]
        rows = self._rows(fold.train, keep)
        weighed = rows if weights is None else rows[weights > 0]
        rows[:, np.isnan(weighed).all(axis=0)] = 0.0  # the binning needs a value; no tree splits on a constant
        return cast("Model", model.fit(rows, self._target[fold.train], sample_weight=weights))

    def _places(self, keep: Keep) -> NDArray[np.intp]:
        """Positions in `keep`, codes first: the model puts them first as well, and its trees count so."""
        return np.argsort(~self._categorical[list(keep)], kind="stable")

    def _rows(self, rows: NDArray[np.intp], keep: Keep) -> Floats:
        return np.asarray(self._matrix[np.ix_(rows, np.asarray(keep)[self._places(keep)])])

    def _said(self, model: Model, test: Floats) -> Floats:
        if not self._classes:
            return np.asarray(model.predict(test))
        return by_class(model.predict_proba(test), model.classes_, self._classes)


def _codes(column: pd.Series) -> tuple[Floats, bool]:
    """The values, and whether they are codes without order."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.to_numpy(dtype=float), False
    codes = column.cat.codes.to_numpy().astype(float)
    codes[codes < 0] = np.nan
    return codes, len(column.cat.categories) <= LEVELS


def _splits(model: Model, columns: int) -> NDArray[np.bool_]:
    """Which columns some tree splits on. The trees are no public attribute: where they cannot be read, all columns are taken as used."""
    used = np.zeros(columns, dtype=bool)
    predictors = getattr(model, "_predictors", None)
    if predictors is None:
        return ~used
    for trees in predictors:
        for tree in trees:
            nodes = tree.nodes
            used[nodes["feature_idx"][nodes["is_leaf"] == 0]] = True
    return used
