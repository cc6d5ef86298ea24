"""Artifacts whose reader is tied to their writer by nothing but a matching name (Sculley et al., section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.graph import Artifact, Edge
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.artifacts.relations import silent_edges

_SHOWN = 40


def check(project: Project) -> Iterator[Finding]:
    """Yields undeclared-consumer: one finding for the artifacts that one place reads first and the same files write."""
    groups: dict[object, list[tuple[Artifact, list[Edge]]]] = defaultdict(list)
    for artifact in project.artifacts.artifacts:
        edges = silent_edges(project, artifact)
        if edges:
            first = min(e.reader.place for e in edges)
            groups[first, frozenset(e.writer.place.path for e in edges)].append((artifact, edges))
    for found in groups.values():
        yield _finding(project, [a for a, _ in found], [e for _, edges in found for e in edges])


def _finding(project: Project, artifacts: list[Artifact], edges: list[Edge]) -> Finding:
    best = max(edges, key=lambda e: (e.confidence, e.reader.place))
    readers, writers = (own_first(project, each(ends)) for ends in ((e.reader for e in edges), (e.writer for e in edges)))
    first, writer = readers[0], writers[0]
    name = f"`{label(first.identity or artifacts[0].identity)}`" + (f" and {len(artifacts) - 1} more" if len(artifacts) > 1 else "")
    files = len({r.place.path for r in readers}) - 1
    who = f"`{first.place.path}`" + (f" and {files} more files read" if files > 1 else " and 1 more file read" if files else " reads")
    away = project.is_foreign(first.place.path)  # then all readers are, and the writers are ours
    written = f"`{writer.place.path}` writes {name}, which {who}"
    read = f"{who} {name}, which `{writer.place.path}` writes"
    return Finding(
        rule="undeclared-consumer",
        location=located(project, writers[0] if away else first),
        message=f"{written if away else read}; nothing declares this",
        anchor=label(artifacts[0].identity),
        evidence=(
            *(located(project, w, f"writes `{label(w.identity)}`") for w in _each_file(writers[away:]) if w.identity is not None),
            *(located(project, r, f"reads `{label(r.identity)}`") for r in _each_file(readers[not away :]) if r.identity is not None),
            *_through(project, [*readers[:_SHOWN], *writers[:_SHOWN]]),
        ),
        confidence=best.confidence,
        size=len(readers),
        reach=float(len({r.place.path for r in readers})),
    )


def _each_file(ends: list[Access]) -> list[Access]:
    """At most `_SHOWN` of them, but at least one in each file: who is at the other end must not be left out."""
    firsts = {end.place.path: end for end in reversed(ends)}
    return [end for number, end in enumerate(ends) if number < _SHOWN or firsts[end.place.path] is end]


def _through(project: Project, ends: list[Access]) -> Iterator[Location]:
    """The helpers between the ends and the calls that touch the artifact."""
    for place in sorted({place for end in ends for place in end.via}):
        yield project.place(place, "through this helper")


def each(accesses: Iterator[Access]) -> list[Access]:
    """One access of each place, in order."""
    found = {a.place: a for a in sorted(accesses, key=lambda a: (a.place, a.certainty))}
    return [found[place] for place in sorted(found)]


def own_first(project: Project, accesses: list[Access]) -> list[Access]:
    """Those of this project before those of imported ones."""
    return sorted(accesses, key=lambda a: project.is_foreign(a.place.path))


def located(project: Project, access: Access, message: str = "") -> Location:
    return project.place(access.place, message)
