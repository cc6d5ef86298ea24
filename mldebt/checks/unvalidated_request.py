"""Requests whose content reaches a model as it came."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.serving_paths import serving_paths
from mldebt.project.validation import Validation


def check(project: Project) -> Iterator[Finding]:
    """Yields unvalidated-serving-input, one finding for each function that answers requests."""
    if project.partial:
        return
    validation = Validation(project)
    for path in serving_paths(project):
        if "file" in path.takes or path.takes.isdisjoint(("structured", "text")):
            continue
        answer = (path.prediction.path, path.prediction.value)
        if validation.makes_schema(sorted(path.given)) or validation.refuses_request(sorted(path.functions), path.given, answer):
            continue
        if any(validation.called.get(file) for file in sorted({file for file, _ in path.functions})):
            continue
        casts = validation.casts(path.module, path.scope, path.given)
        asked = project.modules[path.prediction.path]
        yield Finding(
            rule="unvalidated-serving-input",
            location=project.location(path.module, path.module.facts.scopes[path.scope].span),
            message=f"the handler `{path.handler.name}` feeds what is requested to a model unchecked",
            anchor=path.handler.qualname,
            scope=path.handler.qualname,
            evidence=(project.location(asked, path.prediction.span, "the model is asked here"),),
            confidence=0.75 if "structured" in path.takes and not casts else 0.55,
        )
