"""Steps that a person takes between the stages, by hand (Sculley et al., section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.manual import Manual, manual_steps


def check(project: Project) -> Iterator[Finding]:
    """Yields undeclared-manual-step, one finding for each document, and for each gap between two stages."""
    for step in manual_steps(project):
        yield _finding(project, step)


def _finding(project: Project, step: Manual) -> Finding:
    readers = each(iter(step.readers))
    if step.told:
        document = step.source.place.path
        message = f"no code puts `{step.name}` where it is read: `{document}` tells people to make it from `{step.made_from}`"
    else:
        message = f"nothing turns `{step.made_from}` into `{step.name}`, which another stage of the pipeline reads"
    return Finding(
        rule="undeclared-manual-step",
        location=located(project, readers[0]),
        message=message,
        anchor=step.name,
        evidence=(
            located(project, step.source, "tells to make it" if step.told else f"writes `{step.made_from}`"),
            *(located(project, reader, "reads what is put there by hand") for reader in readers[1:8]),
        ),
        confidence=round((0.8 if step.told else 0.7) * readers[0].certainty, 3),
        size=len(readers),
    )
