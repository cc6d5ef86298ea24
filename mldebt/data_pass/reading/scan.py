"""One pass over the rows: what every column says, and the rows that models see, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec
import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.chunk import MISSING, Chunk, ChunkKind
from mldebt.data_pass.reading.names import Roles
from mldebt.data_pass.structure.state import ColumnState

SLACK = 1.25  # rows in hand before the sample is cut back, over its size
NUMERIC = frozenset({"number", "bool", "date"})


class Source(Protocol):
    names: tuple[str, ...]
    notes: list[str]

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]: ...


class Scanned(msgspec.Struct, frozen=True):
    """One column. `values`: of the sampled rows, float64, or codes into `state.levels` for text; None when it holds what no model takes
    (`reason`) or more texts than are counted."""

    kind: ChunkKind
    state: ColumnState
    values: np.ndarray | None
    infinite: int
    reason: str
    mixed: bool  # held numbers in one place and text in another


class Scan(msgspec.Struct, frozen=True):
    columns: dict[str, Scanned]
    rows: int  # with a target
    untargeted: int  # without
    places: np.ndarray  # numbers of the sampled rows, among all rows, ascending


def scan(source: Source, roles: Roles, size: int, seed: int) -> Scan:
    """Columns that turn out to hold text in a later batch are read once more, as text from the first row on."""
    text: frozenset[str] = frozenset()
    while True:
        readers = {name: _Reader(name in text) for name in roles.used()}
        kept = _Kept(size, seed)
        rows = untargeted = 0
        for batch in source.batches(roles.used(), text):
            present = _present(batch[roles.target])
            taken = kept.take(rows + untargeted, present)
            for name, reader in readers.items():
                reader.add(batch[name], None if present.all() else present, taken)
            rows += int(np.count_nonzero(present))
            untargeted += int(np.count_nonzero(~present))
            if (cut := kept.cut(SLACK)) is not None:
                for reader in readers.values():
                    reader.cut(cut)
        again = frozenset(name for name, reader in readers.items() if reader.conflict)
        if not again:
            break
        text |= again
    if not rows:
        raise DataError("the data has no rows" if not untargeted else f"the target is missing in all {untargeted} rows")
    last = kept.cut(1.0)
    if last is not None:
        for reader in readers.values():
            reader.cut(last)
    return Scan({name: reader.scanned(name in text) for name, reader in readers.items()}, rows, untargeted, kept.places())


def _present(target: Chunk) -> np.ndarray:
    if target.kind == "other":
        raise DataError(f"the target {target.reason}; it must hold numbers or classes")
    if target.values is not None:
        return ~np.isnan(target.values)
    assert target.codes is not None and target.levels is not None
    return target.levels[target.codes] != MISSING


class _Kept:
    """The rows with the smallest hash of (seed, number of the row): the same for any size of the batches."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.salt = int(mixed(np.array([seed], dtype=np.uint64))[0])
        self.hashes = np.zeros(0, dtype=np.uint64)
        self.numbers = np.zeros(0, dtype=np.int64)
        self.limit = np.uint64(2**64 - 1)

    def take(self, start: int, present: np.ndarray) -> np.ndarray | None:
        """Which of the next rows are kept for now, as places among those present; None: all."""
        numbers = start + np.flatnonzero(present)
        hashes = mixed(numbers.astype(np.uint64) ^ np.uint64(self.salt))
        chosen = hashes <= self.limit
        everything = bool(chosen.all())
        if not everything:
            hashes, numbers = hashes[chosen], numbers[chosen]
        self.hashes = np.concatenate([self.hashes, hashes])
        self.numbers = np.concatenate([self.numbers, numbers])
        return None if everything else np.flatnonzero(chosen)

    def cut(self, slack: float) -> np.ndarray | None:
        """Places that stay when there are more rows than `slack` x size."""
        if len(self.hashes) <= slack * self.size or len(self.hashes) <= self.size:
            return None
        self.limit = np.partition(self.hashes, self.size - 1)[self.size - 1]
        stay = np.flatnonzero(self.hashes <= self.limit)
        self.hashes, self.numbers = self.hashes[stay], self.numbers[stay]
        return stay

    def places(self) -> np.ndarray:
        return self.numbers


def mixed(numbers: np.ndarray) -> np.ndarray:
    """splitmix64: a one-to-one scrambling of uint64, so no two rows have the same hash."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class _Reader:
    """State and sampled values of one column."""

    def __init__(self, text: bool) -> None:
        self.kind: ChunkKind = "text" if text else "nothing"
        self.state = ColumnState()
        self.parts: list[np.ndarray] = []
        self.infinite = 0
        self.reason = ""
        self.conflict = False

    def add(self, chunk: Chunk, present: np.ndarray | None, taken: np.ndarray | None) -> None:
        self.infinite += chunk.infinite
        if chunk.kind == "other":
            self.kind, self.reason, self.parts = "other", chunk.reason, []
        if self.conflict or self.kind == "other":
            return
        if chunk.kind != "nothing" and self.kind != chunk.kind:
            if self.kind != "nothing":
                self.conflict, self.parts = True, []
                return
            self.kind = chunk.kind
            if self.kind == "text" and self.state.rows:
                self._restart_as_text()
        if self.kind == "text":
            codes = np.zeros(0, dtype=np.int64) if chunk.codes is None else chunk.codes
            levels = chunk.levels
            if chunk.kind == "nothing":
                assert chunk.values is not None
                codes, levels = np.zeros(len(chunk.values), dtype=np.int64), np.array([MISSING], dtype=object)
            self._add_text(codes, levels, present, taken)
        else:
            assert chunk.values is not None
            values = chunk.values if present is None else chunk.values[present]
            self.state.add_numbers(values)
            self.parts.append(values if taken is None else values[taken])

    def _add_text(self, codes: np.ndarray, levels: np.ndarray | None, present: np.ndarray | None, taken: np.ndarray | None) -> None:
        assert levels is not None
        if present is not None:
            codes = codes[present]
            # Rows without a target take their levels with them, and the order is that of the rows that stay.
            used, first = np.unique(codes, return_index=True)
            order = used[np.argsort(first)]
            place = np.zeros(len(levels), dtype=np.int64)
            place[order] = np.arange(len(order))
            codes, levels = place[codes], levels[order]
        missing = np.flatnonzero(levels == MISSING)
        placed = self.state.add_text(codes, levels, int(missing[0]) if len(missing) else -1)
        if placed is None:
            self.parts = []
        else:
            self.parts.append((placed if taken is None else placed[taken]).astype(np.int32))

    def _restart_as_text(self) -> None:
        """So far every row was missing: say so in text."""
        rows, self.state = self.state.rows, ColumnState()
        self.state.add_text(np.zeros(rows, dtype=np.int64), np.array([MISSING], dtype=object), 0)
        self.parts = [np.zeros(len(part), dtype=np.int32) for part in self.parts]

    def cut(self, stay: np.ndarray) -> None:
        if self.parts:
            self.parts = [np.concatenate(self.parts)[stay]]

    def scanned(self, mixed: bool) -> Scanned:
        usable = self.kind != "other" and not (self.kind == "text" and self.state.capped)
        values = np.concatenate(self.parts) if usable and len(self.parts) != 1 else (self.parts[0] if usable else None)
        self.parts = []
        return Scanned(self.kind, self.state, values, self.infinite, self.reason, mixed)
