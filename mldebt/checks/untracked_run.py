"""Trained models that are saved without a record of data, parameters or code (Sculley et al., section 8)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.tracking import Tracking


def check(project: Project) -> Iterator[Finding]:
    """Yields untracked-training-run, one finding for each file that trains and saves."""
    for run in Tracking(project).untracked():
        module, site = run.event.module, run.event.site
        yield Finding(
            rule="untracked-training-run",
            location=project.location(module, site.span),
            message=f"the model saved as `{run.name}` replaces the last one, and nothing records its data, parameters or code",
            anchor=run.name,
            scope=module.qualname(site.scope),
            evidence=(project.location(module, run.fitted, "it is trained here"),),
            confidence=0.75,
        )
