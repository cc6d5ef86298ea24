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


def make_folds(sample: Sample, task: Task, *, folds: int, repeats: int, seed: int, series: int) -> Folds:
    """`series` 0 is for the search; any other gives fresh folds. Raises DataError where some fold cannot be fitted or scored."""
    rows = len(sample.target)
    if sample.time is not None:
        pairs, words = list(_in_time(sample.time, folds, repeats, series)), f"{folds} blocks in time order"
    elif sample.groups is not None:
        pairs, words = list(_of_groups(sample.groups, folds, repeats, seed, series)), f"{folds} folds of whole groups"
    else:
        pairs, words = (
            list(_shuffled(sample, task, folds, repeats, seed, series)),
            f"{folds} {'' if task == 'regression' else 'stratified '}folds",
        )
    made = tuple(Fold((series, number), train, test) for number, (train, test) in enumerate(pairs))
    if len(made) < 2:
        raise DataError(f"time: the rows give {len(made)} blocks, and two are needed; give rows of more moments, or leave out --time")
    _usable(sample, made)
    ratio = float(np.mean([len(fold.test) / max(len(fold.train), 1) for fold in made])) if rows else 0.0
    return Folds(made, folds, ratio, words)


def _usable(sample: Sample, folds: Sequence[Fold]) -> None:
    cause = "time" if sample.time is not None else "groups" if sample.groups is not None else "weights"
    for fold in folds:
        for rows in (fold.train, fold.test):
            weighed = rows if sample.weights is None else rows[sample.weights[rows] > 0]
            if not len(weighed):
                raise DataError("weights: all rows of one fold have weight 0; give fewer --folds, or leave out rows of weight 0")
            target = sample.target[weighed]
            if sample.classes and target.min() == target.max():
                raise DataError(f"{cause}: all rows of one fold have class '{sample.classes[int(target[0])]}'; give fewer --folds")


def _state(seed: int, series: int, repeat: int) -> int:
    return int(np.random.SeedSequence([seed, series, repeat]).generate_state(1)[0])


def _shuffled(sample: Sample, task: Task, folds: int, repeats: int, seed: int, series: int) -> Iterator[tuple[Rows, Rows]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    for repeat in range(repeats):
        splitter = (KFold if task == "regression" else StratifiedKFold)(folds, shuffle=True, random_state=_state(seed, series, repeat))
        yield from splitter.split(np.empty((len(sample.target), 0)), sample.target)


def _of_groups(groups: NDArray[np.intp], folds: int, repeats: int, seed: int, series: int) -> Iterator[tuple[Rows, Rows]]:
    """Groups in a random order, each to the fold that has the fewest rows so far."""
    names, sizes = np.unique(groups, return_counts=True)
    if len(names) < folds:
        raise DataError(f"groups: {len(names)} groups are fewer than the {folds} folds; give fewer --folds")
    for repeat in range(repeats):
        order = np.random.default_rng(_state(seed, series, repeat)).permutation(len(names))
        filled = np.zeros(folds)
        place = np.empty(int(names.max()) + 1, dtype=np.intp)
        for index in order[np.argsort(-sizes[order], kind="stable")]:
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
        shift = block * (((repeat * 0.381966 + series * 0.618034) % 1.0) - 0.5) * 0.8
        borders = [min(rows, max(1, round(block * (n + 1) + shift))) for n in range(folds)]
        borders = [int(np.searchsorted(time[order], time[order[b]], side="left")) if b < rows else rows for b in borders] + [rows]
        if borders[0] == 0 or any(start == end for start, end in pairwise(borders)):
            raise DataError(f"time: too many rows share one moment for {folds} folds in time order; give fewer --folds")
        for start, end in pairwise(borders):
            yield order[:start], order[start:end]
