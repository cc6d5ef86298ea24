"""Which columns a model is trained on: the lists by which the features of a `fit` are selected, followed back through the project."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Name, Op, Param, Phi, Seq, Store
from mldebt.project.callers import callers, passed_to
from mldebt.project.events import Event, argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_DEPTH = 30
_CALLERS = 6
_STEPS = 4000
_HALVES = frozenset({"train_test_split"})
_JOINS = frozenset({"append", "extend", "insert", "add", "update", "[]"})


class _Frame(msgspec.Struct, frozen=True):
    """One step into a function: its parameters are what the call passes."""

    function: Defined
    module: Module
    call: Call
    outer: _Frame | None


class Selection(msgspec.Struct, frozen=True):
    """`names` are selected on some way to the model; `open` says that another way selects nothing that can be read."""

    names: frozenset[str] = frozenset()
    open: bool = False
    reads: frozenset[tuple[str, int]] = frozenset()  # the calls that read it: path and value


OPEN = Selection(open=True)


def _joined(parts: list[Selection]) -> Selection:
    if not parts:
        return OPEN
    names, reads = frozenset().union(*(p.names for p in parts)), frozenset().union(*(p.reads for p in parts))
    return Selection(names, any(p.open for p in parts), reads)


class Selections:
    """Selections of frames, and of everything that is trained."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._reads = {(e.module.path, e.site.value): e for e in project.calls("read")}
        self._trains = {(e.module.path, e.site.value): e for role in ("train", "transform") for e in project.calls(role)}
        self._steps = self._named = 0
        self._complete = True

    def trained(self) -> list[tuple[Event, Selection]]:
        """Every training outside tests whose features are given, with what they are selected by."""
        found = []
        for event in self._project.calls("train"):
            features = argument(event.call, event.entry.args.get("features"))
            if features is not None and not event.module.is_test and not event.name.startswith("transformer."):
                found.append((event, self.of(event.module, features)))
        return found

    def of(self, module: Module, index: int) -> Selection:
        """The columns that a frame is reduced to on its way from where it was read."""
        self._steps = 0
        return self._of(module, index, None, frozenset(), 0)

    def _of(self, module: Module, index: int, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int) -> Selection:
        key = (module.path, index)
        self._steps += 1
        if index < 0 or depth > _DEPTH or key in seen or self._steps > _STEPS:
            return OPEN
        seen = seen | {key}
        value = module.facts.values[index]

        def each(*others: int) -> Selection:
            parts = [self._of(module, o, frame, seen, depth + 1) for o in dict.fromkeys(others) if (module.path, o) not in seen]
            return _joined(parts)

        if type(value) is Item:
            return self._item(module, value, frame, seen, depth)
        if type(value) in (Phi, Seq):
            return each(*(value.options if type(value) is Phi else value.items))
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return each(*(b.value for b in bindings if b.how != "del"))
        if type(value) in (Attr, Store):
            return each(value.base)
        if type(value) is Elem:
            return each(value.of)
        if type(value) is Op:
            return each(*value.operands[:1]) if value.op != "?:" else each(*value.operands[1:])
        if type(value) is Call:
            return self._call(module, index, value, frame, seen, depth)
        if type(value) is Param:
            return self._parameter(module, value, frame, seen, depth)
        return OPEN

    def _item(self, module: Module, value: Item, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int) -> Selection:
        names = self.names(module, value.key, frame)
        if names:
            return Selection(names, reads=self._of(module, value.base, frame, seen, depth + 1).reads)
        key = module.facts.values[value.key]
        base = module.facts.values[value.base]
        if type(key) is Const and isinstance(key.value, int) and not isinstance(key.value, bool):
            return self._part(module, value.base, key.value, frame, seen, depth)
        if type(key) is Const or (type(base) is Attr and base.name in ("loc", "iloc") and type(key) is Seq and len(key.items) > 1):
            if type(key) is Seq and type(rest := module.facts.values[key.items[-1]]) is Op and rest.op == "slice":
                return self._of(module, value.base, frame, seen, depth + 1)
            return OPEN
        return self._of(module, value.base, frame, seen, depth + 1)

    def _part(
        self, module: Module, index: int, place: int, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int
    ) -> Selection:
        """One of several results: of a function of the project, or of a call that splits what it is given."""
        value = module.facts.values[index]
        if depth > _DEPTH:
            return OPEN
        if type(value) is Seq and value.kind != "comp" and -len(value.items) <= place < len(value.items):
            return self._of(module, value.items[place], frame, seen, depth + 1)
        if type(value) in (Phi, Bound):
            if type(value) is Phi:
                others = value.options
            else:
                others = tuple(b.value for b in module.facts.scopes[value.scope].bindings.get(value.name, ()) if b.how != "del")
            return _joined(
                [
                    self._part(module, o, place, frame, seen | {(module.path, index)}, depth + 1)
                    for o in others
                    if (module.path, o) not in seen
                ]
            )
        if type(value) is Call:
            target = self._project.resolver.callee(module, value)
            if type(target) is Defined:
                owner, scope = self._project.resolver.scope(target)
                inner = _Frame(target, module, value, frame)
                return _joined([self._part(owner, r, place, inner, seen | {(module.path, index)}, depth + 1) for r in scope.returns])
            if type(target) is External and target.name.rpartition(".")[2] in _HALVES and 0 <= place // 2 < len(value.args):
                return self._of(module, value.args[place // 2], frame, seen, depth + 1)
        return OPEN

    def _call(
        self, module: Module, index: int, call: Call, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int
    ) -> Selection:
        event = self._reads.get((module.path, index))
        if event is not None:
            columns = argument(call, event.entry.args.get("columns"))
            names = self.names(module, columns, frame) if columns is not None else frozenset()
            return Selection(names, not names, frozenset({(module.path, index)}))
        event = self._trains.get((module.path, index))
        features = argument(call, event.entry.args.get("features")) if event is not None else None
        if features is not None:
            return self._of(module, features, frame, seen, depth + 1)
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            owner, scope = self._project.resolver.scope(target)
            if scope.kind == "class" or scope.generator:
                return OPEN
            inner = _Frame(target, module, call, frame)
            return _joined([self._of(owner, r, inner, seen, depth + 1) for r in scope.returns])
        func = module.facts.values[call.func]
        if type(func) is Attr:
            return self._of(module, func.base, frame, seen, depth + 1)
        if type(func) is Name and (call.args or call.keywords):
            first = call.args[0] if call.args else call.keywords[0][1]
            return self._of(module, first, frame, seen, depth + 1)
        return OPEN

    def _parameter(self, module: Module, value: Param, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int) -> Selection:
        function = Defined(module.path, value.scope)
        if frame is not None and frame.function == function:
            passed = passed_to(self._project, function, frame.call, value.name)
            return OPEN if passed is None else self._of(frame.module, passed, frame.outer, seen, depth + 1)
        parts = []
        for caller, _, call in callers(self._project, function)[:_CALLERS]:
            passed = passed_to(self._project, function, call, value.name)
            parts.append(OPEN if passed is None else self._of(caller, passed, None, seen, depth + 1))
        return _joined(parts)

    # lists of names --------------------------------------------------------------------------------------------------

    def names(self, module: Module, index: int, frame: _Frame | None = None) -> frozenset[str]:
        """The column names that a list may hold; empty when it is not a list of names, or a single name by itself."""
        self._named = 0
        return frozenset(self._names(module, index, frame, frozenset(), 0, False))

    def chosen(self, module: Module, index: int) -> frozenset[str] | None:
        """Every column name that a key may hold; None when some of them cannot be told."""
        self._complete = True
        names = self.names(module, index)
        return names if self._complete else None

    def _names(
        self, module: Module, index: int, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int, inside: bool
    ) -> set[str]:
        key = (module.path, index)
        if key in seen:
            return set()
        self._named += 1
        if index < 0 or depth > _DEPTH or self._named > _STEPS:
            return self._unknown()
        seen = seen | {key}
        value = module.facts.values[index]

        def each(*others: int, inside: bool = inside) -> set[str]:
            found: set[str] = set()
            for other in others:
                found |= self._names(module, other, frame, seen, depth + 1, inside)
            return found

        if type(value) is Const:
            return {value.value} if isinstance(value.value, str) and (inside or depth > 0) else set()
        if type(value) is Seq:
            if value.kind == "tuple" and not inside and value.items:
                return each(value.items[-1])  # [rows, columns]
            return each(*value.items, inside=True)
        if type(value) is Phi:
            return each(*value.options)
        if type(value) is Op and value.op in ("+", "-", "|", "&"):
            return each(*value.operands)
        if type(value) is Elem:
            return each(value.of)
        if type(value) is Store and value.how in _JOINS:
            return each(value.base) | each(value.value, inside=True)
        if type(value) is Store:
            return each(value.base)
        if type(value) is Bound:
            return each(*(b.value for b in module.facts.scopes[value.scope].bindings.get(value.name, ()) if b.how != "del"))
        if type(value) in (Name, Attr):
            return self._elsewhere(module, index, seen, depth)
        if type(value) is Param:
            return self._passed(module, value, frame, seen, depth)
        if type(value) is Call:
            target = self._project.resolver.callee(module, value)
            if type(target) is Defined:
                owner, scope = self._project.resolver.scope(target)
                inner = _Frame(target, module, value, frame)
                found = set()
                if scope.kind != "function" or not scope.returns:
                    return self._unknown()
                for result in scope.returns:
                    found |= self._names(owner, result, inner, seen, depth + 1, False)
                return found
            if type(module.facts.values[value.func]) is Name and len(value.args) == 1:  # list(x), sorted(x), set(x)
                return each(value.args[0])
        return self._unknown()

    def _unknown(self) -> set[str]:
        self._complete = False
        return set()

    def _elsewhere(self, module: Module, index: int, seen: frozenset[tuple[str, int]], depth: int) -> set[str]:
        """The list that an imported name or a class attribute stands for."""
        value = module.facts.values[index]
        if type(value) is Name:
            split = self._project.index.split(module.path, value.name)
            if split is None or len(split[1]) != 1 or split[0] not in self._project.modules:
                return self._unknown()
            owner = self._project.modules[split[0]]
            bindings = owner.facts.scopes[0].bindings.get(split[1][0], ()) if owner.facts.scopes else ()
            return (
                set().union(*(self._names(owner, b.value, None, seen, depth + 1, False) for b in bindings)) if bindings else self._unknown()
            )
        assert type(value) is Attr
        base = self._project.resolver.target(module, value.base)
        owner_class = base if type(base) is Defined else getattr(base, "of", None)
        if type(owner_class) is not Defined:
            return self._unknown()
        owner, scope = self._project.resolver.scope(owner_class)
        values = [b.value for b in scope.bindings.get(value.name, ())] if scope.kind in ("class", "module") else []
        values += self._project.resolver.fields(owner_class).get(value.name, ())
        return set().union(*(self._names(owner, v, None, seen, depth + 1, False) for v in values)) if values else self._unknown()

    def _passed(self, module: Module, value: Param, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int) -> set[str]:
        function = Defined(module.path, value.scope)
        if frame is not None and frame.function == function:
            passed = passed_to(self._project, function, frame.call, value.name)
            return self._unknown() if passed is None else self._names(frame.module, passed, frame.outer, seen, depth + 1, False)
        found: set[str] = set()
        calls = callers(self._project, function)
        for caller, _, call in calls[:_CALLERS]:
            passed = passed_to(self._project, function, call, value.name)
            found |= self._unknown() if passed is None else self._names(caller, passed, None, seen, depth + 1, False)
        return found if 0 < len(calls) <= _CALLERS else found | self._unknown()
