"""Records that a function of the project makes, read by a key that they do not have."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Item, Map, Phi, Span, Store
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.settings.near import nearest

_LONG = 6  # letters in which two may be slips, where all keys are known


class Slip(msgspec.Struct, frozen=True):
    """A read by almost the name of a key, and the function that made the record."""

    module: Module
    span: Span
    scope: int
    key: str
    meant: str
    maker: Defined


def slips(project: Project) -> Iterator[Slip]:
    """In path and text order; one for each place."""
    made: dict[Defined, frozenset[str]] = {}
    for module in project.python:
        if module.is_test:
            continue
        read = [(call, site.span, site.scope) for site, call, _ in module.calls if call.args]
        for call, span, scope in read:
            func = module.facts.values[call.func]
            if type(func) is Attr and func.name == "get":
                yield from _slip(project, module, func.base, call.args[0], span, scope, made)
        for use in module.facts.uses:
            value = module.facts.values[use.value]
            while type(value) is Item or type(value) is Attr:
                if type(value) is Item:
                    yield from _slip(project, module, value.base, value.key, use.span, use.scope, made)
                value = module.facts.values[value.base]


def _slip(
    project: Project, module: Module, base: int, key: int, span: Span, scope: int, made: dict[Defined, frozenset[str]]
) -> Iterator[Slip]:
    call, name = module.facts.values[base], module.facts.values[key]
    if type(call) is not Call or type(name) is not Const or type(name.value) is not str:
        return
    target = project.resolver.callee(module, call)
    if type(target) is not Defined:
        return
    if target not in made:
        made[target] = _keys(project, target)
    keys = made[target]
    if not keys or name.value in keys:
        return
    meant = nearest(name.value, keys, long=_LONG)
    if meant is not None and not _is_added(module, base, name.value):
        yield Slip(module, span, scope, name.value, meant, target)


def _is_added(module: Module, base: int, key: str) -> bool:
    """Whether the reader itself puts the key into some record."""
    values = module.facts.values
    return any(w.key >= 0 and type(k := values[w.key]) is Const and k.value == key for w in module.facts.writes)


def _keys(project: Project, function: Defined) -> frozenset[str]:
    """The keys of the record that a function returns; empty where it may return anything else, or a record with more keys."""
    module, scope = project.resolver.scope(function)
    if scope.kind != "function" or scope.generator or not scope.returns or scope.decorators:
        return frozenset()
    found: set[str] = set()
    queue, seen, records = list(scope.returns), set(scope.returns), 0
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
