"""Calls that matter for leakage: what learns, transforms, predicts, scores, splits and resamples, and on which object."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Param, Site, Store, Value
from mldebt.project.events import argument, callee_name
from mldebt.project.flow.model import ALL, Calls, Node
from mldebt.project.leakage import operations
from mldebt.project.leakage.branches import Branches
from mldebt.project.leakage.edges import Edge
from mldebt.project.models.identity import Identities
from mldebt.project.models.model import PREPARING
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_FEATURES = ("X", "x", "features", "data", "dtrain", "train_set", "raw_documents", "train_data", "training_data", "generator")
_NETWORKS = frozenset({"model", "net", "network"})
_CONTEXTS = 6
_LEAVES_OUT = re.compile("Under|Tomek|NearMiss|Edited|OneSided|Condensed|Hardness|KNN$")  # resamplers that make no rows
_CODES = ("LabelEncoder", "OneHotEncoder", "OrdinalEncoder", "Binarizer")  # also of a project's own making
_STATELESS = "stateless-transformer"
_CONTAINERS = frozenset({"dataframe", "series", "groupby", "ndarray", "spark-frame", "polars-frame", "dask-frame", "path", "figure"})


class Use(msgspec.Struct, frozen=True):
    """A call on a learning object. `kind`: fit (a model), learn (a preparation that depends on the rows), predict, score, validate."""

    kind: str
    path: str
    value: int
    site: Site
    object: int  # the receiver; the call itself, when it returns the model
    features: tuple[int, ...]
    label: str  # what is called, for readers: `StandardScaler.fit`
    known: bool = True  # whether the object's class is known

    def node(self, calls: tuple[tuple[str, int], ...] = ()) -> Node:
        return Node(self.path, self.value, calls)


_TELLING = operations.SPLITS | operations.RESAMPLES | operations.LEARNS | operations.PREDICTS | operations.SCORES | {"transform"}


class Sites:
    """Found by one pass over the calls of each file."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.branches = Branches(project)
        self._identities = Identities(project, project.flow)
        self._kinds: dict[tuple[str, int], str] = {}
        self._uses: dict[tuple[str, int], Use] = {}
        self._in_place: dict[str, dict[int, list[tuple[str | None, int]]]] = {}
        self._by_object: dict[object, list[Use]] | None = None
        self._roots: dict[Node, frozenset[object]] = {}
        self._loops = any(self._is_backward(m, s) for m, s, _ in project.called.get("backward", ()))
        for module in project.python:
            for site, call, func in module.calls:
                if type(func) is not Attr or func.name in _TELLING or call.keywords or self._loops:
                    self._add(module, site)
            self._note_attributes(module)

    @property
    def uses(self) -> list[Use]:
        return list(self._uses.values())

    def kind(self, module: Module, index: int) -> str:
        """fit, learn, harmless, transform, predict, score, split, resample, or nothing."""
        return self._kinds.get((module.path, index), "")

    def use(self, path: str, index: int) -> Use | None:
        return self._uses.get((path, index))

    def roles(self, module: Module, index: int) -> frozenset[str]:
        call = module.facts.values[index]
        assert type(call) is Call
        target = self._project.resolver.callee(module, call)
        return frozenset(role for entry in self._project.flow.steps.entries(module, call, target) for role in entry.roles)

    def split(self, module: Module, index: int) -> Call | None:
        call = module.facts.values[index]
        return call if self.kind(module, index) == "split" and type(call) is Call else None

    def is_part(self, module: Module, index: int) -> bool:
        """Whether the value is one part of a split."""
        value = module.facts.values[index]
        return type(value) is Item and type(module.facts.values[value.base]) is Call and self.kind(module, value.base) == "split"

    def resampled(self, module: Module, index: int) -> tuple[int, ...]:
        call = module.facts.values[index]
        if self.kind(module, index) not in ("resample", "subsample") or type(call) is not Call:
            return ()
        return (*call.args, *(v for k, v in call.keywords if k in ("X", "y")))

    # objects ---------------------------------------------------------------------------------------------------------

    def roots(self, node: Node) -> frozenset[object]:
        """What the object is, so that two uses of it meet: its makers, or the variable where nobody is seen to make it."""
        if node not in self._roots:
            self._roots[node] = frozenset()
            makers = self._identities.of(node)
            self._roots[node] = frozenset((m.path, m.index) for m in makers) or frozenset({self._variable(node)})
        return self._roots[node]

    def _variable(self, node: Node) -> object:
        values = self._project.modules[node.path].facts.values
        value = values[node.index]
        while type(value) is Store:
            value = values[value.base]
        if type(value) is Attr:
            return node.path, value.name, repr(values[value.base])
        return node.path, repr(value) if type(value) is not Call else node.index, node.calls

    def learned(self, receiver: Node, user: Node | None = None) -> Iterator[Edge]:
        """From an object to the rows from which it learned: by the last fit before the use, where both stand in one place."""
        found = self._fits_of(receiver)
        if user is not None and (site := self._site(user)) is not None:
            here = [u for u in found if u.path == user.path and u.site.scope == site.scope]
            before = [u for u in here if u.site.span <= site.span and u.value != user.index]
            if before:
                found = before[-1:]
            elif here:
                found = here
        for use in found:
            for index in use.features[:1]:
                for calls in self._callers(use, receiver):
                    yield Edge("learned", Node(use.path, index, calls, ALL), Node(use.path, use.value, calls))

    def _callers(self, use: Use, receiver: Node) -> list[Calls]:
        """From where a fit is reached: as the object is, or from other callers when that way does not run it."""
        here = receiver.calls if use.path == receiver.path else ()
        module = self._project.modules[use.path]
        if self.branches.runs(use.node(here), module):
            return [here]
        others = self._project.flow.contexts(use.path, use.site.scope, depth=max(len(here), 1), limit=_CONTEXTS)
        return [calls for calls in others if self.branches.runs(use.node(calls), module)]

    def _fits_of(self, receiver: Node) -> list[Use]:
        if self._by_object is None:
            by_object: dict[object, list[Use]] = defaultdict(list)
            for use in self._uses.values():
                if use.kind in ("learn", "fit"):
                    for root in self.roots(Node(use.path, use.object)):
                        by_object[root].append(use)
            self._by_object = by_object
        found: dict[tuple[str, int], Use] = {}
        for root in self.roots(receiver._replace(demand=ALL)):
            for use in self._by_object.get(root, ()):
                found[use.path, use.value] = use
        return sorted(found.values(), key=lambda u: (u.path, u.site.span))

    def _site(self, node: Node) -> Site | None:
        return self._project.flow.steps.files.site(self._project.modules[node.path], node.index)

    # classification --------------------------------------------------------------------------------------------------

    def _add(self, module: Module, site: Site) -> None:
        call = module.facts.values[site.value]
        assert type(call) is Call
        func = module.facts.values[call.func]
        name = func.name if type(func) is Attr else self.called(module, call).rpartition(".")[2]
        if self._loops and call.args and self._is_network(module, call):
            self._kinds[module.path, site.value] = "predict"
            label = func.name if type(func) in (Bound, Param) else "model"
            self._uses[module.path, site.value] = Use("forward", module.path, site.value, site, call.func, call.args[:1], label, False)
            return
        if not name:
            return
        if any(k == "inplace" and module.facts.values[v] == Const(True) for k, v in call.keywords) and type(func) is Attr:
            self._note_in_place(module, func, call)
        kind, use_kind, label, known = self._classified(module, call, func, name)
        if not kind:
            return
        self._kinds[module.path, site.value] = kind
        if use_kind:
            receiver = func.base if type(func) is Attr else site.value
            features = self._features(module, call, use_kind)
            self._uses[module.path, site.value] = Use(use_kind, module.path, site.value, site, receiver, features, label, known)

    def called(self, module: Module, call: Call) -> str:
        """The dotted name of a function of a package, or that of an unknown one as it is written."""
        target = self._project.resolver.callee(module, call)
        if type(target) is External:
            return target.name
        func = module.facts.values[call.func]
        return func.name if type(func) is Name and target is None else ""

    def _classified(self, module: Module, call: Call, func: Value, name: str) -> tuple[str, str, str, bool]:
        if name in operations.SPLITS:
            return "split", "", name, True
        if name in operations.RESAMPLES:
            maker = self._maker(module, func.base)[0] if type(func) is Attr else ""
            return "subsample" if _LEAVES_OUT.search(maker) else "resample", "", f"{maker}.{name}".lstrip("."), True
        if type(func) is not Attr:
            if name in operations.SCALES:
                return "", "", "", False
            target = self._project.resolver.callee(module, call)
            entries = self._project.resolver.entries(target.name) if type(target) is External else ()
            roles = {role for e in entries for role in e.roles}
            if "train" in roles and "metric" in roles:
                return "score", "validate", name, True
            if "train" in roles:
                return "fit", "fit", name, True
            return "", "", "", False
        if name not in operations.LEARNS | operations.PREDICTS | operations.SCORES | {"transform"} or not (call.args or call.keywords):
            return "", "", "", False
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined or (type(target) is Instance and type(target.of) is Defined):
            return "", "", "", False
        base = module.facts.values[func.base]
        if type(base) is Call and module.facts.values[base.func] == Name("builtins.super"):
            return "", "", "", False
        maker, kind = self._maker(module, func.base)
        if kind in _CONTAINERS:
            return "", "", "", False
        label = f"{maker}.{name}" if maker else name
        known = bool(maker)
        if name in operations.PREDICTS:
            return "predict", "predict", label, known
        if name in operations.SCORES:
            return "score", "score", label, known
        if name == "transform":
            return "transform", "", label, known
        harmless = maker in operations.STATELESS or maker.endswith(_CODES) or kind in (_STATELESS, "label-encoder")
        if harmless:
            return "harmless" if name != "fit_transform" else "transform", "", label, known
        if name in ("fit_transform", "fit_on_texts", "fit_on_sequences", "fit_predict") or kind in PREPARING:
            return "learn", "learn", label, known
        if name == "fit" and not kind and self._transforms(module, func.base):
            return "learn", "learn", label, known
        return "fit", "fit", label, known

    def _transforms(self, module: Module, receiver: int) -> bool:
        """Whether the object is also asked to transform, and never to predict."""
        names = set()
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            func = module.facts.values[call.func] if type(call) is Call else None
            if type(func) is Attr and func.base == receiver:
                names.add(func.name)
        return "transform" in names and not names & (operations.PREDICTS | operations.SCORES)

    def _maker(self, module: Module, index: int) -> tuple[str, str]:
        """The class of an object, the last part of its name, and its kind in the catalogue."""
        target = self._project.resolver.target(module, index)
        if type(target) is Instance and type(target.of) is External:
            last = target.of.name.rpartition(".")[2]
            return (last, target.kind) if last[:1].isupper() else ("", target.kind)
        value = module.facts.values[index]
        if type(value) is Call:
            func = module.facts.values[value.func]
            made = callee_name(t) if (t := self._project.resolver.callee(module, value)) is not None else ""
            last = (made or (func.name if type(func) in (Attr, Name) else "")).rpartition(".")[2]
            if last[:1].isupper():
                return last, ""
        return "", ""

    def _features(self, module: Module, call: Call, kind: str) -> tuple[int, ...]:
        target = self._project.resolver.callee(module, call)
        entries = self._project.flow.steps.entries(module, call, target)
        for entry in entries:
            if (place := entry.args.get("features")) is not None and (found := argument(call, place)) is not None:
                return (found,)
        if type(module.facts.values[call.func]) is Attr:
            named = tuple(v for k, v in call.keywords if k in _FEATURES)
            return call.args[:1] or named
        return ()

    # training loops --------------------------------------------------------------------------------------------------

    def _is_backward(self, module: Module, site: Site) -> bool:
        call = module.facts.values[site.value]
        func = module.facts.values[call.func] if type(call) is Call else None
        return type(func) is Attr and func.name == "backward" and site.statement

    def losses(self) -> Iterator[Node]:
        """What training loops minimise."""
        for module in self._project.python:
            for site in module.facts.sites:
                if self._is_backward(module, site):
                    call = module.facts.values[site.value]
                    assert type(call) is Call
                    func = module.facts.values[call.func]
                    assert type(func) is Attr
                    yield Node(module.path, func.base)

    def _is_network(self, module: Module, call: Call) -> bool:
        """Whether the call asks an object that has a forward pass, or a parameter annotated or named as one."""
        target = self._project.resolver.target(module, call.func)
        if type(target) is Instance:
            if type(target.of) is Defined:
                return type(self._project.resolver.member(target, "forward")) is Defined
            return target.kind == "torch-module"
        value = module.facts.values[call.func]
        return target is None and type(value) in (Param, Bound) and value.name in _NETWORKS

    # changes in place ------------------------------------------------------------------------------------------------

    def put_in_place(self, module: Module) -> dict[int, list[tuple[str | None, int]]]:
        """By frame: (column, value) of what methods put into it in place."""
        return self._in_place.get(module.path, {})

    def _note_attributes(self, module: Module) -> None:
        """`frame.column = values`."""
        table = self._in_place.setdefault(module.path, {})
        for write in module.facts.writes:
            if write.name and not self._project.flow.steps.is_self(module, write.base):
                table.setdefault(write.base, []).append((write.name, write.value))

    def _note_in_place(self, module: Module, func: Attr, call: Call) -> None:
        column: str | None = None
        base = func.base
        value = module.facts.values[base]
        if type(value) is Item:
            key = module.facts.values[value.key]
            column = key.value if type(key) is Const and isinstance(key.value, str) else None
            base = value.base
        elif type(value) is Attr and value.name not in ("loc", "iloc"):
            column, base = value.name, value.base
        table = self._in_place.setdefault(module.path, {})
        for index in (*call.args, *(v for k, v in call.keywords if k in ("value", "other"))):
            table.setdefault(base, []).append((column, index))
