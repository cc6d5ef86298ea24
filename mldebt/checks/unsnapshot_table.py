"""Training on tables that somebody else writes, whatever is in them that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.snapshots import is_open, trained_in_sql
from mldebt.project.training_inputs import training_reads


def check(project: Project) -> Iterator[Finding]:
    """Yields foreign-table-without-snapshot, one finding for each table."""
    if project.partial or not any(is_open(project, access) for access in project.artifacts.readers):
        return
    groups: dict[str, list[tuple[Access, Location]]] = defaultdict(list)
    for read in training_reads(project):
        if is_open(project, read.access):
            learns = project.location(project.modules[read.fit.path], read.fit.span, "learns from it")
            groups[_name(read.access)].append((read.access, learns))
    for access, query in trained_in_sql(project):
        groups[_name(access)].append((access, project.place(query.place, "learns from it")))
    for name, found in sorted(groups.items()):
        yield _finding(project, name, found)


def _name(access: Access) -> str:
    return label(access.identity) if access.identity is not None else ""


def _finding(project: Project, name: str, found: list[tuple[Access, Location]]) -> Finding:
    first = min((access for access, _ in found), key=lambda access: access.place)
    places = {a.place: project.place(a.place, "read here too") for a, _ in found if a.place != first.place}
    return Finding(
        rule="foreign-table-without-snapshot",
        location=project.place(first.place),
        message=f"trains on `{name.removeprefix('table ')}`, which nothing here writes, without a time bound",
        anchor=name,
        scope=first.scope,
        evidence=(*sorted({learns for _, learns in found}), *[places[k] for k in sorted(places)]),
        confidence=0.7,
        size=1 + len(places),
    )
