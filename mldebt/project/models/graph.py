"""The model graph: which models learn from what other models gave (Sculley et al., section 2; DEFINITIONS 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Op
from mldebt.project.events import callee_name
from mldebt.project.flow.model import Node, Step
from mldebt.project.flow.slices import Slice
from mldebt.project.models.events import Found, ModelEvents
from mldebt.project.models.identity import Identities, shared
from mldebt.project.models.model import Fit, ModelEdge, Prediction
from mldebt.project.project import Project

_CONTEXTS = 12  # chains of calls from which one fit is looked at
# Words in the names of files and folders that hold predictions.
_PREDICTED = re.compile(r"(?:^|[^a-z])(oof|out_of_fold|preds?|predictions?|probas?|stack(?:ed|ing)?|meta_?features?|first_level|l1|lvl1)(?:[^a-z]|$)", re.I)


class Source(msgspec.Struct, frozen=True):
    """A prediction, or a file named after predictions, that values are made of."""

    prediction: Prediction | None
    at: Node
    name: str = ""  # of the file


class ModelGraph:
    """Models of one project."""

    def __init__(self, project: Project) -> None:
        self._project, self._flow = project, project.flow
        self.identities = Identities(project, project.flow)

    # what there is ---------------------------------------------------------------------------------------------------

    @cached_property
    def _found(self) -> Found:
        return ModelEvents(self._project).found()

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        return self._found.predictions

    @cached_property
    def transforms(self):
        return self._found.transforms

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Every fit, seen from each chain of calls that leads to it; tests left out."""
        found: list[Fit] = []
        for fit in self._found.fits:
            module = self._project.modules[fit.path]
            if module.is_test:
                continue
            for calls in self._flow.contexts(fit.path, fit.scope, limit=_CONTEXTS):
                found.append(msgspec.structs.replace(fit, calls=calls))
        return tuple(found)

    @cached_property
    def sites(self) -> tuple[Fit, ...]:
        """Every fit once, as it stands in the text; those of tests too."""
        return self._found.fits

    @cached_property
    def _predicting(self) -> dict[tuple[str, int], Prediction]:
        return {(p.path, p.value): p for p in self.predictions}

    def at(self, node: Node) -> Prediction | None:
        """The prediction that a node is the call of."""
        return self._predicting.get((node.path, node.index))

    def identity(self, node: Node) -> tuple[Node, ...]:
        """The calls that make or load the model that a value is."""
        return self.identities.of(node)

    def asked(self, node: Node) -> tuple[Node, ...]:
        """The makers of the model that the prediction at a node asks."""
        prediction = self.at(node)
        return () if prediction is None else self.identity(Node(node.path, prediction.model, node.calls))

    def learner(self, fit: Fit) -> tuple[Node, ...]:
        """The makers of what a fit trains."""
        return self.identity(Node(fit.path, fit.model, fit.calls))

    # what values are made of -----------------------------------------------------------------------------------------

    def trace(self, starts: Iterable[Node]) -> Slice:
        """A slice that ends at predictions."""
        return self._flow.back(starts, until=lambda node: self.at(node) is not None)

    def sources(self, starts: Iterable[Node]) -> tuple[Slice, list[Source]]:
        """The predictions, and the files named after predictions, that values are made of, nearest first; with the ways to them."""
        found = self.trace(starts)
        sources: list[Source] = []
        for node in found:
            prediction = self.at(node)
            if prediction is not None:
                sources.append(Source(prediction, node))
            elif name := self._predicted_file(node):
                sources.append(Source(None, node, name))
        return found, sources

    def _predicted_file(self, node: Node) -> str:
        """The name of the artifact that the call reads, when it says predictions and nobody in sight writes it."""
        module = self._project.modules[node.path]
        if not isinstance(module.facts.values[node.index], Call):
            return ""
        access = self._flow.steps.files.access(node)
        if access is None or self._flow.steps.files.edges(node):
            return ""
        from mldebt.project.artifacts.identity import label

        named = label(access.identity) if access.identity is not None else ""
        where = " ".join(self._project.modules[path].qualname(site.scope) for path, site in self._around(node))
        text = f"{named} {where}"
        return named or access.api if _PREDICTED.search(text) else ""

    def _around(self, node: Node) -> Iterator[tuple[str, object]]:
        files = self._flow.steps.files
        site = files.site(self._project.modules[node.path], node.index)
        if site is not None:
            yield node.path, site

    # which model learns from which -----------------------------------------------------------------------------------

    @cached_property
    def edges(self) -> tuple[ModelEdge, ...]:
        """Edges between different models, at most one of a kind for each pair of places."""
        found: dict[tuple[object, ...], ModelEdge] = {}
        for fit in self.fits:
            if fit.is_model:
                for edge in self._edges(fit):
                    key = (edge.how, fit.path, fit.span, edge.at.path, edge.at.index)
                    if key not in found or found[key].confidence < edge.confidence:
                        found[key] = edge
        return tuple(found.values())

    def _edges(self, fit: Fit) -> Iterator[ModelEdge]:
        targets = self.learner(fit)
        for how, values in (("feature", fit.features), ("label", fit.labels), ("state", fit.init)):
            if not values:
                continue
            slice_, sources = self.sources(fit.nodes(values))
            for source in sources:
                makers = self.asked(source.at) if source.prediction is not None else ()
                if source.prediction is not None and self._is_own(fit, source.prediction, makers, targets):
                    continue
                way = slice_.way(source.at)
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

    def _is_own(self, fit: Fit, prediction: Prediction, makers: tuple[Node, ...], targets: tuple[Node, ...]) -> bool:
        """Whether the model that was asked is the one that learns: its own maker, or no way to tell them apart."""
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
        return any(isinstance(v := self._project.modules[fit.path].facts.values[i], Op) and v.op == "-" for i in values)

    def _confidence(
        self, fit: Fit, source: Source, makers: tuple[Node, ...], targets: tuple[Node, ...], way: tuple[Step, ...]
    ) -> float:
        """Less where the models are not both known, where a name alone tells, and where all is one script."""
        if source.prediction is None:
            return 0.7
        known = 0.9 if makers and targets else 0.7
        crosses = any(step.how == "file" for step in way) or source.at.path != fit.path
        return known if crosses else known - 0.3

    # words -----------------------------------------------------------------------------------------------------------

    def name(self, makers: tuple[Node, ...], fallback: str = "a model") -> str:
        """What a model is called in messages: the class or call that makes it."""
        for maker in makers:
            module = self._project.modules[maker.path]
            value = module.facts.values[maker.index]
            if not isinstance(value, Call):
                continue
            target = self._project.resolver.callee(module, value)
            name = callee_name(target) if target is not None else ""
            if not name and target is not None:
                name = getattr(self._project.resolver.scope(target)[1], "name", "") if hasattr(target, "scope") else ""
            if not name:
                func = module.facts.values[value.func]
                name = func.name if isinstance(func, Attr) else ""
            if name:
                return name.rpartition(".")[2]
        return fallback
