"""Many intermediate files that differ by a version, a date or a counter in their names (Sculley et al., section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.sprawl import Sprawl, sprawls

_LEAST = 8
_SHOWN = 16


def check(project: Project) -> Iterator[Finding]:
    """Yields intermediate-sprawl, one finding for each folder."""
    for sprawl in sprawls(project, _LEAST):
        yield _finding(project, sprawl)


def _finding(project: Project, sprawl: Sprawl) -> Finding:
    written = [(artifact.writers[0], label(artifact.identity)) for artifact in sprawl.artifacts if artifact.writers]
    writers = sorted(written, key=lambda one: (one[0].place, one[1]))
    names = sorted(label(artifact.identity).rpartition("/")[2] for artifact in sprawl.artifacts)
    return Finding(
        rule="intermediate-sprawl",
        location=located(project, writers[0][0]),
        message=f"{len(names)} intermediate files under `{sprawl.folder or '.'}` are told apart by hand: `{names[0]}`, `{names[1]}` ...",
        anchor=sprawl.folder,
        evidence=tuple(located(project, writer, f"writes `{name}`") for writer, name in writers[1:_SHOWN]),
        confidence=0.75,
        size=len(names),
    )
