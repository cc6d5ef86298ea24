"""What all rows say about one column, fed in batches of any size."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import numpy as np
import pandas as pd

MISSING = "\0missing"  # the level that stands for a missing text
CAP = 65_536  # levels that are counted; beyond, a column has "at least" so many
EVIDENCE = 30  # repeated values without which a one-to-one recoding means nothing
ZEROS = 1 << 20
TWICE = 2


class Facts(msgspec.Struct, frozen=True):
    """Of all rows. Hashes are equal for equal columns: `values` of the values; `recoded` of the values numbered in order of first
    appearance, missing being a value (None: too many, or too few repeats to mean anything); `mask` the same of "is missing" (None:
    nothing is)."""

    rows: int
    missing: int
    distinct: int  # without the missing; at least, if `capped`
    capped: bool
    values: bytes
    recoded: bytes | None
    mask: bytes | None
    two_valued: bytes | None  # `recoded` of a column with two values, missing being one
    bytes: int

    @property
    def constant(self) -> bool:
        return not self.capped and (self.distinct == 0 or (self.distinct == 1 and self.missing == 0))


class ColumnState:
    """Feed `add_numbers` or `add_text`, not both; then `facts`. Memory: the levels, at most CAP."""

    def __init__(self) -> None:
        self.rows = 0
        self.missing = 0
        self.characters = 0
        self.levels: np.ndarray | None = None
        self.capped = False
        self._sorted: np.ndarray | None = None  # order of the levels that are numbers
        self._texts: dict[str, int] = {}
        self._counts = np.zeros(0, dtype=np.int64)
        self._values = blake2b(digest_size=16)
        self._codes = blake2b(digest_size=16)
        self._mask = blake2b(digest_size=16)
        self._missing_first = False

    def add_numbers(self, values: np.ndarray) -> None:
        if not len(values):
            return
        missing = np.isnan(values)
        found = int(np.count_nonzero(missing))
        values = values + 0.0  # -0.0 becomes 0.0, and the array is our own
        if found:
            values[missing] = np.nan
        self._values.update(values.data)
        self._add_missing(missing, found)
        if not self.capped:
            codes, levels = pd.factorize(values, use_na_sentinel=False)
            self._place(codes, levels)
        self.rows += len(values)

    def add_text(self, codes: np.ndarray, levels: np.ndarray, missing: int) -> np.ndarray | None:
        """Codes of the rows among all levels so far (`self.levels`), None when there are too many. Given codes are
        numbered in order of first appearance; `missing`: the one of it, or -1."""
        hashes = pd.util.hash_array(levels, categorize=False)
        self._values.update(hashes[codes].data)
        lengths = np.fromiter((len(level) if level != MISSING else 0 for level in levels), dtype=np.int64, count=len(levels))
        is_missing = codes == missing
        counts = np.bincount(codes, minlength=len(levels))
        self.characters += int(counts @ lengths)
        self._add_missing(is_missing, int(counts[missing]) if missing >= 0 else 0)
        placed = None if self.capped else self._place(codes, levels)
        self.rows += len(codes)
        return placed

    def _place(self, codes: np.ndarray, levels: np.ndarray) -> np.ndarray | None:
        if self.levels is None:
            self.levels = levels
        else:
            places = self._known(self.levels, levels)
            new = places < 0
            if new.any():
                places[new] = len(self.levels) + np.arange(np.count_nonzero(new))
                self.levels = np.concatenate([self.levels, levels[new]])
                self._sorted = None
            codes = places[codes]
        if len(self.levels) > CAP:
            self.capped, self._sorted, self._texts = True, None, {}
            self.levels, self._counts = self.levels[:0].copy(), self._counts[:0].copy()
            return None
        self._codes.update(codes.astype(np.int32).data)
        counts = np.bincount(codes, minlength=len(self.levels))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        return codes

    def _known(self, known: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Places of `levels` among the known ones, -1 for the new. Searching in order takes less memory than a hash table."""
        if known.dtype != np.float64:
            for code in range(len(self._texts), len(known)):
                self._texts[known[code]] = code
            return np.array([self._texts.get(level, -1) for level in levels], dtype=np.int64)
        if self._sorted is None:
            self._sorted = np.argsort(known)  # a missing value comes last
        ascending = known[self._sorted]
        places = np.minimum(np.searchsorted(ascending, levels), len(known) - 1)
        found = ascending[places]
        return np.where((found == levels) | (np.isnan(found) & np.isnan(levels)), self._sorted[places], -1)

    def _add_missing(self, missing: np.ndarray, found: int) -> None:
        if self.rows == 0 and len(missing):
            self._missing_first = bool(missing[0])
        if found and not self.missing:
            for start in range(0, self.rows, ZEROS):
                self._mask.update(np.zeros(min(ZEROS, self.rows - start), dtype=np.int32).data)
        if found or self.missing:
            self._mask.update((missing != self._missing_first).astype(np.int32).data)
        self.missing += found

    def facts(self, width: int) -> Facts:
        """`width`: bytes of one value in memory."""
        total = len(self._counts) if not self.capped else CAP
        codes = None if self.capped else self._codes.digest()
        return Facts(
            rows=self.rows,
            missing=self.missing,
            distinct=total - (self.missing > 0 and not self.capped),
            capped=self.capped,
            values=self._values.digest(),
            recoded=codes if not self.capped and repeats(self.present_counts()) else None,
            mask=self._mask.digest() if self.missing else None,
            two_valued=codes if not self.capped and total == TWICE else None,
            bytes=self.rows * width + self.characters,
        )

    def present_counts(self) -> np.ndarray:
        """Rows of every level that is not missing; empty when capped."""
        counts = self._counts[:0] if self.capped else self._counts
        if self.missing and not self.capped:
            counts = counts[self.present()]
        return counts

    def present(self) -> np.ndarray:
        """Mask over `levels`: not the missing one."""
        assert self.levels is not None
        present: np.ndarray = ~np.isnan(self.levels) if self.levels.dtype == np.float64 else self.levels != MISSING
        return present


def repeats(counts: np.ndarray) -> bool:
    """Are there enough repeated values for a one-to-one recoding to be more than a shared spike?

    Two columns that are zero on the same rows and all different elsewhere are numbered alike in order of first appearance, and say
    different things. So most values must come back, or enough rows repeat a value beside the two commonest.
    """
    again = counts - 1
    if int(again.sum()) < EVIDENCE:
        return False
    if 2 * np.count_nonzero(again) >= len(counts):
        return True
    return int(again.sum() - np.sort(again)[-2:].sum()) >= EVIDENCE
