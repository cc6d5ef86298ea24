"""Which type a column has, and why it may be no feature."""

from __future__ import annotations

import numpy as np

from mldebt.data_pass.reading.model import ColumnType
from mldebt.data_pass.reading.scan import Scanned

CATEGORIES = 255  # the most that histogram-based trees take
WIDTHS: dict[ColumnType, int] = {"number": 8, "date": 8, "bool": 1, "category": 8, "text": 8}  # bytes of one value, without its characters


def type_of(column: Scanned) -> ColumnType:
    if column.kind == "number" or column.kind == "bool" or column.kind == "date":
        return column.kind
    if column.kind == "nothing":
        return "number"
    return "category" if column.kind == "text" and not column.state.capped and len(column.state.present_counts()) <= CATEGORIES else "text"


def is_name(column: Scanned) -> bool:
    """Text that is another in every row."""
    counts = column.state.present_counts()
    if column.kind != "text":
        return False
    return column.state.capped or (len(counts) > 2 and len(counts) == column.state.rows)


def why_no_feature(column: Scanned) -> str:
    """Empty: it is one."""
    if column.kind == "other":
        return column.reason
    if column.kind != "text":
        return ""
    if column.state.capped:
        return "text with more than 65,536 different values"
    counts = column.state.present_counts()
    if is_name(column):
        return "another text in every row"
    return f"text with {len(counts):,} different values; a category may have {CATEGORIES}" if len(counts) > CATEGORIES else ""


def sorted_codes(column: Scanned) -> tuple[np.ndarray, list[str]]:
    """Codes of a text column into its levels in alphabetical order; missing is -1."""
    assert column.values is not None and column.state.levels is not None
    levels = column.state.levels
    present = column.state.present()
    names = sorted(levels[present])
    place = {name: code for code, name in enumerate(names)}
    codes = np.array([place.get(level, -1) for level in levels], dtype=np.int32)
    return codes[column.values], names
