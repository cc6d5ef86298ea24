"""Artifacts that are written and that nothing in sight reads or declares."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.relations import unread_writers


def check(project: Project) -> Iterator[Finding]:
    """Yields orphan-artifact, one finding for each artifact without a reader among the resolved accesses."""
    for artifact in project.artifacts.artifacts:
        writers = each(unread_writers(project, artifact))
        if not writers:
            continue
        name = label(artifact.identity)
        yield Finding(
            rule="orphan-artifact",
            location=located(project, writers[0]),
            message=f"`{writers[0].place.path}` writes `{name}`; no resolved read or declaration uses it",
            anchor=name,
            evidence=tuple(located(project, w, f"writes `{name}`") for w in writers[1:]),
            confidence=round(0.8 * min(w.certainty for w in writers), 3),
            size=len(writers),
        )
