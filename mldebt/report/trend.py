"""The debt of sampled commits as a table with bars, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec
from rich.text import Text

from mldebt import __version__
from mldebt.findings import Point
from mldebt.report.layout import hang, paint, width_of
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import count, duration

_BAR = 28
_MOVED = 3  # families of debt that are named


def as_json(trend: Sequence[Point]) -> str:
    """One object with the points, oldest first. Minutes; interest is per quarter."""
    points = [msgspec.to_builtins(point) for point in trend]
    return json.dumps({"version": 1, "tool": {"name": "mldebt", "version": __version__}, "points": points}, indent=2) + "\n"


def as_text(trend: Sequence[Point], project: str, options: Options) -> str:
    """The points as lines, oldest first, and what changed most between the first and the last."""
    return paint(_lines(trend, project, options), options)


def _lines(trend: Sequence[Point], project: str, options: Options) -> Iterator[Text]:
    width = width_of(options)
    if not trend:
        yield Text(f"{safe(project)}: no commit in this time.")
        return
    first, last = trend[0], trend[-1]
    yield Text.assemble((safe(project), "bold"), f": {count(len(trend), 'commit')} from {first.date} to {last.date}")
    yield Text()
    dearest = max(point.interest_minutes_per_quarter for point in trend)
    yield Text(f"{'date':<10}  {'commit':<9}  {'findings':>8}  {'principal':>10}  {'per quarter':>11}", "dim")
    for point in trend:
        share = point.interest_minutes_per_quarter / dearest if dearest else 0.0
        yield Text.assemble(
            f"{point.date:<10}  ",
            (f"{point.commit[:9]:<9}", "dim"),
            f"  {point.findings:>8,}  {duration(point.principal_minutes):>10}  {duration(point.interest_minutes_per_quarter):>11}  ",
            ("#" * round(share * min(_BAR, max(0, width - 58))), "cyan"),
        )
    yield Text()
    for line in _changes(first, last):
        yield from hang(Text(), Text(line), width, 2)
    note = "Each commit is judged by the settings and rules of today, without churn and ages, so that commits can be compared."
    yield from hang(Text(), Text(note, "dim"), width, 2)


def _changes(first: Point, last: Point) -> Iterator[str]:
    if first.commit == last.commit:
        return
    moved = {debt: last.debts.get(debt, 0.0) - first.debts.get(debt, 0.0) for debt in {*first.debts, *last.debts}}
    by_size = sorted(((debt, change) for debt, change in moved.items() if round(change)), key=lambda pair: (-abs(pair[1]), pair[0]))
    if not by_size:
        yield "Nothing changed between the first and the last."
        return
    told = ", ".join(f"{safe(debt)} {'+' if change > 0 else '-'}{duration(abs(change))}" for debt, change in by_size[:_MOVED])
    yield f"Changed most, interest per quarter: {told}."
