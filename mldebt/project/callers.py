"""From a parameter to what callers in the project pass for it."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Name, Param, Phi, Site
from mldebt.project.events import Event
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_DEPTH = 4


def callers(project: Project, function: Defined) -> list[tuple[Module, Site, Call]]:
    """Calls of a function; for `__init__` those of its class."""
    module, scope = project.resolver.scope(function)
    if scope.name == "__init__" and scope.parent >= 0:
        function = Defined(module.path, scope.parent)
    return project.events.callers.get(function, [])


def passed_to(project: Project, function: Defined, call: Call, name: str) -> int | None:
    """The value that a call passes for a parameter of the function, `self` and `cls` left out of the count."""
    module, scope = project.resolver.scope(function)
    for key, value in call.keywords:
        if key == name:
            return value
    names = [p.name for p in scope.parameters if p.kind in ("pos", "posonly")]
    static = any(type(v := module.facts.values[d]) is Name and v.name.endswith("staticmethod") for d in scope.decorators)
    if scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "class" and not static:
        names = names[1:]
    position = names.index(name) if name in names else len(call.args)
    return call.args[position] if position < len(call.args) else None


def called_by_default(project: Project, role: str) -> Iterator[Event]:
    """Calls of a parameter whose default has the role: `def load(path, unpickler=pickle.Unpickler): unpickler(path)`."""
    for module in project.python:
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            func = module.facts.values[call.func] if type(call) is Call else None
            if type(call) is not Call or type(func) is not Param:
                continue
            default = next((p.default for p in module.facts.scopes[func.scope].parameters if p.name == func.name), -1)
            target = project.resolver.target(module, default)
            for entry in project.resolver.entries(target.name) if type(target) is External else ():
                if role in entry.roles:
                    yield Event(module, site, call, entry.name, entry)


def strings(project: Project, module: Module, index: int, depth: int = 0) -> frozenset[str] | None:
    """Every string that the value may be, through fields set once, parameters and all their callers; None when any is unknown."""
    constant = project.evaluator.constant(module, index)
    if constant is not None:
        return frozenset(c for c in constant if isinstance(c, str)) if all(c is None or isinstance(c, str) for c in constant) else None
    value = module.facts.values[index]
    if depth > _DEPTH:
        return None
    if type(value) is Phi:
        return _union([strings(project, module, option, depth + 1) for option in value.options])
    if type(value) is Param:
        return _parameter(project, module, value, depth)
    if type(value) is Attr:
        return _field(project, module, value, depth)
    return None


def _union(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    return None if None in parts or not parts else frozenset().union(*(p for p in parts if p is not None))


def _parameter(project: Project, module: Module, value: Param, depth: int) -> frozenset[str] | None:
    scope = module.facts.scopes[value.scope]
    parameter = next((p for p in scope.parameters if p.name == value.name and p.kind in ("pos", "posonly", "kw")), None)
    if parameter is None:
        return None
    function = Defined(module.path, value.scope)
    found: list[frozenset[str] | None] = []
    if parameter.default >= 0:
        found.append(strings(project, module, parameter.default, depth + 1))
    for caller, _, call in callers(project, function):
        passed = passed_to(project, function, call, value.name)
        if passed is not None:
            found.append(strings(project, caller, passed, depth + 1))
        elif parameter.default < 0:
            return None
    return _union(found)


def _field(project: Project, module: Module, value: Attr, depth: int) -> frozenset[str] | None:
    """The strings of `self.name`, when its class assigns it once."""
    base = module.facts.values[value.base]
    if type(base) is not Param:
        return None
    owner = module.facts.scopes[base.scope].parent
    if owner < 0 or module.facts.scopes[owner].kind != "class":
        return None
    assigned = project.resolver.fields(Defined(module.path, owner)).get(value.name, [])
    return strings(project, module, assigned[0], depth + 1) if len(assigned) == 1 else None
