"""MLD503: one setting with different defaults in one pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.constants.differing import environment, fallbacks, formats
from mldebt.project.constants.lookups import lookups
from mldebt.project.constants.options import options
from mldebt.project.project import Project

RULE = "divergent-default"


def check(project: Project) -> Iterator[Finding]:
    """One finding per setting; the message names two of its defaults."""
    for kind in (environment, formats, fallbacks, lookups, options):
        for found in kind(project):
            first, *others = found.places
            yield Finding(
                RULE,
                project.location(first.module, first.span),
                found.message,
                anchor=f"{found.kind} {found.key}",
                scope=first.module.qualname(first.scope),
                evidence=tuple(project.location(one.module, one.span, one.note or "and here") for one in others),
                confidence=found.confidence,
                size=len(found.places),
            )
