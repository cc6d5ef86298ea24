"""MLD421: switches of experiments that have outlived their lifetime."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.project import Project
from mldebt.project.render import lines
from mldebt.sources.model import Role

RULE = "stale-experiment-flag"
_PERMANENT = ("kill", "permission", "entitle", "ops_", "circuit")


def check(project: Project) -> Iterator[Finding]:
    """Reads of remote flags whose line is older than the lifetime that the flag system gives to experiments."""
    lifetimes = {s.system: s.lifetime_days for s in project.catalogue.flags}
    for read in project.flags.remote:
        lifetime = lifetimes.get(read.system, 40 if read.kind == "remote" else 0)
        if not lifetime or read.module.source.role is Role.TEST or any(word in read.key.lower() for word in _PERMANENT):
            continue
        place = project.location(read.module, read.span)
        age = project.history.line_age(place.path, place.line, place.end_line)
        if age is None or age <= lifetime:
            continue
        guard = next(
            (g for g in read.module.facts.guards if g.scope == read.scope and g.span.line <= read.span.line <= g.span.end_line), None
        )
        size = guard.body.end_line - guard.body.line + 1 if guard is not None else 1
        yield Finding(
            RULE,
            place,
            f"the flag `{read.key}` guards {lines(size)} and has not changed for {age} days (lifetime {lifetime})",
            anchor=read.key,
            scope=read.module.qualname(read.scope),
            confidence=0.8,
            size=size,
        )
