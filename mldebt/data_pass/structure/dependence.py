"""Columns that are a coarser version of another: j is a function of i, and not the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from mldebt.data_pass.structure.columns import Ranked, Table, chosen_rows
from mldebt.data_pass.structure.model import Dependence

COARSE = 10  # a dependent column has at most rows / COARSE values
PAIRS = 25  # expected disagreements that did not happen, before "determines" means anything
RUNS = 50  # expected changes along a continuous column, and how many times fewer a step function of it has
STEPS = 4
PROBES = (16, 128, 1024)  # neighbours on which most pairs are refuted
CELLS = 20_000_000  # codes of the coarse columns that are held for that
SHORT = 32_000  # levels that fit into int16


def dependences(table: Table, names: Sequence[str], determiners: Sequence[str]) -> tuple[Dependence, ...]:
    """`names` that are a function of one of the `determiners`."""
    coarse = coarse_columns(table, names)
    return tuple(sorted(Dependence(name, on, table.exact) for on in determiners for name in determined_by(table, on, coarse)))


class Coarse(msgspec.Struct, frozen=True):
    """Columns that may depend on another. `codes`: int16, rows x names, of `rows` (None: all). `values`: how many, missing being one;
    `differ`: chance that two rows disagree."""

    names: tuple[str, ...]
    rows: np.ndarray | None
    codes: np.ndarray
    values: np.ndarray
    differ: np.ndarray


def coarse_columns(table: Table, names: Sequence[str]) -> Coarse:
    few = [name for name in names if 2 <= _values(table, name) <= min(SHORT, table.rows // COARSE)]
    rows = chosen_rows(table.rows, max(1000, CELLS // max(1, len(few))))
    codes = np.empty((table.rows if rows is None else len(rows), len(few)), dtype=np.int16)
    differ = np.empty(len(few))
    for place, name in enumerate(few):
        one = table.ranked(name)
        codes[:, place] = one.codes if rows is None else one.codes[rows]
        differ[place] = _differ(one)
    return Coarse(tuple(few), rows, codes, np.array([_values(table, name) for name in few], dtype=np.int64), differ)


def determined_by(table: Table, on: str, coarse: Coarse) -> Iterator[str]:
    """Those of the coarse columns that are a function of `on`, beyond chance."""
    places = np.flatnonzero((coarse.values < _values(table, on)) & (coarse.differ * table.rows >= PAIRS))
    if not len(places):
        return
    one = table.ranked(on)
    numeric = table.columns[on].numeric
    for place in _not_refuted(one, numeric, coarse, places):
        name = coarse.names[place]
        if name != on and is_function(one, table.ranked(name), numeric):
            yield name


def _not_refuted(one: Ranked, numeric: bool, coarse: Coarse, places: np.ndarray) -> np.ndarray:
    order = one.order
    if coarse.rows is not None:
        held = np.full(len(order), -1, dtype=np.int32)
        held[coarse.rows] = np.arange(len(coarse.rows), dtype=np.int32)
        order = held[order][held[order] >= 0]
        values = one.codes[coarse.rows][order]
    else:
        values = one.codes[order]
    same = np.flatnonzero(values[1:] == values[:-1])  # neighbours in value order with one value
    for most in PROBES:
        probed = same[_spread(len(same), most)]
        agree = (coarse.codes[np.ix_(order[probed], places)] == coarse.codes[np.ix_(order[probed + 1], places)]).all(axis=0)
        places = places[agree]
        if numeric and len(same) * 2 < len(values) and len(places):
            # On part of the rows a column changes at most as often as on all of them.
            along = coarse.codes[np.ix_(order[_spread(len(order), most)], places)]
            changes = np.count_nonzero(along[1:] != along[:-1], axis=0)
            enough = len(same) * coarse.differ[places] >= PAIRS
            places = places[enough | (changes <= _most_steps(coarse.values[places]))]
        if not len(places):
            break
    return places


def _spread(count: int, most: int) -> np.ndarray:
    return np.arange(count) if count <= most else (np.arange(most) * count) // most


def is_function(one: Ranked, two: Ranked, numeric: bool) -> bool:
    """Is `two` constant on every value of `one`, and is that more than chance?

    Either enough rows share a value of `one`, or `one` has an order in which `two` changes far less often than it would by chance.
    """
    along = two.codes[one.order]
    changes = along[1:] != along[:-1]
    ties = np.diff(one.codes[one.order]) == 0
    if (changes & ties).any():
        return False
    if shares_values(one, two):
        return True
    if not numeric:
        return False
    # One row per present value of `one`: a value that both columns share in many rows, or missing in both, is no evidence of steps.
    present = along[: len(along) - one.missing]
    each = present[np.append(True, ~ties[: len(present) - 1])]
    expected = (len(each) - 1) * (1.0 - float(((np.bincount(each + 1) / len(each)) ** 2).sum()))
    steps = int(np.count_nonzero(each[1:] != each[:-1]))
    return expected > RUNS and steps <= min(int(_most_steps(two.levels + (two.missing > 0))), expected / STEPS)


def _most_steps(values: int | np.ndarray) -> int | np.ndarray:
    """A step function has a few runs of every value at most."""
    return 2 * values + 2


def shares_values(one: Ranked, two: Ranked) -> bool:
    """Would enough rows with the same value of `one` disagree in `two`, were it by chance?"""
    differ = _differ(two)
    pairs = len(one.codes) - one.levels - (one.missing > 0)
    return pairs * differ >= PAIRS and _breadth(one, differ)


def _breadth(one: Ranked, differ: float) -> bool:
    """The agreement must not come from the rows of one or two common values of `one` alone, unless it has no others."""
    counts = np.bincount(one.codes + 1)
    again = np.sort(np.maximum(counts - 1, 0))
    return bool(2 * np.count_nonzero(again) >= np.count_nonzero(counts) or int(again[:-2].sum()) * differ >= PAIRS)


def _differ(two: Ranked) -> float:
    counts = np.bincount(two.codes + 1).astype(np.float64)
    return 1.0 - float(((counts / counts.sum()) ** 2).sum())


def _values(table: Table, name: str) -> int:
    brief = table.brief(name)
    return brief.levels + (brief.missing > 0)
