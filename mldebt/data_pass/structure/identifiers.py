"""Columns that number the rows."""

from __future__ import annotations

import re

import numpy as np

from mldebt.data_pass.structure.columns import Table

FEWEST = 30  # rows
SURPRISE = 20  # repeats that drawing at random from the range would have given
NAMED = re.compile(r"(^|_)(id|ids|uuid|guid|key|pk|index|rowid|rownum|unnamed: \d+)($|_)|[a-z]I[Dd]$")


def is_identifier(table: Table, name: str) -> bool:
    """Whole numbers, all different and none missing: from a range so narrow that this is no accident, or called so."""
    column = table.columns[name]
    if not column.numeric or table.facts[name].missing or table.rows < FEWEST or table.brief(name).levels < table.rows:
        return False
    values = column.values
    if (values != np.floor(values)).any():
        return False
    reach = float(values.max() - values.min()) + 1
    return table.rows**2 / (2 * reach) >= SURPRISE or NAMED.search(name if not name.isupper() else name.lower()) is not None
