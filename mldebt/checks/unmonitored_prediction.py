"""Services that keep nothing of what they were asked and what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.recording import Recording
from mldebt.project.serving_paths import ServingPath, serving_paths


def check(project: Project) -> Iterator[Finding]:
    """Yields unmonitored-prediction, one finding for the functions of a file that answer requests."""
    if project.partial:
        return
    recording = Recording(project)
    groups: dict[str, list[tuple[ServingPath, str]]] = defaultdict(list)
    for path in serving_paths(project):
        how = recording.of(path)
        if how != "kept":
            groups[path.module.path].append((path, how))
    for _, group in sorted(groups.items()):
        first, how = min(group, key=lambda pair: (pair[1], pair[0].handler.span))
        asked = project.modules[first.prediction.path]
        others = [project.location(p.module, p.handler.span, "nor here") for p, _ in group if p.scope != first.scope]
        what = "records inputs or predictions" if not how else "keeps inputs or predictions: they are printed"
        yield Finding(
            rule="unmonitored-prediction",
            location=project.location(first.module, first.handler.span),
            message=f"nothing on the path of `{first.handler.name}` {what}",
            anchor=first.handler.qualname,
            scope=first.handler.qualname,
            evidence=(project.location(asked, first.prediction.span, "the model is asked here"), *others),
            confidence=0.75 if not how else 0.55,
            size=len(group),
        )
