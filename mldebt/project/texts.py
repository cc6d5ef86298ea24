"""The constant texts that a value is made of, and where they are written: through names, parameters, helpers and formatting."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Phi, Seq, Span, Store, Template
from mldebt.project.callers import callers, passed_to
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_DEPTH = 14
_MOST = 40
_STEPS = 4_000  # of one question: values that are made of each other twice and twice again have no end


class Written(msgspec.Struct, frozen=True):
    """A text and its place; `{}` stands for what is not known."""

    text: str
    module: Module
    span: Span


class Texts:
    """Follows values backwards to string constants."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._steps = 0
        self._bound: dict[str, dict[int, list[Span]]] = {}

    def of(self, module: Module, index: int, span: Span) -> list[Written]:
        """Texts that the value may be or be made of; `span` is where the value is used."""
        self._steps = 0
        return self._of(module, index, span, 0, frozenset())

    def _of(self, module: Module, index: int, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        self._steps += 1
        if index < 0 or depth > _DEPTH or (module.path, index) in seen or self._steps > _STEPS:
            return []
        value = module.facts.values[index]
        span = self._bound_at(module, index, span)
        inside = seen | {(module.path, index)}

        def each(*indexes: int) -> list[Written]:
            return [w for i in indexes for w in self._of(module, i, span, depth + 1, inside)][:_MOST]

        match value:
            case Const():
                return [Written(value.value, module, span)] if isinstance(value.value, str) else []
            case Template():
                return self._joined(module, value.parts, span, depth, inside)
            case Op():
                parts = value.operands[:1] if value.op == "%" else value.operands
                return self._joined(module, parts, span, depth, inside) if value.op in ("+", "/") else each(*parts)
            case Phi():
                return each(*value.options[:8])
            case Seq():
                return each(*value.items[:20])
            case Map():
                return each(*value.values[:20])
            case Elem():
                return each(value.of)
            case Item() | Store():
                return each(value.base)
            case Bound():
                return self._variable(module, value.scope, value.name, span, depth, inside)
            case Name():
                return self._imported(module, value.name, span, depth, inside)
            case Param():
                return self._parameter(module, value, span, depth, inside)
            case Attr():
                return self._field(module, value, span, depth, inside)
            case Call():
                return self._call(module, value, span, depth, inside)
        return []

    def _joined(self, module: Module, parts: tuple[int, ...], span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        """One text of the first choice of every part, at the place of its longest constant."""
        found = [self._of(module, part, span, depth + 1, seen)[:1] for part in parts]
        text = "".join(w[0].text if w else "{}" for w in found)
        longest = max((w[0] for w in found if w), key=lambda w: len(w.text), default=None)
        return [Written(text, longest.module, longest.span)] if longest is not None else []

    def _variable(self, module: Module, scope: int, name: str, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        bindings = module.facts.scopes[scope].bindings.get(name, ())
        return [w for b in bindings[:4] if b.how in ("=", "annotated", "for") for w in self._of(module, b.value, b.span, depth + 1, seen)]

    def _imported(self, module: Module, name: str, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        split = self._project.index.split(module.path, name)
        if split is None or len(split[1]) != 1 or split[0] not in self._project.modules:
            return []
        owner = self._project.modules[split[0]]
        return self._variable(owner, 0, split[1][0], span, depth, seen) if owner.facts.scopes else []

    def _parameter(self, module: Module, value: Param, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        parameter = next((p for p in module.facts.scopes[value.scope].parameters if p.name == value.name), None)
        if parameter is None:
            return []
        function = Defined(module.path, value.scope)
        found: list[Written] = []
        calls = callers(self._project, function)
        passed = [(m, s, passed_to(self._project, function, c, value.name)) for m, s, c in calls[:20]]
        if parameter.default >= 0 and (not passed or any(given is None for _, _, given in passed)):
            found += self._of(module, parameter.default, parameter.span or span, depth + 1, seen)
        for caller, site, given in passed:
            if given is not None and not caller.is_test:
                found += self._of(caller, given, site.span, depth + 1, seen)
        return found[:_MOST]

    def _field(self, module: Module, value: Attr, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        base = module.facts.values[value.base]
        owner = module.facts.scopes[base.scope].parent if type(base) is Param else -1
        if owner < 0 or module.facts.scopes[owner].kind != "class":
            return []
        fields = self._project.resolver.fields(Defined(module.path, owner)).get(value.name, [])
        bound = module.facts.scopes[owner].bindings.get(value.name, ())
        return [w for i in (*fields[:3], *(b.value for b in bound[:2])) for w in self._of(module, i, span, depth + 1, seen)]

    def _call(self, module: Module, call: Call, span: Span, depth: int, seen: frozenset[tuple[str, int]]) -> list[Written]:
        """What a function of the project returns; else the receiver of a method and the arguments of anything else."""
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            owner, scope = self._project.resolver.scope(target)
            if scope.kind == "class":
                return []
            return [w for r in scope.returns[:4] for w in self._of(owner, r, scope.span, depth + 1, seen)]
        func = module.facts.values[call.func]
        method = type(func) is Attr and type(module.facts.values[func.base]) is not Name
        inner = [func.base] if type(func) is Attr and method and func.name in ("format", "strip", "rstrip", "lower", "as_posix") else []
        name = func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""
        if name in ("getenv", "get", "pop", "setdefault"):
            inner += call.args[1:]  # the first names what is looked up
        elif not method:
            inner += call.args
        if type(func) is Name and name in ("join", "urljoin"):
            return self._joined(module, call.args, span, depth, seen)
        return [w for i in inner for w in self._of(module, i, span, depth + 1, seen)][:_MOST]

    def _bound_at(self, module: Module, index: int, use: Span) -> Span:
        """Where the value was bound to a name last before it is used."""
        if module.path not in self._bound:
            found: dict[int, list[Span]] = {}
            for scope in module.facts.scopes:
                for bindings in scope.bindings.values():
                    for binding in bindings:
                        if binding.how in ("=", "annotated"):
                            found.setdefault(binding.value, []).append(binding.span)
                for parameter in scope.parameters:
                    if parameter.span is not None:
                        found.setdefault(parameter.default, []).append(parameter.span)
            self._bound[module.path] = found
        spans = self._bound[module.path].get(index, [])
        before = [span for span in spans if span.line <= use.end_line]
        return max(before or spans[:1], key=lambda span: (span.line, span.column), default=use)
