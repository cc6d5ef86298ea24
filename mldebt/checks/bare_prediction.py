"""Predictions that leave a service as plain numbers: nobody can tell later which model gave them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.answers import Answers


def check(project: Project) -> Iterator[Finding]:
    """Yields bare-prediction for functions that answer requests."""
    for answer in Answers(project).bare():
        asked = answer.prediction
        at = project.location(answer.module, answer.span)
        place = project.location(project.modules[asked.path], asked.span, "the model is asked here")
        yield Finding(
            rule="bare-prediction",
            location=at,
            message=f"the answer of `{answer.scope.name}` is a prediction that does not say which model gave it",
            anchor=answer.scope.qualname,
            scope=answer.scope.qualname,
            evidence=(place,) if (place.path, place.line) != (at.path, at.line) else (),
            confidence=0.7,
        )
