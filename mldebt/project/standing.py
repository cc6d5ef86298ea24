"""Where a number stands that is used somewhere else: a literal, a constant, a default, what callers pass, entries of a table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Item, Map, Name, Op, Param, Phi, Scope, Site, Span, Store
from mldebt.project.callers import callers, passed_to
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_DEPTH = 6
_BINDS = ("=", "annotated")


class Standing(msgspec.Struct, frozen=True, order=True):
    """A number in the text, and what it is called there. `how`: literal, variable, constant, default, passed, entry, option."""

    path: str
    span: Span
    value: float
    name: str
    how: str


class Found(msgspec.Struct, frozen=True):
    """The numbers that a value can be. `other`: it can also be something that is no number of the text."""

    numbers: tuple[Standing, ...] = ()
    other: bool = False


_NOTHING = Found((), True)


class Standings:
    """Answers for single values."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._namespaces = [s for s in project.catalogue.flags if s.style == "namespace"]

    def of(self, module: Module, index: int, span: Span, scope: int, name: str) -> Found:
        """The numbers that a value can be, which stands at `span` in a scope and is called `name` there."""
        value = module.facts.values[index]
        if type(value) is Const:
            return self._constant(module, index, span, scope, name)
        return self._of(module, index, span, name, "literal", 0)

    def _constant(self, module: Module, index: int, span: Span, scope: int, name: str) -> Found:
        """A number; where a local name holds it, at its binding."""
        number = _number(module, index)
        if number is None:
            return _NOTHING
        while name.isidentifier() and scope >= 0:
            for binding in module.facts.scopes[scope].bindings.get(name, ()):
                if binding.value == index and binding.how in _BINDS:
                    return Found((Standing(module.path, binding.span, number, name, "variable" if scope else "constant"),))
            scope = module.facts.scopes[scope].parent
        return Found((Standing(module.path, span, number, "", "literal"),))

    def _of(self, module: Module, index: int, span: Span, name: str, how: str, depth: int) -> Found:
        value = module.facts.values[index]
        if depth > _DEPTH:
            return _NOTHING
        if type(value) is Const:
            number = _number(module, index)
            return _NOTHING if number is None else Found((Standing(module.path, span, number, name, how),))
        if type(value) is Phi:
            return _joined([self._of(module, o, span, name, how, depth + 1) for o in value.options])
        if type(value) is Bound:
            return self._bound(module, value.scope, value.name, depth)
        if type(value) is Name:
            return self._imported(module, value, depth)
        if type(value) is Param:
            return self._parameter(module, value, depth)
        if type(value) is Attr:
            return self._field(module, value, span, depth)
        if type(value) is Item:
            return Found(tuple(sorted(set(self._entries(module, value.base, span, depth)))))
        if type(value) is Op and value.op in ("+", "-", "*", "/", "neg"):
            known = self._project.evaluator.constant(module, index)
            only = next(iter(known)) if known is not None and len(known) == 1 else None
            if isinstance(only, int | float) and not isinstance(only, bool):
                return Found((Standing(module.path, span, float(only), name, how),))
        return _NOTHING

    def _bound(self, module: Module, scope: int, name: str, depth: int) -> Found:
        bindings = module.facts.scopes[scope].bindings.get(name, ())
        if not bindings or any(b.how not in _BINDS for b in bindings) or len(bindings) > 4:
            return _NOTHING
        how = "constant" if module.facts.scopes[scope].kind in ("module", "class") else "variable"
        return _joined([self._of(module, b.value, b.span, name, how, depth + 1) for b in bindings])

    def _imported(self, module: Module, value: Name, depth: int) -> Found:
        split = self._project.index.split(module.path, value.name)
        if split is None or split[0] not in self._project.modules or not self._project.modules[split[0]].facts.scopes:
            return _NOTHING
        owner = self._project.modules[split[0]]
        if len(split[1]) == 1:
            return self._bound(owner, 0, split[1][0], depth + 1)
        if len(split[1]) == 2:
            target = self._project.resolver.member(Defined(owner.path, 0), split[1][0])
            return self._member(target, split[1][1], depth) if type(target) is Defined else _NOTHING
        return _NOTHING

    def _field(self, module: Module, value: Attr, span: Span, depth: int) -> Found:
        if (option := self._option(module, value)) is not None:
            return option
        target = self._project.resolver.target(module, value.base)
        owner = getattr(target, "of", target)
        return self._member(owner, value.name, depth) if type(owner) is Defined else _NOTHING

    def _option(self, module: Module, value: Attr) -> Found | None:
        """The default of a command line option that is read from what a parser returned."""
        flags = self._project.flags
        declared = [f for f in flags.keys.get(value.name, ()) if f.module.path == module.path]
        if not declared or not any(flags.is_namespace(module, value.base, s) for s in self._namespaces):
            return None
        found: list[Standing] = []
        for flag in declared:
            call = next((flag.module.facts.values[s.value] for s in flag.module.facts.sites if s.span == flag.span), None)
            default = next((v for k, v in call.keywords if k == "default"), None) if type(call) is Call else None
            number = _number(flag.module, default) if default is not None else None
            if number is not None:
                found.append(Standing(flag.module.path, flag.span, number, value.name, "option"))
        return Found(tuple(found), not found)

    def _member(self, owner: Defined, name: str, depth: int) -> Found:
        """What a field or class attribute holds, the class first, then its bases."""
        module, scope = self._project.resolver.scope(owner)
        if scope.kind == "module":
            return self._bound(module, 0, name, depth + 1)
        if scope.kind != "class" or depth > _DEPTH:
            return _NOTHING
        parts = [
            self._of(module, w.value, w.span, name, "constant", depth + 1)
            for w in module.facts.writes
            if w.name == name and self._is_self(module, w.base, owner)
        ]
        if name in scope.bindings:
            parts.append(self._bound(module, owner.scope, name, depth + 1))
        if parts:
            return _joined(parts)
        for base in scope.bases:
            parent = self._project.resolver.target(module, base)
            if type(parent) is Defined and parent != owner:
                found = self._member(parent, name, depth + 1)
                if found.numbers:
                    return found
        return _NOTHING

    def _is_self(self, module: Module, index: int, owner: Defined) -> bool:
        value = module.facts.values[index]
        if type(value) is not Param:
            return False
        scope = module.facts.scopes[value.scope]
        return scope.parent == owner.scope and bool(scope.parameters) and scope.parameters[0].name == value.name

    # parameters ------------------------------------------------------------------------------------------------------

    def _parameter(self, module: Module, value: Param, depth: int) -> Found:
        """The default, and the numbers that callers write out."""
        scope = module.facts.scopes[value.scope]
        parameter = next((p for p in scope.parameters if p.name == value.name), None)
        if parameter is None or parameter.kind in ("*", "**"):
            return _NOTHING
        parts: list[Found] = []
        if parameter.default >= 0:
            parts.append(self._of(module, parameter.default, parameter.span or scope.span, value.name, "default", depth + 1))
        function = Defined(module.path, value.scope)
        missing = False
        for caller, span, given in self._given(function, scope, value.name):
            if given is None:
                missing = True
            elif not caller.is_test:
                parts.append(self._of(caller, given, span, value.name, "passed", depth + 1))
        if parameter.default < 0 and (missing or not parts):
            return _NOTHING
        return _joined(parts)

    def _given(self, function: Defined, scope: Scope, name: str) -> Iterator[tuple[Module, Span, int | None]]:
        for caller, site, call in callers(self._project, function):
            yield caller, site.span, passed_to(self._project, function, call, name)
        if scope.name == "__init__":
            yield from self._made_later(Defined(function.path, scope.parent), name)

    def _made_later(self, owner: Defined, name: str) -> Iterator[tuple[Module, Span, int]]:
        """Keywords that go to the constructor through something that wraps the class: `Deployment.bind(threshold=0.9)`."""
        methods = self._project.resolver.scope(owner)[1].bindings
        for module, site, func, given in self._through.get(name, ()):
            base, last = self._base(module, func)
            if base == owner and last not in methods:
                yield module, site.span, given

    @cached_property
    def _through(self) -> dict[str, list[tuple[Module, Site, Name | Attr, int]]]:
        """Calls of attributes that pass something by keyword, by the keyword."""
        found: dict[str, list[tuple[Module, Site, Name | Attr, int]]] = {}
        for module in self._project.python:
            for site, call, func in module.calls:
                if call.keywords and type(func) in (Name, Attr):
                    for key, given in call.keywords:
                        found.setdefault(key, []).append((module, site, func, given))
        return found

    def _base(self, module: Module, func: Name | Attr) -> tuple[object, str]:
        """What a method is taken of, and its name."""
        if type(func) is Attr:
            return self._project.resolver.target(module, func.base), func.name
        dotted, _, last = func.name.rpartition(".")
        split = self._project.index.split(module.path, dotted) if dotted else None
        if split is None or len(split[1]) != 1 or not self._project.modules[split[0]].facts.scopes:
            return None, last
        return self._project.resolver.member(Defined(split[0], 0), split[1][0]), last

    # tables ----------------------------------------------------------------------------------------------------------

    def _entries(self, module: Module, index: int, span: Span, depth: int) -> Iterator[Standing]:
        """The numbers of a dict of numbers, with what is put into it later."""
        value = module.facts.values[index]
        if depth > _DEPTH:
            return
        if type(value) is Map and value.values and all(_number(module, v) is not None for v in value.values):
            for item in value.values:
                yield Standing(module.path, span, _number(module, item) or 0.0, "", "entry")
        elif type(value) is Store:
            number = _number(module, value.value) if value.how == "[]" else None
            if number is not None:
                yield from self._entries(module, value.base, span, depth + 1)
                yield Standing(module.path, span, number, "", "entry")
        elif type(value) is Bound:
            for binding in module.facts.scopes[value.scope].bindings.get(value.name, ())[:3]:
                yield from self._entries(module, binding.value, binding.span, depth + 1)
        elif type(value) is Name:
            split = self._project.index.split(module.path, value.name)
            if split is not None and len(split[1]) == 1 and self._project.modules[split[0]].facts.scopes:
                owner = self._project.modules[split[0]]
                for binding in owner.facts.scopes[0].bindings.get(split[1][0], ())[:3]:
                    yield from self._entries(owner, binding.value, binding.span, depth + 1)
        elif type(value) is Call:
            yield from self._default_of(module, value, span)
        elif type(value) is Attr:
            yield from self._field_entries(module, value, depth)

    def _default_of(self, module: Module, call: Call, span: Span) -> Iterator[Standing]:
        """The number of `defaultdict(lambda: 0.5)`."""
        func = module.facts.values[call.func]
        if type(func) is Name and func.name == "collections.defaultdict" and call.args:
            made = module.facts.values[call.args[0]]
            returns = module.facts.scopes[made.scope].returns if type(made) is Def else ()
            for index in returns[:1]:
                if (number := _number(module, index)) is not None:
                    yield Standing(module.path, span, number, "", "entry")

    def _field_entries(self, module: Module, value: Attr, depth: int) -> Iterator[Standing]:
        target = self._project.resolver.target(module, value.base)
        owner = getattr(target, "of", target)
        if type(owner) is not Defined:
            return
        held, scope = self._project.resolver.scope(owner)
        if scope.kind != "class":
            return
        for write in held.facts.writes:
            if write.name == value.name and self._is_self(held, write.base, owner):
                yield from self._entries(held, write.value, write.span, depth + 1)
            base = held.facts.values[write.base] if write.key >= 0 else None
            if type(base) is Attr and base.name == value.name and self._is_self(held, base.base, owner):
                if (number := _number(held, write.value)) is not None:
                    yield Standing(held.path, write.span, number, "", "entry")
        for binding in scope.bindings.get(value.name, ())[:1]:
            yield from self._entries(held, binding.value, binding.span, depth + 1)


def _number(module: Module, index: int) -> float | None:
    value = module.facts.values[index]
    if type(value) is Const and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return float(value.value)
    return None


def _joined(parts: list[Found]) -> Found:
    numbers = sorted({number for part in parts for number in part.numbers})
    return Found(tuple(numbers), not parts or any(part.other for part in parts))
