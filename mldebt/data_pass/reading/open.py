"""Which reader a path needs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.chunk import Chunk
from mldebt.data_pass.reading.delimited import Delimited
from mldebt.data_pass.reading.files import DELIMITED, PARQUET, TABLES, tables_in

if TYPE_CHECKING:
    from mldebt.data_pass.reading.scan import Source

KNOWN = "CSV (.csv, .csv.gz, .tsv), Parquet (.parquet, or a folder of them) or Feather (.feather)"


def open_source(path: Path) -> Source:
    """Raises DataError for what is not there, and for what is no table."""
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if path.is_dir():
        return Folder(path)
    name = path.name.lower()
    if not name.endswith(TABLES):
        raise DataError(f"{path}: not a known kind of table; give {KNOWN}")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    if name.endswith(DELIMITED):
        return Delimited(path)
    try:
        from mldebt.data_pass.reading.tables import Feather, Parquet
    except ImportError as error:
        raise DataError(f"{path}: reading it needs pyarrow; pip install 'mldebt[data]'") from error
    return Parquet(path) if name.endswith(PARQUET) else Feather(path)


class Folder:
    """Tables with the same columns, in the order of their paths. Folders called `key=value` add a column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = tables_in(path)
        if not self.files:
            raise DataError(f"{path}: no tables in this folder; give {KNOWN}")
        self.keys = [dict(part.split("=", 1) for part in one.relative_to(path).parts[:-1] if "=" in part) for one in self.files]
        self.notes: list[str] = []
        first = open_source(self.files[0])
        columns = set(first.names)
        for file, keys in zip(self.files, self.keys, strict=True):
            source = first if file == self.files[0] else open_source(file)
            differ = sorted(columns.symmetric_difference(source.names) | set(keys).symmetric_difference(self.keys[0]))
            if differ:
                raise DataError(f"{file}: not the columns of {self.files[0].name}: '{differ[0]}' is only in one of them")
            self.notes += source.notes
        self.names = (*first.names, *(key for key in sorted(self.keys[0]) if key not in columns))
        self.numeric = {key: all(_is_number(keys[key]) for keys in self.keys) for key in self.keys[0]}

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]:
        wanted = set(self.names if columns is None else columns)
        for file, keys in zip(self.files, self.keys, strict=True):
            source = open_source(file)
            inside = tuple(sorted(wanted.intersection(source.names)))
            # One column more than asked for where only the folders' names were: it tells the number of rows.
            for batch in source.batches(inside or source.names[:1], text):
                rows = _rows(next(iter(batch.values())))
                added = {key: self._constant(key, keys[key], rows, key in text) for key in sorted(wanted.difference(source.names))}
                yield {name: chunk for name, chunk in batch.items() if name in wanted} | added

    def _constant(self, key: str, value: str, rows: int, as_text: bool) -> Chunk:
        if self.numeric[key] and not as_text:
            return Chunk("number", values=np.full(rows, float(value)))
        return Chunk("text", codes=np.zeros(rows, dtype=np.int64), levels=np.array([value], dtype=object))


def _rows(chunk: Chunk) -> int:
    if chunk.values is not None:
        return len(chunk.values)
    return len(chunk.codes) if chunk.codes is not None else chunk.rows


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
