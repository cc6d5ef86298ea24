"""MLD502: keys that are read without a default from a configuration file that lacks them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding
from mldebt.project.project import Project
from mldebt.project.settings.graph import Missing

_NAMED = 3
_SHOWN = 24


def check(project: Project) -> Iterator[Finding]:
    """One finding for each file that lacks keys."""
    if project.partial:
        return
    for missing in project.settings.missing():
        yield _lacking(project, missing)


def _lacking(project: Project, missing: Missing) -> Finding:
    path = missing.file.module.path
    names = [".".join(keys) for keys, _ in missing.reads]
    shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    places = [
        project.location(read.module, read.span, f"`{name}` is read here") for name, (_, read) in zip(names, missing.reads, strict=True)
    ]
    stale = project.location(missing.file.module, Span(1, 1, 1, 1), "this configuration lacks what is read")
    return Finding(
        "undeclared-config-key",
        places[0],
        f"{shown}{more} read without a default, but `{path}` does not set {'it' if len(names) == 1 else 'them'}",
        anchor=path,
        evidence=(stale, *places[1:_SHOWN]),
        confidence=0.85 if missing.named else 0.75,
        size=len(names),
    )
