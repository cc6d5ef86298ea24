"""MLD430: models that share no interface, told by branches on their kind or by the names of their methods."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.kinds.ladders import Ladder, ladders
from mldebt.project.kinds.protocols import Variants, variants
from mldebt.project.project import Project

RULE = "missing-model-abstraction"
_NAMES = 5  # kinds or classes in a message
_PLACES = 12


def check(project: Project) -> Iterator[Finding]:
    """One finding for the branches on the same kinds, and one for the classes of one area."""
    for group in ladders(project):
        yield _branches(project, group)
    for found in variants(project):
        yield _classes(project, found)


def _branches(project: Project, group: tuple[Ladder, ...]) -> Finding:
    first = group[0]
    module = project.modules[first.path]
    names = sorted(frozenset().union(*(one.names for one in group)))
    shown = ", ".join(f"`{name}`" for name in names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
    return Finding(
        RULE,
        project.location(module, first.span),
        f"{len(group)} functions branch on the kind of model ({shown}); one more kind changes all of them",
        anchor=f"kinds {' '.join(names)}",
        scope=module.qualname(0),  # whichever of the functions stands first
        evidence=tuple(
            project.location(project.modules[one.path], one.span, f"{one.arms} branches on {one.about}") for one in group[1:_PLACES]
        ),
        confidence=0.85,
        size=len(group),
    )


def _classes(project: Project, found: Variants) -> Finding:
    first = found.kinds[0]
    module = project.modules[first.path]
    shown = "; ".join(f"`{kind.name}`: {', '.join(name for _, name in kind.verbs)}" for kind in found.kinds[:_NAMES])
    return Finding(
        RULE,
        project.location(module, first.span),
        f"{len(found.kinds)} classes for models share no interface ({shown})",
        anchor=f"classes {' '.join(sorted(kind.name for kind in found.kinds))}",
        scope=module.qualname(0),
        evidence=tuple(project.location(project.modules[kind.path], kind.span, f"`{kind.name}`") for kind in found.kinds[1:_PLACES]),
        confidence=0.75,
        size=len(found.kinds),
    )
