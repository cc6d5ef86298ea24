"""A place that depends on a convention, and the ways back that all kinds of them need."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Elem, Item, Name, Op, Phi, Span, Store
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.written import called_as
from mldebt.sources.model import Language

_NODES = 60
_SAME = frozenset(f"builtins.{name}" for name in ("zip", "enumerate", "sorted", "reversed", "list", "tuple", "dict", "iter"))
_LOADS = re.compile(r"(^|_)(load|loads|unpickle|restore)(_|$)|^from_(pretrained|checkpoint|file)$")


class Mark(msgspec.Struct, frozen=True):
    """One place in the text, and what stands there; `path` when that is another file."""

    span: Span
    note: str
    path: str = ""


class Leak(msgspec.Struct, frozen=True):
    """Code of one scope that depends on a convention; the first mark is where it is told."""

    path: str
    scope: int
    kind: str
    message: str
    anchor: str
    marks: tuple[Mark, ...]
    confidence: float


def application(project: Project, *, notebooks: bool = False) -> Iterator[Module]:
    """The files of the project that are no tests or demonstrations; notebooks only on request."""
    for module in project.python:
        if (notebooks or module.source.language is not Language.NOTEBOOK) and not is_demonstration(module):
            yield module


def behind(module: Module, index: int) -> Iterator[int]:
    """The value and all that it is taken out of or made from by methods, nearest first."""
    values, scopes = module.facts.values, module.facts.scopes
    found, seen = [index], {index}
    for at in found:
        yield at
        value = values[at]
        more: tuple[int, ...] = ()
        if type(value) is Phi:
            more = value.options
        elif type(value) is Store or type(value) is Item or type(value) is Attr:
            more = (value.base,)
        elif type(value) is Elem:
            more = (value.of,)
        elif type(value) is Bound:
            more = tuple(b.value for b in scopes[value.scope].bindings.get(value.name, ()) if b.how != "del")
        elif type(value) is Op and value.op in ("or", "and", "?:"):
            more = value.operands
        elif type(value) is Call:
            func = values[value.func]
            if type(func) is Attr:
                more = (func.base,)
            elif type(func) is Name and func.name in _SAME:
                more = value.args
        for one in more:
            if one not in seen and len(found) < _NODES:
                seen.add(one)
                found.append(one)


def loads(project: Project, module: Module, call: Call) -> bool:
    """Whether a call loads an object that was saved, by what the catalogue says of it or by its name."""
    if not _LOADS.search(called_as(module, call)):
        return False
    target = project.resolver.callee(module, call)
    name = callee_name(target) if target is not None else ""
    entries = project.resolver.entries(name) if name else ()
    return not entries or any("unsafe-load" in entry.roles or "restore" in entry.roles or "hub-load" in entry.roles for entry in entries)
