"""From the first model to the set that goes: which rows are searched, the search, and the test that its set must pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from mldebt.data_pass.ablation.confirm import Confirmed, confirm, on_fresh_folds, optimism
from mldebt.data_pass.ablation.evaluator import Evaluator
from mldebt.data_pass.ablation.search import Search
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold, Folds, hold_out, make_folds
from mldebt.data_pass.fitting.metric import Task
from mldebt.data_pass.fitting.model import Keep
from mldebt.data_pass.reading.model import Sample
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

MANY = 10_000  # rows from which a fifth is held out of the search; of fewer, a fifth decides too little
SOME = 1_000  # rows from which a search that is not free is run again
SHARE = 0.2
MODELS = 3  # fitted for the test on the rows held out
DRAWS = 10  # of the searched rows: each of those models leaves a tenth out
OUTER = 5  # folds in which the search is run again
STRICTER = (1.0, 0.5, 0.25)  # of the tolerance: what the search may spend, until its set passes
KIND = "on fresh folds of the rows that were searched, which is a little too kind"
CORRECTED = "on fresh folds, with the optimism that repeating the search on fewer rows showed"
# Series of folds.
SEARCH, FRESH, DRAWN, LEFT_OUT, INSIDE = 0, 1, 3, 4, 10


class Rowsplit(msgspec.Struct, frozen=True):
    """`held` is empty where all rows are searched."""

    searched: Rows
    held: Rows
    folds: Folds


class Decision(msgspec.Struct, frozen=True):
    """`reference` and `without`: the metric with all columns and with `confirmed.keep`, on the rows of the test."""

    confirmed: Confirmed
    reference: float
    without: float | None
    words: str  # how the test was made
    stopped: bool  # the budget was spent


def split_rows(sample: Sample, task: Task, settings: FeatureSettings) -> Rowsplit:
    """A fifth is held out where there are rows for it."""
    count = len(sample.target)
    everything = np.arange(count)
    searched, held = hold_out(sample, task, SHARE, settings.seed) if count >= MANY else (everything, everything[:0])
    if not len(held) or not len(searched):
        searched, held = everything, everything[:0]
    return Rowsplit(searched, held, _folds(sample, task, settings, searched, SEARCH))


def decide(
    evaluator: Evaluator,
    sample: Sample,
    task: Task,
    settings: FeatureSettings,
    split: Rowsplit,
    *,
    spare: Sequence[int],
    fixed: frozenset[int],
    prefer: Callable[[int], tuple[object, ...]],
    deadline: float | None,
) -> Decision:
    """The set that passed, or none."""
    full = tuple(range(sample.frame.shape[1]))

    def search(folds: Folds, share: float) -> Search:
        made = Search(evaluator, folds, full, tolerance=share * settings.tolerance, fixed=fixed, prefer=prefer, deadline=deadline)
        made.run(spare)
        return made

    found = search(split.folds, 1.0)
    evaluator.stage = "confirming"
    if len(split.held):
        return _held(evaluator, sample, task, settings, split, found)
    fresh = _folds(sample, task, settings, split.searched, FRESH)
    cost = evaluator.learner.cost

    def tested(found: Search, extra: float, words: str) -> Decision:
        test = on_fresh_folds(evaluator, full, fresh, extra, settings.tolerance, frozenset(spare))
        confirmed = confirm(full, found.history, test, settings.tolerance, one_by_one=cost != "dear")
        return _decision(evaluator, full, confirmed, fresh.folds, words, found.stopped)

    if cost == "dear" or (cost == "cheap" and len(split.searched) < SOME) or found.stopped:
        return tested(found, 0.0, KIND)
    best: Decision | None = None
    for share in STRICTER:
        found = found if share == 1.0 else search(split.folds, share)
        try:
            extra = _optimism(evaluator, sample, task, settings, split, search, share)
        except DataError:  # rows that cannot be split once more
            return tested(found, 0.0, KIND)
        decision = tested(found, extra, CORRECTED)
        if best is None or len(decision.confirmed.keep) < len(best.confirmed.keep):
            best = decision
        if found.stopped or not set(full) - set(best.confirmed.keep) <= set(spare):
            break
    assert best is not None
    return best


def _held(evaluator: Evaluator, sample: Sample, task: Task, settings: FeatureSettings, split: Rowsplit, found: Search) -> Decision:
    """The rows held out decide alone where they can; where they are too few, their mean says how far to trust those searched."""
    full = tuple(range(sample.frame.shape[1]))
    draws = _draws(sample, task, settings, split)
    said = evaluator.held(full, found.keep, draws) if found.history else None
    words = f"on {len(split.held):,} rows that the search never saw"
    if said is None or said.high <= settings.tolerance:
        return _decision(evaluator, full, Confirmed(found.keep, said, ()), draws, words, found.stopped)
    folds = split.folds.folds[: split.folds.size]
    believed = evaluator.mean(full, folds) - evaluator.mean(found.keep, folds)
    fresh = make_folds(sample, task, split.searched, folds=settings.folds, repeats=1, seed=settings.seed, series=FRESH)
    test = on_fresh_folds(evaluator, full, fresh, max(0.0, said.mean - believed), settings.tolerance)
    confirmed = confirm(full, found.history, test, settings.tolerance, one_by_one=evaluator.learner.cost != "dear")
    words = f"on fresh folds, with the optimism that {len(split.held):,} rows held out of the search showed"
    return _decision(evaluator, full, confirmed, fresh.folds, words, found.stopped)


def _optimism(
    evaluator: Evaluator,
    sample: Sample,
    task: Task,
    settings: FeatureSettings,
    split: Rowsplit,
    search: Callable[[Folds, float], Search],
    share: float,
) -> float:
    full = tuple(range(sample.frame.shape[1]))
    folds = min(OUTER, settings.folds)
    outer = make_folds(sample, task, split.searched, folds=folds, repeats=1, seed=settings.seed, series=LEFT_OUT).folds

    def inner(fold: Fold) -> Folds:
        rows = np.sort(fold.train)
        return make_folds(sample, task, rows, folds=settings.folds, repeats=1, seed=settings.seed, series=INSIDE + fold.key[1])

    return optimism(evaluator, full, outer, inner, lambda folds: search(folds, share).keep)


def _decision(evaluator: Evaluator, full: Keep, confirmed: Confirmed, folds: Sequence[Fold], words: str, stopped: bool) -> Decision:
    if confirmed.interval is None:
        return Decision(confirmed, evaluator.mean(full, folds[:OUTER]), None, words, stopped)
    used = folds[: confirmed.interval.folds]
    return Decision(confirmed, evaluator.mean(full, used), evaluator.mean(confirmed.keep, used), words, stopped)


def _folds(sample: Sample, task: Task, settings: FeatureSettings, rows: Rows, series: int) -> Folds:
    return make_folds(sample, task, rows, folds=settings.folds, repeats=settings.repeats, seed=settings.seed, series=series)


def _draws(sample: Sample, task: Task, settings: FeatureSettings, split: Rowsplit) -> list[Fold]:
    """Most of the searched rows to fit on, the rows held out to score; in time order all of the rows before them, once."""
    if sample.time is not None:
        return [Fold((DRAWN, 0), split.searched, split.held)]
    folds = DRAWS if sample.groups is None else settings.folds
    made = make_folds(sample, task, split.searched, folds=folds, repeats=1, seed=settings.seed, series=DRAWN)
    return [Fold(fold.key, fold.train, split.held) for fold in made.folds[:MODELS]]


def spent(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() > deadline
