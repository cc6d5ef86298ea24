"""MLD404: a model that is built with the same settings in many places, and code written once more for each package."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.glue.clones import Clone, clones
from mldebt.project.glue.repeats import Repeat, repeats
from mldebt.project.render import render

RULE = "cloned-adapter"
_SHOWN = 4
_MANY = 5  # places that nobody changes in one go
_LONGEST = 80


def check(project: Project) -> Iterator[Finding]:
    """One finding per repeated construction and per group of adapters."""
    for repeat in repeats(project):
        yield _of_repeat(project, repeat)
    for clone in clones(project):
        yield _of_clone(project, clone)


def _of_repeat(project: Project, repeat: Repeat) -> Finding:
    first, *others = repeat.places
    snippet = render(first.module, first.site.value)
    if len(snippet) > _LONGEST:
        snippet = f"{render(first.module, first.call.func)}(...)"
    return Finding(
        RULE,
        project.location(first.module, first.site.span),
        f"`{snippet}` is written in {len(repeat.places)} places with the same settings",
        anchor=f"{first.name} {repeat.arguments}",
        evidence=tuple(project.location(b.module, b.site.span, "the same settings") for b in others),
        confidence=0.9 if len(repeat.places) >= _MANY else 0.75,
        size=len(repeat.places),
    )


def _of_clone(project: Project, clone: Clone) -> Finding:
    first, *others = clone.units
    names = list(dict.fromkeys(f"`{u.scope.qualname}`" for u in clone.units))
    files = len({u.module.path for u in clone.units})
    named = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    what = "classes" if first.scope.kind == "class" else "functions"
    copied = f", copied to {files} files" if len(names) < len(clone.units) else ""
    return Finding(
        RULE,
        project.location(first.module, first.scope.span),
        f"{len(names)} {what} are one adapter written again for each package: {named}{copied}",
        anchor=" ".join(sorted({u.scope.qualname for u in clone.units})),
        evidence=tuple(project.location(u.module, u.scope.span, "the same for another package") for u in others),
        confidence=0.85,
        size=len(clone.units),
    )
