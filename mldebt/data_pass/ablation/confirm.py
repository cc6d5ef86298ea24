"""One joint test of the final set on folds that the search never saw; what it does not carry goes back, the latest first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.fitting.folds import Folds
from mldebt.data_pass.fitting.model import Keep
from mldebt.data_pass.result import Interval


class Confirmed(msgspec.Struct, frozen=True):
    """`interval` is the metric with all columns minus the metric with `keep`; None when nothing goes."""

    keep: Keep
    interval: Interval | None
    returned: Keep  # columns that the search had taken out


def confirm(
    evaluator: Evaluator, full: Keep, keep: Keep, history: Sequence[Keep], fresh: Folds, *, tolerance: float, repeats: int
) -> Confirmed:
    """The largest of the accepted sets that stays within the tolerance of the model with all columns."""
    steps = list(history)
    while len(keep) < len(full):
        said, interval = evaluator.race(full, keep, fresh, tolerance, repeats=repeats, step=False)
        if said == "fits":
            return Confirmed(keep, interval, tuple(sorted(set().union(*history) & set(keep))) if history else ())
        last = steps.pop()
        half = last[len(last) // 2 :]  # a run has its least important columns first
        if len(last) > 1:
            steps.append(last[: len(last) // 2])
        keep = tuple(sorted({*keep, *half}))
    return Confirmed(full, None, tuple(sorted(set().union(*history))) if history else ())
