"""MLD504: values that must agree and are written down separately."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.constants.model import Coupled
from mldebt.project.constants.tuned import pasted
from mldebt.project.project import Project

RULE = "coupled-constants"


def check(project: Project) -> Iterator[Finding]:
    """One finding per value, with every place of it."""
    for coupled in pasted(project):
        yield _finding(project, coupled)


def _finding(project: Project, coupled: Coupled) -> Finding:
    first, *others = coupled.places
    notes = coupled.notes or ("the same value",) * len(others)
    return Finding(
        RULE,
        project.location(first.module, first.span),
        coupled.message,
        anchor=f"{coupled.kind} {coupled.anchor}",
        scope=first.module.qualname(first.scope),
        evidence=tuple(project.location(o.module, o.span, n) for o, n in zip(others, notes, strict=True)),
        confidence=coupled.confidence,
        size=len(coupled.places),
    )
