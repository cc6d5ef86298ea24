"""Records that a function of the project makes, read by a key that they do not have."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Map, Name, Phi, Span, Store
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.settings.near import nearest

_LONG = 6  # letters in which two may be slips, where all keys are known


class Slip(msgspec.Struct, frozen=True):
    """A read by almost the name of a key, and the function or the variable that gave the record."""

    module: Module
    span: Span
    scope: int
    key: str
    meant: str
    maker: str
    made: tuple[Module, Span]


class _Record(msgspec.Struct, frozen=True):
    keys: frozenset[str]
    maker: str
    module: Module
    span: Span


def slips(project: Project) -> Iterator[Slip]:
    """In path and text order; one for each place."""
    made: dict[object, _Record | None] = {}
    added = {
        key.value
        for m in project.python
        for w in m.facts.writes
        if w.key >= 0 and type(key := m.facts.values[w.key]) is Const and type(key.value) is str
    }
    for module in project.python:
        if module.is_test:
            continue
        values = module.facts.values
        for site, call, func in module.calls:
            if type(func) is Attr and func.name == "get" and call.args:
                yield from _slip(project, module, func.base, call.args[0], site.span, site.scope, made, added)
        for use in module.facts.uses if module.of_kind(Item) else ():
            value = values[use.value]
            while type(value) is Item or type(value) is Attr:
                if type(value) is Item and type(values[value.key]) is Const:
                    yield from _slip(project, module, value.base, value.key, use.span, use.scope, made, added)
                value = values[value.base]


def _slip(
    project: Project,
    module: Module,
    base: int,
    key: int,
    span: Span,
    scope: int,
    made: dict[object, _Record | None],
    added: set[str],
) -> Iterator[Slip]:
    name = module.facts.values[key]
    if type(name) is not Const or type(name.value) is not str or name.value in added:
        return
    record = _record(project, module, base, made)
    if record is None or name.value in record.keys:
        return
    meant = nearest(name.value, record.keys, long=_LONG)
    if meant is not None:
        yield Slip(module, span, scope, name.value, meant, record.maker, (record.module, record.span))


def _record(project: Project, module: Module, base: int, made: dict[object, _Record | None]) -> _Record | None:
    """The record that a value is, where every key of it is known: what a function returns, or what one variable of a file holds."""
    value = module.facts.values[base]
    if type(value) is Call:
        target = project.resolver.callee(module, value)
        if type(target) is not Defined:
            return None
        if target not in made:
            made[target] = _returned(project, target)
        return made[target]
    if type(value) is Bound and value.scope == 0:
        name = value.name
        found = (module, name)
    elif type(value) is Name:
        split = project.index.split(module.path, value.name)
        if split is None or len(split[1]) != 1 or split[0] not in project.modules:
            return None
        found = (project.modules[split[0]], split[1][0])
    else:
        return None
    if found not in made:
        made[found] = _held(*found)
    return made[found]


def _held(module: Module, name: str) -> _Record | None:
    bindings = module.facts.scopes[0].bindings.get(name, ()) if module.facts.scopes else ()
    if len(bindings) != 1 or bindings[0].how != "=" or type(module.facts.values[bindings[0].value]) is not Map:
        return None
    keys = _keys(module, (bindings[0].value,))
    return _Record(keys, name, module, bindings[0].span) if keys else None


def _returned(project: Project, function: Defined) -> _Record | None:
    module, scope = project.resolver.scope(function)
    if scope.kind != "function" or scope.generator or not scope.returns or scope.decorators:
        return None
    keys = _keys(module, scope.returns)
    return _Record(keys, scope.name, module, scope.span) if keys else None


def _keys(module: Module, start: tuple[int, ...]) -> frozenset[str]:
    """The keys of a record; empty where the values may be anything else, or a record with more keys."""
    found: set[str] = set()
    queue, seen, records = list(start), set(start), 0
    while queue:
        value = module.facts.values[queue.pop()]
        if type(value) is Map:
            more = [module.facts.values[k] if k >= 0 else None for k in value.keys]
            records += 1
            following: tuple[int, ...] = ()
        elif type(value) is Store and (value.how == "[]" or value.key < 0):
            if value.how not in ("[]", "append", "extend", "add"):
                return frozenset()
            more = [module.facts.values[value.key]] if value.how == "[]" else []
            following = (value.base,)
        elif type(value) is Phi:
            more, following = [], value.options
        elif type(value) is Const and value.value is None:
            more, following = [], ()
        else:
            return frozenset()
        for key in more:
            if type(key) is not Const or type(key.value) is not str:
                return frozenset()
            found.add(key.value)
        queue += [f for f in following if f not in seen]
        seen.update(following)
    return frozenset(found) if records else frozenset()
