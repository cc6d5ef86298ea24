"""MLD108: features that several models share without a version, so that nobody can change them for one model alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from mldebt.findings import Finding
from mldebt.project.models.extractors import listed
from mldebt.project.models.reach import Shared, shared
from mldebt.project.project import Project

RULE = "entangled-feature"
_MODELS = 4  # named in the message
_PLACES = 12  # shown of the other features of a file, and of the models


def check(project: Project) -> Iterator[Finding]:
    """One finding for the features of one file that have models in common."""
    for group in _groups([*chain(shared(project), listed(project))]):
        first, *others = sorted(group, key=_order)
        count = len(first.models)
        names = ", ".join(f"`{m.name}`" for m in first.models[:_MODELS]) + (f" and {count - _MODELS} more" if count > _MODELS else "")
        also = f"; so do{'es' if len(others) == 1 else ''} {len(others)} more of this file for at least 3 models" if others else ""
        module = project.modules[first.place.path]
        place = project.place(first.place)
        evidence = [project.place(o.place, f"`{o.name}` feeds {len(o.models)} models") for o in sorted(others, key=lambda o: o.place)]
        evidence = evidence[:_PLACES] + [project.place(m.place, f"feeds `{m.name}`") for m in first.models[:_PLACES]]
        yield Finding(
            RULE,
            msgspec.structs.replace(place, end_line=place.line, end_column=0),
            f"`{first.name}` feeds {count} models ({names}){also}; changing it shifts all of them",
            anchor=min(f"{one.kind} {one.name}" for one in group),  # whichever is the longest
            scope=module.qualname(0),
            evidence=tuple(evidence),
            confidence=first.confidence,
            size=count,
            reach=float(count),
        )


def _order(one: Shared) -> tuple[object, ...]:
    """The surest first, what most models share, then what is longest: short functions are helpers of the others."""
    return (-one.confidence, -len(one.models), one.place.span.line - one.place.span.end_line, one.place)


def _groups(found: list[Shared]) -> list[list[Shared]]:
    """Those of one file that have a model in common."""
    groups: list[list[Shared]] = []
    for one in sorted(found, key=lambda s: (s.place, s.name)):
        models = {(m.name, m.place.path) for m in one.models}
        same = [
            g for g in groups if g[0].place.path == one.place.path and any((m.name, m.place.path) in models for s in g for m in s.models)
        ]
        groups = [g for g in groups if g not in same] + [[*chain.from_iterable(same), one]]
    return groups
