"""Constructions and trainings of a vendor's model that are written again with the same arguments."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Def, Item, Map, Name, Op, Param, Phi, Seq, Star, Store, Template, Value
from mldebt.project.glue.programs import programs
from mldebt.project.glue.vendors import Boundary
from mldebt.project.project import Module, Project

_DEPTH = 5
_PARTS = 40  # of one display or call; longer ones are not compared
_SITES = 3
_SETTINGS = 2  # arguments that decide something


class Spelled(msgspec.Struct, frozen=True):
    """A value in a form that is equal wherever it means the same; `settles` when it decides something that could be decided otherwise."""

    text: str
    settles: bool
    computed: bool = False  # it calls something


class Repeat(msgspec.Struct, frozen=True):
    """One construction in several functions, in path and text order."""

    places: tuple[Boundary, ...]
    arguments: str


def repeats(project: Project) -> Iterator[Repeat]:
    """Models that are made or trained with equal settings in at least three functions of one program."""
    vendors = project.vendors
    home = programs(project)
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
    given = [("", a) for a in call.args] + sorted(call.keywords)
    if len(given) > _PARTS or any(name == "**" for name, _ in given):
        return None
    spelled = [(name, spell(project, module, value)) for name, value in given]
    settling = [s for _, s in spelled if s.settles]
    if len(settling) < _SETTINGS and not any(s.computed for s in settling):
        return None
    return ", ".join(f"{name}={s.text}" if name else s.text for name, s in spelled)


def spell(project: Project, module: Module, index: int, depth: int = 0) -> Spelled:
    """The value with names of the file and of imports replaced by what they are."""
    if index < 0 or depth > _DEPTH:
        return Spelled("...", False)
    known = project.evaluator.constant(module, index)
    if known is not None and len(known) == 1:
        return Spelled(repr(next(iter(known))), True)
    value = module.facts.values[index]
    match value:
        case Name():
            split = project.index.split(module.path, value.name)
            return Spelled(f"{split[0]}:{'.'.join(split[1])}" if split is not None else value.name, True)
        case Bound():
            return Spelled(value.name, False) if value.scope else Spelled(f"{module.path}:{value.name}", False)
        case Param():
            return Spelled(f"${value.name}", False)
        case Attr():
            base = spell(project, module, value.base, depth + 1)
            return Spelled(f"{base.text}.{value.name}", base.settles, base.computed)
        case Def():
            return Spelled(f"{module.path}:{module.facts.scopes[value.scope].qualname}", True)
        case Call():
            return _of_call(project, module, value, depth)
    return _of_parts(project, module, value, depth)


def _of_call(project: Project, module: Module, call: Call, depth: int) -> Spelled:
    func = spell(project, module, call.func, depth + 1)
    given = [("", a) for a in call.args] + sorted(call.keywords)
    parts = [(name, spell(project, module, v, depth + 1)) for name, v in given[:_PARTS]]
    text = ", ".join(f"{name}={s.text}" if name else s.text for name, s in parts)
    settled = func.settles and all(s.settles for _, s in parts)
    return Spelled(f"{func.text}({text})", settled, settled)


def _of_parts(project: Project, module: Module, value: Value, depth: int) -> Spelled:
    """Displays and operations: they settle something when all of their parts do."""
    match value:
        case Op():
            parts, sign = value.operands, value.op
        case Seq():
            parts, sign = value.items, value.kind
        case Template():
            parts, sign = value.parts, "f"
        case Map():
            parts, sign = (*value.keys, *value.values), "map"
        case Phi():
            parts, sign = value.options, "|"
        case Item():
            parts, sign = (value.base, value.key), "[]"
        case Store():
            parts, sign = (value.base, value.key, value.value), value.how
        case Star():
            parts, sign = (value.value,), "*"
        case _:
            return Spelled("...", False)
    if len(parts) > _PARTS or not parts:
        return Spelled(f"{sign}()", False)
    spelled = [spell(project, module, part, depth + 1) for part in parts if part >= 0]
    return Spelled(f"{sign}({', '.join(s.text for s in spelled)})", all(s.settles for s in spelled), any(s.computed for s in spelled))
