"""Files that a person puts where the stages read them (Sculley et al., section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.manual import Manual, manual_steps


def check(project: Project) -> Iterator[Finding]:
    """Yields undeclared-manual-step, one finding for each document."""
    for step in manual_steps(project):
        yield _finding(project, step)


def _finding(project: Project, step: Manual) -> Finding:
    readers = each(iter(step.readers))
    document = step.source.place.path
    return Finding(
        rule="undeclared-manual-step",
        location=located(project, readers[0]),
        message=f"no code puts `{step.name}` where it is read: `{document}` tells people to make it from `{step.made_from}`",
        anchor=step.name,
        evidence=(
            located(project, step.source, "tells people to make it"),
            *(located(project, reader, "reads what is put there by hand") for reader in readers[1:8]),
        ),
        confidence=round(0.8 * readers[0].certainty, 3),
        size=len(readers),
    )
