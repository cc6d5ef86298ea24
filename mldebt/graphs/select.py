"""The part of a graph that a question is about: artifacts by name, by a file at one of their ends, by a finding, or the silent ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

import msgspec

from mldebt.findings import Location
from mldebt.graphs.model import End, GraphReport, Node


def by_artifact(report: GraphReport, patterns: Iterable[str]) -> GraphReport:
    """Artifacts whose name holds one of the texts, or is matched by one of the glob patterns, from its start or after a `/`."""
    named = names(patterns)
    return _kept(report, lambda node: named(node.label) or named(f"{node.namespace}/{node.name}"))


def by_path(report: GraphReport, globs: Iterable[str]) -> GraphReport:
    """Artifacts that a matching file, or a file in a folder of that name, writes or reads."""
    matches = paths(globs)
    return _kept(report, lambda node: any(matches(place.path) for place in _places(node)))


def names(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name holds one of the texts, or is matched by one of the glob patterns, from its start or after a `/`."""
    wanted = tuple(pattern.lower() for pattern in patterns)

    def holds(name: str) -> bool:
        low = name.lower()
        return any(p in low or fnmatchcase(low, p) or fnmatchcase(low, f"*/{p}") for p in wanted)

    return holds


def paths(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a file is matched by one of the patterns, or lies in a folder of that name."""
    wanted = tuple(glob.removeprefix("./").rstrip("/") for glob in globs)
    return lambda path: any(fnmatchcase(path, glob) or path.startswith(f"{glob}/") for glob in wanted)


def by_places(report: GraphReport, places: Iterable[Location]) -> GraphReport:
    """Artifacts that are written or read in one of the places."""
    wanted = tuple(places)

    def meets(place: Location) -> bool:
        return any(
            place.path == one.path and place.line <= max(one.end_line, one.line) and one.line <= max(place.end_line, place.line)
            for one in wanted
        )

    return _kept(report, lambda node: any(meets(place) for place in _places(node)))


def silent(report: GraphReport) -> GraphReport:
    """Artifacts that tie two files together in silence, with those edges and their ends only."""
    kept = []
    for node in report.artifacts:
        links = tuple(link for link in node.links if link.silent)
        if links:
            readers, writers = {link.reader for link in links}, {link.writer for link in links}
            kept.append(
                msgspec.structs.replace(
                    node,
                    links=links,
                    readers=tuple(end for end in node.readers if end in readers),
                    writers=tuple(end for end in node.writers if end in writers),
                )
            )
    return msgspec.structs.replace(report, artifacts=tuple(kept), left_out=report.left_out + len(report.artifacts) - len(kept))


def _kept(report: GraphReport, holds: Callable[[Node], bool]) -> GraphReport:
    kept = tuple(node for node in report.artifacts if holds(node))
    return msgspec.structs.replace(report, artifacts=kept, left_out=report.left_out + len(report.artifacts) - len(kept))


def _places(node: Node) -> Iterator[Location]:
    ends: tuple[End, ...] = (*node.writers, *node.readers, *(link.writer for link in node.links))
    for end in ends:
        yield end.where
        yield from end.via
