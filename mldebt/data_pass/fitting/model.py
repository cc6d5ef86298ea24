"""What the search asks of a kind of model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from mldebt.data_pass.fitting.folds import Fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Keep = tuple[int, ...]  # positions of columns, ascending


Cost = Literal["free", "cheap", "dear"]


class Learner(Protocol):
    """A kind of model on one sample. Equal arguments give equal answers, in any process."""

    @property
    def words(self) -> str:
        """Which model, for the report."""

    @property
    def cost(self) -> Cost:
        """Of a fit: "free" next to reading the data, "cheap" enough that every repeat is used, or "dear"."""

    def answers(self, keep: Keep, fold: Fold) -> Floats:
        """Fitted on the training rows of the fold with these columns: what it says of the test rows."""

    def importance(self, keep: Keep, fold: Fold) -> Floats:
        """An estimate of what the loss of each kept column costs, in units of the metric. An order to try, never a verdict."""

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        """Columns whose joint removal leaves the answers on these folds as they are, bit by bit."""


def untrained(target: Floats, weights: Floats | None, fold: Fold, classes: int) -> Floats:
    """What a model without columns says of the test rows: the mean, or the shares of the classes. `classes` is 0 for a regression."""
    train, weighed = target[fold.train], None if weights is None else weights[fold.train]
    if not classes:
        return np.full(len(fold.test), np.average(train, weights=weighed))
    counts = np.bincount(train.astype(int), weights=weighed, minlength=classes)
    shares = counts / counts.sum()
    return np.full(len(fold.test), shares[1]) if classes == 2 else np.tile(shares, (len(fold.test), 1))


def by_class(said: Floats, seen: Floats, classes: int) -> Floats:
    """Probabilities over all classes, from those over the classes that training saw; of class 1 alone when there are two."""
    whole = np.zeros((len(said), classes))
    whole[:, seen.astype(int)] = said
    return whole[:, 1] if classes == 2 else whole
