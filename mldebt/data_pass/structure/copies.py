"""Columns that say the same, and columns that say where another is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np

from mldebt.data_pass.structure.columns import Table
from mldebt.data_pass.structure.model import Association, Copy, CopyHow

AFFINE = 1e-9  # largest deviation from the line, as a share of the range
ROUNDED = 0.9999  # |Spearman| from which a rounded copy is looked for
COARSEST = 0.01  # steps of a rounded copy, as a share of its range
AS_MANY = 0.9  # distinct values of a rounded copy, as a share of the other's
FEWEST = 5  # rows that are missing, and that are not, before an indicator means anything
UP_TO = ", up to rounding"
Relation = tuple[CopyHow, str] | None


def classes_of(table: Table, names: Sequence[str], found: Iterable[Association]) -> tuple[tuple[str, ...], ...]:
    """Sets of columns that are copies of each other, first choice first."""
    parents = {name: name for name in names}

    def root(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    seen: dict[tuple[str, bytes], str] = {}
    for name in names:
        for key in _keys(table, name):
            parents[root(name)] = root(seen.setdefault(key, name))
    for pair in found:
        if pair.measure == "spearman" and pair.value >= ROUNDED and root(pair.first) != root(pair.second):
            if rounded(table, pair.first, pair.second):
                parents[root(pair.second)] = root(pair.first)
    members: dict[str, list[str]] = {}
    for name in names:
        members.setdefault(root(name), []).append(name)
    classes = [sorted(group, key=lambda name: choice(table, name)) for group in members.values() if len(group) > 1]
    return tuple(sorted(tuple(group) for group in classes))


def choice(table: Table, name: str) -> tuple[int, bool, int, str]:
    """Smallest for the column that is kept of its class: fewest missing, number before category, shortest name, name."""
    return table.facts[name].missing, not table.columns[name].numeric, len(name), name


def _keys(table: Table, name: str) -> list[tuple[str, bytes]]:
    facts = table.facts[name]
    keys = [("values", facts.values)]
    if facts.recoded is not None:
        keys.append(("recoded", facts.recoded))
    signature = table.brief(name).signature
    if signature is not None:
        keys.append(("ranks", signature))
    return keys


def copies_of(table: Table, classes: Sequence[tuple[str, ...]]) -> tuple[Copy, ...]:
    """Every class as a star around its first choice."""
    found = []
    for first, *others in classes:
        for name in others:
            how, detail = relation(table, name, first) or ("recoded", "by way of another copy")
            exact = table.exact or table.facts[name].values == table.facts[first].values
            exact = exact or (how == "recoded" and table.facts[name].recoded is not None and _same_recoding(table, name, first))
            found.append(Copy(name, first, how, detail, exact))
    return tuple(sorted(found))


def relation(table: Table, name: str, other: str) -> Relation:
    """How `name` follows from `other`, if it does."""
    if table.facts[name].values == table.facts[other].values:
        return "equal", "the same values in every row"
    both = table.columns[name].numeric and table.columns[other].numeric
    if both and _same_order(table, name, other):
        line = line_of(table, name, other, after_rounding=False)
        if line is not None:
            return "affine", _words(line, other)
        line = line_of(table, name, other, after_rounding=True)
        return (
            ("affine", _words(line, other) + UP_TO) if line is not None else ("monotone", f"{_direction(table, name, other)} with {other}")
        )
    if _same_recoding(table, name, other):
        return "recoded", f"each value of {other} has one value of its own"
    return rounded(table, name, other) if both else None


def rounded(table: Table, name: str, other: str) -> Relation:
    """Numbers whose order never disagrees and that have about as many distinct values, as income and round(100 x income)."""
    brief, second = table.brief(name), table.brief(other)
    if brief.missing != second.missing or min(brief.levels, second.levels) < AS_MANY * max(brief.levels, second.levels):
        return None
    one, two = table.ranked(name), table.ranked(other)
    if not np.array_equal(one.codes < 0, two.codes < 0):
        return None
    present = one.codes >= 0
    x, y = one.codes[present], two.codes[present]
    down = _direction(table, name, other) == "falls"
    y = two.levels - 1 - y if down else y
    along = y[np.lexsort((y, x))]
    if (along[1:] < along[:-1]).any():
        return None
    line = line_of(table, name, other, after_rounding=True)
    if line is not None:
        return "affine", _words(line, other) + UP_TO
    return "monotone", f"{'falls' if down else 'rises'} with {other}{UP_TO}"


def indicators_of(table: Table, names: Sequence[str]) -> tuple[Copy, ...]:
    """Columns with two values that say where another column is missing. They follow from it, not it from them: no class."""
    sources: dict[bytes, str] = {}
    for name in sorted(names, key=lambda name: choice(table, name)):
        facts = table.facts[name]
        if facts.mask is not None and facts.two_valued is None and min(facts.missing, facts.rows - facts.missing) >= FEWEST:
            sources.setdefault(facts.mask, name)
    found = []
    for name in names:
        code = table.facts[name].two_valued
        if code is not None and code in sources:
            found.append(Copy(name, sources[code], "missing-indicator", f"says whether {sources[code]} is missing", True))
    return tuple(sorted(found))


def _same_order(table: Table, name: str, other: str) -> bool:
    return table.brief(name).signature is not None and table.brief(name).signature == table.brief(other).signature


def _same_recoding(table: Table, name: str, other: str) -> bool:
    one, two = table.facts[name].recoded, table.facts[other].recoded
    return one is not None and one == two


def _direction(table: Table, name: str, other: str) -> Literal["rises", "falls"]:
    """Whether the rows with the smallest and the largest value of `other` come in that order in `name`."""
    one, two = table.ranked(name), table.ranked(other)
    present = two.order[: len(two.order) - two.missing]
    return "rises" if one.codes[present[0]] <= one.codes[present[-1]] else "falls"


class Line(msgspec.Struct, frozen=True):
    """column = slope x other + level, within `allowed`."""

    slope: float
    level: float
    allowed: float


def line_of(table: Table, name: str, other: str, after_rounding: bool) -> Line | None:
    """Over the sampled values. After rounding the line may be missed by the steps in which the two columns are written."""
    y, x = table.columns[name].values, table.columns[other].values
    present = ~(np.isnan(x) | np.isnan(y))
    x, y = x[present], y[present]
    low, high = int(np.argmin(x)), int(np.argmax(x))
    if not np.isfinite(x[high] - x[low]) or x[high] == x[low]:
        return None
    slope = (y[high] - y[low]) / (x[high] - x[low])
    level, reach = y[low] - slope * x[low], abs(y[high] - y[low])
    steps = step_of(y) + abs(slope) * step_of(x) if after_rounding else 0.0
    allowed = AFFINE * reach + min(steps, COARSEST * reach)
    noise = 8 * np.finfo(np.float64).eps * (np.abs(y).max() + np.abs(slope * x).max())  # what the sum itself may lose
    if np.abs(y - slope * x - level).max() > allowed + noise:
        return None
    return Line(float(slope), 0.0 if abs(level) <= allowed + noise else float(level), float(allowed))


def step_of(values: np.ndarray) -> float:
    """The decimal step (1, 0.1, ...) of which all values are multiples; 0: none down to a millionth."""
    for places in range(7):
        scaled = values * 10.0**places
        if np.abs(scaled - np.round(scaled)).max() <= 1e-9 * max(1.0, float(np.abs(scaled).max())):
            return float(10.0**-places)
    return 0.0


def _words(line: Line, other: str) -> str:
    tail = f" {'+' if line.level >= 0 else '-'} {abs(line.level):.6g}" if line.level else ""
    return f"= {line.slope:.6g} x {other}{tail}"


def is_rounded(copy: Copy) -> bool:
    return copy.detail.endswith(UP_TO)
