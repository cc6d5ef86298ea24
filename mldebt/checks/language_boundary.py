"""Pipelines that go over into another language (Sculley et al., section 5)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.languages_run import Crossing, Crossings

_SHOWN = 20


def check(project: Project) -> Iterator[Finding]:
    """Yields language-boundary-in-pipeline, one finding for each language and top folder."""
    groups: dict[tuple[str, str], list[Crossing]] = {}
    for crossing in Crossings(project).all():
        folder = crossing.location.path.partition("/")[0] if "/" in crossing.location.path else ""
        groups.setdefault((crossing.language, folder), []).append(crossing)
    for crossings in groups.values():
        yield _finding(sorted(crossings, key=lambda crossing: (-crossing.confidence, crossing.location, crossing.what)))


def _finding(crossings: list[Crossing]) -> Finding:
    first = crossings[0]
    names = sorted({crossing.what for crossing in crossings if crossing.what})
    others = len(set(names) - {first.what})
    named = f" (`{first.what}`{f' and {others} more' if others else ''})" if first.what else ""
    places = {(crossing.location.path, crossing.location.line): crossing for crossing in reversed(crossings)}
    places.pop((first.location.path, first.location.line), None)
    return Finding(
        rule="language-boundary-in-pipeline",
        location=first.location,
        message=f"`{first.location.path}` leaves Python for {first.language}{named}",
        anchor=first.language,
        parts=tuple(names),
        evidence=tuple(
            msgspec.structs.replace(crossing.location, message=f"`{crossing.what or crossing.language}`")
            for _, crossing in sorted(places.items())[:_SHOWN]
        ),
        confidence=first.confidence,
        size=len(places) + 1,
    )
