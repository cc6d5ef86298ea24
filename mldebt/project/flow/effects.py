"""What functions and methods put into objects that they are given: filled parameters, fields and shared containers."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Param, Store
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_FILLING = frozenset({"append", "extend", "add", "update", "insert", "appendleft", "put", "setdefault"})
Key = tuple[str, int, str]  # file, scope (function, class or module) and name


class Effect(msgspec.Struct, frozen=True):
    """A value put into a container; `column` is the constant key, or None."""

    module: Module
    value: int
    column: str | None


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
        return filled, fields

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
            if isinstance(value, Store | Item):
                base = value.base
            elif isinstance(value, Attr):
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
        elif isinstance(value, Param | Bound):
            filled[module.path, value.scope, value.name].append(effect)

    def _owner(self, module: Module, index: int) -> Defined | None:
        target = self._project.resolver.target(module, index)
        if isinstance(target, Instance):
            target = target.of
        if not isinstance(target, Defined):
            return None
        return target if self._project.resolver.scope(target)[1].kind == "class" else None


def _is_self(module: Module, index: int) -> bool:
    value = module.facts.values[index]
    if not isinstance(value, Param):
        return False
    scope = module.facts.scopes[value.scope]
    return bool(scope.parameters) and scope.parameters[0].name == value.name


def _effects(module: Module) -> list[tuple[int, Effect, str]]:
    """(what is filled, with what, attribute that is set directly) of every write and filling method."""
    found: list[tuple[int, Effect, str]] = []
    values = module.facts.values
    for write in module.facts.writes:
        key = values[write.key] if write.key >= 0 else None
        column = key.value if isinstance(key, Const) and isinstance(key.value, str) else None
        found.append((write.base, Effect(module, write.value, column if not write.name else None), write.name))
    for site in module.facts.sites:
        call = values[site.value]
        func = values[call.func] if isinstance(call, Call) else None
        if isinstance(call, Call) and isinstance(func, Attr) and func.name in _FILLING and call.args:
            found.append((func.base, Effect(module, call.args[-1], None), ""))
    return found
