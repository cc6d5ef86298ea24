"""Defaults of parameters that calls fill in place, so that what one call puts in them is there in the next."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Call, Map, Name, Parameter, Scope, Seq
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.callers import callers, passed_to
from mldebt.project.data_files import data_files
from mldebt.project.events import splats
from mldebt.project.fills import Fill, Fills
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration

_MAKERS = frozenset({"builtins.dict", "builtins.list", "builtins.set", "collections.OrderedDict", "collections.defaultdict"})
_MEANT = re.compile(r"(^|_)(cached?|memo(ized?)?|singleton|static|registry|counter|state)s?(_|$)", re.IGNORECASE)


def check(project: Project) -> Iterator[Finding]:
    """Yields shared-mutable-default, one per function, in files that handle data or models."""
    fills = Fills(project)
    relevant = data_files(project)
    for module in project.python:
        if module.path not in relevant or is_demonstration(module):
            continue
        for number, scope in enumerate(module.facts.scopes):
            inside = scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "function"
            if scope.kind == "function" and not inside:  # a function in another one gets new defaults whenever that one runs
                yield from _function(project, fills, module, Defined(module.path, number), scope)


def _function(project: Project, fills: Fills, module: Module, function: Defined, scope: Scope) -> Iterator[Finding]:
    found: list[tuple[Parameter, list[Fill], bool]] = []
    for parameter in scope.parameters:
        if parameter.default < 0 or not _is_mutable(module, parameter.default) or _MEANT.search(parameter.name):
            continue
        places = fills.of_parameter(function, parameter.name)
        kept = [] if places else _kept(project, fills, module, function, parameter.name)
        if places or kept:
            found.append((parameter, places or kept, bool(kept)))
    if not found:
        return
    span = found[0][0].span or scope.span
    names = ", ".join(f"`{parameter.name}`" for parameter, _, _ in found)
    one = len(found) == 1
    if all(kept for _, _, kept in found):
        message = f"the mutable default of {names} is kept by every object made without it, and filled in place"
    else:
        message = f"the mutable default{'' if one else 's'} of {names} {'is' if one else 'are'} filled in place by `{scope.name}`"
        message += ": what one call puts in is there in the next"
    omitted = any(_is_left_out(project, function, parameter.name) for parameter, _, _ in found)
    yield Finding(
        rule="shared-mutable-default",
        location=project.location(module, span),
        message=message,
        anchor=",".join(parameter.name for parameter, _, _ in found),
        scope=scope.qualname,
        evidence=tuple(
            project.location(project.modules[fill.path], fill.span, f"`{parameter.name}` is filled")
            for parameter, places, _ in found
            for fill in places[:3]
        ),
        confidence=0.9 if omitted else 0.6,
        size=len(found),
    )


def _is_mutable(module: Module, index: int) -> bool:
    value = module.facts.values[index]
    if type(value) is Call:
        func = module.facts.values[value.func]
        return type(func) is Name and func.name in _MAKERS
    return type(value) is Map or (type(value) is Seq and value.kind in ("list", "set"))


def _kept(project: Project, fills: Fills, module: Module, function: Defined, name: str) -> list[Fill]:
    """Fills of the field of `self` that holds the parameter's object, when nothing else is ever assigned to the field."""
    owner = module.facts.scopes[function.scope].parent
    if owner < 0 or module.facts.scopes[owner].kind != "class":
        return []
    fields = project.resolver.fields(Defined(module.path, owner))
    for field, values in sorted(fields.items()):
        root = fills.root(module, values[0]) if len(values) == 1 else None
        if root is not None and getattr(root, "name", "") == name and getattr(root, "scope", -1) == function.scope:
            if places := fills.of_field(Defined(module.path, owner), field):
                return places
    return []


def _is_left_out(project: Project, function: Defined, name: str) -> bool:
    """Whether a call leaves the argument out, or no call is in sight."""
    calls = [
        (caller, call)
        for caller, site, call in callers(project, function)
        if not caller.is_test and (caller.path, site.scope) != (function.path, function.scope)
    ]
    return not calls or any(passed_to(project, function, call, name) is None and not splats(caller, call) for caller, call in calls)
