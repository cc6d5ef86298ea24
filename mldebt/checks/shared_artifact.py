"""Artifacts that several processes write under one name, so that the last writer wins."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located, own_first
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.relations import rival_writers


def check(project: Project) -> Iterator[Finding]:
    """Yields shared-mutable-artifact, one finding for each artifact with several overwriting processes."""
    for artifact in project.artifacts.artifacts:
        writers = own_first(project, each(rival_writers(project, artifact)))
        if len({w.place.path for w in writers}) < 2:
            continue
        name = label(artifact.identity)
        files = len({w.place.path for w in writers})
        yield Finding(
            rule="shared-mutable-artifact",
            location=located(project, writers[0]),
            message=f"`{name}` is overwritten by {files} processes without a partition or version; the last one wins",
            anchor=name,
            evidence=(
                *(located(project, w, "writes it too") for w in writers[1:]),
                *(located(project, r, "reads whatever is there") for r in each(artifact.readers)[:8]),
            ),
            confidence=round(0.9 * min(w.certainty for w in writers), 3),
            size=files,
            reach=float(len({r.place.path for r in artifact.readers})),
        )
