"""Columns that are a coarser version of another: j is a function of i, and not the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mldebt.data_pass.structure.columns import Ranked, Table
from mldebt.data_pass.structure.model import Dependence

COARSE = 10  # a dependent column has at most rows / COARSE values
PAIRS = 25  # expected disagreements that did not happen, before "determines" means anything
RUNS = 50  # the same for a continuous column and a step function of it
PROBED = 128  # neighbours on which most pairs are refuted
SHORT = 32_000  # levels that fit into int16


def dependences(table: Table, names: Sequence[str], determiners: Sequence[str]) -> tuple[Dependence, ...]:
    """`names` that are a function of one of the `determiners`."""
    coarse = [name for name in names if 2 <= _values(table, name) <= min(SHORT, table.rows // COARSE)]
    found = [
        Dependence(name, on, table.exact)
        for on in determiners
        for name in determined_by(table, on, [name for name in coarse if name != on and _values(table, name) < _values(table, on)])
    ]
    return tuple(sorted(found))


def determined_by(table: Table, on: str, names: Sequence[str]) -> Iterator[str]:
    """Those of `names` that are a function of `on`, beyond chance."""
    if not names:
        return
    one = table.ranked(on)
    numeric = table.columns[on].numeric
    same = np.flatnonzero(np.diff(one.codes[one.order]) == 0)  # neighbours in value order with one value
    probed = same[:: max(1, len(same) // PROBED)][:PROBED]
    upper, lower = one.order[probed], one.order[probed + 1]
    runs = one.order[:: max(1, len(one.order) // 1000)] if numeric and len(same) < PROBED else None
    for name in names:
        two = table.ranked(name)
        if (two.codes[upper] != two.codes[lower]).any():
            continue
        if runs is not None and np.count_nonzero(np.diff(two.codes[runs])) > 4 * two.levels + 0.5 * len(runs) * _differ(two):
            continue
        if is_function(one, two, numeric):
            yield name


def is_function(one: Ranked, two: Ranked, numeric: bool) -> bool:
    """Is `two` constant on every value of `one`, and is that more than chance?

    Either enough rows share a value of `one`, or `one` has an order in which `two` changes far less often than it would by chance.
    """
    along = two.codes[one.order]
    changes = along[1:] != along[:-1]
    ties = np.diff(one.codes[one.order]) == 0
    if (changes & ties).any():
        return False
    differ = _differ(two)
    if np.count_nonzero(ties) * differ >= PAIRS and _breadth(one, two):
        return True
    expected = (len(along) - 1) * differ
    steps = np.count_nonzero(changes)
    return numeric and expected > RUNS and steps <= 2 * (two.levels + (two.missing > 0)) + 2 and steps <= expected / 4


def _breadth(one: Ranked, two: Ranked) -> bool:
    """The agreement must not come from the rows of one or two common values of `one` alone, unless it has no others."""
    counts = np.bincount(one.codes + 1)
    again = np.sort(np.maximum(counts - 1, 0))
    return bool(2 * np.count_nonzero(again) >= np.count_nonzero(counts) or again[:-2].sum() * _differ(two) >= PAIRS)


def _differ(two: Ranked) -> float:
    """Chance that two rows disagree."""
    counts = np.bincount(two.codes + 1).astype(np.float64)
    return 1.0 - float(((counts / counts.sum()) ** 2).sum())


def _values(table: Table, name: str) -> int:
    one = table.ranked(name)
    return one.levels + (one.missing > 0)
