"""Which artifacts the values of a call were read from, for calls that put arrays or frames side by side by the order of their rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Elem, Item, Name, Op, Param, Phi, Seq, Span, Star, Store
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.conditions import Conditions
from mldebt.project.events import argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_DEEPEST = 24
_MOST = 400  # values that one question looks at
_KEYED = frozenset({
    "merge", "join", "join_asof", "merge_asof", "merge_ordered", "set_index", "reindex", "reindex_like", "align", "index_col",
})  # fmt: skip
_LEARNED = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "fit_transform", "fit_predict"})

_MODEL = re.compile(r"\.(?:onnx|pth?|ckpt|tflite|pb|safetensors|keras|bin|cbm|pmml|gguf)$")


class Side(msgspec.Struct, frozen=True):
    """One of the values that are put side by side."""

    reads: tuple[Access, ...]
    keyed: bool  # rows were matched by a key, or have one, on the way


class Stack(msgspec.Struct, frozen=True):
    """A call that puts values side by side."""

    module: Module
    span: Span
    name: str
    sides: tuple[Side, ...]


class Stacks:
    """The stacking calls of the Python files, tests left out, in path and line order."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._reads: dict[tuple[str, Span], list[Access]] = defaultdict(list)
        for access in project.artifacts.accesses:
            if access.direction == "read" and access.identity is not None and not _MODEL.search(label(access.identity)):
                self._reads[access.place.path, access.place.span].append(access)
        self._spans: dict[str, dict[int, Span]] = {}

    def all(self) -> Iterator[Stack]:
        conditions = Conditions(self._project)
        events = [e for e in self._project.calls("stack") if not e.module.is_test and conditions.holds(e)]
        for event in sorted(events, key=lambda e: (e.module.path, e.site.span)):
            index = argument(event.call, event.entry.args["arrays"]) if "arrays" in event.entry.args else None
            if index is not None and index >= 0:
                yield self._stack(event.module, event.site.span, event.entry.name, self._items(event.module, index))
        yield from self._subscripted()

    def _subscripted(self) -> Iterator[Stack]:
        """`numpy.c_[a, b]`: entries without arguments are indexed with what they stack."""
        names = {entry.name for entry in self._project.catalogue.roles.get("stack", ()) if not entry.args}
        for module in self._project.python:
            for use in () if module.is_test else module.facts.uses:
                value = module.facts.values[use.value]
                while type(value) is Attr:
                    value = module.facts.values[value.base]
                func = module.facts.values[value.base] if type(value) is Item else None
                if type(value) is Item and type(func) is Name and func.name in names:
                    yield self._stack(module, use.span, func.name, self._items(module, value.key))

    def _stack(self, module: Module, span: Span, name: str, items: tuple[int, ...]) -> Stack:
        return Stack(module, span, name, tuple(self._side(module, item) for item in items))

    def _items(self, module: Module, index: int) -> tuple[int, ...]:
        for _ in range(4):
            value = module.facts.values[index]
            if type(value) is Seq and value.kind in ("list", "tuple"):
                return value.items
            if not (type(value) is Phi and len(value.options) == 1):
                return ()
            index = value.options[0]
        return ()

    # what a value was read from ----------------------------------------------------------------------------------------

    def _side(self, module: Module, index: int) -> Side:
        seen: set[tuple[str, int]] = set()
        reads: list[Access] = []
        keyed = False
        queue = [(module, index, 0)]
        while queue and len(seen) < _MOST:
            owner, at, depth = queue.pop()
            if at < 0 or depth > _DEEPEST or (owner.path, at) in seen:
                continue
            seen.add((owner.path, at))
            value = owner.facts.values[at]
            if type(value) is Call:
                func = owner.facts.values[value.func]
                called = func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""
                keyed = keyed or called in _KEYED or any(name in _KEYED for name, _ in value.keywords)
                found = self._found(owner, at)
                if found:
                    reads += found
                    continue
            queue += [(where, other, depth + 1) for where, other in self._from(owner, at)]
        return Side(tuple(dict.fromkeys(reads)), keyed)

    def _found(self, module: Module, index: int) -> list[Access]:
        if module.path not in self._spans:
            self._spans[module.path] = {site.value: site.span for site in module.facts.sites}
        span = self._spans[module.path].get(index)
        return self._reads.get((module.path, span), []) if span is not None else []

    def _from(self, module: Module, index: int) -> Iterable[tuple[Module, int]]:
        """The values that a value is made of: more rather than fewer, so that what has a common origin is seen to have it."""
        value = module.facts.values[index]
        match value:
            case Call():
                return self._from_call(module, value)
            case Attr(base=base) | Item(base=base) | Elem(of=base) | Star(value=base):
                return [(module, base)]
            case Store(base=base, value=stored):
                return [(module, base), (module, stored)]
            case Op(operands=operands) | Phi(options=operands) | Seq(items=operands):
                return [(module, operand) for operand in operands]
            case Bound(scope=scope, name=name):
                bindings = module.facts.scopes[scope].bindings.get(name, ())
                return [(module, binding.value) for binding in bindings]
            case Param():
                return self._passed(module, value)
        return []

    def _from_call(self, module: Module, call: Call) -> list[tuple[Module, int]]:
        func = module.facts.values[call.func]
        given = [(module, index) for index in (*call.args, *(index for _, index in call.keywords))]
        if type(func) is Attr and not (func.name in _LEARNED and call.args):
            given.append((module, func.base))
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            owner, scope = self._project.resolver.scope(target)
            given += [(owner, index) for index in scope.returns]
        return given

    def _passed(self, module: Module, value: Param) -> list[tuple[Module, int]]:
        from mldebt.project.callers import callers, passed_to

        function = Defined(module.path, value.scope)
        found = []
        for caller, _, call in callers(self._project, function)[:8]:
            index = passed_to(self._project, function, call, value.name)
            if index is not None:
                found.append((caller, index))
        return found
