"""Around a model: the artifacts that its fits learn from, and where what predictions give goes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Name, Scope
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Place
from mldebt.project.flow.model import Demand, Node
from mldebt.project.flow.slices import Slice
from mldebt.project.models.graph import ModelGraph
from mldebt.project.models.model import Fit
from mldebt.project.project import Module, Project

_ROUTES = frozenset({"route", "get", "post", "put", "websocket"})
_SETTINGS = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env")  # they say what is read, and are no data
_HANDLERS = frozenset({"lambda_handler", "predict_fn", "transform_fn"})


class Input(msgspec.Struct, frozen=True, order=True):
    """An artifact that a model learns from."""

    artifact: str
    how: str  # feature, label, evaluation, state
    place: Place  # of the read
    columns: tuple[str, ...] = ()  # those that are asked for; empty: all, or not known
    without: tuple[str, ...] = ()  # of features, where all are asked for: those that are dropped
    through: bool = False  # another artifact lies between this one and the model


class Use(msgspec.Struct, frozen=True, order=True):
    """Where a prediction ends: an artifact that holds it, or a route that answers with it."""

    kind: str  # artifact, route
    name: str
    place: Place


def inputs(project: Project, fit: Fit) -> Iterator[Input]:
    """What a fit reads, on the ways to its features, labels, evaluation data and first state; predictions are not looked behind."""
    files = project.flow.steps.files
    for how, values in (("feature", fit.features), ("label", fit.labels), ("evaluation", fit.evaluation), ("state", fit.init)):
        if not values:
            continue
        slice_ = project.models.trace(fit.nodes(values))
        asked: dict[tuple[str, Place], list[Demand]] = defaultdict(list)
        through: dict[tuple[str, Place], bool] = {}
        for node in slice_:
            access = files.access(node)
            if access is None or access.identity is None or label(access.identity).lower().endswith(_SETTINGS):
                continue
            key = (label(access.identity), access.place)
            asked[key].append(node.demand)
            through[key] = through.get(key, True) and any(step.how == "file" for step in slice_.way(node))
        for (name, place), demands in asked.items():
            columns, without = _columns(demands)
            yield Input(name, how, place, columns, without if how == "feature" else (), through[name, place])


def _columns(demands: list[Demand]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that are asked for in all, or those that none of the demands asks for."""
    if all(demand.names is not None for demand in demands):
        return tuple(sorted({name for d in demands for name in d.names or () if d.asks(name)})), ()
    dropped = [d.without for d in demands if d.names is None]
    return (), tuple(sorted(frozenset.intersection(*dropped) - {name for d in demands for name in d.names or ()}))


class Ends:
    """Where predictions go, and which artifacts hold a model itself."""

    def __init__(self, project: Project, models: ModelGraph) -> None:
        self._project, self._models = project, models
        self.uses: dict[tuple[str, int], set[Use]] = defaultdict(set)  # by the file and value of the prediction
        self.holds: dict[Node, set[str]] = defaultdict(set)  # by the maker of the model
        if models.predictions or models.fits:
            self._written()
            self._answered()

    def _written(self) -> None:
        for access in self._project.artifacts.writers:
            module = self._project.modules.get(access.place.path)
            if access.identity is None or module is None or module.is_test:
                continue
            name = label(access.identity)
            for node in self._project.flow.steps.files.written(access):
                for maker in self._models.identity(node):
                    self.holds[maker].add(name)
                self._add(self._back(node), "artifact", name, access.place)

    def _answered(self) -> None:
        for module in self._project.python:
            for index, scope in enumerate(module.facts.scopes):
                if scope.kind == "function" and not module.is_test and (name := self._route(module, scope)):
                    for calls in self._project.flow.contexts(module.path, index, limit=1):
                        for value in scope.returns:
                            self._add(self._back(Node(module.path, value, calls)), "route", name, Place(module.path, scope.span))

    def _back(self, node: Node) -> Slice:
        return self._project.flow.back(node, until=lambda n: self._models.at(n) is not None, passes=lambda step: step.how != "file")

    def _add(self, found: Slice, kind: str, name: str, place: Place) -> None:
        for node in found:
            if self._models.at(node) is not None:
                self.uses[node.path, node.index].add(Use(kind, name, place))

    def _route(self, module: Module, scope: Scope) -> str:
        """The path of a route, or the name of a function that a platform calls; empty for any other function."""
        for decorator in scope.decorators:
            value = module.facts.values[decorator]
            func = module.facts.values[value.func] if type(value) is Call else None
            if type(value) is Call and type(func) in (Attr, Name) and func.name.rpartition(".")[2] in _ROUTES:
                given = module.facts.values[value.args[0]] if value.args else None
                return given.value if type(given) is Const and isinstance(given.value, str) else scope.name
        names = tuple(p.name for p in scope.parameters)
        return scope.name if scope.name in _HANDLERS or names[:2] == ("event", "context") else ""
