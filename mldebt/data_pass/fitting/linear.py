"""Ridge regression on standardised columns: any set of columns from one Gram matrix per fold, exactly.

With G = Z'Z + aI over the columns K that are kept, the coefficients without S are b - G^-1[:, S] (G^-1[S, S])^-1 b[S]: one inverse per fold
gives every leave-one-out and every leave-group-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Cost, Keep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PENALTY = 1.0
REMEMBERED = 30  # folds whose sums are kept
WIDE = 2_500  # design columns above which no Gram matrix is kept


class Ridge:
    """Penalty 1 on columns of mean 0 and variance 1, as a pipeline of a standard scaler and `Ridge(alpha=1.0)`."""

    def __init__(self, design: Design, target: Floats, weights: Floats | None, metric: Metric) -> None:
        self._design, self._target, self._weights, self._metric = design, target, weights, metric
        self._prepared: dict[tuple[int, int], _Prepared] = {}

    def __getstate__(self) -> dict[str, object]:
        """Without what is prepared of the folds: each process does it for itself."""
        return {**self.__dict__, "_prepared": {}}

    @property
    def words(self) -> str:
        return "ridge regression on standardised columns"

    @property
    def cost(self) -> Cost:
        return "free" if self._design.width <= 400 else "dear"

    def answers(self, keep: Keep, fold: Fold) -> Floats:
        at = self._prepare(fold)
        columns = self._design.columns_of(keep)
        return self._predict(at, columns, at.coefficients(columns), fold)

    def importance(self, keep: Keep, fold: Fold) -> Floats:
        """Exact leave-one-out losses on this fold."""
        at = self._prepare(fold)
        columns = self._design.columns_of(keep)
        inverse = np.linalg.inv(at.gram(columns))
        full = inverse @ at.moments(columns)
        base = self._predict(at, columns, full, fold)
        y = self._target[fold.test]
        w = None if self._weights is None else self._weights[fold.test]
        score = self._metric.score(y, base, w)
        test = (self._design.matrix[np.ix_(fold.test, columns)] - at.centre[columns]) / at.spread[columns]
        blocks = self._design.blocks(keep)
        corrections = np.empty((len(columns), len(keep)))
        for position, block in enumerate(blocks):
            if len(block) == 1:
                corrections[:, position] = inverse[:, block[0]] * (full[block[0]] / inverse[block[0], block[0]])
            else:
                corrections[:, position] = inverse[:, block] @ np.linalg.solve(inverse[np.ix_(block, block)], full[block])
        without = base - (test @ corrections).T
        return np.array([score - self._metric.score(y, answers, w) for answers in without])

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        return ()

    def _prepare(self, fold: Fold) -> _Prepared:
        if fold.key not in self._prepared:
            weights = None if self._weights is None else self._weights[fold.train]
            if len(self._prepared) >= REMEMBERED:
                self._prepared.pop(next(iter(self._prepared)))
            self._prepared[fold.key] = _Prepared(self._design.matrix[fold.train], self._target[fold.train], weights)
        return self._prepared[fold.key]

    def _predict(self, at: _Prepared, columns: NDArray[np.intp], coefficients: Floats, fold: Fold) -> Floats:
        slopes = coefficients / at.spread[columns]
        return np.asarray(self._design.matrix[np.ix_(fold.test, columns)] @ slopes + (at.middle - at.centre[columns] @ slopes))


class _Prepared:
    """The training rows of one fold: means, spreads, and the Gram matrix where it is small enough to keep."""

    def __init__(self, rows: Floats, target: Floats, weights: Floats | None) -> None:
        self.centre = np.average(rows, axis=0, weights=weights)
        centred = rows - self.centre
        self.spread = np.sqrt(np.average(centred**2, axis=0, weights=weights))
        flat = self.spread <= 1e-12 * np.maximum(np.abs(self.centre), 1.0)
        self.spread[flat] = 1.0
        centred[:, flat] = 0.0
        self.middle = float(np.average(target, weights=weights))
        root = None if weights is None else np.sqrt(weights)[:, None]
        self._rows = centred / self.spread if root is None else centred / self.spread * root
        residual = target - self.middle
        self._target = residual if root is None else residual * root[:, 0]
        self._gram = self._rows.T @ self._rows if rows.shape[1] <= WIDE else None
        self._moments = self._rows.T @ self._target
        if self._gram is not None:
            self._rows = np.empty((0, rows.shape[1]))

    def gram(self, columns: NDArray[np.intp]) -> Floats:
        found = self._rows[:, columns].T @ self._rows[:, columns] if self._gram is None else self._gram[np.ix_(columns, columns)]
        found[np.diag_indices(len(columns))] += PENALTY
        return np.asarray(found)

    def moments(self, columns: NDArray[np.intp]) -> Floats:
        return np.asarray(self._moments[columns])

    def coefficients(self, columns: NDArray[np.intp]) -> Floats:
        if self._gram is None and len(columns) > len(self._rows):  # more columns than rows: the same answer from the rows' side
            rows = self._rows[:, columns]
            kernel = rows @ rows.T
            kernel[np.diag_indices(len(rows))] += PENALTY
            return np.asarray(rows.T @ np.linalg.solve(kernel, self._target))
        return np.asarray(np.linalg.solve(self.gram(columns), self.moments(columns)))
