"""Attributes that are read on a settings object and that nothing sets."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.unset_fields import UnsetFields

RULE = "undeclared-config-key"
_EVIDENCE = 8


def check(project: Project) -> Iterator[Finding]:
    """Yields undeclared-config-key, one for each attribute of a class, at its first read."""
    if project.partial:
        return
    for unset in UnsetFields(project).found():
        module, use = unset.reads[0]
        more = tuple(project.location(m, u.span, "read here too") for m, u in unset.reads[1:_EVIDENCE])
        yield Finding(
            rule=RULE,
            location=project.location(module, use.span),
            message=f"`{unset.shown}.{unset.name}` is read, but nothing sets it",
            anchor=f"{unset.shown}.{unset.name}",
            scope=module.qualname(use.scope),
            evidence=(project.location(unset.owner, unset.span, f"`{unset.shown}` has no `{unset.name}`"), *more),
            confidence=0.85 if project.world.openness(unset.owner) != "library" else 0.75,
            size=len(unset.reads),
            help="Set it where the others are set, or read the one that is meant.",
        )
