"""Types of a vendor that functions ask for from callers in other folders of the project."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Item, Name, Op, Param, Seq, Site, Span
from mldebt.project.callers import callers
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language

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
    vendors = project.vendors
    for module in project.python:
        if module.source.language is Language.NOTEBOOK or is_demonstration(module):
            continue
        optional = {vendors.of(i.target) for i in module.facts.imports if i.optional}  # the project does without it
        seen: set[tuple[int, str]] = set()
        for scope, name, span in [*_annotated(project, module), *_asked(project, module)]:
            vendor = _leaking(project, name)
            if vendor and vendor not in optional and (scope, name) not in seen:
                seen.add((scope, name))
                outside = tuple(_outside(project, module, scope))
                if outside:
                    yield Leak(vendor, name, module, scope, span, outside)


def _leaking(project: Project, name: str) -> str:
    """The vendor whose type this is, when the project is not written in it: tensors of a framework are for those who write models."""
    vendors = project.vendors
    vendor = vendors.of(name)
    return vendor if vendor in vendors.learners and vendor not in vendors.medium else ""


def _annotated(project: Project, module: Module) -> Iterator[tuple[int, str, Span]]:
    for index, scope in enumerate(module.facts.scopes):
        if scope.kind == "function":
            for parameter in scope.parameters:
                if parameter.annotation >= 0 and parameter.span is not None:
                    for name in _types(project, module, parameter.annotation):
                        yield index, name, parameter.span


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


def _asked(project: Project, module: Module) -> Iterator[tuple[int, str, Span]]:
    if "builtins.isinstance" not in module.names:
        return
    for site, call, func in module.calls:
        if func == Name("builtins.isinstance") and len(call.args) == 2 and type(module.facts.values[call.args[0]]) is Param:
            for name in _types(project, module, call.args[1]):
                yield site.scope, name, site.span


def _outside(project: Project, module: Module, scope: int) -> Iterator[tuple[Module, Site]]:
    """Calls of a function from other folders."""
    folder = module.path.rpartition("/")[0]
    for caller, site, _ in callers(project, Defined(module.path, scope)):
        if caller.path.rpartition("/")[0] != folder and not is_demonstration(caller) and caller.source.language is not Language.NOTEBOOK:
            yield caller, site
