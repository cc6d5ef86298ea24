"""Declarations of a consumer that were made until a day which has passed: the edge counts as undeclared again."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.relations import expired_declarations


def check(project: Project) -> Iterator[Finding]:
    """Yields expired-declaration, one finding for each place that declares, with the reads that it covered."""
    seen: set[tuple[str, int, str]] = set()
    for declaration, reads in expired_declarations(project):
        place = (declaration.path, declaration.line, declaration.who)
        if place in seen:  # an alias of the same artifact
            continue
        seen.add(place)
        name = label(declaration.identity)
        yield Finding(
            rule="expired-declaration",
            location=Location(declaration.path, declaration.line, end_line=declaration.line),
            message=f"{declaration.who} was to use `{name}` until {declaration.expires}; its reads count as undeclared again",
            anchor=f"{declaration.who}:{name}",
            evidence=tuple(located(project, read, f"reads `{name}`") for read in each(iter(reads))[:8]),
            size=1,
        )
