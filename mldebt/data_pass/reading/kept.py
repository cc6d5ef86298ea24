"""The sample: which rows are kept, and their values."""

from __future__ import annotations

import numpy as np

SLACK = 1.125  # rows in hand before the sample is cut back, over its size


class Chosen:
    """The rows with the smallest hash of (seed, number of the row): the same for any size of the batches."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.salt = scrambled(np.array([seed], dtype=np.uint64))[0]
        self.hashes = np.zeros(0, dtype=np.uint64)
        self.limit = np.uint64(2**64 - 1)

    def take(self, start: int, present: np.ndarray) -> np.ndarray | None:
        """Which of the next rows are kept for now, as places among those present; None: all."""
        numbers = start + np.flatnonzero(present)
        hashes = scrambled(numbers.astype(np.uint64) ^ self.salt)
        chosen = hashes <= self.limit
        everything = bool(chosen.all())
        self.hashes = np.concatenate([self.hashes, hashes if everything else hashes[chosen]])
        return None if everything else np.flatnonzero(chosen)

    def cut(self, slack: float = 1.0) -> np.ndarray | None:
        """Places that stay, ascending, when there are more rows than `slack` x size."""
        if len(self.hashes) <= slack * self.size:
            return None
        self.limit = np.partition(self.hashes, self.size - 1)[self.size - 1]
        stay = np.flatnonzero(self.hashes <= self.limit)
        self.hashes = self.hashes[stay]
        return stay


def scrambled(numbers: np.ndarray) -> np.ndarray:
    """splitmix64: one-to-one on uint64, so no two rows have the same hash."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: np.ndarray = z ^ (z >> np.uint64(31))
    return result


class Values:
    """The kept values of one column, in one array that is filled and cut in place: many small ones would leave holes in the memory."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.length = 0
        self._array: np.ndarray = np.zeros(0)

    def add(self, values: np.ndarray) -> None:
        total = self.length + len(values)
        if not self.length:
            self._array = values  # one batch, as with most data, is not copied
        else:
            if total > len(self._array) or not self._array.flags.owndata or not self._array.flags.writeable:
                wider = np.empty(max(total, min(self.room, 2 * total)), dtype=self._array.dtype)
                wider[: self.length] = self._array[: self.length]
                self._array = wider
            self._array[self.length : total] = values
        self.length = total

    def cut(self, stay: np.ndarray) -> None:
        kept = self._array[: self.length][stay]
        if self._array.flags.owndata and self._array.flags.writeable:
            self._array[: len(kept)] = kept
        else:
            self._array = kept
        self.length = len(kept)

    def array(self) -> np.ndarray:
        whole = len(self._array) == self.length
        return self._array if whole else self._array[: self.length].copy()
