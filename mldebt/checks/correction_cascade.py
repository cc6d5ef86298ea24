"""Models that learn from what other models gave (Sculley et al., section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.flow import Hop
from mldebt.project.models import ModelEdge
from mldebt.project.models.graph import is_calibrator
from mldebt.project.models.guards import guarded
from mldebt.project.models.inventory import Chain, Model
from mldebt.project.roles import is_demonstration, is_drawing

_SHOWN = 40
_HOW = {"feature": "the output", "residual": "the error"}


def check(project: Project) -> Iterator[Finding]:
    """Yields correction-cascade: one finding for the models that one file fits on, or asks about, what comes from one place."""
    groups: dict[tuple[str, str], list[ModelEdge]] = defaultdict(list)
    for edge in project.models.edges:
        if edge.how not in _HOW or is_calibrator(learner_name(project, edge)):
            continue
        module, site = project.modules[edge.fit.path], project.flow.steps.files.site(project.modules[edge.fit.path], edge.fit.value)
        if not is_demonstration(module) and not (site is not None and is_drawing(module, site)):
            groups[edge.fit.path, _origin(edge)].append(edge)
    for _, edges in sorted(groups.items()):
        yield _finding(project, edges)
    for chain in project.models.inventory.chains:
        if (
            chain.how == "input"
            and not calibrates(project, project.models.inventory.models[chain.target])
            and not is_demonstration(project.modules[chain.to.path])
        ):
            yield _asked(project, chain)


def _origin(edge: ModelEdge) -> str:
    """What edges of one root cause have in common: the folder of the file between the models, else the file that asks the first one."""
    if edge.artifacts:
        return edge.artifacts[-1].rpartition("/")[0] or edge.artifacts[-1]
    return edge.at.path if edge.prediction is not None else ""


def calibrates(project: Project, model: Model) -> bool:
    """Whether a model, what it is loaded from, or the variable that holds it is called a calibrator."""
    held = (project.modules[p.path].facts.values[p.model] for p in model.predictions)
    return any(is_calibrator(name) for name in (model.name, *(v.name for v in held if type(v) in (Attr, Bound))))


def _asked(project: Project, chain: Chain) -> Finding:
    """A model that is asked about what another one gave, both trained elsewhere or apart."""
    models = project.models.inventory.models
    first, second = models[chain.source], models[chain.target]
    names = [one.name if first.name != second.name else f"{one.name} of line {one.places[0].span.line}" for one in (first, second)]
    guard = guarded(project, project.models, first.makers, second.makers)
    noted = {"": "", "warned": "; a mismatch of versions is warned of", "raised": "; a mismatch of versions stops the program"}[guard]
    stored = project.models.is_loaded(first.makers) and project.models.is_loaded(second.makers)
    apart = bool(first.fits) or bool(second.fits) or not stored  # their training is in sight and does not join them, or they are parts
    encodes = any(p.embeds and (p.path, p.span) == (chain.at.path, chain.at.span) for p in first.predictions)  # a fixed mapping
    return Finding(
        rule="correction-cascade",
        location=located(project, chain.to),
        message=f"`{names[1]}` is asked about the output of `{names[0]}`{noted}",
        anchor=f"{first.name}>{second.name}",
        scope="",
        evidence=(
            located(project, chain.at, "the first model is asked here"),
            *(located(project, Place(hop.path, hop.span), words(hop)) for hop in chain.hops),
            located(project, chain.to, "the second model is asked here"),
            *(located(project, place, "the first model is made or loaded here") for place in first.places[:4]),
            *(located(project, place, "the second model is made or loaded here") for place in second.places[:4]),
        ),
        confidence=min(chain.confidence, 0.5 if apart or encodes else 0.75),
        reach=1.0,
        share={"": 1.0, "warned": 0.5, "raised": 0.25}[guard],
    )


def _finding(project: Project, edges: list[ModelEdge]) -> Finding:
    edges = sorted(edges, key=lambda e: (-e.confidence, e.fit.span, e.at.path, e.at.index))
    best = edges[0]
    first, second = model_name(project, best), learner_name(project, best)
    learners = sorted({learner_name(project, e) for e in edges})
    more = f" and {len(learners) - 1} more {'model' if len(learners) == 2 else 'models'} are" if len(learners) > 1 else " is"
    anchor, scope = min(_identity(project, e) for e in edges)
    through = f" through `{best.artifacts[-1]}`" if best.artifacts else ""
    return Finding(
        rule="correction-cascade",
        location=located(project, Place(best.fit.path, best.fit.span)),
        message=f"`{second}`{more} trained on {_HOW[best.how]} of {first}{through}",
        anchor=anchor,
        scope=scope,
        evidence=tuple(dict.fromkeys(place for edge in edges[:_SHOWN] for place in way(project, edge)))[:_SHOWN],
        confidence=best.confidence,
        size=len({(e.fit.path, e.fit.span) for e in edges}),
        reach=float(len(learners)),
    )


def _identity(project: Project, edge: ModelEdge) -> tuple[str, str]:
    """Anchor and scope."""
    anchor = f"{model_name(project, edge)}>{learner_name(project, edge)}>{edge.artifacts[-1] if edge.artifacts else ''}"
    return anchor, project.modules[edge.fit.path].qualname(edge.fit.scope)


def learner_name(project: Project, edge: ModelEdge) -> str:
    """The model that learns."""
    return edge.target or project.models.name(edge.targets, "a network" if edge.fit.kind == "loop" else "a model")


def model_name(project: Project, edge: ModelEdge) -> str:
    """The model that gives, in words."""
    if edge.source:
        return f"`{edge.source}`"
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
        yield located(project, Place(hop.path, hop.span), words(hop))
    yield located(project, Place(edge.fit.path, edge.fit.span), "the second model learns here")


def words(hop: Hop) -> str:
    """What happens at a place between two models."""
    told = {
        "file": f"`{hop.note}` is read here",
        "return": f"through `{hop.note}`" if hop.note else "through a function",
        "parameter": f"passed to `{hop.note}`",
        "program": f"`{hop.note}` gives it",
    }
    return told.get(hop.how, f"as `{hop.note}`")


def located(project: Project, place: Place, message: str = "") -> Location:
    return project.place(place, message)
