"""Data -> the rows that models see, and what the columns say about each other."""

from __future__ import annotations

import re
from functools import partial
from hashlib import blake2b
from pathlib import Path

import numpy as np

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.model import ColumnType, Sample
from mldebt.data_pass.settings import FeatureSettings
from mldebt.data_pass.structure.model import Structure

try:
    import pandas as pd

    from mldebt.data_pass.reading.memory import GROUPS, TARGET, WEIGHTS, InMemory
    from mldebt.data_pass.reading.names import Roles, quoted, roles_of
    from mldebt.data_pass.reading.open import open_source
    from mldebt.data_pass.reading.scan import Scan, Scanned, Source, scan
    from mldebt.data_pass.reading.stream import all_rows
    from mldebt.data_pass.reading.target import is_number, read_target
    from mldebt.data_pass.reading.types import WIDTHS, is_name, sorted_codes, type_of, why_no_feature
    from mldebt.data_pass.structure.columns import Column
    from mldebt.data_pass.structure.find import find
except ImportError as error:
    raise DataError(f"the data pass needs {error.name}; pip install 'mldebt[data]'") from error

Y = "\0target"
FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")


def examine(settings: FeatureSettings, root: Path) -> tuple[Sample, Structure]:
    """Raises DataError, in one line, for data or names that do not fit. `root`: where relative paths and imports start."""
    if not settings.data:
        raise DataError("no data; name a CSV, Parquet or Feather file, a folder of them, or module:function")
    path = root / settings.data
    if FUNCTION.match(settings.data) and not path.exists():
        from mldebt.data_pass.reading.imported import load_rows

        features, target, groups, weights = load_rows(settings, root)
        return examine_frame(features, target, settings, groups, weights)
    source = open_source(path)
    return _examine(source, roles_of(source.names, settings), settings)


def examine_frame(
    X: object,
    y: object,
    settings: FeatureSettings,
    groups: object = None,
    weights: object = None,
) -> tuple[Sample, Structure]:
    """The same for data in memory. `settings.groups`, `time` and `weights` may name columns of `X`; a column called as the target is left
    out. `X` (a frame or an array)
    is not changed."""
    source = InMemory(X, y, groups, weights)
    given = {"target": TARGET}
    given |= {role: name for role, name, rows in (("groups", GROUPS, groups), ("weights", WEIGHTS, weights)) if rows is not None}
    return _examine(source, roles_of(source.names, settings, given), settings)


def _examine(source: Source, roles: Roles, settings: FeatureSettings) -> tuple[Sample, Structure]:
    scanned = scan(source, roles, settings.sample, settings.seed, settings.data or "the data")
    columns = scanned.columns
    folds = 0 if settings.structure_only else settings.folds
    target, classes = read_target(columns[roles.target], settings.target or "target", folds, is_number(settings))
    excluded = {name: reason for name in roles.features if (reason := why_no_feature(columns[name]))}
    features = [name for name in roles.features if name not in excluded]
    if not features:
        raise DataError(f"no column is left as a feature: {quoted(sorted(excluded))} hold text or other values that no model takes")
    types: dict[str, ColumnType] = {name: type_of(columns[name]) for name in features}
    arrays = {name: _array(columns[name]) for name in features}
    facts = {
        name: columns[name].state.facts(WIDTHS[type_of(columns[name])])
        for name in (*roles.features, roles.target)
        if columns[name].kind != "other"
    }
    table = {name: Column(name, types[name] != "category", values) for name, (values, _) in arrays.items()}
    table[Y] = Column(Y, not classes, target if not classes else target.astype(np.int32))
    facts[Y] = facts.pop(roles.target)
    levels = {name: names for name, (_, names) in arrays.items() if names is not None} | ({Y: list(classes)} if classes else {})
    stream = None if len(target) == scanned.rows else partial(all_rows, source, roles, columns, levels)
    names = tuple(sorted(name for name in excluded if is_name(columns[name]) and columns[name].state.rows == scanned.rows))
    structure = find(table, facts, Y, names, stream)
    order = _time_order(columns, roles)
    sample = Sample(
        frame=pd.DataFrame({name: _series(values, levels, order) for name, (values, levels) in arrays.items()}, copy=False),
        types=types,
        target=_ordered(target, order),
        classes=classes,
        groups=_ordered(_groups(columns[roles.groups]), order) if roles.groups else None,
        time=_ordered(_time(columns[roles.time], roles.time), order) if roles.time else None,
        weights=_ordered(_weights(columns[roles.weights], roles.weights), order) if roles.weights else None,
        rows=scanned.rows,
        fingerprint=_fingerprint({name: ("target" if name == Y else type_of(columns[name]), one.values) for name, one in facts.items()}),
        excluded=excluded,
        notes=tuple(_notes(source, scanned, roles, settings)),
    )
    return sample, structure


