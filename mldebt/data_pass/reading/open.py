"""Which reader a path needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.delimited import Delimited

if TYPE_CHECKING:
    from mldebt.data_pass.reading.scan import Source

DELIMITED = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
KNOWN = "CSV (.csv, .csv.gz, .tsv), Parquet (.parquet, or a folder of them) or Feather (.feather)"


def open_source(path: Path) -> Source:
    """Raises DataError for what is not there, and for what is no table."""
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if path.name.lower().endswith(DELIMITED):
        return Delimited(path)
    raise DataError(f"{path}: not a known kind of table; give {KNOWN}")
