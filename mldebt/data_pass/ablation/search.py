"""Joint elimination: the longest droppable runs of an order that is asked again after each success, halved where they fail.

Every set is compared with the best state accepted so far, never with the step before: small losses cannot add up beyond the tolerance.
Columns are positions in name order, so nothing depends on the order of the table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from mldebt.data_pass.ablation.decide import Verdict
from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.fitting.folds import Folds
from mldebt.data_pass.fitting.model import Keep
from mldebt.data_pass.result import Interval

FITTED = 3  # folds on which the model of all columns is fitted first
ORDERING = 2  # folds that give the order
LIKELY = 0.25  # of the tolerance: more in one run, and what noise costs could hide what a column gives


class BudgetSpent(Exception):
    """The seconds of `budget` are over."""


class Search:
    """`keep` is the accepted state, `history` the sets that were taken out of it, in order."""

    def __init__(
        self,
        evaluator: Evaluator,
        folds: Folds,
        full: Keep,
        *,
        tolerance: float,
        fixed: frozenset[int],
        prefer: Callable[[int], tuple[object, ...]],
        deadline: float | None = None,
    ) -> None:
        self._evaluator, self._folds, self._tolerance = evaluator, folds, tolerance
        self._fixed, self._prefer, self._deadline = fixed, prefer, deadline
        self.keep = self.reference = full
        self.history: list[Keep] = []
        self.needed: dict[int, Interval] = {}
        self.undecided: dict[int, Interval] = {}
        self.stopped = False  # the budget was spent

    def run(self, structural: Sequence[int]) -> None:
        """Takes out what can go: what no tree splits on, then what the structure says is spare, then runs of the order."""
        try:
            self._certified(but=structural)
            if structural and self.attempt(structural) != "fits":
                self._halves(list(structural))
            self.needed.clear()
            self.undecided.clear()
            self._sweep()
        except BudgetSpent:
            self.stopped = True

    def attempt(self, columns: Sequence[int]) -> Verdict:
        """Takes `columns` out if the rest stays within the tolerance of the best state."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise BudgetSpent
        out = set(columns)
        candidate = tuple(column for column in self.keep if column not in out)
        if not candidate:
            return "falls"
        folds = self._folds
        said, interval = self._evaluator.race(
            self.reference, candidate, folds, self._tolerance, repeats=len(self._folds.folds) // self._folds.size, step=True
        )
        if said == "fits":
            self._accept(candidate, tuple(columns))
            return said
        self._evaluator.forget(but=(self.keep, self.reference))
        if len(columns) == 1:
            (self.needed if said == "falls" else self.undecided)[columns[0]] = interval
        return said

    def _accept(self, candidate: Keep, out: Keep) -> None:
        self.keep = candidate
        self.history.append(out)
        if self._evaluator.shared(candidate, self.reference, self._folds.folds) > 0:
            self.reference = candidate
        self._evaluator.forget(but=(self.keep, self.reference))

    def _halves(self, columns: list[int]) -> None:
        """Bisects a run that does not fit as a whole."""
        if len(columns) == 1:
            return
        middle = (len(columns) + 1) // 2
        for half in (columns[:middle], columns[middle:]):
            if half and self.attempt(half) != "fits":
                self._halves(half)

    def _certified(self, but: Sequence[int]) -> None:
        """What no tree of the first models splits on goes without a fit: their answers stay the same, bit by bit."""
        folds = self._folds.folds[:FITTED]
        spare = set(self._evaluator.unused(self.keep, folds)) - self._fixed - set(but)
        candidate = tuple(column for column in self.keep if column not in spare)
        if spare and candidate:
            self._evaluator.equal(self.keep, candidate, folds)
            self._accept(candidate, tuple(sorted(spare)))

    def _sweep(self) -> None:
        grown, cap = 1, len(self.keep)
        order, losses = self._order()
        while order and len(self.keep) > 1:
            likely, possible = (self._cheapest(order, losses, share) for share in (LIKELY, 1.0))
            run = order[: min(cap, max(likely, min(grown, possible)))]
            if self.attempt(run) == "fits":
                grown = 2 * len(run)
                cap = len(self.keep) if cap > len(run) else grown  # a run that was cut short found its way past a blocker
                self.undecided.clear()  # with less around them they may be clear now
                order, losses = self._order()
            else:
                grown, cap = 1, max(1, len(run) // 2)
            order = [column for column in order if column not in self.needed and column not in self.undecided]

    def _order(self) -> tuple[list[int], dict[int, float]]:
        """Columns that may go, the least important first."""
        learner = self._evaluator.learner
        folds = self._folds.folds if learner.cost != "dear" else self._folds.folds[:ORDERING]
        mean = self._evaluator.importance(self.keep, folds)
        losses = {column: float(loss) for column, loss in zip(self.keep, mean, strict=True) if column not in self._fixed}
        return sorted(losses, key=lambda column: (round(losses[column], 12), self._prefer(column))), losses

    def _cheapest(self, order: Sequence[int], losses: dict[int, float], share: float) -> int:
        """How many columns from the start of the order seem to lose no more than this share of the tolerance between them."""
        total = np.cumsum([max(0.0, losses[column]) for column in order])
        return max(1, int((total <= share * self._tolerance).sum()))
