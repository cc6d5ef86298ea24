"""Logistic regression on standardised columns. Fits are refits; the order to try comes from one Newton step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Cost, Keep, by_class, untrained

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.linear_model import LogisticRegression

    Floats = NDArray[np.float64]

PENALTY = 1.0
SMALL = 50_000  # cells of the design up to which every repeat is affordable
WIDE = 500  # columns from which factorising the Hessian costs more than gradients


class Logistic:
    """C = 1 on columns of mean 0 and variance 1, as a pipeline of a standard scaler and `LogisticRegression()`."""

    def __init__(self, design: Design, target: Floats, weights: Floats | None, metric: Metric, classes: int) -> None:
        self._design, self._target, self._weights, self._metric, self._classes = design, target, weights, metric, classes

    @property
    def words(self) -> str:
        return "logistic regression on standardised columns"

    @property
    def cost(self) -> Cost:
        return "cheap" if self._classes == 2 and self._design.matrix.size <= SMALL else "dear"

    def answers(self, keep: Keep, fold: Fold) -> Floats:
        columns = self._design.columns_of(keep)
        if not len(columns):
            return untrained(self._target, self._weights, fold, self._classes)
        train, test = self._scaled(columns, fold)
        return self._said(self._fit(train, fold), test)

    def importance(self, keep: Keep, fold: Fold) -> Floats:
        """Leave-one-out losses of the quadratic approximation around the fit with all of `keep`; for several classes of permuted scores."""
        columns = self._design.columns_of(keep)
        train, test = self._scaled(columns, fold)
        model = self._fit(train, fold)
        y = self._target[fold.test]
        w = None if self._weights is None else self._weights[fold.test]
        base = self._metric.score(y, self._said(model, test), w)
        losses = np.empty(len(keep))
        blocks = self._design.blocks(keep)
        if self._classes != 2:
            for position, block in enumerate(blocks):
                blank = test.copy()
                blank[:, block] = 0.0  # their mean
                losses[position] = base - self._metric.score(y, self._said(model, blank), w)
            return losses
        slopes = model.coef_[0]
        chance = model.predict_proba(train)[:, 1]
        curvature = chance * (1 - chance) * (1.0 if self._weights is None else self._weights[fold.train])
        hessian = (train * curvature[:, None]).T @ train
        hessian[np.diag_indices(len(columns))] += PENALTY
        inverse = np.linalg.inv(hessian)
        logits = test @ slopes + model.intercept_[0]
        for position, block in enumerate(blocks):
            correction = inverse[:, block] @ np.linalg.solve(inverse[np.ix_(block, block)], slopes[block])
            losses[position] = base - self._metric.score(y, _sigmoid(logits - test @ correction), w)
        return losses

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        return ()

    def _scaled(self, columns: NDArray[np.intp], fold: Fold) -> tuple[Floats, Floats]:
        train = self._design.matrix[np.ix_(fold.train, columns)]
        centre, spread = train.mean(axis=0), train.std(axis=0)
        spread[spread <= 1e-12 * np.maximum(np.abs(centre), 1.0)] = 1.0
        return (train - centre) / spread, (self._design.matrix[np.ix_(fold.test, columns)] - centre) / spread

    def _fit(self, train: Floats, fold: Fold) -> LogisticRegression:
        import warnings

        from sklearn.linear_model import LogisticRegression

        solver = "newton-cholesky" if self._classes == 2 and train.shape[1] < WIDE else "lbfgs"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that has not converged is judged by its score
            weights = None if self._weights is None else self._weights[fold.train]
            return LogisticRegression(C=1 / PENALTY, solver=solver, max_iter=2000).fit(train, self._target[fold.train], weights)

    def _said(self, model: LogisticRegression, test: Floats) -> Floats:
        said = model.predict_proba(test)
        return by_class(said, model.classes_, self._classes)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -700, 700))))
