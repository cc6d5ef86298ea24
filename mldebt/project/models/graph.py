"""The model graph: which models learn from what other models gave (Sculley et al., section 2; DEFINITIONS 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from mldebt.facts.model import Attr, Call
from mldebt.findings import Coverage
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Identity
from mldebt.project.events import callee_name
from mldebt.project.flow.model import Node
from mldebt.project.flow.slices import LIMIT, Slice
from mldebt.project.models.events import Found, ModelEvents
from mldebt.project.models.identity import Identities
from mldebt.project.models.model import PREPARING, Fit, ModelEdge, Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_CONTEXTS = 8  # chains of calls from which one fit is looked at
if TYPE_CHECKING:
    from mldebt.project.models.inventory import Inventory
    from mldebt.project.models.sql import SqlModels

# Words in the names of files and folders that hold what models gave: some anywhere, some only as a name of the file or its folder.
_CERTAIN = re.compile(r"(?:^|[^a-z])(oof|out_of_fold|meta_?features?|first_level|second_level|lvl1|level_?1)(?:[^a-z]|$)", re.IGNORECASE)
_LIKELY = re.compile(r"(?:^|[^a-z])(preds?|predictions|probas|stacking|stacked|embeddings)(?:[^a-z]|$)", re.IGNORECASE)
_STACKS = re.compile(r"(?:^|[^a-z])(preds|stacking|stacked)(?:[^a-z]|$)", re.IGNORECASE)
# Words in the names of functions that give predictions of other models.
STACKED = re.compile(r"(?:^|[^a-z])(oof|out_of_fold|stack(?:ed|ing)_(?:features|preds)|meta_?features?|first_level_pred)", re.I)


# Words in the names of models that only set another model's scores to probabilities: they belong to it.
_CALIBRATOR = re.compile(r"calibrat|isotonic|platt", re.IGNORECASE)


def is_calibrator(name: str) -> bool:
    """Whether a model of that name corrects no errors but the scale of another model's scores."""
    return _CALIBRATOR.search(name) is not None


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
        self._asked: dict[int, bool] = {}  # by the number of a node
        self._told: dict[int, Source | None] = {}
        self._sources: dict[tuple[int | Node, ...], tuple[Slice, list[Source]]] = {}

    # what there is ---------------------------------------------------------------------------------------------------

    @cached_property
    def _found(self) -> Found:
        return ModelEvents(self._project).found()

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        return self._found.predictions

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Every fit, seen from each chain of calls that leads to it; tests left out."""
        found: list[Fit] = []
        for fit in self._found.fits:
            module = self._project.modules[fit.path]
            if module.is_test:
                continue
            for calls in self._flow.contexts(fit.path, fit.scope, limit=_CONTEXTS):
                seen = msgspec.structs.replace(fit, calls=calls)
                found.append(msgspec.structs.replace(seen, kind=self._kind(seen)) if "." not in fit.api else seen)
        return tuple(found)

    def _kind(self, fit: Fit) -> str:
        """What learns, where the call alone does not tell: by what makes it."""
        if fit.kind == "loop":
            return fit.kind
        kinds = [kind for maker in self.learner(fit) if (kind := self._made_kind(maker))]
        return next((kind for kind in kinds if kind not in PREPARING), kinds[0] if kinds else fit.kind)

    def _made_kind(self, maker: Node) -> str:
        """What a call makes: the catalogue's kind; of a class of the project whether its methods train or ask a model."""
        target = self._project.resolver.target(self._project.modules[maker.path], maker.index)
        if type(target) is not Instance:
            return ""
        if type(target.of) is External:
            return target.kind
        if target.of in self._classes or any(self._project.resolver.member(target, n) for n in ("predict", "predict_proba", "forward")):
            return "model"
        return "transformer" if self._project.resolver.member(target, "transform") else ""

    @cached_property
    def _classes(self) -> frozenset[Defined]:
        """Classes of the project in whose methods a model learns."""
        found: set[Defined] = set()
        for fit in self._found.fits:
            scopes = self._project.modules[fit.path].facts.scopes
            scope = fit.scope
            while scope > 0 and scopes[scope].kind != "class":
                scope = scopes[scope].parent
            if scope > 0 and fit.is_model:
                found.add(Defined(fit.path, scope))
        return frozenset(found)

    @cached_property
    def sites(self) -> tuple[Fit, ...]:
        """Every fit once, as it stands in the text; those of tests too."""
        return self._found.fits

    @cached_property
    def _predicting(self) -> dict[str, dict[int, Prediction]]:
        found: dict[str, dict[int, Prediction]] = {}
        for prediction in self.predictions:
            found.setdefault(prediction.path, {})[prediction.value] = prediction
        return found

    def at(self, node: Node) -> Prediction | None:
        """The prediction that a node is the call of."""
        found = self._predicting.get(node.path)
        return None if found is None else found.get(node.index)

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

    def trace(self, starts: Iterable[Node], limit: int = LIMIT) -> Slice:
        """A slice that ends at predictions."""
        return self._flow.back(starts, until=self._is_asked, limit=limit, known=self._asked)

    def _is_asked(self, node: Node) -> bool:
        return self.at(node) is not None

    def sources(self, starts: Iterable[Node], limit: int = LIMIT) -> tuple[Slice, list[Source]]:
        """The predictions, and the files named after predictions, that values are made of, nearest first; with the ways to them."""
        key = (limit, *starts)
        if key not in self._sources:
            self._sources[key] = self._sources_of(key[1:], limit)
        return self._sources[key]

    def _sources_of(self, starts: tuple[Node, ...], limit: int) -> tuple[Slice, list[Source]]:
        found = self.trace(starts, limit)
        sources: list[Source] = []
        told = self._told
        for number in found.numbers:
            if number not in told:
                told[number] = self._source(self._flow.nodes[number])
            if (source := told[number]) is not None:
                sources.append(source)
        return found, sources

    def _source(self, node: Node) -> Source | None:
        """What a node tells of a prediction, if it does."""
        if (prediction := self.at(node)) is not None:
            return Source(prediction, node)
        called = type(self._project.modules[node.path].facts.values[node.index]) is Call
        return Source(None, node, name) if called and (name := self._predicted_file(node)) else None

    def _predicted_file(self, node: Node) -> str:
        """The name of the artifact that the call reads, when it says predictions and nobody in sight writes it."""
        module = self._project.modules[node.path]
        access = self._flow.steps.files.access(node)
        files = self._flow.steps.files
        edges = files.edges(node)
        if access is None or any(files.written(edge.writer) for edge in edges):
            return ""  # no file, or one whose writers are in sight
        programs = self._project.artifacts.programs
        if any(p.role == "predict" and p.place == e.writer.place for p in programs for e in edges):
            return label(access.identity) if access.identity is not None else access.api
        identity = access.identity
        if identity is not None and any(isinstance(part, str) for part in identity.name):
            return label(identity) if self._says_predictions(module, identity) else ""
        site = self._flow.steps.files.site(module, node.index)
        function = module.qualname(site.scope) if site is not None else ""
        return f"the file that {function} reads" if _CERTAIN.search(function) else ""

    def _says_predictions(self, module: Module, identity: Identity) -> bool:
        """Whether the name is one of a file of predictions. A library reads its user's files; a web address is somebody else's."""
        if identity.store == "http" or self._project.world.openness(module) == "library":
            return False
        parts = label(identity).split("/")
        last = [part for part in parts[-2:] if "." in part or "*" in part or part is parts[-1] or "*" in parts[-1]]
        return bool(_CERTAIN.search(label(identity)) or _STACKS.search(parts[-2] if len(parts) > 1 else "")) or any(
            _LIKELY.search(part) for part in last
        )

    @cached_property
    def edges(self) -> tuple[ModelEdge, ...]:
        """Which model learns from which."""
        from mldebt.project.models.chains import edges

        return edges(self._project, self)

    @cached_property
    def sql(self) -> SqlModels:
        """The models that SQL trains and asks."""
        from mldebt.project.models.sql import SqlModels

        return SqlModels(self._project)

    @cached_property
    def _trained(self) -> frozenset[tuple[str, int]]:
        """Makers of what learns somewhere in the project."""
        return frozenset((maker.path, maker.index) for fit in self.fits for maker in self.learner(fit))

    def is_loaded(self, makers: tuple[Node, ...]) -> bool:
        """Whether a maker reads a stored model; one that only builds a network makes a part of what is trained with it."""
        return any(self._flow.steps.files.access(m) is not None or self.name((m,)).startswith(("load", "from_pretrained")) for m in makers)

    def is_trained_here(self, makers: tuple[Node, ...]) -> bool:
        """Whether the project itself trains a model of these makers, or they make a class in whose methods a model learns."""
        for maker in makers:
            target = self._project.resolver.target(self._project.modules[maker.path], maker.index)
            own = type(target) is Instance and type(target.of) is Defined and target.of in self._classes
            if (maker.path, maker.index) in self._trained or own:
                return True
        return False

    @cached_property
    def inventory(self) -> Inventory:
        """The models one by one, with the chains between them, but not what they read and where their answers go."""
        from mldebt.project.models.inventory import inventory

        return inventory(self._project, ends=False)

    def coverage(self) -> Coverage:
        """Places outside tests where a model learns or is asked, and whether what makes or loads the model is in sight."""
        asked = [Node(p.path, p.model) for p in self.predictions if not self._project.modules[p.path].is_test]
        learning = [Node(f.path, f.model) for f in self.sites if f.is_model and not self._project.modules[f.path].is_test]
        known = sum(bool(self.identity(node)) for node in (*asked, *learning))
        total = len(asked) + len(learning)
        return Coverage(known, total, {"made by nothing in sight": total - known} if total > known else {})

    # words -----------------------------------------------------------------------------------------------------------

    def name(self, makers: tuple[Node, ...], fallback: str = "a model") -> str:
        """What a model is called in messages: the class or call that makes it."""
        for maker in makers:
            if called := self.sql.name(maker):
                return called
            module = self._project.modules[maker.path]
            value = module.facts.values[maker.index]
            if type(value) is not Call:
                continue
            target = self._project.resolver.callee(module, value)
            name = callee_name(target) if target is not None else ""
            if not name and target is not None:
                name = getattr(self._project.resolver.scope(target)[1], "name", "") if hasattr(target, "scope") else ""
            if not name:
                func = module.facts.values[value.func]
                name = func.name if type(func) is Attr else ""
            if name:
                return name.rpartition(".")[2]
        return fallback
