"""Declarations in Python: calls that the catalogue marks as declaring, and the literal values that they are given."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Bound, Call, Map, Name, Op, Phi, Scope, Seq, Star, Store
from mldebt.project.events import argument, callee_name, keyword
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_DEPTH = 8
_COLLECTIONS = tuple(Name(f"builtins.{name}") for name in ("dict", "list", "tuple", "set"))
At = tuple[Module, int]  # a value of a file


class Decorated(msgspec.Struct, frozen=True):
    """A function or class with a declaring decorator; `call` is None when the decorator stands bare."""

    module: Module
    index: int
    scope: Scope
    entry: Entry
    call: Call | None


def declaring(project: Project, module: Module, call: Call) -> Entry | None:
    """What the catalogue says of a call that declares something."""
    target = project.resolver.callee(module, call)
    name = callee_name(target) if target is not None else ""
    return next((entry for entry in project.resolver.entries(name) if "declare" in entry.roles), None) if name else None


def decorated(project: Project, *formats: str) -> Iterator[Decorated]:
    """The functions and classes whose decorator declares one of these."""
    for module, scope in project.scopes("function", "class"):
        for decorator in scope.decorators:
            value = module.facts.values[decorator]
            call = value if type(value) is Call else None
            target = project.resolver.target(module, call.func if call is not None else decorator)
            entries = project.resolver.entries(target.name) if type(target) is External else ()
            for entry in entries:
                if "declare" in entry.roles and entry.format in formats:
                    yield Decorated(module, module.facts.scopes.index(scope), scope, entry, call)


def followed(project: Project, module: Module, index: int, depth: int = 0) -> At:
    """The value behind names: the only assignment of a variable, here or in the file that it is imported from."""
    value = module.facts.values[index]
    if depth > _DEPTH:
        return module, index
    if type(value) is Store:
        return followed(project, module, value.base, depth + 1)
    if type(value) is Bound:
        return _only(project, module, value.scope, value.name, (module, index), depth)
    if type(value) is Name:
        split = project.index.split(module.path, value.name)
        if split is not None and len(split[1]) == 1 and split[0] in project.modules and project.modules[split[0]].facts.scopes:
            return _only(project, project.modules[split[0]], 0, split[1][0], (module, index), depth)
    return module, index


def _only(project: Project, owner: Module, scope: int, name: str, otherwise: At, depth: int) -> At:
    bindings = owner.facts.scopes[scope].bindings.get(name, ())
    return followed(project, owner, bindings[0].value, depth + 1) if len(bindings) == 1 else otherwise


def given(call: Call, entry: Entry | None, key: str) -> int | None:
    """The argument that the catalogue calls `key`, else the one of that name."""
    place = entry.args.get(key) if entry is not None else None
    return argument(call, place) if place is not None else keyword(call, key)


def elements(project: Project, module: Module, index: int | None, depth: int = 0) -> Iterator[At]:
    """The items of a list, tuple, set or dict (its values), also of a sum of lists; another value is its own only item."""
    if index is None or depth > _DEPTH:
        return
    module, index = followed(project, module, index)
    value = module.facts.values[index]
    if type(value) is Seq:
        for item in value.items:
            yield from elements(project, module, item, depth + 1)
    elif type(value) is Map:
        for item in value.values:
            yield from elements(project, module, item, depth + 1)
    elif type(value) is Phi:
        for item in value.options:
            yield from elements(project, module, item, depth + 1)
    elif type(value) is Op and value.op in ("+", "|", "&") or type(value) is Call and module.facts.values[value.func] in _COLLECTIONS:
        parts = value.operands if type(value) is Op else (*value.args, *(item for _, item in value.keywords))
        for item in parts:
            yield from elements(project, module, item, depth + 1)
    elif type(value) is Star:
        yield from elements(project, module, value.value, depth + 1)
    else:
        yield module, index


def text(project: Project, module: Module, index: int | None) -> str:
    """The one string that a value is, else empty."""
    return "" if index is None else project.evaluator.string(module, index) or ""


def texts(project: Project, module: Module, index: int | None) -> Iterator[str]:
    """The strings of a string, list or dict."""
    for owner, item in elements(project, module, index):
        if found := text(project, owner, item):
            yield found


def function(project: Project, module: Module, index: int | None) -> str:
    """The file of the function or class that a value is, else empty."""
    target = project.resolver.target(module, index) if index is not None else None
    return target.path if type(target) is Defined else ""
