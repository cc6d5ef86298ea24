"""Parquet and Feather files, in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import feather, ipc

from mldebt.data_pass.errors import DataError, one_line
from mldebt.data_pass.reading.chunk import Chunk, numbers, text_chunk

CELLS = 640_000  # of one batch
BUFFER = 1 << 16  # bytes of a column that are read ahead: without it, and with pre_buffer, whole row groups are held
MICRO = 1e6


class Parquet:
    """One file. Raises DataError when it is not Parquet, or breaks off."""

    def __init__(self, path: Path, cells: int = CELLS) -> None:
        self.path, self.cells = path, cells
        self.notes: list[str] = []
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                self.names = tuple(str(name) for name in file.schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path}: not a Parquet file: {one_line(error)}") from error

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]:
        wanted = sorted(self.names if columns is None else columns)
        size = max(1, self.cells // max(1, len(wanted)))
        try:
            with pq.ParquetFile(self.path, pre_buffer=False, buffer_size=BUFFER) as file:
                for batch in file.iter_batches(batch_size=size, columns=wanted, use_threads=False):
                    yield {name: arrow_chunk(batch.column(name), name in text) for name in wanted}
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: the file is damaged: {one_line(error)}") from error


class Feather:
    """One file: Arrow's IPC format, or the older version 1, which is read whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        try:
            with pa.memory_map(str(path)) as mapped:
                self.old = mapped.read(4) == b"FEA1"
                mapped.seek(0)
                self.names = tuple(feather.read_table(path).column_names if self.old else ipc.open_file(mapped).schema.names)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path}: not a Feather file: {one_line(error)}") from error

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]:
        wanted = sorted(self.names if columns is None else columns)
        try:
            for batch in self._tables():
                yield {name: arrow_chunk(batch.column(name), name in text) for name in wanted}
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: the file is damaged: {one_line(error)}") from error

    def _tables(self) -> Iterator[pa.RecordBatch]:
        if self.old:
            yield from feather.read_table(self.path).combine_chunks().to_batches()
            return
        with pa.memory_map(str(self.path)) as mapped:
            file = ipc.open_file(mapped)
            for place in range(file.num_record_batches):
                yield file.get_batch(place)


def arrow_chunk(array: pa.Array, as_text: bool) -> Chunk:
    """The same chunk that the values would give from a data frame."""
    kind = array.type
    if pa.types.is_null(kind):
        return Chunk("nothing", values=np.full(len(array), np.nan))
    if pa.types.is_dictionary(kind) or _is_text(kind):
        dates = _is_text(kind) and not as_text
        encoded = array if pa.types.is_dictionary(kind) else array.dictionary_encode()
        codes = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        return text_chunk(codes, encoded.dictionary.to_pylist(), dates)
    if as_text:
        encoded = array.cast(pa.string()).dictionary_encode()
        return text_chunk(encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist())
    if pa.types.is_boolean(kind):
        return numbers(_floats(array.cast(pa.int8())), "bool")
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return numbers(_floats(array), "number", lambda: int(pc.count_distinct(array).as_py()))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return numbers(_floats(array.cast(pa.timestamp("us"), safe=False).cast(pa.int64())) / MICRO, "date")
    if pa.types.is_duration(kind):
        return numbers(_floats(array.cast(pa.duration("us"), safe=False).cast(pa.int64())) / MICRO, "number")
    return Chunk("other", rows=len(array), reason=f"holds {kind} values")


def _floats(array: pa.Array) -> np.ndarray:
    values: np.ndarray = pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == getattr(pa, "string_view", pa.string)())
