"""Keys of a configuration that are looked up with different defaults: `config.get("window", 20)` and `config.get("window", 0)`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Param
from mldebt.project.constants.defaults import Default
from mldebt.project.constants.differing import Differing, is_shared, reads
from mldebt.project.constants.model import is_compared, near
from mldebt.project.project import Module, Project

_HOLDER = re.compile(r"_?(config|conf|cfg|configuration|settings)", re.IGNORECASE)  # of the program; parameters are each class's own
_EMPTY = frozenset({"", "none", "null", "unknown"})  # placeholders
_KEY = re.compile(r"(?=.{6,})[A-Za-z]\w*")


def lookups(project: Project) -> Iterator[Differing]:
    """One finding for each key whose defaults differ between files of one top folder."""
    found: dict[tuple[str, str], list[Default]] = defaultdict(list)
    for module, site, call in project.called.get("get", ()):
        if len(call.args) == 2 and not call.keywords and is_compared(module):
            func = module.facts.values[call.func]
            key, default = module.facts.values[call.args[0]], module.facts.values[call.args[1]]
            if type(func) is not Attr or type(key) is not Const or type(default) is not Const or not isinstance(key.value, str):
                continue
            name = key.value
            if (
                default.value is None
                or str(default.value).lower() in _EMPTY
                or not _KEY.fullmatch(name)
                or not is_shared(name)
                or project.catalogue.is_runtime_toggle(name)
            ):
                continue
            if _HOLDER.fullmatch(_called(module, func.base)):
                top = module.path.partition("/")[0] if "/" in module.path else ""
                found[(name, top)].append(Default(name, name, default.value, module, site.span, site.scope, call.args[1]))
    put = _put(project) if found else {}
    for (shown, _), held in sorted(found.items()):
        group = [one for one in held if near(held[0].module.path, one.module.path)]
        if any(near(path, held[0].module.path) for path in put.get(shown, ())):
            continue
        if len({one.value for one in group}) > 1 and len({one.module.path for one in group}) > 1 and not _are_sections(group):
            yield reads(shown, group, "lookup")


def _put(project: Project) -> dict[str, list[str]]:
    """Keys that code fills in where they are missing, with the files: after `config.setdefault("window", 20)` no lookup has a default."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, _, call in project.called.get("setdefault", ()):
        key = module.facts.values[call.args[0]] if call.args else None
        if type(key) is Const and isinstance(key.value, str):
            found[key.value].append(module.path)
    return found


def _are_sections(group: list[Default]) -> bool:
    """Whether the second word is no default but an option of the section that the first one names."""
    texts: dict[str, set[str]] = defaultdict(set)
    for one in group:
        if isinstance(one.value, str):
            texts[one.module.path].add(one.value)
    return any(len(found) > 1 for found in texts.values())


def _called(module: Module, index: int) -> str:
    """What the code calls a value: the last name or key of its chain."""
    value = module.facts.values[index]
    if type(value) is Attr or type(value) is Param or type(value) is Bound:
        return value.name
    if type(value) is Name:
        return value.name.rpartition(".")[2]
    if type(value) is Item:
        key = module.facts.values[value.key]
        return key.value if type(key) is Const and isinstance(key.value, str) else ""
    if type(value) is Call:
        func = module.facts.values[value.func]
        return func.name.rpartition(".")[2] if type(func) is Attr or type(func) is Name else ""
    return ""
