"""The model graph of small projects, as text."""

from __future__ import annotations

from textwrap import dedent

from mldebt.project import Project
from mldebt.project.flow.model import Node
from mldebt.project.models.model import Fit, ModelEdge, Prediction
from tests.project.flow.tracing import Code, linked
from tests.project.reading import show, under

PARTS = ("features", "labels", "evaluation", "init")


def shown(project: Project, at: Fit | Prediction, values: tuple[int, ...]) -> list[str]:
    return [show(project.modules[at.path].facts, value).replace("?.", "") for value in values]


def parts(project: Project, fit: Fit) -> dict[str, list[str]]:
    """What a fit gets, by its part in it; parts that get nothing left out."""
    return {part: shown(project, fit, values) for part in PARTS if (values := getattr(fit, part))}


def fit_of(code: Code) -> tuple[str, dict[str, list[str]]]:
    """The kind and the parts of the only fit."""
    project = linked(code)
    (fit,) = project.models.fits
    return fit.kind, parts(project, fit)


def predictions_of(code: Code) -> list[tuple[str, list[str]]]:
    """What is called, and on what, of every prediction in the text."""
    project = linked(code)
    return [(p.api, shown(project, p, p.features)) for p in project.models.predictions]


def edges_of(code: Code) -> list[tuple[str, str, str]]:
    """(how, the model that was asked, the model that learns) of every edge, by the names of their makers, sorted."""
    models = linked(code).models
    return sorted({(e.how, models.name(e.sources), models.name(e.targets)) for e in models.edges})


def only_edge(code: Code) -> ModelEdge:
    (edge,) = linked(code).models.edges
    return edge


def asked(project: Project) -> list[tuple[Node, ...]]:
    """The makers of the model of each prediction, in the order of the text, from each chain of calls that leads there."""
    return [
        project.models.asked(Node(p.path, p.value, calls))
        for p in project.models.predictions
        for calls in project.flow.contexts(p.path, p.scope)
    ]


def written(files: dict[str, str], project: Project, nodes: tuple[Node, ...]) -> list[str]:
    """The calls that the nodes are, as they stand in the text."""
    spans = [(n.path, project.flow.span(n.path, n.index)) for n in nodes]
    return [under(dedent(files[path]), span) if span is not None else "?" for path, span in spans]


def makers(code: Code) -> list[list[str]]:
    """The text of what makes the model of each prediction."""
    files = {"module.py": code} if isinstance(code, str) else dict(code)
    project = linked(files)
    return [written(files, project, nodes) for nodes in asked(project)]
