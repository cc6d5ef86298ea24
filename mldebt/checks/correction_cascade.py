"""Models that learn from what other models gave (Sculley et al., section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.models import ModelEdge
from mldebt.project.roles import is_demonstration

_SHOWN = 40
_HOW = {"feature": "the output", "residual": "the error", "loss": "the output"}


def check(project: Project) -> Iterator[Finding]:
    """Yields correction-cascade: one finding for the models that one file fits on what comes from one place."""
    groups: dict[tuple[str, str, object], list[ModelEdge]] = defaultdict(list)
    for edge in project.models.edges:
        if edge.how in _HOW and not is_demonstration(project.modules[edge.fit.path]):
            source = edge.artifacts[-1:] if edge.artifacts else (edge.at.path, edge.at.index)
            groups[edge.fit.path, edge.how, source].append(edge)
    for _, edges in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], repr(item[0][2]))):
        yield _finding(project, edges)


def _finding(project: Project, edges: list[ModelEdge]) -> Finding:
    edges = sorted(edges, key=lambda e: (-e.confidence, e.fit.span, e.at.path, e.at.index))
    best = edges[0]
    first, second = model_name(project, best), project.models.name(best.targets, "a model")
    learners = sorted({project.models.name(e.targets, "a model") for e in edges})
    more = f" and {len(learners) - 1} more models are" if len(learners) > 1 else " is"
    through = f" through `{best.artifacts[-1]}`" if best.artifacts else ""
    return Finding(
        rule="correction-cascade",
        location=located(project, Place(best.fit.path, best.fit.span)),
        message=f"`{second}`{more} trained on {_HOW[best.how]} of {first}{through}",
        anchor=f"{first}>{second}>{best.artifacts[-1] if best.artifacts else ''}",
        scope=project.modules[best.fit.path].qualname(best.fit.scope),
        evidence=tuple(dict.fromkeys(place for edge in edges[:_SHOWN] for place in way(project, edge)))[:_SHOWN],
        confidence=best.confidence,
        size=len({(e.fit.path, e.fit.span) for e in edges}),
        reach=float(len(learners)),
    )


def model_name(project: Project, edge: ModelEdge) -> str:
    """The model that gives, in words."""
    if edge.prediction is None:
        return "other models"
    name = project.models.name(edge.sources, "")
    if name:
        return f"`{name}`"
    function = project.modules[edge.prediction.path].qualname(edge.prediction.scope)
    return f"the model that `{function}` asks" if function else f"the model that `{edge.prediction.path}` asks"


def way(project: Project, edge: ModelEdge) -> Iterator[Location]:
    """From the first model to the second: where it is asked, the places on the way, where the second one learns."""
    span = project.flow.span(edge.at.path, edge.at.index)
    if span is not None:
        text = "predictions are read here" if edge.prediction is None else "the first model is asked here"
        yield located(project, Place(edge.at.path, span), text)
    for hop in edge.hops:
        words = {
            "file": f"`{hop.note}` is read here",
            "return": f"through `{hop.note}`" if hop.note else "through a function",
            "parameter": f"passed to `{hop.note}`",
        }
        yield located(project, Place(hop.path, hop.span), words.get(hop.how, f"as `{hop.note}`"))
    yield located(project, Place(edge.fit.path, edge.fit.span), "the second model learns here")


def located(project: Project, place: Place, message: str = "") -> Location:
    return project.place(place, message)
