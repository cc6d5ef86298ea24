"""What columns are worth beside those that stay: losses of the kept ones, gains of the dropped ones, alone and together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.fitting.folds import Folds
from mldebt.data_pass.fitting.model import Keep
from mldebt.data_pass.result import Interval

FEW = 3  # folds for a gain, where fits are dear


def losses(evaluator: Evaluator, keep: Keep, folds: Folds, tolerance: float) -> dict[int, Interval]:
    """Leave-one-out: the metric with all of `keep` minus the metric without the column; fewer folds where the interval is plain before."""
    without = {column: tuple(one for one in keep if one != column) for column in keep}
    evaluator.prefetch([(candidate, fold) for candidate in without.values() for fold in folds.folds[:1]])
    found = {}
    for column, rest in without.items():
        _, found[column] = evaluator.race(keep, rest, folds, tolerance, repeats=1, step=False, futile=False)
        evaluator.forget(but=(keep,))
    return found


def losses_together(evaluator: Evaluator, keep: Keep, folds: Folds, groups: Iterable[Keep]) -> dict[Keep, Interval]:
    """Leave-group-out: the same for several kept columns at once."""
    whole = folds.folds if evaluator.learner.cost == "free" else folds.folds[: folds.size]
    found = {}
    for group in groups:
        rest = tuple(one for one in keep if one not in group)
        found[group] = evaluator.compare(keep, rest, whole, folds.ratio, folds.size)
        evaluator.forget(but=(keep,))
    return found


def gains(evaluator: Evaluator, keep: Keep, folds: Folds, groups: Sequence[Keep]) -> dict[Keep, Interval]:
    """Leave-in: the metric with the dropped columns of the group put back minus the metric of `keep`."""
    cost = evaluator.learner.cost
    few = folds.folds if cost == "free" else folds.folds[: folds.size if cost == "cheap" else FEW]
    more = {group: tuple(sorted((*keep, *group))) for group in groups}
    evaluator.prefetch([(candidate, fold) for candidate in more.values() for fold in few])
    found = {}
    for group, candidate in more.items():
        found[group] = evaluator.compare(candidate, keep, few, folds.ratio, folds.size)
        evaluator.forget(but=(keep,))
    return found
