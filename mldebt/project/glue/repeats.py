"""Constructions and trainings of a vendor's model that are written again with the same arguments."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Def, Item, Map, Name, Op, Param, Phi, Seq, Star, Store, Template, Value
from mldebt.project.glue.vendors import Boundary
from mldebt.project.project import Module, Project

_DEPTH = 5
_PARTS = 40  # of one display or call
_VALUES = 300  # of one call
_LONGEST = 2000  # text of one value
_SITES = 3
_SETTINGS = 2  # arguments that decide something


class Spelled(msgspec.Struct, frozen=True):
    """A value in a form that is equal wherever it means the same; `settles` when it decides something that could be decided otherwise."""

    text: str
    settles: bool
    computed: bool = False  # it calls something


_UNKNOWN = Spelled("...", False)


class Repeat(msgspec.Struct, frozen=True):
    """One construction in several functions, in path and text order."""

    places: tuple[Boundary, ...]
    arguments: str


def repeats(project: Project) -> Iterator[Repeat]:
    """Models that are made or trained with equal settings in at least three functions of one program."""
    vendors = project.vendors
    home = project.vendors.programs
    groups: dict[tuple[str, str, str], list[Boundary]] = {}
    for vendor, boundaries in vendors.boundaries.items():
        if vendor in vendors.frameworks:
            continue
        for boundary in boundaries:
            if not (vendors.makes_model(boundary.name) or vendors.trains(boundary)) or not (boundary.call.args or boundary.call.keywords):
                continue
            spelled = arguments(project, boundary.module, boundary.call)
            if spelled is not None:
                groups.setdefault((boundary.name, spelled, home.get(boundary.module.path, "")), []).append(boundary)
    for (_, spelled, _), places in sorted(groups.items()):
        functions = {b.module.qualname(b.site.scope) for b in places}  # of the same name elsewhere: a copied file
        if len(functions) >= _SITES:
            yield Repeat(tuple(places), spelled)


def arguments(project: Project, module: Module, call: Call) -> str | None:
    """The arguments of a call when they settle enough to be worth sharing; None when they do not, or are not all in sight."""
    if any(name == "**" for name, _ in call.keywords):
        return None
    spelled = Speller(project, module).given(call)
    settling = [s for _, s in spelled if s.settles]
    if len(settling) < _SETTINGS and not any(s.computed for s in settling):
        return None
    return _joined(spelled)


class Speller:
    """Values of one file with names of the file and of imports replaced by what they are."""

    def __init__(self, project: Project, module: Module) -> None:
        self._project, self._module = project, module
        self._known: dict[int, Spelled] = {}

    def given(self, call: Call, depth: int = 0) -> list[tuple[str, Spelled]]:
        """The arguments of a call with their names, keywords in the order of the alphabet."""
        given = [("", a) for a in call.args] + sorted(call.keywords)
        return [(name, self.spell(value, depth)) for name, value in given[:_PARTS]]

    def spell(self, index: int, depth: int) -> Spelled:
        if index < 0 or depth > _DEPTH or len(self._known) > _VALUES:
            return _UNKNOWN
        if index not in self._known:
            self._known[index] = _UNKNOWN
            found = self._spelled(index, depth)
            self._known[index] = found if len(found.text) <= _LONGEST else _UNKNOWN
        return self._known[index]

    def _spelled(self, index: int, depth: int) -> Spelled:
        module = self._module
        constant = self._project.evaluator.constant(module, index)
        if constant is not None and len(constant) == 1:
            return Spelled(repr(next(iter(constant))), True)
        value = module.facts.values[index]
        match value:
            case Name():
                split = self._project.index.split(module.path, value.name)
                return Spelled(f"{split[0]}:{'.'.join(split[1])}" if split is not None else value.name, True)
            case Bound():
                return Spelled(value.name if value.scope else f"{module.path}:{value.name}", False)
            case Param():
                return Spelled(f"${value.name}", False)
            case Attr():
                base = self.spell(value.base, depth + 1)
                return Spelled(f"{base.text}.{value.name}", base.settles, base.computed)
            case Def():
                return Spelled(f"{module.path}:{module.facts.scopes[value.scope].qualname}", True)
            case Call():
                func, given = self.spell(value.func, depth + 1), self.given(value, depth + 1)
                settles = func.settles and all(s.settles for _, s in given)
                return Spelled(f"{func.text}({_joined(given)})", settles, settles)
        sign, parts = _parts(value)
        spelled = [self.spell(part, depth + 1) for part in parts[:_PARTS] if part >= 0]
        settles = bool(spelled) and all(s.settles for s in spelled)
        return Spelled(f"{sign}({', '.join(s.text for s in spelled)})", settles, any(s.computed for s in spelled))


def _joined(given: list[tuple[str, Spelled]]) -> str:
    return ", ".join(f"{name}={s.text}" if name else s.text for name, s in given)


def _parts(value: Value) -> tuple[str, tuple[int, ...]]:
    """What kind of display or operation a value is, and what it is made of; nothing for what is not known."""
    match value:
        case Op():
            return value.op, value.operands
        case Seq():
            return value.kind, value.items
        case Template():
            return "f", value.parts
        case Map():
            return "map", (*value.keys, *value.values)
        case Phi():
            return "|", value.options
        case Item():
            return "[]", (value.base, value.key)
        case Store():
            return value.how, (value.base, value.key, value.value)
        case Star():
            return "*", (value.value,)
    return "...", ()
