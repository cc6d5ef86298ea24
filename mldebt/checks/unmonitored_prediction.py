"""Services that keep nothing of what they were asked and what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.recording import Recording
from mldebt.project.serving_paths import ServingPath, serving_paths


def check(project: Project) -> Iterator[Finding]:
    """Yields unmonitored-prediction, one finding for the functions of a service (a folder, or files that import each other)."""
    if project.partial:
        return
    recording = Recording(project)
    groups: dict[str, list[tuple[ServingPath, str]]] = defaultdict(list)
    services: dict[str, str] = {}  # a file of a service, and the first file of it that answers
    for path in serving_paths(project):
        how = recording.of(path)
        if how != "kept":
            files = sorted(project.artifacts.process_files((path.module.path,)))
            folder = path.module.path.rpartition("/")[0]
            known = (services[one] for one in (path.module.path, folder and f"{folder}/", *files) if one in services)
            service = next(known, path.module.path)
            for one in (path.module.path, *([f"{folder}/"] if folder else [])):
                services.setdefault(one, service)
            groups[service].append((path, how))
    for _, group in sorted(groups.items()):
        first, how = min(group, key=lambda pair: (pair[1], pair[0].module.path, pair[0].handler.span))
        asked = project.modules[first.prediction.path]
        others = [
            project.location(p.module, p.handler.span, "nor here") for p, _ in group if (p.module, p.scope) != (first.module, first.scope)
        ]
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
