"""The models of a project one by one: what each is trained on, what it is asked for, who learns from it, how long the chains are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Call, Span
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Place
from mldebt.project.events import callee_name
from mldebt.project.flow.model import Hop, Node
from mldebt.project.models.graph import ModelGraph
from mldebt.project.models.model import Fit, Prediction
from mldebt.project.models.uses import Ends, Input, Use, inputs
from mldebt.project.project import Project

_NEAR = 300  # nodes that are looked at for what a model is asked about
_CONTEXTS = 4  # chains of calls from which a prediction is looked at
Item = tuple[str, str, int, tuple[tuple[str, int], ...]]  # a fit or prediction: what, path, value, calls


class Model(msgspec.Struct, frozen=True):
    """One model: the calls that make or load it, and what happens to it. Calls that make the same model by turns are one."""

    name: str
    makers: tuple[Node, ...]
    places: tuple[Place, ...]  # of the makers; of the first fit, where no maker is in sight
    fits: tuple[Fit, ...]  # each place in the text once
    predictions: tuple[Prediction, ...]
    inputs: tuple[Input, ...]
    uses: tuple[Use, ...]
    held: tuple[str, ...]  # artifacts that hold the model itself
    depth: int  # models that its features, labels or first state depend on, one behind the other


class Chain(msgspec.Struct, frozen=True):
    """What one model gave reaches another: two models by their places in the inventory, the first -1 when it is out of sight.

    One for each way through artifacts, the surest of those that the code has.
    """

    source: int
    target: int
    how: str  # as in `ModelEdge`; input: the other is asked about it
    at: Place  # where the first is asked, or the file of its predictions read
    to: Place  # where the second learns or is asked
    hops: tuple[Hop, ...]
    artifacts: tuple[str, ...]
    confidence: float


class Inventory(msgspec.Struct, frozen=True):
    """All models in the order of their places. `unknown`: calls that ask a model which no maker is in sight of."""

    models: tuple[Model, ...]
    chains: tuple[Chain, ...]
    unknown: int


def inventory(project: Project, *, ends: bool = True) -> Inventory:
    """Models that learn here, and those that are made or loaded here and asked; tests, encoders and scalers left out.

    Without `ends` it does not say what the models read and where their answers go, which takes most of the time.
    """
    return _Builder(project, ends).inventory()


class _Builder:
    def __init__(self, project: Project, ends: bool) -> None:
        self._project, self._models, self._ends = project, project.models, ends
        self._targets: dict[Item, set[int]] = defaultdict(set)
        self._fits: dict[Item, Fit] = {}
        self._asked: dict[Item, Prediction] = {}
        self._of: dict[Node, set[Item]] = defaultdict(set)  # by maker
        self._unknown = 0

    def inventory(self) -> Inventory:
        self._gather()
        groups = sorted(self._groups(), key=lambda makers: [self._place(m) for m in makers])
        number = {maker: at for at, makers in enumerate(groups) for maker in makers}
        for maker, items in self._of.items():
            for item in items:
                self._targets[item].add(number[maker])
        ends = Ends(self._project, self._models) if self._ends else None
        chains = self._chains(number)
        depths = _depths(len(groups), chains)
        models = tuple(self._model(makers, ends, depths[at]) for at, makers in enumerate(groups))
        return Inventory(models, chains, self._unknown)

    def _gather(self) -> None:
        models: ModelGraph = self._models
        trained: dict[tuple[str, int], list[Node]] = {}
        for fit in models.fits:
            if fit.is_model:
                item = ("fit", fit.path, fit.value, fit.calls)
                self._fits[item] = fit
                makers = models.learner(fit) or (Node(fit.path, fit.model, fit.calls[-1:]),)
                trained.setdefault((fit.path, fit.model), []).extend(makers)
                for maker in makers:
                    self._of[maker].add(item)
        chained = {maker for edge in models.edges for maker in edge.sources}
        for one in models.predictions:
            if self._project.modules[one.path].is_test:
                continue
            item = ("ask", one.path, one.value, ())
            makers = models.asked(Node(one.path, one.value)) or tuple(trained.get((one.path, one.model), ()))
            known = [m for m in makers if m in self._of or m in chained or not one.embeds or "." in one.api]
            self._unknown += not makers
            if known:
                self._asked[item] = one
            for maker in known:
                self._of[maker].add(item)

    def _groups(self) -> list[tuple[Node, ...]]:
        """Makers of one model: one call in the text seen from several places, unless these learn from each other, or calls by turns."""
        tied = {(s[:3], t[:3]) for e in self._models.edges for s in e.sources for t in e.targets}
        same: dict[tuple[str, int], list[list[Node]]] = defaultdict(list)
        for maker in sorted(self._of, key=_order):
            groups = same[maker.path, maker.index]
            free = (g for g in groups if not any((maker[:3], m[:3]) in tied or (m[:3], maker[:3]) in tied for m in g))
            if (group := next(free, None)) is not None:
                group.append(maker)
            else:
                groups.append([maker])
        turns: dict[frozenset[Item], list[Node]] = defaultdict(list)
        for group in (g for groups in same.values() for g in groups):
            turns[frozenset(item for maker in group for item in self._of[maker])] += group
        return [tuple(sorted(makers, key=_order)) for makers in turns.values()]

    def _chains(self, number: dict[Node, int]) -> tuple[Chain, ...]:
        found: dict[tuple[object, ...], Chain] = {}
        learning = list(self._learning(number))
        learnt = {(chain.source, chain.target) for chain in learning}  # what it learns from it is asked about as well
        for chain in (*learning, *(c for c in self._asking(number) if (c.source, c.target) not in learnt)):
            key = (chain.source, chain.target, chain.how, chain.artifacts)
            if chain.source != chain.target and (key not in found or found[key].confidence < chain.confidence):
                found[key] = chain
        return tuple(sorted(found.values(), key=lambda c: (c.target, c.source, c.how, c.at, c.to)))

    def _learning(self, number: dict[Node, int]) -> Iterator[Chain]:
        """The edges of the model graph."""
        for edge in self._models.edges:
            item = ("fit", edge.fit.path, edge.fit.value, edge.fit.calls)
            at, to = self._place(edge.at), Place(edge.fit.path, edge.fit.span)
            for source in sorted({number[s] for s in edge.sources if s in number}) or [-1]:
                for target in sorted(self._targets[item]):
                    yield Chain(source, target, edge.how, at, to, edge.hops, edge.artifacts, edge.confidence)

    def _asking(self, number: dict[Node, int]) -> Iterator[Chain]:
        """Predictions about what another prediction gave."""
        for item, one in self._asked.items():
            if not one.features:
                continue
            for calls in self._project.flow.contexts(one.path, one.scope, limit=_CONTEXTS):
                starts = tuple(Node(one.path, value, calls) for value in one.features)
                slice_, sources = self._models.sources(starts, _NEAR)
                for source in sources:
                    if source.prediction is None:
                        continue
                    asked = {number[m] for m in self._models.asked(source.at) if m in number}
                    files = tuple(dict.fromkeys(step.note for step in slice_.way(source.at) if step.how == "file"))
                    at, to = self._place(source.at), Place(one.path, one.span)
                    targets = self._targets[item]
                    for pair in sorted((s, t) for s in asked for t in targets if not asked & targets):
                        yield Chain(*pair, "input", at, to, slice_.hops(source.at), files, 0.9)

    def _model(self, makers: tuple[Node, ...], ends: Ends | None, depth: int) -> Model:
        items = {item for maker in makers for item in self._of[maker]}
        fits = [self._fits[i] for i in sorted(items & self._fits.keys())]
        asked = [self._asked[i] for i in sorted(items & self._asked.keys())]
        read: dict[tuple[object, ...], Input] = {}
        for fit in fits if ends is not None else ():
            for one in inputs(self._project, fit):
                key = (one.artifact, one.how, one.place)
                read[key] = _joined(read[key], one) if key in read else one
        uses = {use for p in asked for use in ends.uses.get((p.path, p.value), ())} if ends is not None else ()
        holds = ends.holds if ends is not None else {}
        held = {name for maker in makers for name in (*holds.get(maker, ()), self._loaded(maker)) if name}
        names = sorted({self._name(maker) for maker in makers})
        sites = {(f.path, f.value): f for f in reversed(fits)}
        return Model(
            name=" or ".join(names[:3]) + (" ..." if len(names) > 3 else ""),
            makers=makers,
            places=tuple(dict.fromkeys(self._place(maker) for maker in makers)),
            fits=tuple(sorted(sites.values(), key=lambda f: (f.path, f.span))),
            predictions=tuple(sorted(asked, key=lambda p: (p.path, p.span))),
            inputs=tuple(sorted(read.values())),
            uses=tuple(sorted(uses)),
            held=tuple(sorted(held)),
            depth=depth,
        )

    def _name(self, maker: Node) -> str:
        """What makes the model, else the last part of the name of what it is loaded from."""
        name = self._loaded(maker).rstrip("/").rpartition("/")[2] or self._models.name((maker,))
        module = self._project.modules[maker.path]
        value = module.facts.values[maker.index]
        target = self._project.resolver.callee(module, value) if type(value) is Call and name.islower() else None
        dotted = callee_name(target) if target is not None else ""
        return ".".join(dotted.split(".")[-2:]) if dotted.endswith(f".{name}") else name  # a function: `joblib.load`

    def _loaded(self, maker: Node) -> str:
        access = self._project.flow.steps.files.access(maker)
        return label(access.identity) if access is not None and access.identity is not None else ""

    def _place(self, maker: Node) -> Place:
        return Place(maker.path, self._project.flow.span(maker.path, maker.index) or Span(1, 1, 1, 1))


def _order(node: Node) -> tuple[object, ...]:
    return (node.path, node.index, node.calls)


def _joined(one: Input, other: Input) -> Input:
    """What two fits of one model ask of the same read."""
    columns = tuple(sorted({*one.columns, *other.columns})) if one.columns and other.columns else ()
    without = tuple(sorted({*one.without} & {*other.without}))
    return msgspec.structs.replace(one, columns=columns, without=without, through=one.through and other.through)


def _depths(size: int, chains: tuple[Chain, ...]) -> list[int]:
    """The longest chain of models before each; models that learn from each other in a circle count once."""
    if not chains:
        return [0] * size
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(-1, size))
    graph.add_edges_from((chain.source, chain.target) for chain in chains)
    whole = nx.condensation(graph)
    found: dict[int, int] = {}
    for part in nx.topological_sort(whole):
        found[part] = max((found[p] + 1 for p in whole.predecessors(part)), default=0)
    place = whole.graph["mapping"]
    return [found[place[at]] for at in range(size)]