def _array(column: Scanned) -> tuple[np.ndarray, list[str] | None]:
    assert column.values is not None
    return sorted_codes(column) if column.kind == "text" else (column.values, None)


def _series(values: np.ndarray, levels: list[str] | None, order: np.ndarray | None) -> np.ndarray | pd.Categorical:
    values = values if order is None else values[order]
    return values if levels is None else pd.Categorical.from_codes(values, categories=levels)


def _ordered(values: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    return values if order is None else values[order]


def _time_order(columns: dict[str, Scanned], roles: Roles) -> np.ndarray | None:
    return np.argsort(_time(columns[roles.time], roles.time), kind="stable") if roles.time else None


def _time(column: Scanned, name: str) -> np.ndarray:
    if column.kind not in ("number", "date") or column.values is None:
        raise DataError(f"time: column '{name}' holds neither numbers nor ISO dates")
    if column.state.missing:
        raise DataError(f"time: column '{name}' is missing in {column.state.missing} rows; fill or leave out these rows")
    return column.values


def _groups(column: Scanned) -> np.ndarray:
    if column.values is None:
        raise DataError("groups: the column holds too many different texts, or values that name no group; number the groups")
    codes: np.ndarray = pd.factorize(column.values, use_na_sentinel=False)[0].astype(np.int64)
    return codes


def _weights(column: Scanned, name: str) -> np.ndarray:
    called = f"weights: column '{name}'" if not name.startswith("\0") else "weights:"
    if column.kind not in ("number", "bool") or column.values is None:
        raise DataError(f"{called} must hold numbers")
    if column.state.missing or column.infinite:
        raise DataError(f"{called} must be finite; {column.state.missing} rows are missing or infinite")
    if (column.values < 0).any() or not (column.values > 0).any():
        raise DataError(f"{called} must not be negative, nor 0 in all rows")
    return column.values


def _fingerprint(columns: dict[str, tuple[str, bytes]]) -> str:
    total = blake2b(digest_size=16)
    for name in sorted(columns):
        kind, values = columns[name]
        total.update(f"{len(name)}:{name}:{kind}:".encode())
        total.update(values)
    return total.hexdigest()


def _notes(source: Source, scanned: Scan, roles: Roles, settings: FeatureSettings) -> list[str]:
    notes = list(source.notes)
    if scanned.untargeted:
        notes.append(f"{scanned.untargeted} rows without a target are left out")
    if scanned.rows > settings.sample:
        notes.append(f"models see {settings.sample:,} of {scanned.rows:,} rows")
    infinite = [name for name in roles.features if scanned.columns[name].infinite]
    if infinite:
        notes.append(f"infinite values are read as missing: {quoted(infinite)}")
    coarse = [name for name in roles.features if scanned.columns[name].coarse]
    if coarse:
        notes.append(f"whole numbers beyond 2^53, which floats do not tell apart, are read as text: {quoted(coarse)}")
    mixed = [name for name in roles.features if scanned.columns[name].kind == "text" and _is_mixed(scanned.columns[name])]
    if mixed:
        notes.append(f"numbers and text in one column, read as text: {quoted(mixed)}")
    return notes


def _is_mixed(column: Scanned) -> bool:
    """Some levels are numbers, some are not."""
    if column.coarse:
        return False
    if column.state.capped or column.state.levels is None:
        return column.mixed
    levels = column.state.levels[column.state.present()]
    numbers = pd.to_numeric(pd.Series(levels, dtype=object), errors="coerce").notna()
    return bool(numbers.any() and not numbers.all())
