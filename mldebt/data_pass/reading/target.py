"""The target: numbers to predict, or classes."""

from __future__ import annotations

import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.scan import Scanned
from mldebt.data_pass.reading.types import sorted_codes
from mldebt.data_pass.settings import FeatureSettings

COUNTED = 20  # most whole numbers that still are classes
CLASSES = 100  # most texts that still are
OF_NUMBERS = frozenset(  # scorers that only fit numbers
    {
        "explained_variance",
        "d2_absolute_error_score",
        "max_error",
        "neg_max_error",
        "neg_mean_absolute_error",
        "neg_mean_absolute_percentage_error",
        "neg_mean_gamma_deviance",
        "neg_mean_poisson_deviance",
        "neg_mean_squared_error",
        "neg_mean_squared_log_error",
        "neg_median_absolute_error",
        "neg_root_mean_squared_error",
        "neg_root_mean_squared_log_error",
        "r2",
    }
)


def is_number(settings: FeatureSettings) -> bool:
    """Whether the model or the metric that is asked for fits numbers only."""
    return settings.model == "ridge" or settings.metric in OF_NUMBERS


def read_target(column: Scanned, name: str, folds: int, numeric: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """Values of the sampled rows and the classes (none: a regression). `folds` 0: no model will be fitted; `numeric`: a few whole numbers
    are a quantity too, not classes."""
    if column.kind == "date":
        raise DataError(f"target '{name}' holds dates; give a column of numbers or classes")
    if column.kind == "other" or column.kind == "nothing":
        raise DataError(f"target '{name}' {column.reason or 'has no values'}; give a column of numbers or classes")
    if column.values is None or (column.kind == "text" and len(column.state.present_counts()) > CLASSES):
        raise DataError(f"target '{name}' holds text with more than {CLASSES} different values; give a column of numbers or classes")
    counts = column.state.present_counts()
    if not column.state.capped and len(counts) == 1:
        raise DataError(f"target '{name}' has one value in all {column.state.rows} rows; there is nothing to predict")
    if folds and len(column.values) < folds:
        raise DataError(f"{len(column.values)} rows are fewer than the {folds} folds; give more rows or fewer --folds")
    values, classes = _classes(column, numeric)
    if folds and classes:
        rows = np.bincount(values.astype(np.int64), minlength=len(classes))
        rare = int(np.argmin(rows))
        if rows[rare] < folds:
            number = "; if it is a number and no class, --metric r2" if column.kind == "number" else ""
            raise DataError(
                f"class '{classes[rare]}' of target '{name}' has {rows[rare]} rows, fewer than the {folds} folds; "
                f"merge or leave out rare classes, or give fewer --folds{number}"
            )
    return values, classes


def _classes(column: Scanned, numeric: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    assert column.values is not None
    if column.kind == "text":
        codes, names = sorted_codes(column)
        return codes.astype(np.float64), tuple(names)
    if column.kind == "bool":
        return column.values, ("False", "True")
    levels = column.state.levels
    assert levels is not None
    if numeric or column.state.capped or len(levels) > COUNTED or (levels != np.floor(levels)).any():
        return column.values, ()
    known = np.sort(levels)
    return np.searchsorted(known, column.values).astype(np.float64), tuple(f"{value:.0f}" for value in known)
