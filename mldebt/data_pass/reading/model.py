"""What reading gives: typed columns, and the rows that models are fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ColumnType = Literal["number", "bool", "category", "date", "text"]


class Sample(msgspec.Struct, frozen=True):
    """At most `settings.sample` rows. `frame` holds the features in name order, as float64 (number, bool as 0/1, date as seconds) or
    pandas category (category, text); NaN is missing, infinite values are NaN and counted in a note. The rest has one value per row.

    Text with more distinct values than `reading.types` allows for a category is left out of `frame`, and named in `excluded`.
    """

    frame: pd.DataFrame
    types: Mapping[str, ColumnType]  # of the features
    target: np.ndarray  # float64; classes as 0..k-1 in sorted order
    classes: tuple[str, ...]  # empty: a regression
    groups: np.ndarray | None  # integer codes
    time: np.ndarray | None  # float64
    weights: np.ndarray | None  # float64
    rows: int  # of the whole data
    fingerprint: str
    excluded: Mapping[str, str] = {}  # column -> why it cannot be a feature
    notes: tuple[str, ...] = ()
