"""Services that keep nothing of what they were asked and what they answered."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.recording import Recording
from mldebt.project.serving_paths import serving_paths


def check(project: Project) -> Iterator[Finding]:
    """Yields unmonitored-prediction, one finding for each function that answers requests."""
    if project.partial:
        return
    recording = Recording(project)
    for path in serving_paths(project):
        how = recording.of(path)
        if how == "kept":
            continue
        what = "records inputs or predictions" if not how else "keeps inputs or predictions: they are printed"
        asked = project.modules[path.prediction.path]
        yield Finding(
            rule="unmonitored-prediction",
            location=project.location(path.module, path.handler.span),
            message=f"nothing on the path of `{path.handler.name}` {what}",
            anchor=path.handler.qualname,
            scope=path.handler.qualname,
            evidence=(project.location(asked, path.prediction.span, "the model is asked here"),),
            confidence=0.75 if not how else 0.55,
        )
