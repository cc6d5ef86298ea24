"""Values set deep inside the configuration of other components (Sculley et al., section 2: changing anything changes everything)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Param, Store, Write
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.project import Module
from mldebt.project.roles import is_demonstration

_DEPTH = 4  # keys, one inside the other


def check(project: Project) -> Iterator[Finding]:
    """Yields deep-config-override: one finding for each function and mapping that it reaches into."""
    for module in project.python:
        if is_demonstration(module) or module.facts.places:
            continue
        groups: dict[tuple[int, str], list[tuple[Write, list[str]]]] = {}
        for write in module.facts.writes:
            keys = _keys(module, write)
            if len(keys) >= _DEPTH:
                groups.setdefault((write.scope, ".".join(keys[:2])), []).append((write, keys))
        for (scope, first), found in groups.items():
            deepest = max((keys for _, keys in found), key=len)
            yield Finding(
                rule="deep-config-override",
                location=project.location(module, found[0][0].span),
                message=f"sets `{'.'.join(deepest)}`, {len(deepest)} levels inside a configuration that belongs to other components",
                anchor=first,
                scope=module.qualname(scope),
                evidence=tuple(project.place(Place(module.path, write.span), f"sets `{'.'.join(keys)}`") for write, keys in found[1:12]),
                size=len(found),
            )


def _keys(module: Module, write: Write) -> list[str]:
    """The constant keys of `a["b"]["c"] = value`, outermost first; none where the mapping is made here or a key is not a word."""
    values = module.facts.values
    key = values[write.key] if write.key >= 0 else None
    if type(key) is not Const or not isinstance(key.value, str):
        return []
    found, base = [key.value], values[write.base]
    while type(base) is Item:
        inner = values[base.key]
        if type(inner) is not Const or not isinstance(inner.value, str):
            return []
        found.append(inner.value)
        base = values[base.base]
        while type(base) is Store:
            base = values[base.base]
    owned = type(base) in (Param, Attr, Bound, Name, Call)
    return found[::-1] if owned else []
