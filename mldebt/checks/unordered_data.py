"""Splits, label numbers and features that depend on an order which nothing defines (Sculley et al., section 8)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.flow.model import ALL, Node
from mldebt.project.order_sinks import Sink, Sinks
from mldebt.project.ordering import Orders

_WHY = {
    "listing": "gives names in the order of the file system",
    "completion": "gives results in the order in which they are done",
    "set": "has no order that lasts",
    "query": "has no ORDER BY",
}


def check(project: Project) -> Iterator[Finding]:
    """Yields order-dependent-data, one finding for sources and what their order decides."""
    groups: list[tuple[set[Node], dict[Place, Sink]]] = []
    found = Sinks(project)
    for sink in found.all():
        node, place = sink.reached.source.node._replace(calls=(), demand=ALL), Place(sink.module.path, sink.span)
        mine = next((group for group in groups if node in group[0] or place in group[1]), None)
        if mine is None:
            groups.append(({node}, {place: sink}))
        else:
            mine[0].add(node)
            mine[1].setdefault(place, sink)
    for _, sinks in groups:
        yield _finding(project, found.orders, sinks)


def _finding(project: Project, orders: Orders, sinks: dict[Place, Sink]) -> Finding:
    best = max(sinks.values(), key=lambda sink: sink.confidence)
    source = best.reached.source
    span = orders.span(source.node)
    module = project.modules[source.node.path] if span is not None else best.module
    what = {"query": "the query", "set": "a set"}.get(source.kind, f"`{source.name}`")
    decided = tuple(project.location(s.module, s.span, f"it decides {s.what} here") for _, s in sorted(sinks.items()))
    return Finding(
        rule="order-dependent-data",
        location=project.location(module, span or best.span),
        message=f"{what} {_WHY[source.kind]}, and that decides {best.what}",
        anchor=f"{source.name} {best.what}",
        scope=best.module.qualname(best.scope),
        evidence=decided,
        confidence=round(best.confidence * (1.0 if source.sure else 0.65), 3),
        size=len(sinks),
    )
