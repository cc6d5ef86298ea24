"""Reads of artifacts that nothing in sight writes: another repository's, or a name that has drifted from its writer's."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.graph import Artifact
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.artifacts.relations import unfed_readers
from mldebt.project.artifacts.templates import is_constant
from mldebt.sources.model import Role


def check(project: Project) -> Iterator[Finding]:
    """Yields near-miss-artifact where a writer has almost the same name, and dangling-consumer for shared stores without any writer."""
    unfed = [(a, readers) for a in project.artifacts.artifacts if (readers := each(unfed_readers(project, a)))]
    near = [(a, readers, found) for a, readers in unfed if (found := project.artifacts.nearest(readers[0])) is not None]
    near.sort(key=lambda one: _space(one[1][0]) != _space(one[2][0]))  # of several names of one place, the one that is nearest
    open_places = {r.place for _, readers in unfed for r in readers}
    readings = (r for r in project.artifacts.readers if r.place in open_places)
    seen = {e.reader.place for e in project.artifacts.edges}  # under another of its names somebody writes it
    seen |= {r.place for r in readings if project.artifacts.declared(r) is not None}  # under another of its names
    for artifact, readers, (writer, difference) in near:
        if fresh := [r for r in readers if r.place not in seen]:
            seen.update(r.place for r in fresh)
            yield _near_miss(project, artifact, fresh, writer, difference)
    for artifact, readers in unfed:
        fresh = [r for r in readers if r.place not in seen]
        if fresh and fresh[0].identity is not None and fresh[0].identity.store in project.artifacts.SHARED:
            seen.update(r.place for r in fresh)
            yield _dangling(project, artifact, fresh)


def _space(access: Access) -> object:
    return None if access.identity is None else access.identity.namespace


def _near_miss(project: Project, artifact: Artifact, readers: list[Access], writer: Access, difference: str) -> Finding:
    assert readers[0].identity is not None and writer.identity is not None
    name, written = label(readers[0].identity), label(writer.identity)
    return Finding(
        rule="near-miss-artifact",
        location=located(project, readers[0]),
        message=f"`{readers[0].place.path}` reads `{name}`, but the nearest writer writes `{written}` ({difference})",
        anchor=label(artifact.identity),
        evidence=(located(project, writer, f"writes `{written}`"), *(located(project, r, f"reads `{name}`") for r in readers[1:])),
        confidence=round(0.85 * min(writer.certainty, readers[0].certainty), 3),
        size=len(readers),
        reach=float(len({r.place.path for r in readers})),
    )


def _confidence(project: Project, reader: Access) -> float:
    """Surest for a store of files that is spelled out; a table may be a view of the process, a notebook's input a one-time look."""
    assert reader.identity is not None
    sure = 0.5 if reader.identity.store == "table" else 0.9 if is_constant(reader.identity.name) else 0.75
    named = is_constant(reader.identity.namespace) and bool(reader.identity.namespace)
    running = project.modules[reader.place.path].source.role is Role.CODE
    return round(sure * (1 if named else 0.7) * (1 if running else 0.75), 3)


def _dangling(project: Project, artifact: Artifact, readers: list[Access]) -> Finding:
    assert readers[0].identity is not None
    name = label(readers[0].identity)
    return Finding(
        rule="dangling-consumer",
        location=located(project, readers[0]),
        message=f"`{readers[0].place.path}` reads `{name}`; no scanned code or declaration produces it",
        anchor=label(artifact.identity),
        evidence=tuple(located(project, r, f"reads `{name}`") for r in readers[1:]),
        confidence=_confidence(project, readers[0]),
        size=len(readers),
        reach=float(len({r.place.path for r in readers})),
    )
