"""What functions and methods put into objects that they are given: filled parameters, fields and shared containers."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Param, Store
from mldebt.project.callers import passed_to
from mldebt.project.flow.model import Site
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_FILLING = frozenset({"append", "extend", "add", "update", "insert", "appendleft", "put", "setdefault"})
_PASSES = 3  # functions that give a parameter on, one inside the other
_MANY = 24
Key = tuple[str, int, str]  # file, scope (function, class or module) and name


class Effect(msgspec.Struct, frozen=True):
    """A value put into a container; `column` is the constant key, or None."""

    module: Module
    value: int
    column: str | None
    via: tuple[Site, ...] = ()  # the calls between the function that is asked about and the one that puts it in


class Effects:
    """Indexed by what is filled; found once, from the facts of all files."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def parameter(self, function: Defined, name: str) -> tuple[Effect, ...]:
        """What the function puts into the object passed for a parameter."""
        return tuple(self._filled.get((function.path, function.scope, name), ()))

    def fills(self, function: Defined) -> bool:
        return (function.path, function.scope) in self._filling

    def field(self, owner: Defined, name: str) -> tuple[Effect, ...]:
        """What methods and other code put into or assign to a field of the class's objects."""
        return tuple(self._fields.get((owner.path, owner.scope, name), ()))

    def variable(self, module: Module, scope: int, name: str) -> tuple[Effect, ...]:
        """What inner functions put into a variable of an outer scope."""
        return tuple(self._filled.get((module.path, scope, name), ()))

    @cached_property
    def _filling(self) -> frozenset[tuple[str, int]]:
        return frozenset((path, scope) for path, scope, _ in self._filled)

    @cached_property
    def _tables(self) -> tuple[dict[Key, list[Effect]], dict[Key, list[Effect]]]:
        filled: dict[Key, list[Effect]] = defaultdict(list)
        fields: dict[Key, list[Effect]] = defaultdict(list)
        for module in self._project.python:
            for base, effect, direct in _effects(module):
                self._place(module, base, effect, direct, filled, fields)
        self._pass_on(filled)
        self._make(fields)
        return filled, fields

    def _pass_on(self, filled: dict[Key, list[Effect]]) -> None:
        """A function that gives its parameter to one which fills it fills it too."""
        for _ in range(_PASSES):
            found: dict[Key, list[Effect]] = defaultdict(list)
            for target, sites in self._project.events.callers.items():
                for parameter in self._project.resolver.scope(target)[1].parameters:
                    effects = filled.get((target.path, target.scope, parameter.name), ())
                    for module, site, call in sites if effects else ():
                        given = passed_to(self._project, target, call, parameter.name)
                        value = module.facts.values[given] if given is not None else None
                        if type(value) is Param:
                            key = (module.path, value.scope, value.name)
                            found[key] += [msgspec.structs.replace(e, via=((module.path, site.value), *e.via)) for e in effects[:_MANY]]
            for key, effects in found.items():
                filled[key] = list(dict.fromkeys((*filled[key], *effects)))[:_MANY]

    def _make(self, fields: dict[Key, list[Effect]]) -> None:
        """What a record is made with: the fields of a class that declares them and has no `__init__` of its own."""
        for module, scope in self._project.scopes("class"):
            declared = sorted((b[0].span, name) for name, b in scope.bindings.items() if b and b[0].how == "annotated")
            if not declared or "__init__" in scope.bindings:
                continue
            cls = Defined(module.path, module.facts.scopes.index(scope))
            inherits = any(type(self._project.resolver.target(module, base)) is Defined for base in scope.bases)
            for caller, _, call in self._project.events.callers.get(cls, ()):
                placed = [] if inherits else [(name, value) for (_, name), value in zip(declared, call.args, strict=False)]
                for name, value in (*placed, *call.keywords):
                    fields[cls.path, cls.scope, name].append(Effect(caller, value, None))

    @property
    def _filled(self) -> dict[Key, list[Effect]]:
        return self._tables[0]

    @property
    def _fields(self) -> dict[Key, list[Effect]]:
        return self._tables[1]

    def _place(
        self, module: Module, base: int, effect: Effect, direct: str, filled: dict[Key, list[Effect]], fields: dict[Key, list[Effect]]
    ) -> None:
        """Files an effect under the parameter, variable or field at the root of what is filled."""
        values = module.facts.values
        for _ in range(6):
            value = values[base]
            if type(value) in (Store, Item):
                base = value.base
            elif type(value) is Attr:
                if value.name in ("loc", "iloc", "at", "values"):
                    base = value.base
                    continue
                if (owner := self._owner(module, value.base)) is not None:
                    fields[owner.path, owner.scope, value.name].append(effect)
                return  # of an object of which nothing is known: not what the object itself holds
            else:
                break
        value = values[base]
        if direct:  # `object.name = value`, where the class of the object is known
            if (owner := self._owner(module, base)) is not None and not _is_self(module, base):
                fields[owner.path, owner.scope, direct].append(effect)
        elif type(value) in (Param, Bound):
            filled[module.path, value.scope, value.name].append(effect)

    def _owner(self, module: Module, index: int) -> Defined | None:
        target = self._project.resolver.target(module, index)
        if type(target) is Instance:
            target = target.of
        if type(target) is not Defined:
            return None
        return target if self._project.resolver.scope(target)[1].kind == "class" else None


def _is_self(module: Module, index: int) -> bool:
    value = module.facts.values[index]
    if type(value) is not Param:
        return False
    scope = module.facts.scopes[value.scope]
    return bool(scope.parameters) and scope.parameters[0].name == value.name


def _effects(module: Module) -> list[tuple[int, Effect, str]]:
    """(what is filled, with what, attribute that is set directly) of every write and filling method."""
    found: list[tuple[int, Effect, str]] = []
    values = module.facts.values
    for write in module.facts.writes:
        key = values[write.key] if write.key >= 0 else None
        column = key.value if type(key) is Const and isinstance(key.value, str) else None
        found.append((write.base, Effect(module, write.value, column if not write.name else None), write.name))
    for site in module.facts.sites:
        call = values[site.value]
        func = values[call.func] if type(call) is Call else None
        if type(call) is Call and type(func) is Attr and func.name in _FILLING and call.args:
            found.append((func.base, Effect(module, call.args[-1], None), ""))
    return found
