"""What dict and list displays hold under a key, followed through names and stores."""

from __future__ import annotations

from mldebt.facts.model import Attr, Bound, Const, Item, Map, Name, Seq, Store
from mldebt.project.project import Module, Project

_DEPTH = 4
_MANY = 12


def display(project: Project, module: Module, index: int, depth: int = 0) -> tuple[Module, Map] | None:
    """The dict display that a value is, with the file it stands in."""
    value = module.facts.values[index]
    if type(value) is Map:
        return module, value
    if depth > _DEPTH:
        return None
    if type(value) is Store:
        return display(project, module, value.base, depth + 1)
    if type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        return display(project, module, bindings[0].value, depth + 1) if len(bindings) == 1 else None
    if type(value) is Item:
        held = entries(project, module, value.base, value.key, depth + 1)
        return display(project, held[0][0], held[0][1], depth + 1) if len(held) == 1 else None
    if type(value) is Name:
        members = project.members.of_name(module, value.name)
    elif type(value) is Attr:
        members = project.members.of_attribute(module, value.base, value.name)
    else:
        return None
    return display(project, members[0][0], members[0][1], depth + 1) if len(members) == 1 else None


def entries(project: Project, module: Module, base: int, key_index: int, depth: int = 0) -> list[tuple[Module, int]]:
    """What the value holds under the key; all that a dict display holds for a key that is not known."""
    key = module.facts.values[key_index]
    stored = _stored(module, base, key)
    if stored:
        return stored
    shown = display(project, module, base, depth)
    if shown is not None:
        owner, found = shown
        pairs = [(k, v) for k, v in zip(found.keys, found.values, strict=True) if k >= 0]
        if type(key) is Const:
            return [(owner, v) for k, v in pairs if owner.facts.values[k] == key]
        return [(owner, v) for _, v in pairs[:_MANY]]
    value = module.facts.values[base]
    if type(value) is Seq and type(key) is Const and isinstance(key.value, int):
        return [(module, value.items[key.value])] if -len(value.items) <= key.value < len(value.items) else []
    return []


def _stored(module: Module, base: int, key: object) -> list[tuple[Module, int]]:
    """The value of the last `base[key] = value` in the function."""
    value = module.facts.values[base]
    while type(value) is Store:
        if value.how == "[]" and value.key >= 0 and module.facts.values[value.key] == key:
            return [(module, value.value)]
        value = module.facts.values[value.base]
    return []
