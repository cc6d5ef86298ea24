"""Models whose truth is known: what they score is a function of their columns and of the fold, without noise unless it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.ablation.workers import Workers
from mldebt.data_pass.fitting.folds import Fold, Folds
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Cost, Keep

ROWS = 4  # of one fold
SCORE = Metric("fake", lambda y, a, w: float(np.mean(a)))
Truth = Callable[[frozenset[int]], float]


class Fake:
    """Scores `truth(columns)`, less `noise` of the set and the fold, and less what `fresh` takes on folds of series 1."""

    def __init__(
        self,
        truth: Truth,
        *,
        cost: Cost = "free",
        noise: float = 0.0,
        fresh: Truth | None = None,
        importances: dict[int, float] | None = None,
    ) -> None:
        self.truth, self.cost, self.noise, self.fresh, self.importances = truth, cost, noise, fresh, importances
        self.words = "fake"
        self.spare: Keep = ()
        self.asked: list[tuple[Keep, tuple[int, int]]] = []

    def answers(self, keep: Keep, fold: Fold) -> np.ndarray:
        self.asked.append((keep, fold.key))
        score = self.truth(frozenset(keep))
        if self.noise:
            score += self.noise * float(np.random.default_rng([*fold.key, *keep, 1]).normal())
        if self.fresh is not None and fold.key[0] == 1:
            score -= self.fresh(frozenset(keep))
        return np.full(len(fold.test), score)

    def importance(self, keep: Keep, fold: Fold) -> np.ndarray:
        if self.importances is not None:
            return np.array([self.importances[column] for column in keep])
        whole = self.truth(frozenset(keep))
        return np.array([whole - self.truth(frozenset(keep) - {column}) for column in keep])

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        return tuple(column for column in keep if column in self.spare)


class Here(Workers):
    """Fits in this process, and says that it could do `width` at once."""

    def __init__(self, width: int) -> None:
        self._width = width

    @property
    def width(self) -> int:
        return self._width


def folds_of(size: int = 5, repeats: int = 3, series: int = 0) -> Folds:
    rows = np.arange(ROWS)
    made = tuple(Fold((series, number), rows, rows) for number in range(size * repeats))
    return Folds(made, size, 1 / (size - 1), f"{size} folds")


def evaluator_of(learner: Fake, *, width: int = 1, metric: Metric = SCORE, weights: np.ndarray | None = None) -> Evaluator:
    return Evaluator(learner, metric, np.arange(ROWS, dtype=float), weights, alpha=0.05, workers=Here(width))
