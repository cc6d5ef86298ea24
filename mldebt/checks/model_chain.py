"""Chains of three models and more, and models that learn from their own stored output (Sculley et al., section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.correction_cascade import calibrates, learner_name, located, way
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.models import ModelEdge
from mldebt.project.models.identity import shared
from mldebt.project.models.inventory import Chain

_SHOWN = 20


def check(project: Project) -> Iterator[Finding]:
    """Yields deep-model-chain: one finding for each file where a chain ends, and for each file whose models feed themselves."""
    yield from _deep(project)
    yield from _circles(project)


def _deep(project: Project) -> Iterator[Finding]:
    inventory = project.models.inventory
    feeding = {chain.source for chain in inventory.chains}
    ends: dict[str, list[list[Chain]]] = {}
    for at, model in enumerate(inventory.models):
        if model.depth >= 2 and at not in feeding and not calibrates(project, model) and len(chain := _longest(project, at)) > 1:
            ends.setdefault(chain[-1].to.path, []).append(chain)
    for chains in ends.values():
        chain = max(chains, key=lambda links: (len(links), min(one.confidence for one in links)))
        names = [inventory.models[chain[0].source].name if chain[0].source >= 0 else "other models"]
        names += [inventory.models[one.target].name for one in chain]
        more = f", and {len(chains) - 1} more in the file" if len(chains) > 1 else ""
        yield Finding(
            rule="deep-model-chain",
            location=located(project, chain[-1].to),
            message=f"chain of {len(names)} models: {' -> '.join(names)}{more}",
            anchor=">".join(names),
            evidence=tuple(dict.fromkeys(located(project, p, "on the way") for links in chains for one in links for p in (one.at, one.to)))[
                :_SHOWN
            ],
            confidence=min(one.confidence for one in chain),
            size=len(names),
            reach=float(len(names)),
        )


def _longest(project: Project, at: int) -> list[Chain]:
    """The links that lead to a model, from the model before which there are most others."""
    inventory = project.models.inventory
    found: list[Chain] = []
    seen = {at}
    while True:
        links = [c for c in inventory.chains if c.target == at and c.source not in seen]
        if not links:
            return found[::-1]
        link = max(links, key=lambda c: (inventory.models[c.source].depth if c.source >= 0 else 0, c.confidence))
        found.append(link)
        if link.source < 0:
            return found[::-1]
        at = link.source
        seen.add(at)


def _circles(project: Project) -> Iterator[Finding]:
    """Models of one file that learn from files that models of the same file write: levels that nothing counts."""
    found: dict[str, list[ModelEdge]] = {}
    for edge in project.models.edges:
        if edge.how != "feature" or not edge.artifacts or edge.prediction is None or edge.prediction.path != edge.fit.path:
            continue
        many = any(mark in edge.artifacts[-1] for mark in ("*", "{", "..."))  # each run writes a file of its own
        apart = edge.sources and edge.targets and not shared(edge.sources, edge.targets)
        if many and not apart:
            found.setdefault(edge.fit.path, []).append(edge)
    for path, edges in sorted(found.items()):
        best = max(edges, key=lambda e: (e.confidence, -e.fit.span.line))
        yield Finding(
            rule="deep-model-chain",
            location=located(project, Place(path, best.fit.span)),
            message=f"`{learner_name(project, best)}` learns from `{best.artifacts[-1]}`, which models of the same file write: "
            "a chain of models as long as somebody runs it again",
            anchor=best.artifacts[-1],
            evidence=tuple(dict.fromkeys(place for edge in edges for place in way(project, edge)))[:_SHOWN],
            confidence=best.confidence,
            size=3,
            reach=float(len({e.fit.span for e in edges})),
        )
