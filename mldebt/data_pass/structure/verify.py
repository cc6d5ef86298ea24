"""What the sample proposes, checked on all rows: one more pass over the columns concerned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np

from mldebt.data_pass.structure.columns import Ranked, Table
from mldebt.data_pass.structure.copies import is_rounded, line_of
from mldebt.data_pass.structure.dependence import shares_values
from mldebt.data_pass.structure.model import Copy
from mldebt.data_pass.structure.state import CAP

Batch = Mapping[str, np.ndarray]  # float64; categories as their codes; NaN is missing
Stream = Callable[[Sequence[str]], Iterator[Batch]]


class Check(Protocol):
    def add(self, column: np.ndarray, on: np.ndarray) -> bool:
        """False: refuted."""

    def proved(self) -> bool | None:
        """True: on all rows. None: not refuted. False: refuted by all rows together."""


def verified_copies(table: Table, copies: Iterable[Copy], stream: Stream) -> list[Copy]:
    """Those that hold. Lines are proved; an order is only compared with the sampled rows, so `exact` stays False there."""
    pending = {(one.column, one.of): _check_of(table, one) for one in copies if not one.exact}
    verdicts = _run(pending, stream)
    kept = []
    for one in copies:
        verdict = True if one.exact else verdicts[one.column, one.of]
        if verdict is not False:
            kept.append(msgspec.structs.replace(one, exact=verdict is True))
    return kept


def verified_dependences(table: Table, pairs: Iterable[tuple[str, str]], stream: Stream) -> set[tuple[str, str]]:
    """Those (column, on) that hold on all rows."""
    pending: dict[tuple[str, str], Check] = {}
    for name, on in pairs:
        one, two = table.ranked(on), table.ranked(name)
        steps = table.columns[on].numeric and (table.facts[on].capped or not shares_values(one, two))
        pending[name, on] = _Steps(one, two, table, name, on) if steps else _Lookup()
    return {pair for pair, verdict in _run(pending, stream).items() if verdict}


def _run(pending: dict[tuple[str, str], Check], stream: Stream) -> dict[tuple[str, str], bool | None]:
    if not pending:
        return {}
    alive = dict(pending)
    for batch in stream(sorted({name for pair in pending for name in pair})):
        alive = {pair: check for pair, check in alive.items() if check.add(batch[pair[0]], batch[pair[1]])}
    return {pair: alive[pair].proved() if pair in alive else False for pair in pending}


def _check_of(table: Table, copy: Copy) -> Check:
    if copy.how == "affine":
        return _Line(table, copy)
    return _Order(table, copy) if copy.how == "monotone" else _Lookup()


class _Line:
    """column = slope x on + level."""

    def __init__(self, table: Table, copy: Copy) -> None:
        line = line_of(table, copy.column, copy.of, is_rounded(copy))
        assert line is not None
        self.line = line

    def add(self, column: np.ndarray, on: np.ndarray) -> bool:
        present = ~np.isnan(on)
        if not np.array_equal(present, ~np.isnan(column)):
            return False
        if not present.any():
            return True
        y, x = column[present], self.line.slope * on[present]
        noise = 8 * np.finfo(np.float64).eps * (np.abs(y) + np.abs(x) + abs(self.line.level))
        return bool((np.abs(y - x - self.line.level) <= 2 * self.line.allowed + noise).all())  # all rows reach further than the sample

    def proved(self) -> bool | None:
        return True


class _Order:
    """No row disagrees with the order of the sampled rows."""

    def __init__(self, table: Table, copy: Copy) -> None:
        y, x = table.columns[copy.column].values, table.columns[copy.of].values
        one = table.ranked(copy.of)
        along = one.order[: len(one.order) - one.missing]
        self.x = x[along]
        steps = y[along]
        self.sign = 1.0 if steps[0] <= steps[-1] else -1.0
        self.low = np.maximum.accumulate(self.sign * steps)
        self.high = np.minimum.accumulate((self.sign * steps)[::-1])[::-1]

    def add(self, column: np.ndarray, on: np.ndarray) -> bool:
        present = ~np.isnan(on)
        if not np.array_equal(present, ~np.isnan(column)):
            return False
        y, x = self.sign * column[present], on[present]
        before, after = np.searchsorted(self.x, x, "left") - 1, np.searchsorted(self.x, x, "right")
        low = np.append(self.low, -np.inf)[before]  # -1, no smaller one, is the appended
        high = np.append(self.high, np.inf)[after]
        return bool(((y >= low) & (y <= high)).all())

    def proved(self) -> bool | None:
        return None


class _Lookup:
    """Every value of `on` has one value of the column; not decided beyond CAP values."""

    def __init__(self) -> None:
        self.known = np.zeros(0)
        self.images = np.zeros(0)

    def add(self, column: np.ndarray, on: np.ndarray) -> bool:
        if len(self.known) > CAP:
            return True
        keys = np.concatenate([self.known, np.where(np.isnan(on), np.inf, on)])  # there is no infinite value in a chunk
        images = np.concatenate([self.images, np.where(np.isnan(column), np.inf, column)])
        self.known, first, place = np.unique(keys, return_index=True, return_inverse=True)
        self.images = images[first]
        return bool((self.images[place.reshape(-1)] == images).all())

    def proved(self) -> bool | None:
        return None if len(self.known) > CAP else True


class _Steps:
    """The column is a step function of a number: every run of the sample, widened by all rows, stays apart from the next."""

    def __init__(self, one: Ranked, two: Ranked, table: Table, name: str, on: str) -> None:
        along = one.order[: len(one.order) - one.missing]
        values, codes = table.columns[on].values[along], two.codes[along]
        starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1]))
        ends = np.append(starts[1:], len(codes)) - 1
        images = _plain(table.columns[name].values[along])
        self.low, self.high, self.images = values[starts], values[ends], images[starts]
        self.first_low, self.first_high = self.low.copy(), self.high.copy()
        self.of_missing: float | None = None

    def add(self, column: np.ndarray, on: np.ndarray) -> bool:
        images = np.where(np.isnan(column), np.inf, column)
        missing = np.isnan(on)
        if missing.any():
            if self.of_missing is None:
                self.of_missing = float(images[missing][0])
            if (images[missing] != self.of_missing).any():
                return False
        x, images = on[~missing], images[~missing]
        left = np.clip(np.searchsorted(self.first_low, x, "right") - 1, 0, None)  # the run that starts at or before x
        right = np.minimum(left + (x > self.first_high[left]), len(self.images) - 1)
        right = np.where(x < self.first_low[left], left, right)
        run = np.where(self.images[left] == images, left, right)
        if (self.images[run] != images).any():
            return False
        np.minimum.at(self.low, run, x)
        np.maximum.at(self.high, run, x)
        return True

    def proved(self) -> bool | None:
        return bool((self.low[1:] > self.high[:-1]).all())


def _plain(values: np.ndarray) -> np.ndarray:
    """Floats in which missing is infinite; a missing code is -1 in the sample."""
    if values.dtype != np.float64:
        return np.where(values < 0, np.inf, values.astype(np.float64))
    return np.where(np.isnan(values), np.inf, values)
