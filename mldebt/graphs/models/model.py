"""The models of a project as plain data: places as reports show them, models by name and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from mldebt.findings import Coverage, Location, Unread
from mldebt.project import Project
from mldebt.project.flow.model import Hop
from mldebt.project.models.inventory import Chain, Model, inventory
from mldebt.project.models.model import Fit, Prediction


class Call(msgspec.Struct, frozen=True):
    """A place where a model learns or is asked."""

    where: Location
    api: str


class Source(msgspec.Struct, frozen=True):
    """An artifact that a model learns from. `columns` empty: all, or not known; then `without` are those that are dropped."""

    artifact: str
    how: str
    where: Location
    columns: tuple[str, ...]
    without: tuple[str, ...]
    direct: bool  # no other artifact lies between


class Goal(msgspec.Struct, frozen=True):
    """An artifact that holds predictions, or a route that answers with them."""

    kind: str
    name: str
    where: Location


class ModelNode(msgspec.Struct, frozen=True):
    """One model. `id` is its name and place, with a number behind it where an earlier model has the same."""

    id: str
    name: str
    depth: int
    made: tuple[Location, ...]
    held: tuple[str, ...]
    fits: tuple[Call, ...]
    sources: tuple[Source, ...]
    asked: tuple[Call, ...]
    goals: tuple[Goal, ...]


class Pass(msgspec.Struct, frozen=True):
    """A place on the way from one model to the next."""

    where: Location
    how: str
    note: str


class ModelLink(msgspec.Struct, frozen=True):
    """What one model gave reaches another; `source` is empty where the first is out of sight."""

    source: str
    target: str
    how: str
    at: Location
    to: Location
    way: tuple[Pass, ...]
    artifacts: tuple[str, ...]
    confidence: float


class ModelReport(msgspec.Struct, frozen=True):
    """What the writers of formats get. `unknown`: calls that ask a model that is not known; `left_out`: models, by a filter."""

    project: str
    models: tuple[ModelNode, ...]
    links: tuple[ModelLink, ...]
    unknown: int
    coverage: Coverage
    unread: tuple[Unread, ...] = ()
    left_out: int = 0

    @property
    def depth(self) -> int:
        return max((node.depth for node in self.models), default=0)


def model_report(project: Project, unread: tuple[Unread, ...] = ()) -> ModelReport:
    """All models of a project, in the order of their places."""
    found = inventory(project)
    names: list[str] = []
    seen: Counter[str] = Counter()
    for model in found.models:
        first = project.place(model.places[0])
        name = f"{model.name} {first.path}:{first.line}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    nodes = tuple(_node(project, name, model) for name, model in zip(names, found.models, strict=True))
    links = tuple(_link(project, chain, names) for chain in found.chains)
    return ModelReport(project.root.name, nodes, links, found.unknown, project.models.coverage(), unread)


def select(report: ModelReport, artifacts: Callable[[str], bool] | None, paths: Callable[[str], bool] | None) -> ModelReport:
    """The models that a question about names of artifacts or paths of files is about, and the links at one of them."""

    def holds(node: ModelNode) -> bool:
        named = (*node.held, *(one.artifact for one in node.sources), *(one.name for one in node.goals))
        ends = (*(one.where for one in (*node.fits, *node.asked)), *(one.where for one in node.goals))
        places = (*node.made, *ends, *(one.where for one in node.sources))
        return (artifacts is None or any(map(artifacts, named))) and (paths is None or any(paths(place.path) for place in places))

    kept = tuple(node for node in report.models if holds(node))
    ids = {node.id for node in kept}
    links = tuple(link for link in report.links if link.source in ids or link.target in ids)
    return msgspec.structs.replace(report, models=kept, links=links, left_out=len(report.models) - len(kept))


def _node(project: Project, key: str, model: Model) -> ModelNode:
    def calls(ones: Iterable[Fit | Prediction]) -> tuple[Call, ...]:
        found = (Call(project.location(project.modules[one.path], one.span), one.api) for one in ones)
        return tuple(dict.fromkeys(found))

    return ModelNode(
        id=key,
        name=model.name,
        depth=model.depth,
        made=tuple(project.place(place) for place in model.places),
        held=model.held,
        fits=calls(model.fits),
        sources=tuple(Source(i.artifact, i.how, project.place(i.place), i.columns, i.without, not i.through) for i in model.inputs),
        asked=calls(model.predictions),
        goals=tuple(Goal(use.kind, use.name, project.place(use.place)) for use in model.uses),
    )


def _link(project: Project, chain: Chain, names: list[str]) -> ModelLink:
    def passed(hop: Hop) -> Pass:
        return Pass(project.location(project.modules[hop.path], hop.span), hop.how, hop.note)

    return ModelLink(
        source=names[chain.source] if chain.source >= 0 else "",
        target=names[chain.target],
        how=chain.how,
        at=project.place(chain.at),
        to=project.place(chain.to),
        way=tuple(passed(hop) for hop in chain.hops),
        artifacts=chain.artifacts,
        confidence=round(chain.confidence, 3),
    )
