"""Artifacts that are written and that nothing in sight reads or declares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.graph import Artifact
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access, Place
from mldebt.project.artifacts.relations import unread_writers
from mldebt.project.artifacts.templates import is_constant


def check(project: Project) -> Iterator[Finding]:
    """Yields orphan-artifact: one finding for the artifacts that one place writes, none of which has a reader among the resolved ones."""
    read = {e.writer.place for e in project.artifacts.edges}
    groups: dict[Place, list[tuple[Artifact, list[Access]]]] = defaultdict(list)
    for artifact in project.artifacts.artifacts:
        writers = each(unread_writers(project, artifact))
        if writers and not any(w.place in read for w in writers):
            groups[writers[0].place].append((artifact, writers))
    for found in groups.values():
        artifact, writers = found[0]
        name = label(artifact.identity)
        others = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield Finding(
            rule="orphan-artifact",
            location=located(project, writers[0]),
            message=f"`{writers[0].place.path}` writes `{name}`{others}; no resolved read or declaration uses it",
            anchor=name,
            evidence=tuple(located(project, w, f"writes `{name}`") for w in writers[1:]),
            confidence=round((0.8 if is_constant(artifact.identity.name) else 0.5) * min(w.certainty for w in writers), 3),
            size=len(writers),
        )
