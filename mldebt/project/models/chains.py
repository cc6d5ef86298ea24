"""Which models learn from what other models gave (Sculley et al., section 2; DEFINITIONS 6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Call, Op
from mldebt.project.events import argument
from mldebt.project.flow.model import Hop, Node, Step
from mldebt.project.models.graph import STACKED, ModelGraph, Source
from mldebt.project.models.identity import shared
from mldebt.project.models.model import Fit, ModelEdge, Prediction
from mldebt.project.models.programs import program_edges
from mldebt.project.project import Project
from mldebt.project.resolve import Defined

_WAYS = 4  # shown between two places


def edges(project: Project, models: ModelGraph) -> tuple[ModelEdge, ...]:
    """Edges between different models, at most a few ways for each pair of places."""
    finder = _Chains(project, models)
    found: dict[tuple[object, ...], dict[tuple[Hop, ...], ModelEdge]] = {}
    for fit in models.fits:
        if fit.is_model and fit.kind != "trial":
            for edge in finder.edges(fit):
                ways = found.setdefault((edge.how, fit.path, fit.span, edge.at.path, edge.at.index), {})
                if len(ways) < _WAYS:
                    ways.setdefault(edge.hops, edge)
    for edge in program_edges(project):
        found.setdefault(("program", edge.fit.path, edge.fit.span, edge.hops), {}).setdefault(edge.hops, edge)
    return (*(edge for ways in found.values() for edge in ways.values()), *models.sql.edges(models))


class _Chains:
    def __init__(self, project: Project, models: ModelGraph) -> None:
        self._project, self._models = project, models

    def edges(self, fit: Fit) -> Iterator[ModelEdge]:
        targets = self._models.learner(fit)
        yield from self._declared(fit, targets)
        for how, values in (("feature", fit.features), ("label", fit.labels), ("state", fit.init)):
            if not values:
                continue
            slice_, sources = self._models.sources(fit.nodes(values))
            for source in sources:
                makers = self._models.asked(source.at) if source.prediction is not None else ()
                way = slice_.way(source.at)
                stored = any(step.how == "file" for step in way)  # then it is an earlier model, whatever makes both
                if source.prediction is not None and not stored and self._is_own(fit, source.prediction, makers, targets):
                    continue
                kind = "residual" if how == "label" and self._is_residual(fit, values, way) else how
                files = tuple(dict.fromkeys(step.note for step in reversed(way) if step.how == "file"))
                yield ModelEdge(
                    kind,
                    fit,
                    source.prediction,
                    source.at,
                    slice_.hops(source.at),
                    files or ((source.name,) if source.name else ()),
                    self._confidence(fit, source, makers, targets, way),
                    makers,
                    targets,
                )

    def _declared(self, fit: Fit, targets: tuple[Node, ...]) -> Iterator[ModelEdge]:
        """Steps that a graph of steps puts before the model, where their name says that they give predictions of other models."""
        for wrapper in self._models.identities.wrappers(Node(fit.path, fit.model, fit.calls)):
            module = self._project.modules[wrapper.path]
            call = module.facts.values[wrapper.index]
            assert type(call) is Call
            entries = self._project.flow.steps.entries(module, call, self._project.resolver.callee(module, call))
            before = [i for e in entries if (i := argument(call, e.args.get("steps"))) is not None]
            if not before:
                continue
            found = self._project.flow.back([Node(wrapper.path, i, wrapper.calls) for i in before])
            for node in found:
                last = found.last(node) if node.calls else None
                if last is not None and last.how == "return" and STACKED.search(last.note):
                    at = Node(*node.calls[-1], node.calls[:-1])
                    yield ModelEdge("feature", fit, None, at, found.hops(node), (), 0.7, (), targets)

    def _is_own(self, fit: Fit, prediction: Prediction, makers: tuple[Node, ...], targets: tuple[Node, ...]) -> bool:
        """Whether the model that was asked is the one that learns: its own maker, or no way to tell them apart."""
        if self._are_alternatives(fit, prediction):
            return True
        if makers and targets:
            return shared(makers, targets)
        if prediction.path == fit.path and prediction.model == fit.model:
            return True
        return not makers and not targets and prediction.path == fit.path

    def _is_residual(self, fit: Fit, values: tuple[int, ...], way: tuple[Step, ...]) -> bool:
        """Whether the label is a difference to the prediction."""
        for step in way:
            if step.how == "operand":
                return True
        return any(type(v := self._project.modules[fit.path].facts.values[i]) is Op and v.op == "-" for i in values)

    def _confidence(self, fit: Fit, source: Source, makers: tuple[Node, ...], targets: tuple[Node, ...], way: tuple[Step, ...]) -> float:
        """Less where the models are not both known, where a name alone tells, and where all is one script."""
        if source.prediction is None:
            return 0.7
        known = 0.9 if makers and targets else 0.7
        known_embedding = source.prediction.embeds and "." in source.prediction.api  # of a package that brings its models
        if (makers and not self._models.is_trained_here(makers)) or (known_embedding and not makers):
            known = 0.5  # somebody else's model: a fixed mapping as long as its version is
        stored = any(step.how == "file" for step in way)
        if not stored and self._project.world.openness(self._project.modules[fit.path]) != "closed":
            return known - 0.3  # the parts of one estimator that a library offers
        return known if stored or source.at.path != fit.path else known - 0.3

    def _are_alternatives(self, fit: Fit, prediction: Prediction) -> bool:
        """Whether fit and prediction stand in one class, or in classes of one family: variants of a model, of which one runs."""
        one, other = self._family(fit.path, fit.scope), self._family(prediction.path, prediction.scope)
        return bool(one & other)

    def _family(self, path: str, scope: int) -> frozenset[Defined]:
        """The class of the project that a scope stands in, and its bases in the project."""
        module = self._project.modules[path]
        while scope > 0 and module.facts.scopes[scope].kind != "class":
            scope = module.facts.scopes[scope].parent
        found: set[Defined] = set()
        queue = [Defined(path, scope)] if scope > 0 else []
        while queue:
            cls = queue.pop()
            if cls not in found:
                found.add(cls)
                owner, inner = self._project.resolver.scope(cls)
                queue += [t for b in inner.bases if type(t := self._project.resolver.target(owner, b)) is Defined]
        return frozenset(found)
