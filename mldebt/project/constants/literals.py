"""Where constants are written down: assignments, arguments, defaults, tests and returns, each with the name that it is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import msgspec

from mldebt.facts.model import Const, Map, Op, Seq, Span
from mldebt.project.project import Module
from mldebt.project.written import called_as

_DEPTH = 6
_ITEMS = 200  # of one display
_PASSING = frozenset({"+", "-", "%", "/", "?:", "or", "==", "!=", "in", "not in"})
_SET = ("=", "annotated")
_SHORT = 12  # lines of a function whose whole text is the place of what it returns


class Literal(msgspec.Struct, frozen=True):
    """One place of a constant."""

    module: Module
    index: int  # of the constant
    span: Span
    scope: int
    how: str  # constant (a name of the module), local, field, argument, default, test, return, key
    name: str = ""  # variable, keyword, key or parameter that it is given to
    callee: str = ""  # of an argument: the last part of what is called
    holder: int = -1  # the value as it is bound or passed: the whole display

    @property
    def value(self) -> None | bool | int | float | str:
        found = self.module.facts.values[self.index]
        assert type(found) is Const
        return found.value


def literals(module: Module, wanted: Collection[int]) -> list[Literal]:
    """Every place of the wanted constants, in text order.

    A value that a variable holds stands at its assignment; where the same scope reads the variable, the facts show the value itself,
    so that there a literal and a read look alike: both count as reads.
    """
    if not wanted:
        return []
    facts = module.facts
    held = _holders(module, wanted)
    named = _named(module, held)
    places: list[Literal] = []
    for number, scope in enumerate(facts.scopes):
        how = {"module": "constant", "class": "field"}.get(scope.kind, "local")
        outer = named[0] if scope.kind == "class" else {}
        first: set[int] = set()
        bound = [(b.span, name, b.value) for name, found in scope.bindings.items() for b in found if b.value in held and b.how in _SET]
        for span, name, top in sorted(bound):
            if top not in first and top not in outer:
                first.add(top)
                for index, key in _parts(module, top, wanted, held, named[number].keys() | outer.keys()):
                    places.append(Literal(module, index, span, number, how, key or name, "", top))
        evaluated = named[0].keys() | named[scope.parent].keys()  # where defaults are
        for parameter in scope.parameters:
            if parameter.default in held and parameter.span is not None and parameter.default not in evaluated:
                for index, key in _parts(module, parameter.default, wanted, held, evaluated):
                    places.append(Literal(module, index, parameter.span, number, "default", key or parameter.name, "", parameter.default))
        if scope.kind == "function" and scope.span.end_line - scope.span.line < _SHORT:
            for returned in scope.returns:
                if returned in held and returned not in named[number]:
                    for index, key in _parts(module, returned, wanted, held, named[number]):
                        places.append(Literal(module, index, scope.span, number, "return", key, "", returned))
    places += _passed(module, wanted, held, named)
    return sorted(places, key=lambda one: (one.span, one.how, one.name, one.index))


def _named(module: Module, held: set[int]) -> dict[int, dict[int, str]]:
    """Of each scope the held values that a variable of it has, with the name of the variable."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for number, scope in enumerate(module.facts.scopes):
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.value in held and binding.how in _SET:
                    found[number].setdefault(binding.value, name)
    return found


def _passed(module: Module, wanted: Collection[int], held: set[int], named: dict[int, dict[int, str]]) -> Iterator[Literal]:
    facts = module.facts
    kinds = [scope.kind for scope in facts.scopes]

    def taken(scope: int) -> Collection[int]:
        return named[scope].keys() | named[0].keys() if kinds[scope] == "class" else named[scope]

    for site, call, _ in module.calls:
        for name, value in (*(("", a) for a in call.args), *call.keywords):
            if value in held and value not in (known := taken(site.scope)):
                callee = called_as(module, call)
                for index, key in _parts(module, value, wanted, held, known):
                    yield Literal(module, index, site.span, site.scope, "argument", key or name, callee, value)
    for write in facts.writes:
        if write.value in held and write.value not in (known := taken(write.scope)):
            written = facts.values[write.key] if write.key >= 0 else None
            given = write.name or (written.value if type(written) is Const and isinstance(written.value, str) else "")
            for index, key in _parts(module, write.value, wanted, held, known):
                yield Literal(module, index, write.span, write.scope, "key", key or given, "", write.value)
    for guard in facts.guards:
        if guard.test in held and guard.test not in (known := taken(guard.scope)):
            for index, _ in _parts(module, guard.test, wanted, held, known):
                yield Literal(module, index, guard.span, guard.scope, "test", "", "", guard.test)


def _holders(module: Module, wanted: Collection[int]) -> set[int]:
    """The wanted values, and every display or expression that holds one."""
    held = set(wanted)
    values = module.facts.values
    for index in sorted((*module.of_kind(Seq), *module.of_kind(Map), *module.of_kind(Op))):  # parts stand before what they are part of
        if any(part in held for part in _below(values[index])):
            held.add(index)
    return held


def _below(value: object) -> tuple[int, ...]:
    if type(value) is Seq:
        return value.items[:_ITEMS] if value.kind != "comp" else ()
    if type(value) is Map:
        return value.values[:_ITEMS]
    if type(value) is Op and value.op in _PASSING:
        return value.operands
    return ()


def _parts(module: Module, top: int, wanted: Collection[int], held: set[int], named: Collection[int]) -> Iterator[tuple[int, str]]:
    """The wanted constants in a value, each with the key of the innermost dict that it is given to; not those that a variable has."""
    values = module.facts.values
    todo: list[tuple[int, str, int]] = [(top, "", 0)]
    told: set[int] = set()
    while todo:
        index, key, depth = todo.pop()
        if index not in held or depth > _DEPTH or index in told or (index != top and index in named):
            continue
        told.add(index)
        if index in wanted:
            yield index, key
        value = values[index]
        if type(value) is Map:
            for name, part in list(zip(value.keys, value.values, strict=True))[:_ITEMS]:
                if part in held:
                    shown = values[name] if name >= 0 else None
                    todo.append((part, shown.value if type(shown) is Const and isinstance(shown.value, str) else key, depth + 1))
        else:
            todo.extend((part, key, depth + 1) for part in _below(value) if part in held)
