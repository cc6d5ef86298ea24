"""Models that learn from files or tables which hold their own earlier answers."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.project.feedback.model import OwnData
from mldebt.project.flow.model import Node, Step
from mldebt.project.models.identity import shared
from mldebt.project.models.model import Fit
from mldebt.project.project import Project


def own_data(project: Project) -> list[OwnData]:
    """One for each fit and artifact that the model it trains has written a prediction to."""
    best: dict[tuple[str, int, str], OwnData] = {}
    for fit in project.models.fits:
        for values in (fit.features, fit.labels) if fit.is_model else ():
            for found in _of_values(project, fit, values) if values else ():
                best.setdefault((fit.path, fit.value, found.artifact), found)
    return [best[key] for key in sorted(best)]


def _of_values(project: Project, fit: Fit, values: tuple[int, ...]) -> Iterator[OwnData]:
    slice_, sources = project.models.sources(fit.nodes(values))
    for source in sources:
        prediction = source.prediction
        if prediction is None or prediction.embeds or project.modules[prediction.path].is_test:
            continue
        artifact = _artifact(project, fit.nodes(values), slice_.way(source.at))
        if artifact and shared(project.models.asked(source.at), project.models.learner(fit)):
            yield OwnData(fit, prediction, artifact, slice_.hops(source.at), 0.8)


def _artifact(project: Project, starts: tuple[Node, ...], way: tuple[Step, ...]) -> str:
    """The artifact nearest to the fit, when the whole way leads through names that both ends spell out."""
    found, before = "", starts[0]
    for step in way:
        if step.how == "file":
            if not any(edge.constant and edge.whole for edge in project.flow.steps.files.edges(before)):
                return ""
            found = found or step.note
        before = step.node
    return found
