"""A data frame that already is in memory, in the form of a file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.chunk import Chunk, chunk_of

CELLS = 8_000_000
TARGET, GROUPS, WEIGHTS = "\0target", "\0groups", "\0weights"  # no column of a frame has such a name


class InMemory:
    """Features, and what belongs to their rows under names of its own."""

    def __init__(self, features: object, target: object, groups: object = None, weights: object = None, cells: int = CELLS) -> None:
        frame = features if isinstance(features, pd.DataFrame) else _frame(features)
        self.names = tuple(str(name) for name in frame.columns)
        self.notes: list[str] = []
        self._columns: dict[str, pd.Series] = {}
        for place, name in enumerate(self.names):
            self._columns[name] = frame.iloc[:, place]
        for name, given in ((TARGET, target), (GROUPS, groups), (WEIGHTS, weights)):
            if given is not None:
                self._columns[name] = _one_column(given, name[1:], len(frame))
        self.rows = len(frame)
        self.batch = max(1, cells // max(1, len(self._columns)))

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]:
        wanted = sorted(self._columns) if columns is None else sorted(columns)
        for start in range(0, self.rows, self.batch):
            yield {name: chunk_of(self._columns[name].iloc[start : start + self.batch], name in text) for name in wanted}


def _frame(features: object) -> pd.DataFrame:
    array = np.asarray(features)
    if array.ndim != 2:
        raise DataError(f"the features have shape {array.shape}; give a data frame, or an array of rows and columns")
    return pd.DataFrame(array, columns=[f"x{place}" for place in range(array.shape[1])])


def _one_column(given: object, name: str, rows: int) -> pd.Series:
    column = given if isinstance(given, pd.Series | pd.DataFrame) else np.asarray(given)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column.iloc[:, 0] if isinstance(column, pd.DataFrame) else column[:, 0]
    if column.ndim != 1 or len(column) != rows:
        raise DataError(f"the {name} has shape {column.shape}, the features have {rows} rows; give one value per row")
    return column if isinstance(column, pd.Series) else pd.Series(column)
