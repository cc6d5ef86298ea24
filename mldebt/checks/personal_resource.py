"""Code that only works where one person's folders are (Sculley et al., section 5: prototypes)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.personal import Personal, PersonalPlaces

_SHOWN = 40
_LENGTH = 60


def check(project: Project) -> Iterator[Finding]:
    """Yields personal-resource, one finding for each person's folder or local database, with all the places that name it."""
    groups: dict[tuple[str, str], list[Personal]] = {}
    for place in PersonalPlaces(project).all():
        groups.setdefault((place.kind, place.owner), []).append(place)
    for places in groups.values():
        yield _finding(sorted(places, key=lambda place: (-_confidence(place), place.location, place.text)))


def _confidence(place: Personal) -> float:
    if place.kind == "database":
        return 0.5 if place.served else 0.4
    return 0.75 if place.default else 0.85


def _finding(places: list[Personal]) -> Finding:
    first = places[0]
    files = len({place.location.path for place in places})
    what = f"`{_shown(first.text)}` is a place on one person's machine" if first.kind == "home" else f"`{first.owner}` is a local database"
    where = f", named in {files} files" if files > 1 else ""
    others = {(place.location.path, place.location.line): place for place in places[1:]}
    others.pop((first.location.path, first.location.line), None)
    return Finding(
        rule="personal-resource",
        location=first.location,
        message=f"{what}{where}: nobody else can run this as it is",
        anchor=first.owner,
        evidence=tuple(
            msgspec.structs.replace(place.location, message=f"`{_shown(place.text)}`") for _, place in sorted(others.items())[:_SHOWN]
        ),
        confidence=_confidence(first),
        size=len(others) + 1,
    )


def _shown(text: str) -> str:
    return text if len(text) <= _LENGTH else text[: _LENGTH - 4] + " ..."
