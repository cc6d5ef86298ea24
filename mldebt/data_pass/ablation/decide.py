"""Non-inferiority of a set of columns: what may be said from paired folds.

The standard error is the larger of two: that over folds with the correction of Nadeau and Bengio (2003, Machine Learning 52) for folds that
share training rows, variance x (1/m + rows scored / rows fitted); and that over rows, which a few lucky folds cannot make small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from scipy.special import ndtri, stdtrit

from mldebt.data_pass.result import Interval

Verdict = Literal["fits", "falls", "undecided"]  # "fits": it stays within the tolerance

SURE = 3.0  # standard errors of the early ends of a race
USUAL = 1.645  # and of its futility: even a mean at its lower bound would not pass with what is left of the repeat


class Step(msgspec.Struct, frozen=True):
    """One fold: score of the reference minus score of the candidate, and its error over rows (NaN: not known)."""

    change: float
    error: float


def bounds(steps: Sequence[Step], ratio: float, alpha: float, size: int) -> Interval:
    """Mean and one-sided (1 - alpha) bounds; `size` folds make one repeat. One fold has its rows alone to say how sure it is."""
    mean = sum(step.change for step in steps) / len(steps)
    halves = [half_width(steps, ratio, alpha, len(steps)), float(ndtri(1 - alpha)) * rows_error(steps, size)]
    half = max((one for one in halves if not math.isnan(one)), default=math.inf)
    return Interval(mean=mean, low=mean - half, high=mean + half, folds=len(steps))


def half_width(steps: Sequence[Step], ratio: float, alpha: float, folds: int) -> float:
    """Over folds, with the spread seen so far, as it would be after `folds` of them; NaN for less than two steps."""
    if len(steps) < 2:
        return float("nan")
    spread = float(np.std([step.change for step in steps], ddof=1))
    return float(stdtrit(folds - 1, 1 - alpha)) * spread * math.sqrt(1 / folds + ratio)


def rows_error(steps: Sequence[Step], size: int) -> float:
    """Of the mean, from the rows of the first repeat (later ones score the same rows again)."""
    first = np.array([step.error for step in steps[:size]])
    return float(np.sqrt((first**2).sum()) / len(first)) if len(first) else float("nan")


def early(steps: Sequence[Step], tolerance: float, size: int, *, accept: bool, futile: bool) -> Verdict | None:
    """Whether a race may end before its first repeat does; None: go on. `accept`: also with a yes, which a later test confirms."""
    m = len(steps)
    if m >= size:
        return None
    mean = sum(step.change for step in steps) / m
    error = rows_error(steps, size)
    if math.isfinite(error):
        if mean - SURE * error > tolerance:
            return "falls"
        if accept and m >= min(3, size - 1) and mean + SURE * error <= tolerance and max(step.change for step in steps) <= tolerance:
            return "fits"
        hopeful = mean - USUAL * error + USUAL * error * math.sqrt(m / size)
        return "undecided" if futile and hopeful > tolerance else None
    spread = float(np.std([step.change for step in steps], ddof=1)) if m > 1 else float("inf")
    if m == 2 and min(step.change for step in steps) > tolerance and mean > 4 * tolerance:
        return "falls"
    return "falls" if m > 2 and mean - 4 * spread / math.sqrt(m) > tolerance else None


def verdict(interval: Interval, tolerance: float) -> Verdict:
    """At the end of a repeat."""
    if interval.high <= tolerance:
        return "fits"
    return "falls" if interval.low > tolerance else "undecided"
