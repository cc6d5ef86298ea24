"""Data from elsewhere, declared without a limit on its age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.freshness import Stale, without_freshness

_SHOWN = 8


def check(project: Project) -> Iterator[Finding]:
    """Yields missing-freshness: one finding for each source, or one for all sources of a project in which none has a limit."""
    groups: dict[tuple[str, ...], list[Stale]] = defaultdict(list)
    for one in sorted(without_freshness(project), key=lambda one: (one.path, one.line, one.name)):
        together = one.system == "dbt" and not one.practised
        groups[(one.system,) if together else (one.system, one.path, one.name)].append(one)
    for _, group in sorted(groups.items()):
        yield _finding(group)


def _finding(group: list[Stale]) -> Finding:
    first = group[0]
    places = [(one.path, line, name) for one in group for name, line in one.tables or ((one.name, one.line),)]
    return Finding(
        rule="missing-freshness",
        location=Location(first.path, first.line, 1, first.line, 1),
        message=f"`{first.name}` has no freshness objective"
        if len(group) == 1
        else f"none of the sources that are read, `{first.name}` first, has a freshness objective",
        anchor=first.name if len(group) == 1 else first.system,
        evidence=tuple(
            Location(path, line, 1, line, 1, f"`{name}`") for path, line, name in places if (path, line) != (first.path, first.line)
        )[:_SHOWN],
        confidence=0.8 if first.practised or first.system != "dbt" else 0.7,
        size=len(places),
    )
