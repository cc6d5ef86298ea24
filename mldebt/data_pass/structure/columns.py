"""The sampled columns in the form that the searches share: numbered values, in value order."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec
import numpy as np

from mldebt.data_pass.structure.state import Facts

HELD = 4_000_000  # values whose numbering is kept in memory; beyond, it is made again when asked for


class Ranked(msgspec.Struct, frozen=True):
    """`codes`: 0 for the smallest value, missing -1. `order`: rows in value order, the missing last (both int32). `levels`: codes."""

    codes: np.ndarray
    order: np.ndarray
    levels: int
    missing: int

    def signature(self) -> bytes:
        """Equal for columns that order the rows alike, or exactly the other way round."""
        down = np.where(self.codes < 0, -1, np.int32(self.levels - 1) - self.codes).astype(np.int32)
        return min(blake2b(one.data, digest_size=16).digest() for one in (self.codes, down))


class Brief(msgspec.Struct, frozen=True):
    """`signature`: of numbers with more than one value."""

    levels: int
    missing: int
    signature: bytes | None


class Column(msgspec.Struct, frozen=True):
    """`values`: float64 with NaN, or for a category its codes (missing -1), which have no order."""

    name: str
    numeric: bool
    values: np.ndarray

    def ranked(self, rows: np.ndarray | None = None) -> Ranked:
        values = self.values if rows is None else self.values[rows]
        if not self.numeric:
            return ranked(np.where(values < 0, np.nan, values.astype(np.float64)))
        return ranked(values)


def ranked(values: np.ndarray) -> Ranked:
    order = np.argsort(values).astype(np.int32)
    missing = int(np.count_nonzero(np.isnan(values)))
    present = order[: len(values) - missing]
    along = values[present]
    codes = np.full(len(values), -1, dtype=np.int32)
    if not len(present):
        return Ranked(codes, order, 0, missing)
    steps = np.zeros(len(present), dtype=np.int32)
    np.cumsum(along[1:] != along[:-1], out=steps[1:])
    codes[present] = steps
    return Ranked(codes, order, int(steps[-1]) + 1, missing)


def chosen_rows(rows: int, most: int) -> np.ndarray | None:
    """Evenly spread; None: all."""
    return None if rows <= most else (np.arange(most) * rows) // most


class Table:
    """Columns by name, what all rows say of them, and their numberings."""

    def __init__(self, columns: Mapping[str, Column], facts: Mapping[str, Facts], exact: bool) -> None:
        self.columns = {name: columns[name] for name in sorted(columns)}
        self.facts = facts
        self.exact = exact  # the sample is all rows
        self.rows = len(next(iter(self.columns.values())).values)
        self._holds = self.rows * len(self.columns) <= HELD
        self._ranked: dict[str, Ranked] = {}
        self._brief: dict[str, Brief] = {}

    def ranked(self, name: str) -> Ranked:
        if name in self._ranked:
            return self._ranked[name]
        made = self.columns[name].ranked()
        if not self._holds:
            self._ranked.clear()
        self._ranked[name] = made
        return made

    def brief(self, name: str) -> Brief:
        """What is kept of the numbering of every column."""
        if name not in self._brief:
            one = self.ranked(name)
            signature = one.signature() if self.columns[name].numeric and one.levels > 1 else None
            self._brief[name] = Brief(one.levels, one.missing, signature)
        return self._brief[name]

    def distinct(self, name: str) -> int:
        """Of all rows; of the sample where all rows have too many to count."""
        facts = self.facts[name]
        return max(facts.distinct, self.brief(name).levels) if facts.capped else facts.distinct
