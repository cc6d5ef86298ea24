"""Outputs that are overwritten in place although other processes read them: no reader can pin or roll back (Sculley et al., section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.relations import unpinnable


def check(project: Project) -> Iterator[Finding]:
    """Yields unversioned-output, one finding for each artifact that other processes read."""
    for artifact, found in unpinnable(project):
        writers = each(found)
        name = label(artifact.identity)
        readers = [r for r in each(artifact.readers) if r.place.path not in {w.place.path for w in writers}]
        shared = artifact.identity.store in project.artifacts.SHARED
        whose = f"its {len(readers)} readers" if len(readers) > 1 else "its reader" if readers else "whoever reads it"
        yield Finding(
            rule="unversioned-output",
            location=located(project, writers[0]),
            message=f"`{writers[0].place.path}` overwrites `{name}` in place; {whose} cannot pin or roll back",
            anchor=name,
            evidence=(
                *(located(project, w, "overwrites it too") for w in writers[1:]),
                *(located(project, r, "reads it") for r in readers[:8]),
            ),
            confidence=round((0.85 if shared else 0.6) * min(w.certainty for w in writers), 3),
            size=len(readers),
            reach=float(len({r.place.path for r in readers})),
        )
