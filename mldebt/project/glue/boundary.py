"""Types of a vendor that functions ask for from callers in other folders of the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from mldebt.facts.model import Item, Name, Op, Param, Seq, Site, Span
from mldebt.project.callers import callers, passed_to
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_SHARE = 0.2  # of the files of a program
_FEW = 3  # files that import a vendor in every program, however small
_PARTS = 12  # of an annotation: `X | list[Y]`


class Leak(msgspec.Struct, frozen=True):
    """A vendor's type in a function, and the calls of that function from other folders."""

    vendor: str
    type: str  # dotted
    module: Module
    scope: int
    span: Span
    calls: tuple[tuple[Module, Site], ...]


def leaks(project: Project) -> Iterator[Leak]:
    """In path and text order, one for each function and type."""
    vendors, home = project.vendors, project.vendors.programs
    written = _written_in(project, home)
    leaking = vendors.learners - vendors.medium  # tensors of a framework are for those who write models
    files = {m.path for m in vendors.files}
    for module in vendors.files:
        imported = {vendors.of(i.target) for i in module.facts.imports}
        if imported.isdisjoint(leaking):
            continue
        optional = {vendors.of(i.target) for i in module.facts.imports if i.optional}  # the project does without it
        seen: set[tuple[int, str]] = set()
        for scope, parameter, name, span in (*_annotated(project, module), *_asked(project, module)):
            vendor = vendors.of(name)
            if vendor not in leaking or vendor in optional or (scope, name) in seen:
                continue
            outside = tuple((caller, site) for caller, site in _outside(project, module, scope, parameter) if caller.path in files)
            if outside and (home.get(module.path, ""), vendor) not in written:
                seen.add((scope, name))
                yield Leak(vendor, name, module, scope, span, outside)


def _written_in(project: Project, home: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Programs and the vendors that so many of their files import that there is no other side to leak to."""
    sizes = Counter(home.values())
    users: Counter[tuple[str, str]] = Counter()
    for module in project.python:
        if module.path in home:
            users.update({(home[module.path], v) for i in module.facts.imports if (v := project.vendors.of(i.target))})
    return frozenset(key for key, files in users.items() if files >= _SHARE * sizes[key[0]] and files > _FEW)


def _annotated(project: Project, module: Module) -> Iterator[tuple[int, str, str, Span]]:
    for index, scope in enumerate(module.facts.scopes):
        if scope.kind == "function":
            for parameter in scope.parameters:
                if parameter.annotation >= 0 and parameter.span is not None:
                    for name in _types(project, module, parameter.annotation):
                        yield index, parameter.name, name, parameter.span


def _types(project: Project, module: Module, index: int) -> Iterator[str]:
    """The imported classes that an annotation or the second argument of `isinstance` names."""
    queue = [index]
    for at in queue:
        value = module.facts.values[at] if at >= 0 else None
        target = project.resolver.target(module, at) if at >= 0 else None
        if type(target) is External:
            yield target.name
        elif len(queue) < _PARTS:
            if type(value) is Item:
                queue += (value.base, value.key)
            elif type(value) is Op:
                queue += value.operands
            elif type(value) is Seq:
                queue += value.items


def _asked(project: Project, module: Module) -> Iterator[tuple[int, str, str, Span]]:
    if "builtins.isinstance" not in module.names:
        return
    for site, call, func in module.calls:
        if func == Name("builtins.isinstance") and len(call.args) == 2:
            value = module.facts.values[call.args[0]]
            if type(value) is Param:
                for name in _types(project, module, call.args[1]):
                    yield value.scope, value.name, name, site.span


def _outside(project: Project, module: Module, scope: int, parameter: str) -> Iterator[tuple[Module, Site]]:
    """Calls from other folders that pass something for a parameter."""
    folder = module.path.rpartition("/")[0]
    function = Defined(module.path, scope)
    for caller, site, call in callers(project, function):
        if caller.path.rpartition("/")[0] != folder and passed_to(project, function, call, parameter) is not None:
            yield caller, site
