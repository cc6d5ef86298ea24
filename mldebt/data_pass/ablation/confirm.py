"""The joint test of the final set: all columns against those that stay, on rows or folds that the search never saw.

A search picks the sets that look cheap on its rows, so that they look cheaper there than they are. With enough rows some are held out of
the search and score both models. Below that, where a fit costs little, the whole search is run again inside outer folds: by how much the
sets that it finds there are dearer on the rows left out than the search believed is its optimism (Efron and Tibshirani 1993, chapter 17),
and is added to the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.fitting.folds import Fold, Folds
from mldebt.data_pass.fitting.model import Keep
from mldebt.data_pass.result import Interval

Test = Callable[[Keep], Interval]  # of a set that stays: what the rest costs


class Confirmed(msgspec.Struct, frozen=True):
    """`interval` is the metric with all columns minus the metric with `keep`; None when nothing goes."""

    keep: Keep
    interval: Interval | None
    returned: Keep  # columns that the search had taken out


def confirm(full: Keep, history: Sequence[Keep], test: Test, tolerance: float, *, one_by_one: bool) -> Confirmed:
    """The largest of the accepted sets whose upper bound is within the tolerance.

    What it does not carry goes back, the latest first: column by column, or an eighth of what is out, then a quarter, then half, so that
    there are few tests.
    """
    out = [column for step in history for column in step]  # in the order in which they went, the least important first
    taken, failed = set(out), 0
    while out:
        keep = tuple(column for column in full if column not in set(out))
        interval = test(keep)
        if interval.high <= tolerance:
            return Confirmed(keep, interval, tuple(sorted(taken & set(keep))))
        back = 1 if one_by_one else max(1, len(out) * 2 ** min(failed, 2) // 8)
        out = out[: len(out) - back]
        failed += 1
    return Confirmed(full, None, tuple(sorted(taken)))


def on_fresh_folds(
    evaluator: Evaluator, full: Keep, folds: Folds, optimism: float, tolerance: float, spare: frozenset[int] = frozenset()
) -> Test:
    """Fresh splits of the searched rows: all repeats, or where fits are dear one, and all if it does not suffice.

    The upper bound is the larger of two: that of Nadeau and Bengio, and that of the rows and folds as they are, with the optimism of the
    search added to the mean. What structure alone calls `spare` was not picked by its scores: a set of nothing else has no optimism.
    """
    one, every = folds.folds[: folds.size], folds.folds

    def asked(keep: Keep, some: Sequence[Fold]) -> Interval:
        bound, plain = (evaluator.compare(full, keep, some, ratio, folds.size) for ratio in (folds.ratio, 0.0))
        extra = 0.0 if spare.issuperset(set(full) - set(keep)) else optimism
        mean = bound.mean + extra
        return Interval(mean=mean, low=min(bound.low, mean), high=max(bound.high, plain.high + extra), folds=bound.folds)

    def test(keep: Keep) -> Interval:
        found = asked(keep, one if evaluator.learner.cost == "dear" else every)
        return found if found.high <= tolerance or found.folds == len(every) else asked(keep, every)

    return test


def optimism(
    evaluator: Evaluator, full: Keep, outer: Sequence[Fold], inner: Callable[[Fold], Folds], search: Callable[[Folds], Keep]
) -> float:
    """Mean over the outer folds of the loss on the rows left out minus the loss that the search believed; not below 0."""
    found = []
    for fold in outer:
        folds = inner(fold)
        keep = search(folds)
        believed = evaluator.mean(full, folds.folds) - evaluator.mean(keep, folds.folds)
        found.append(evaluator.mean(full, [fold]) - evaluator.mean(keep, [fold]) - believed)
    return max(0.0, float(np.mean(found)))
