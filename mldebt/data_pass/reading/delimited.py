"""CSV and TSV files, in batches of rows."""

from __future__ import annotations

import codecs
import csv
import gzip
import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pandas as pd

from mldebt.data_pass.errors import DataError, one_line
from mldebt.data_pass.reading.chunk import Chunk, chunk_of

WHOLE = 32 << 20  # bytes that are read in one piece
CELLS = 2_000_000  # of one batch of a larger file
PROBED = 50  # lines that tell the separator
SEPARATORS = ",;\t"
COMMA_NUMBER = re.compile(r"-?\d+,\d+$")


class Delimited:
    """One file: its names, and its columns batch by batch. Raises DataError for what is no table."""

    def __init__(self, path: Path, cells: int = CELLS, whole: int = WHOLE) -> None:
        self.path = path
        self.packed = path.suffix == ".gz"
        self.notes: list[str] = []
        self.encoding = "utf-8-sig" if self._is_utf8() else "latin-1"
        if self.encoding == "latin-1":
            self.notes.append(f"{path.name} is not UTF-8: read as Latin-1")
        with self._open() as stream:
            lines = list(itertools.islice(stream, PROBED))
        if not any(line.strip() for line in lines):
            raise DataError(f"{path}: the file is empty; it needs a header line and rows")
        if any("\0" in line for line in lines):
            raise DataError(f"{path}: holds binary data; give a file of text")
        self.separator = separator_of(lines, "\t" if path.name.removesuffix(".gz").endswith(".tsv") else "")
        try:
            header, *rows = [row for row in csv.reader(lines, delimiter=self.separator) if row]
        except csv.Error as error:
            raise DataError(f"{path}: not a table: {_words(error)}") from error
        self.names = tuple(name or f"Unnamed: {place}" for place, name in enumerate(header))
        comma = self.separator == ";" and any(COMMA_NUMBER.match(value) for row in rows for value in row)
        self.decimal = "," if comma and not any(re.match(r"-?\d+\.\d+$", value) for row in rows for value in row) else "."
        if self.decimal == ",":
            self.notes.append(f"{path.name}: numbers are read with a decimal comma")
        self.batch = None if not self.packed and path.stat().st_size <= whole else max(1, cells // len(self.names))

    def batches(self, columns: tuple[str, ...] | None = None, text: frozenset[str] = frozenset()) -> Iterator[dict[str, Chunk]]:
        """`columns`: only these; `text`: read as they stand."""
        wanted = self.names if columns is None else columns
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                yield from ({name: chunk_of(frame[name], name in text) for name in sorted(wanted)} for frame in self._frames(wanted, text))
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            raise DataError(f"{self.path}: not a table: {_words(error)}") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{self.path}: neither UTF-8 nor Latin-1 text: {one_line(error)}") from error
        except ValueError as error:
            raise DataError(f"{self.path}: not a table: {_words(error)}") from error
        except (OSError, EOFError) as error:
            raise DataError(f"{self.path}: cannot be read: {one_line(error)}") from error

    def _frames(self, wanted: tuple[str, ...], text: frozenset[str]) -> Iterator[pd.DataFrame]:
        options = {
            "sep": self.separator,
            "decimal": self.decimal,
            "names": list(self.names),
            "header": 0,
            "index_col": False,
            "usecols": None if set(wanted) == set(self.names) else sorted(wanted, key=self.names.index),
            "dtype": dict.fromkeys(sorted(text), str),
            "encoding": self.encoding,
            "compression": "gzip" if self.packed else None,
            "low_memory": False,
        }
        if self.batch is None:
            yield pd.read_csv(self.path, **options)
        else:
            with pd.read_csv(self.path, chunksize=self.batch, **options) as frames:
                yield from frames

    def _open(self) -> TextIO:
        if self.packed:
            return gzip.open(self.path, "rt", encoding=self.encoding, newline="")
        return self.path.open(encoding=self.encoding, newline="")

    def _is_utf8(self) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            with gzip.open(self.path) if self.packed else self.path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        except (OSError, EOFError) as error:
            raise DataError(f"{self.path}: cannot be read: {one_line(error)}") from error
        return True


def separator_of(lines: list[str], given: str) -> str:
    """The separator that the header line has most of, outside quotes."""
    if given:
        return given
    header = next((line for line in lines if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def _words(error: BaseException) -> str:
    return one_line(error).removeprefix("Error tokenizing data. C error: ")
