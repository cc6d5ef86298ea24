"""What was found, column by column, in the words of a Result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pandas as pd

from mldebt.data_pass.bundles import Group
from mldebt.data_pass.kinds import Known, Told, duplicate, legacy
from mldebt.data_pass.reading.kept import scrambled
from mldebt.data_pass.reading.model import Sample
from mldebt.data_pass.result import Bundle, Column, Cost, Evidence, Interval
from mldebt.data_pass.settings import FeatureSettings
from mldebt.data_pass.structure.model import Structure

REPEATED = 0.2  # share of the rows from which repeated ones are told


class Findings(msgspec.Struct, frozen=True):
    """By column name. `rest`: dropped columns without another kind. `gains`: of dropped columns that are put back together."""

    told: Mapping[str, Told] = {}
    losses: Mapping[str, Interval] = {}
    gains: Mapping[tuple[str, ...], Interval] = {}
    groups: Mapping[str, Interval] = {}
    rest: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def bundles(self, groups: Sequence[Group]) -> tuple[Bundle, ...]:
        """The groups with what became of their columns; one that a name suggests only when some of it goes and some stays."""
        gone = {*self.told, *self.rest}
        made = []
        for group in groups:
            kept = tuple(name for name in group.columns if name not in gone)
            if group.origin == "given" or 0 < len(kept) < len(group.columns):
                made.append(Bundle(group.name, group.origin, group.columns, kept, self.groups.get(group.name)))
        return tuple(made)


def repeated_rows(sample: Sample) -> str:
    """A note where many rows are there more than once: copies meet on both sides of a fold. Hashes of the values stand for rows."""
    if sample.groups is not None or sample.time is not None or not len(sample.target):
        return ""
    hashes = scrambled((sample.target + 0.0).view(np.uint64))
    for name in sample.frame.columns:
        column = sample.frame[name]
        values = column.cat.codes.to_numpy(dtype=float) if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy(dtype=float)
        values = np.where(np.isnan(values), np.nan, values) + 0.0  # one missing value, one zero
        hashes = scrambled(hashes ^ values.view(np.uint64))
    share = 1 - len(np.unique(hashes)) / len(hashes)
    if share < REPEATED:
        return ""
    return (
        f"{share:.0%} of the rows repeat another one: copies on both sides of a fold flatter every model; leave them out, or give --groups"
    )


def columns_of(sample: Sample, structure: Structure, settings: FeatureSettings, said: Findings, *, judged: bool) -> tuple[Column, ...]:
    """One Column for each feature and each excluded column, in name order."""
    made = []
    partners, known = _partners(said), Known(structure)
    firsts = known.firsts(sample.frame.columns)
    for name in sorted((*sample.frame.columns, *sample.excluded)):
        if name in sample.excluded:
            made.append(_bare(name, "text", structure, "excluded", sample.excluded[name]))
        elif not judged:
            made.append(_structural(name, sample, structure, known, firsts))
        elif name in said.told or name in said.rest:
            made.append(_dropped(name, sample, structure, said))
        else:
            made.append(_kept(name, sample, structure, settings, said, partners.get(name, ())))
    return tuple(made)


def _cost(name: str, structure: Structure) -> Cost:
    return Cost(bytes=structure.bytes.get(name, 0), null_share=round(structure.missing.get(name, 0.0), 6))


def _bare(name: str, type: str, structure: Structure, evidence: str, message: str) -> Column:
    return Column(name, type, "unexamined", "review", evidence=(Evidence(evidence, message),), cost=_cost(name, structure))


def _structural(name: str, sample: Sample, structure: Structure, known: Known, others: frozenset[str]) -> Column:
    """Without a model: what the values alone say of the column; `others` without spare copies."""
    type, cost = sample.types[name], _cost(name, structure)
    if name in known.constants:
        return Column(name, type, "constant", "review", evidence=(Evidence("constant", "one value in all rows"),), cost=cost)
    told = (duplicate(name, others, known) if name not in known.members or name in known.spare else None) or legacy(name, others, known)
    if told is None:
        return _bare(name, type, structure, "structure", "no other column says the same")
    return Column(name, type, told.kind, "review", evidence=told.evidence, cost=cost)


def _dropped(name: str, sample: Sample, structure: Structure, said: Findings) -> Column:
    gain = said.gains.get((name,))
    shared = [(group, one) for group, one in said.gains.items() if name in group and len(group) > 1]
    told = said.told.get(name)
    if told is None:
        real = gain.low > 0 if gain is not None else any(one.low > 0 for _, one in shared)
        told = Told("epsilon" if real else "no-gain", ())
    evidence = [*told.evidence]
    if gain is not None and told.kind in ("epsilon", "no-gain"):
        evidence.append(Evidence("gain", f"put back beside the columns that stay it gains {gain.words()}", value=gain.mean))
    elif gain is None:
        evidence += [Evidence("joint-gain", _together(told, len(group), one), value=one.mean) for group, one in shared]
    return Column(name, sample.types[name], told.kind, "drop", gain_alone=gain, evidence=tuple(evidence), cost=_cost(name, structure))


def _together(told: Told, count: int, gain: Interval) -> str:
    which = "columns without measurable gain" if told.kind == "no-gain" else f"{told.kind} columns"
    return f"put back together, the {count} {which} change the metric by {gain.words()}"


def _kept(name: str, sample: Sample, structure: Structure, settings: FeatureSettings, said: Findings, partners: Sequence[str]) -> Column:
    loss = said.losses.get(name)
    type, cost = sample.types[name], _cost(name, structure)
    if name in settings.keep:
        evidence = (Evidence("keep", "the settings keep it"),)
        return Column(name, type, "unexamined", "keep", delta_alone=loss, evidence=evidence, cost=cost)
    if loss is None:
        return _bare(name, type, structure, "budget", "the budget was spent before its loss was measured")
    if loss.low <= settings.tolerance < loss.high:
        rows = _rows_needed(loss, settings.tolerance, len(sample.target))
        evidence = (Evidence("undecided", f"these rows cannot tell; about {rows:,} rows would", value=float(rows)),)
        return Column(name, type, "undecided", "review", delta_alone=loss, evidence=evidence, cost=cost)
    if loss.high <= settings.tolerance and not (said.told or said.rest):
        evidence = (Evidence("unconfirmed", "it seems to be spare, but no set that goes was confirmed"),)
        return Column(name, type, "undecided", "review", delta_alone=loss, evidence=evidence, cost=cost)
    if loss.high <= settings.tolerance:
        evidence = (Evidence("spent", "it could go alone; the tolerance is spent on the set that goes"),)
        return Column(name, type, "one-of", "keep", delta_alone=loss, evidence=evidence, cost=cost)
    if partners:
        evidence = (Evidence("stands-for", "it stands for columns that go and say the same", tuple(partners)),)
        return Column(name, type, "one-of", "keep", delta_alone=loss, evidence=evidence, cost=cost)
    return Column(name, type, "needed", "keep", delta_alone=loss, cost=cost)


def _rows_needed(loss: Interval, tolerance: float, rows: int) -> int:
    """Rows at which the bound nearest to the tolerance would clear it, to two digits (a half-width falls with the root of the rows)."""
    half = max(loss.high - loss.mean, 1e-12)
    distance = max(abs(loss.mean - tolerance), half / 30)  # a mean on the tolerance itself would need endless rows
    needed = max(rows * (half / distance) ** 2, rows)
    digits = 10 ** max(0, math.floor(math.log10(needed)) - 1)
    return int(math.ceil(needed / digits) * digits)


def _partners(said: Findings) -> dict[str, tuple[str, ...]]:
    """For each column that stays: those that go and could stay in its place, since each can be computed from the other."""
    found: dict[str, list[str]] = {}
    for name, told in sorted(said.told.items()):
        if told.kind == "duplicate" and told.evidence[0].type != "missing-indicator":
            found.setdefault(told.evidence[0].others[0], []).append(name)
    return {name: tuple(names) for name, names in found.items()}
