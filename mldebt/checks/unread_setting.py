"""Settings that the code declares and nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.declared_settings import Declared, DeclaredSettings

RULE = "unread-config-key"
_MANY = 4
_EVIDENCE = 20


def check(project: Project) -> Iterator[Finding]:
    """Yields unread-config-key for constants of modules and fields of classes, many of one holder together."""
    if project.partial:
        return
    settings = DeclaredSettings(project)
    for _, group in groupby(settings.unread(), lambda one: (one.module.path, one.scope)):
        found = list(group)
        parts = [[one] for one in found] if len(found) < _MANY else [found]
        for part in parts:
            yield _finding(project, part, 0.7 if settings.is_choice(part) else 1.0)


def _finding(project: Project, found: list[Declared], share: float) -> Finding:
    """`share` is what is left of the confidence."""
    first = found[0]
    if len(found) == 1:
        message = f"the setting `{first.shown}` is never read"
    else:
        names = ", ".join(f"`{one.name}`" for one in found[:3])
        message = f"{len(found)} settings of `{first.holder}` are never read: {names} and {len(found) - 3} more"
    trust = 0.85 if project.world.openness(first.module) != "library" else 0.6
    return Finding(
        rule=RULE,
        location=project.location(first.module, first.binding.span),
        message=message,
        anchor=",".join(one.shown for one in found),
        scope=first.module.qualname(first.scope),
        evidence=tuple(project.location(one.module, one.binding.span, f"`{one.name}`") for one in found[1 : _EVIDENCE + 1]),
        confidence=round(trust * share, 2),
        size=len(found),
        help="Delete it, or read it where readers will think that it counts.",
    )
