"""Models that learn from models' answers: as labels, or from files that hold their own earlier predictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.feedback.labels import predicted_labels
from mldebt.project.feedback.model import PredictedLabel
from mldebt.project.feedback.retraining import own_data
from mldebt.project.flow.model import Hop
from mldebt.project.models.model import Fit

_HOPS = 6


def check(project: Project) -> Iterator[Finding]:
    """Yields prediction-used-as-label and self-training-loop; a fit is told once, by the first that holds."""
    least = project.thresholds.least_confidence
    told: set[tuple[str, int]] = set()
    groups: dict[tuple[tuple[str, int], ...], list[PredictedLabel]] = defaultdict(list)
    for label in predicted_labels(project):
        if label.confidence >= least:
            told.add((label.fit.path, label.fit.value))
            groups[tuple(sorted((p.path, p.value) for p in label.predictions))].append(label)
    for labels in groups.values():
        yield _label(project, labels)
    for own in own_data(project):
        if (own.fit.path, own.fit.value) in told or own.confidence < least:
            continue
        module = project.modules[own.fit.path]
        asked = project.modules[own.prediction.path]
        yield Finding(
            rule="self-training-loop",
            location=project.location(module, own.fit.span),
            message=f"{_learner(project, own.fit)} learns from `{own.artifact}`, which holds its own predictions",
            anchor=f"{own.fit.api} {own.artifact}",
            scope=module.qualname(own.fit.scope),
            evidence=(project.location(asked, own.prediction.span, "predicts what is written there"), *_way(project, own.hops)),
            confidence=own.confidence,
        )


def _label(project: Project, labels: list[PredictedLabel]) -> Finding:
    """One finding for all models that learn from the same predictions."""
    label = max(labels, key=lambda one: (one.confidence, one.fit.scope == one.predictions[0].scope))
    fit, module = label.fit, project.modules[label.fit.path]
    places = [project.location(project.modules[p.path], p.span, "predicts the label") for p in label.predictions]
    others = [project.location(project.modules[x.fit.path], x.fit.span, "learns from it too") for x in labels if x is not label]
    whose = "its own prediction" if label.own else "a model's prediction"
    through = f", read from `{label.files[0]}`" if label.files else ""
    first = places[0]
    return Finding(
        rule="prediction-used-as-label",
        location=project.location(module, fit.span),
        message=f"the label of {_learner(project, fit)} is {whose} ({first.path}:{first.line}){through}",
        anchor=f"{fit.api} {label.predictions[0].api}",
        scope=module.qualname(fit.scope),
        evidence=(*places, *others, *_way(project, label.hops)),
        confidence=label.confidence,
        size=len(labels),
    )


def _learner(project: Project, fit: Fit) -> str:
    name = project.models.name(project.models.learner(fit), "")
    return f"`{name}`" if name[:1].isupper() else "the model"


def _way(project: Project, hops: Iterable[Hop]) -> Iterator[Location]:
    """Files and functions that the predictions pass through."""
    for hop in list(hops)[:_HOPS]:
        words = f"through `{hop.note}`" if hop.note else "through this call"
        yield project.location(project.modules[hop.path], hop.span, words)
