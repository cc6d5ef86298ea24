"""Paired folds, fixed once: every set of columns is judged on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.metric import Task
from mldebt.data_pass.reading.model import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]


HELD = 7  # of the random draws: which rows are held out


class Fold(msgspec.Struct, frozen=True):
    """Rows to fit on and rows to score; `key` names the fold among all that a run makes."""

    key: tuple[int, int]  # series, number
    train: Rows
    test: Rows


class Folds(msgspec.Struct, frozen=True):
    """`folds` hold repeat after repeat, `size` each. `ratio` is rows scored over rows fitted (Nadeau and Bengio 2003)."""

    folds: tuple[Fold, ...]
    size: int
    ratio: float
    words: str


def make_folds(sample: Sample, task: Task, rows: Rows, *, folds: int, repeats: int, seed: int, series: int) -> Folds:
    """Folds of these rows. Folds of different `series` are different. Raises DataError where some fold cannot be fitted or scored."""
    if sample.time is not None and sample.groups is not None:
        raise DataError("groups and time: folds in time order cannot keep groups whole; give one of the two")
    if sample.time is not None:
        pairs, words = _in_time(sample.time[rows], folds, repeats, series), f"{folds} blocks in time order"
    elif sample.groups is not None:
        pairs, words = _of_groups(sample.groups[rows], folds, repeats, seed, series), f"{folds} folds of whole groups"
    else:
        words = f"{folds} folds" if task == "regression" else f"{folds} stratified folds"
        pairs = _shuffled(sample.target[rows], task, folds, repeats, seed, series)
    made = tuple(Fold((series, number), rows[train], rows[test]) for number, (train, test) in enumerate(pairs))
    _usable(sample, made)
    return Folds(made, folds, float(np.mean([len(fold.test) / len(fold.train) for fold in made])), words)


def hold_out(sample: Sample, task: Task, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to search on and rows that only the confirmation sees: the latest, whole groups, or a stratified draw."""
    count = len(sample.target)
    if sample.time is not None:
        first = np.sort(sample.time)[round(count * (1 - share))]
        held = sample.time >= first
    elif sample.groups is not None:
        names, sizes = np.unique(sample.groups, return_counts=True)
        order = np.random.default_rng([seed, HELD]).permutation(len(names))
        chosen = order[np.cumsum(sizes[order]) <= share * count]
        held = np.isin(sample.groups, names[chosen])
    else:
        order = np.random.default_rng([seed, HELD]).permutation(count)
        if task != "regression":
            order = order[np.argsort(sample.target[order], kind="stable")]
        held = np.zeros(count, dtype=bool)
        held[order[np.arange(0.5 / share, count, 1 / share).astype(np.intp)]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def _usable(sample: Sample, folds: Sequence[Fold]) -> None:
    spread = float(np.var(sample.target))
    cause = "time" if sample.time is not None else "groups" if sample.groups is not None else "weights"
    for fold in folds:
        for rows in (fold.train, fold.test):
            weighed = rows if sample.weights is None else rows[sample.weights[rows] > 0]
            if not len(weighed):
                raise DataError("weights: all rows of one fold have weight 0; give fewer --folds, or leave out rows of weight 0")
            target = sample.target[weighed]
            if sample.classes and target.min() == target.max():
                raise DataError(f"{cause}: all rows of one fold have class '{sample.classes[int(target[0])]}'; give fewer --folds")
            if not sample.classes and np.var(target) <= 1e-12 * spread:
                raise DataError(f"{cause if cause != 'weights' else 'target'}: it is the same in all rows of one fold; give fewer --folds")


def _state(seed: int, series: int, repeat: int) -> int:
    return int(np.random.SeedSequence([seed, series, repeat]).generate_state(1)[0])


def _shuffled(target: NDArray[np.float64], task: Task, folds: int, repeats: int, seed: int, series: int) -> Iterator[tuple[Rows, Rows]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    for repeat in range(repeats):
        splitter = (KFold if task == "regression" else StratifiedKFold)(folds, shuffle=True, random_state=_state(seed, series, repeat))
        yield from splitter.split(np.empty((len(target), 0)), target)


def _of_groups(groups: NDArray[np.intp], folds: int, repeats: int, seed: int, series: int) -> Iterator[tuple[Rows, Rows]]:
    """Large groups first, by sizes that chance changes a little, each to the fold that has the fewest rows so far."""
    names, sizes = np.unique(groups, return_counts=True)
    if len(names) < folds:
        raise DataError(f"groups: {len(names)} groups are fewer than the {folds} folds; give fewer --folds")
    for repeat in range(repeats):
        changed = sizes * np.random.default_rng(_state(seed, series, repeat)).uniform(0.3, 1.7, len(names))
        filled = np.zeros(folds)
        place = np.empty(int(names.max()) + 1, dtype=np.intp)
        for index in np.argsort(-changed, kind="stable"):
            fold = int(filled.argmin())
            place[names[index]] = fold
            filled[fold] += sizes[index]
        of_row = place[groups]
        for fold in range(folds):
            yield np.flatnonzero(of_row != fold), np.flatnonzero(of_row == fold)


def _in_time(time: NDArray[np.float64], folds: int, repeats: int, series: int) -> Iterator[tuple[Rows, Rows]]:
    """Fit on what came before, score the next block. Repeats and series shift the borders; rows of one moment stay together."""
    order = np.argsort(time, kind="stable")
    rows = len(order)
    block = rows / (folds + 1)
    for repeat in range(repeats):
        place = series * repeats + repeat  # multiples of the golden ratio do not come back
        shift = block * ((place * 0.618034 % 1.0) - 0.5) * 0.8
        borders = [min(rows, max(1, round(block * (n + 1) + shift))) for n in range(folds)]
        borders = [int(np.searchsorted(time[order], time[order[b]], side="left")) if b < rows else rows for b in borders] + [rows]
        if borders[0] == 0 or any(start == end for start, end in pairwise(borders)):
            raise DataError(f"time: too many rows share one moment for {folds} folds in time order; give fewer --folds")
        for start, end in pairwise(borders):
            yield order[:start], order[start:end]
