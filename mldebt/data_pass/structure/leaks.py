"""Columns that give the target away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mldebt.data_pass.structure.association import average_ranks, correlation_ratios, cramers_v
from mldebt.data_pass.structure.columns import Column, Ranked, Table, chosen_rows
from mldebt.data_pass.structure.copies import relation
from mldebt.data_pass.structure.dependence import coarse_columns, determined_by
from mldebt.data_pass.structure.model import Copy, TargetLeak
from mldebt.data_pass.structure.verify import Stream, verified_copies, verified_dependences

NEARLY = 0.99
ROWS = 50_000


def leaks(table: Table, names: Sequence[str], determiners: Sequence[str], target: str, stream: Stream | None) -> tuple[TargetLeak, ...]:
    """`table` holds the target too; a target with classes is a category in it."""
    related = ((name, relation(table, name, target)) for name in names)
    copies = [Copy(name, target, one[0], one[1], one[0] in ("equal", "recoded") or table.exact) for name, one in related if one is not None]
    if stream is not None:
        copies = verified_copies(table, copies, stream)
    found = {one.column: TargetLeak(one.column, "copy", f"{one.column} is a copy of the target ({one.how})", 1.0) for one in copies}
    classes = table.facts[target].two_valued
    for name in names:
        if classes is not None and name not in found and table.facts[name].mask == classes:
            found[name] = TargetLeak(name, "determines", f"{name} is missing in exactly the rows of one class", 1.0)
    coarse = coarse_columns(table, [target])
    pairs = {(target, name) for name in determiners if name not in found and any(determined_by(table, name, coarse))}
    if stream is not None:
        pairs = verified_dependences(table, sorted(pairs), stream)
    for _, name in pairs:
        found[name] = TargetLeak(name, "determines", f"every value of {name} has one value of the target", 1.0)
    rows = chosen_rows(table.rows, ROWS)
    truth = table.ranked(target) if rows is None else table.columns[target].ranked(rows)
    for name in names:
        if name not in found:
            column = table.columns[name]
            value = round(_strength(table.columns[target], truth, column, table.ranked(name) if rows is None else column.ranked(rows)), 4)
            if value > NEARLY:
                found[name] = TargetLeak(name, "association", f"{name} and the target go together at {value:.3f} of 1", value)
    return tuple(sorted(found.values()))


def _strength(target: Column, truth: Ranked, column: Column, one: Ranked) -> float:
    """In [0, 1]: |Spearman|, |2 AUC - 1| for two classes, the correlation ratio or Cramer's V."""
    if not target.numeric and not column.numeric:
        return cramers_v(truth, one)
    if one.levels < 2:
        return 0.0
    if target.numeric and column.numeric:
        return _spearman(average_ranks(truth), average_ranks(one), one)
    if column.numeric and truth.levels == 2:
        return _gini(truth.codes, one)
    groups, number = (truth, one) if column.numeric else (one, truth)
    masks = (number.codes >= 0).astype(np.float32)[None, :]
    return float(correlation_ratios(groups, average_ranks(number)[None, :].astype(np.float32), masks)[0])


def _spearman(truth: np.ndarray, ranks: np.ndarray, one: Ranked) -> float:
    present = one.codes >= 0
    length = float(np.sqrt((truth[present] ** 2).sum()))
    return abs(float((truth * ranks).sum())) / length if length > 0 and np.count_nonzero(present) >= 30 else 0.0


def _gini(classes: np.ndarray, one: Ranked) -> float:
    """|2 AUC - 1| over the rows with a value."""
    present = one.codes >= 0
    counts = np.bincount(one.codes[present], minlength=one.levels).astype(np.float64)
    positive = np.bincount(one.codes[present], weights=classes[present], minlength=one.levels)
    few, rest = positive.sum(), counts.sum() - positive.sum()
    if min(few, rest) < 5:
        return 0.0
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return abs(float(2 * ((ranks @ positive) - few * (few + 1) / 2) / (few * rest) - 1))
