"""Which files are tables. Imports nothing heavy: a scan asks too, to see whether a folder of data has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

DELIMITED = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
PARQUET = (".parquet", ".pq")
FEATHER = (".feather", ".arrow")
TABLES = (*DELIMITED, *PARQUET, *FEATHER)
_HIDDEN = (".", "_")  # what writers of tables leave beside them: _SUCCESS, _metadata, .part.crc


def tables_in(folder: Path) -> list[Path]:
    """The tables below a folder, by path; hidden files and folders do not count."""
    return sorted(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith(_HIDDEN)]
        for name in names:
            path = Path(where, name)
            if not name.startswith(_HIDDEN) and name.lower().endswith(TABLES) and path.is_file():
                yield path
