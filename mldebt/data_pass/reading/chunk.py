"""One batch of one column in the form that all sources share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec
import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype, is_object_dtype

from mldebt.data_pass.structure.state import MISSING

ChunkKind = Literal["number", "bool", "date", "text", "nothing", "other"]
ISO = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$")
NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})
EXACT, LARGEST = 2.0**53, 2.0**64  # whole numbers beyond the first are not all floats; beyond the second there are no integers
STEPS = 1 << 20  # floats between the ends of a column, fewer than which are too few
KEPT = 0.99  # share of the values that stay different
DATES = frozenset({"datetime", "datetime64", "date"})


class Chunk(msgspec.Struct, frozen=True):
    """`values`: float64, NaN is missing (number, bool as 0/1, date as seconds since 1970). Text has `codes` into `levels`, of which one
    may be MISSING. "nothing" is missing throughout; "other" is what no model takes, and `reason` says what it is."""

    kind: ChunkKind
    values: np.ndarray | None = None
    codes: np.ndarray | None = None
    levels: np.ndarray | None = None  # object, of str
    infinite: int = 0
    rows: int = 0  # only of "other"
    reason: str = ""
    coarse: bool = False  # numbers that are not what they were: see `is_coarse`


def chunk_of(series: pd.Series, as_text: bool = False) -> Chunk:
    """`as_text`: the column holds text in some other batch."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return text_chunk(series.cat.codes.to_numpy(), series.cat.categories)
    if as_text and not (is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype)):
        series = series.astype(object)
    elif is_bool_dtype(dtype) or is_integer_dtype(dtype) or is_float_dtype(dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers(values, "bool") if is_bool_dtype(dtype) else numbers(values, "number", series.nunique)
    elif pd.api.types.is_datetime64_any_dtype(dtype):
        return numbers(seconds(series), "date")
    elif pd.api.types.is_timedelta64_dtype(dtype):
        return numbers(series.dt.total_seconds().to_numpy(dtype=np.float64), "number")
    elif not (is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype)):
        return Chunk("other", rows=len(series), reason=f"holds {dtype} values")
    return _of_objects(series, as_text)


def _of_objects(series: pd.Series, as_text: bool) -> Chunk:
    kind = "string" if isinstance(series.dtype, pd.StringDtype) else pd.api.types.infer_dtype(series, skipna=True)
    if kind == "empty" or (kind == "string" and series.isna().all()):
        return Chunk("nothing", values=np.full(len(series), np.nan))
    if not as_text:
        if kind == "boolean" or kind in NUMBERS:
            values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64)
            return numbers(values, "bool") if kind == "boolean" else numbers(values, "number", series.nunique)
        if kind in DATES:
            return numbers(seconds(pd.to_datetime(series, utc=True)), "date")
    if kind == "string":
        codes, levels = pd.factorize(series, use_na_sentinel=True)
        return text_chunk(codes, levels, dates=not as_text)
    present = series.dropna()
    names = sorted({type(value).__name__ for value in present})
    if not all(pd.api.types.is_hashable(value) for value in present):
        return Chunk("other", rows=len(series), reason=f"holds {' and '.join(names)} values")
    codes, levels = pd.factorize(series.map(str, na_action="ignore"), use_na_sentinel=True)
    return text_chunk(codes, levels)


def numbers(values: np.ndarray, kind: Literal["number", "bool", "date"], distinct: Callable[[], int] | None = None) -> Chunk:
    """Infinite values become NaN and are counted. `distinct`: how many different values there were before they became floats."""
    infinite = 0
    values = np.ascontiguousarray(values)
    if kind == "number":
        found = np.isinf(values)
        infinite = int(np.count_nonzero(found))
        if infinite:
            values = np.where(found, np.nan, values)
    if len(values) and np.isnan(values[0]) and np.isnan(values).all():
        return Chunk("nothing", values=values, infinite=infinite)
    return Chunk(kind, values=values, infinite=infinite, coarse=distinct is not None and is_coarse(values, distinct))


def is_coarse(values: np.ndarray, distinct: Callable[[], int]) -> bool:
    """Whole numbers beyond 2^53, such as numbers of 64 bits that name something, of which many become one float. A column that also has
    missing values may come as floats already: then so few floats lie between its ends that it must be so."""
    if not len(values):
        return False
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    reach = max(high, -low)
    if not EXACT < reach <= LARGEST:
        return False
    if high - low < STEPS * np.spacing(reach):
        return True
    return len(np.unique(values[~np.isnan(values)])) < KEPT * distinct()


def seconds(series: pd.Series) -> np.ndarray:
    naive = series.dt.tz_convert("UTC").dt.tz_localize(None) if series.dt.tz is not None else series
    ticks = naive.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(ticks), np.nan, ticks.astype(np.int64) / 1e6)


def text_chunk(codes: np.ndarray, levels: Iterable[object], dates: bool = False) -> Chunk:
    """From codes into levels (-1 is missing); texts that are all ISO dates become dates where `dates` allows it."""
    names: np.ndarray = pd.Index([str(level) for level in levels], dtype=object).to_numpy()
    missing = codes < 0
    if missing.all():
        return Chunk("nothing", values=np.full(len(codes), np.nan))
    if dates and ISO.match(names[0]):
        read = as_dates(names)
        if read is not None:
            return Chunk("date", values=np.where(missing, np.nan, read[codes]))
    if missing.any():
        codes = np.where(missing, len(names), codes)
        names = pd.Index([*names, MISSING], dtype=object).to_numpy()
    # Levels in order of first appearance, each in use: what a source happens to know in advance must not matter.
    first, used = pd.factorize(codes)
    return Chunk("text", codes=first, levels=names[used])


def as_dates(names: np.ndarray) -> np.ndarray | None:
    """Seconds since 1970 when every text is an ISO date."""
    if not all(ISO.match(name) for name in names):
        return None
    read = pd.to_datetime(pd.Series(names), format="ISO8601", utc=True, errors="coerce")
    return None if read.isna().any() else seconds(read)
