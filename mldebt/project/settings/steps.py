"""Variables of the environment that a remote step reads, and that the declaration of its environment does not pass."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Bound, Call, Const, Item, Map, Name, Scope, Span
from mldebt.project.events import argument, callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_DEPTH = 4


class Step(msgspec.Struct, frozen=True):
    """A function, the declaration of its environment, and what it reads beside it."""

    module: Module
    scope: Scope
    declared: Span
    reads: tuple[tuple[str, Span], ...]


def steps(project: Project) -> Iterator[Step]:
    """The steps that read what they are not passed, in path and text order."""
    declarers = {name for s in project.catalogue.flags if s.kind == "env" for name in s.decorators}
    paths = {module.path for name in sorted(declarers) for module, _, _ in project.events.named.get(name, ())}
    for path in sorted(paths):
        module = project.modules[path]
        if module.is_test:
            continue
        reads = list(_reads(project, module))
        for index, scope in enumerate(module.facts.scopes):
            for decorator in scope.decorators if scope.kind == "function" else ():
                passed = _passed(project, module, decorator, declarers)
                if passed:
                    beside = tuple((name, span) for name, span, at in reads if at == index and name not in passed)
                    if beside:
                        site = next((s.span for s in module.facts.sites if s.value == decorator), scope.span)
                        yield Step(module, scope, site, beside)


def _passed(project: Project, module: Module, decorator: int, declarers: set[str]) -> frozenset[str]:
    """The variables that a decorator passes; empty where it passes none or not all of them are written out."""
    call = module.facts.values[decorator]
    target = project.resolver.callee(module, call) if type(call) is Call else None
    if type(call) is not Call or target is None or callee_name(target) not in declarers:
        return frozenset()
    found: set[str] = set()
    for index in (*call.args, *(value for _, value in call.keywords)):
        value = module.facts.values[index]
        for _ in range(_DEPTH):
            if type(value) is not Bound:
                break
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            if len(bindings) != 1:
                return frozenset()
            value = module.facts.values[bindings[0].value]
        if type(value) is not Map:
            return frozenset()
        for key in value.keys:
            name = module.facts.values[key] if key >= 0 else None
            if type(name) is not Const or type(name.value) is not str:
                return frozenset()
            found.add(name.value)
    return frozenset(found)


def _reads(project: Project, module: Module) -> Iterator[tuple[str, Span, int]]:
    """Reads of the environment without a default: variable, place, function. Those of nested functions are of the outer one."""
    readers = {r.name: r for s in project.catalogue.flags if s.style == "reader" and s.kind == "env" for r in s.readers}
    holders = {name for s in project.catalogue.flags if s.kind == "env" for name in s.holders}
    values = module.facts.values
    for site, call, _ in module.calls:
        target = project.resolver.callee(module, call)
        reader = readers.get(callee_name(target)) if target is not None and type(target) is not Defined else None
        if reader is None or (reader.default is not None and argument(call, reader.default) is not None):
            continue
        key = argument(call, reader.key)
        name = project.evaluator.string(module, key) if key is not None else None
        if name is not None:
            yield name, site.span, _function(module, site.scope)
    for use in module.facts.uses:
        value = values[use.value]
        if type(value) is Item and type(base := values[value.base]) is Name and base.name in holders:
            name = project.evaluator.string(module, value.key)
            if name is not None:
                yield name, use.span, _function(module, use.scope)


def _function(module: Module, scope: int) -> int:
    """The outermost function around a scope that is not a class's own."""
    scopes = module.facts.scopes
    while scopes[scope].parent >= 0 and scopes[scopes[scope].parent].kind in ("function", "lambda"):
        scope = scopes[scope].parent
    return scope
