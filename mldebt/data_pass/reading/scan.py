"""One pass over the rows: what every column says, and the rows that models see, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec
import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.chunk import Chunk, ChunkKind
from mldebt.data_pass.reading.kept import SLACK, Chosen, Values
from mldebt.data_pass.reading.names import Roles
from mldebt.data_pass.structure.state import MISSING, ColumnState


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
    mixed: bool  # held numbers in one place and text in another, or numbers that floats cannot hold: read as text
    coarse: bool = False  # the latter


class Scan(msgspec.Struct, frozen=True):
    columns: dict[str, Scanned]
    rows: int  # with a target
    untargeted: int  # without


def scan(source: Source, roles: Roles, size: int, seed: int, label: str) -> Scan:
    """Columns that turn out to hold text in a later batch, or numbers that floats cannot hold, are read once more, as text from the first
    row on."""
    text: frozenset[str] = frozenset()
    coarse: frozenset[str] = frozenset()
    measured = (roles.time, roles.weights)  # where near enough will do
    while True:
        readers = {name: _Reader(name in text, int(SLACK * size) + 1, name in measured) for name in roles.used()}
        kept = Chosen(size, seed)
        rows = untargeted = 0
        for batch in source.batches(roles.used(), text):
            present = with_target(batch[roles.target])
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
        coarse |= frozenset(name for name in again if readers[name].coarse)
    if not rows:
        raise DataError(f"{label}: " + (f"the target is missing in all {untargeted} rows" if untargeted else "there are no rows"))
    last = kept.cut()
    if last is not None:
        for reader in readers.values():
            reader.cut(last)
    return Scan({name: reader.scanned(name in text, name in coarse) for name, reader in readers.items()}, rows, untargeted)


def with_target(target: Chunk) -> np.ndarray:
    """Mask of the rows that have one."""
    if target.kind == "other":
        raise DataError(f"the target {target.reason}; it must hold numbers or classes")
    if target.values is not None:
        present: np.ndarray = ~np.isnan(target.values)
    else:
        assert target.codes is not None and target.levels is not None
        present = (target.levels != MISSING)[target.codes]
    return present


class _Reader:
    """State and sampled values of one column."""

    def __init__(self, text: bool, room: int, rounded: bool) -> None:
        """`rounded`: numbers may lose digits."""
        self.kind: ChunkKind = "text" if text else "nothing"
        self.state = ColumnState()
        self.room = room
        self.kept: Values | None = Values(room)
        self.infinite = 0
        self.reason = ""
        self.rounded = rounded
        self.coarse = False
        self.conflict = False

    def add(self, chunk: Chunk, present: np.ndarray | None, taken: np.ndarray | None) -> None:
        self.infinite += chunk.infinite
        if chunk.kind == "other":
            self.kind, self.reason, self.kept = "other", chunk.reason, None
        if self.conflict or self.kind == "other":
            return
        if chunk.coarse and not self.rounded:
            self.coarse, self.conflict, self.kept = True, True, None
            return
        if chunk.kind != "nothing" and self.kind != chunk.kind:
            if self.kind != "nothing":
                self.conflict, self.kept = True, None
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
            self._keep(values, taken)

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
            self.kept = None
        else:
            self._keep(placed.astype(np.int32), taken)

    def _keep(self, values: np.ndarray, taken: np.ndarray | None) -> None:
        if self.kept is not None:
            self.kept.add(values if taken is None else values[taken])

    def _restart_as_text(self) -> None:
        """So far every row was missing: say so in text."""
        rows, self.state = self.state.rows, ColumnState()
        self.state.add_text(np.zeros(rows, dtype=np.int64), np.array([MISSING], dtype=object), 0)
        length = self.kept.length if self.kept is not None else 0
        self.kept = Values(self.room)
        self.kept.add(np.zeros(length, dtype=np.int32))

    def cut(self, stay: np.ndarray) -> None:
        if self.kept is not None:
            self.kept.cut(stay)

    def scanned(self, mixed: bool, coarse: bool) -> Scanned:
        values, self.kept = self.kept.array() if self.kept is not None else None, None
        return Scanned(self.kind, self.state, values, self.infinite, self.reason, mixed, coarse)
