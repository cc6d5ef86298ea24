"""A key that is read from one level of an object where the others read it from a section below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Item, Map, Name, Param, Site, Span
from mldebt.project.project import Module, Project
from mldebt.project.written import text_of

_FEW = 3  # letters of a key that is a word of its own
_BELOW = 2  # reads from the section below


class _Chain(msgspec.Struct, frozen=True):
    """`root[section].get(key)`: the name of the object that is read, the keys between, and who has it."""

    holder: str  # the class or scope that the object is a field or variable of
    name: str
    sections: tuple[str, ...]


class Level(msgspec.Struct, frozen=True):
    """A read from the wrong level, and those from the right one."""

    module: Module
    site: Site
    key: str
    above: str
    section: str
    others: tuple[tuple[Module, Span], ...]


def levels(project: Project) -> Iterator[Level]:
    """Reads with a default of a key that everybody else finds one section further down, in path and text order."""
    gets: dict[str, list[tuple[Module, Site, _Chain]]] = defaultdict(list)
    for module, site, call in project.called.get("get", ()):
        key = text_of(module, call.args[0]) if call.args else None
        func = module.facts.values[call.func]
        if key and len(key) >= _FEW and type(func) is Attr and not module.is_test:
            chain = _chain(module, func.base)
            if chain is not None:
                gets[key].append((module, site, chain))
    for key, reads in sorted(gets.items()):
        flat = [r for r in reads if not r[2].sections]
        below = [r for r in reads if r[2].sections]
        if flat and len(below) >= _BELOW:
            yield from _compared(project, key, flat, below)


def _compared(
    project: Project, key: str, flat: list[tuple[Module, Site, _Chain]], below: list[tuple[Module, Site, _Chain]]
) -> Iterator[Level]:
    for module, site, chain in flat:
        inner = [r for r in below if r[2].name == chain.name]
        same = [r for r in inner if r[0] is module and r[2].holder == chain.holder]
        sections = {r[2].sections for r in inner}
        alone = sum(f[2].name == chain.name for f in flat) == 1
        if not same or len(inner) < _BELOW or len(sections) != 1 or not alone:
            continue
        section = next(iter(sections))[0]
        if not _stand_together(project, key, section) and not _is_read_flat(project, key, chain.name):
            yield Level(module, site, key, chain.name, section, tuple((m, s.span) for m, s, _ in same))


def _chain(module: Module, index: int) -> _Chain | None:
    """The object and the keys of a read; None where the object has no name."""
    sections: list[str] = []
    for _ in range(6):
        value = module.facts.values[index]
        if type(value) is Item:
            key = text_of(module, value.key)
            if key is None:
                return None
            sections.append(key)
            index = value.base
        elif type(value) is Call and type(func := module.facts.values[value.func]) is Attr and func.name == "get" and value.args:
            key = text_of(module, value.args[0])
            if key is None:
                return None
            sections.append(key)
            index = func.base
        else:
            break
    value = module.facts.values[index]
    found = tuple(reversed(sections))
    if type(value) is Attr and type(base := module.facts.values[value.base]) is Param:
        owner = module.facts.scopes[base.scope].parent
        return _Chain(f"class {owner}", value.name, found)
    if type(value) is Param or type(value) is Bound:
        return _Chain(f"scope {value.scope}", value.name, found)
    return None


def _stand_together(project: Project, key: str, section: str) -> bool:
    """Whether some file or dict sets both side by side: then the key belongs to this level as well."""
    for module in project.modules.values():
        beside: set[tuple[str, ...]] = set()
        others: set[tuple[str, ...]] = set()
        for setting in module.facts.settings:
            for depth, name in enumerate(setting.keys):
                if name == key:
                    beside.add(setting.keys[:depth])
                elif name == section:
                    others.add(setting.keys[:depth])
        if beside & others:
            return True
        if module.is_python:
            for index in module.of_kind(Map):
                value = module.facts.values[index]
                assert type(value) is Map
                names = {text_of(module, k) for k in value.keys if k >= 0}
                if key in names and section in names:
                    return True
    return False


def _is_read_flat(project: Project, key: str, name: str) -> bool:
    """Whether the key is assigned on, looked for in, or taken without a default from an object of that name."""
    for module in project.python:
        values = module.facts.values
        places = [values[w.base] for w in module.facts.writes if w.key >= 0 and text_of(module, w.key) == key]
        places += [values[v.base] for i in module.of_kind(Item) if type(v := values[i]) is Item and text_of(module, v.key) == key]
        if any(type(p) in (Attr, Param, Bound, Name) and p.name.rpartition(".")[2] == name for p in places):  # type: ignore[union-attr]
            return True
    return False
