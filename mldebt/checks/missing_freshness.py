"""Data from elsewhere, declared without a limit on its age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.freshness import Stale, without_freshness

_SHOWN = 8


def check(project: Project) -> Iterator[Finding]:
    """Yields missing-freshness: one finding for a contract or an artifact, and one for all sources of a dbt project."""
    if project.partial:
        return
    groups: dict[tuple[str, ...], list[Stale]] = defaultdict(list)
    for one in sorted(without_freshness(project), key=lambda one: (one.path, one.line, one.name)):
        groups[(one.system, one.root or one.path, "" if one.root else one.name)].append(one)
    for _, group in sorted(groups.items()):
        yield _finding(group)


def _finding(group: list[Stale]) -> Finding:
    """Less sure where other sources have a limit: these may be left out on purpose."""
    first = group[0]
    places = [(one.path, line, name) for one in group for name, line in one.tables or ((one.name, one.line),)]
    others = [Location(path, line, 1, line, 1, f"`{name}`") for path, line, name in places if (path, line) != (first.path, first.line)]
    several = len(group) > 1
    return Finding(
        rule="missing-freshness",
        location=Location(first.path, first.line, 1, first.line, 1),
        message=f"`{first.name}`{' and other sources that are read have' if several else ' has'} no freshness objective",
        anchor=first.root or first.name,
        evidence=tuple(others[:_SHOWN]),
        confidence=0.5 if first.practised else 0.75,
        size=len(places),
    )
