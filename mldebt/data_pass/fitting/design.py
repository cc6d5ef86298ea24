"""Features as a matrix of numbers for linear models: missing values filled and flagged, categories as indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 50  # of a category; rarer ones share the zero
LARGEST = 1e120  # sums of squares of more would overflow


class Design:
    """`matrix`: rows x design columns; a feature owns one block of them. Medians and levels are of all rows: they do not see the target."""

    def __init__(self, frame: pd.DataFrame) -> None:
        blocks: list[NDArray[np.float64]] = []
        self._starts = [0]
        for name in frame.columns:
            block = _indicators(frame[name]) if isinstance(frame[name].dtype, pd.CategoricalDtype) else _numbers(frame[name])
            blocks.append(block)
            self._starts.append(self._starts[-1] + block.shape[1])
        self.matrix = np.concatenate(blocks, axis=1) if blocks else np.empty((len(frame), 0))
        self.width = self._starts[-1]

    def columns_of(self, keep: Sequence[int]) -> NDArray[np.intp]:
        """The design columns of these features."""
        if self.width == len(self._starts) - 1 or not keep:  # every feature is one column
            return np.asarray(keep, dtype=np.intp)
        return np.concatenate([np.arange(self._starts[i], self._starts[i + 1]) for i in keep])

    def blocks(self, keep: Sequence[int]) -> list[NDArray[np.intp]]:
        """For each feature its places within `columns_of(keep)`."""
        found, start = [], 0
        for i in keep:
            size = self._starts[i + 1] - self._starts[i]
            found.append(np.arange(start, start + size))
            start += size
        return found


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    values = np.clip(column.to_numpy(dtype=float), -LARGEST, LARGEST)
    missing = np.isnan(values)
    if not missing.any():
        return np.asarray(values[:, None])
    values[missing] = np.nanmedian(values) if not missing.all() else 0.0
    return np.column_stack((values, missing.astype(float)))


def _indicators(column: pd.Series) -> NDArray[np.float64]:
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=max(len(column.cat.categories), 1))
    frequent = np.sort(np.argsort(-counts, kind="stable")[:LEVELS])
    frequent = frequent[counts[frequent] > 0]
    return (codes[:, None] == frequent[None, 1:]).astype(float) if len(frequent) > 1 else np.zeros((len(codes), 1))
