"""Counts that must agree because one script writes so many files and another reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Elem, Item, Name, Op, Phi, Template
from mldebt.project.artifacts.model import Access, Hole
from mldebt.project.constants.model import Coupled, Spot, is_compared, near
from mldebt.project.project import Module, Project

_COUNT = re.compile(
    r"(^|_)(num|n|nb|no|k|number|max|total)_|(^|_)(folds?|models?|splits?|seeds?|bags?|runs?|parts?|shards?|chunks?|rounds?|loops?)$",
    re.IGNORECASE,
)
_STEPS = 200


def loops(project: Project) -> Iterator[Coupled]:
    """A numbered file that one script writes by a count of its own and another reads by a second one."""
    told: set[tuple[str, str]] = set()
    for artifact in project.artifacts.artifacts:
        for edge in artifact.edges:
            writer, reader = edge.writer, edge.reader
            pair = (writer.place.path, reader.place.path)
            if pair in told or pair[0] == pair[1] or not (_counts(writer) and _counts(reader)) or not near(*pair):
                continue
            modules = [project.modules.get(path) for path in pair]
            if any(one is None or not one.is_python or not is_compared(one) for one in modules):
                continue
            found = _coupled(modules[0], modules[1], reader)  # type: ignore[arg-type]
            if found is not None:
                told.add(pair)
                yield found


def _counts(access: Access) -> bool:
    """Whether the name holds a number that a loop counts."""
    return access.identity is not None and any(type(part) is Hole and part.origin == "loop" for part in access.identity.name)


def _coupled(writer: Module, reader: Module, access: Access) -> Coupled | None:
    bound = _bound(reader, access)
    value = reader.facts.values[bound] if bound is not None else None
    if bound is None or type(value) is not Const or type(value.value) is not int or value.value < 2:
        return None
    theirs = [name for name in _constants(writer, value.value) if _COUNT.search(name)]
    if len(theirs) != 1:
        return None
    own = [name for name in _constants(reader, value.value) if _COUNT.search(name)]
    span = reader.facts.scopes[0].bindings[own[0]][0].span if len(own) == 1 else access.place.span
    shown = f"`{own[0]}`" if len(own) == 1 else "the bound of this loop"
    first = Spot(reader, span, 0)
    second = Spot(writer, writer.facts.scopes[0].bindings[theirs[0]][0].span, 0, f"`{theirs[0]}` decides how many are written")
    where = Spot(reader, access.place.span, 0, "the files are read here")
    return Coupled(
        "count",
        (first, second, where),
        f"{shown} must equal `{theirs[0]}` of {writer.path}, which decides how many files there are to read",
        f"{own[0] if len(own) == 1 else 'range'} {theirs[0]}",
        0.85,
    )


def _constants(module: Module, number: int) -> list[str]:
    """Names in capitals that the file binds once to the number."""
    found = module.facts.scopes[0].bindings if module.facts.scopes else {}
    same = Const(number)
    return sorted(
        name
        for name, bound in found.items()
        if len(bound) == 1 and bound[0].how in ("=", "annotated") and name.isupper() and module.facts.values[bound[0].value] == same
    )


def _bound(module: Module, access: Access) -> int | None:
    """The end of the `range` that the name of what is read takes its number from."""
    values = module.facts.values
    todo = [site.value for site in module.facts.sites if site.span == access.place.span]
    seen: set[int] = set()
    while todo and len(seen) < _STEPS:
        index = todo.pop()
        if index < 0 or index in seen:
            continue
        seen.add(index)
        value = values[index]
        if type(value) is Elem and type(counted := values[value.of]) is Call and values[counted.func] == Name("builtins.range"):
            if 1 <= len(counted.args) <= 2:
                return _constant(module, counted.args[-1])
        elif type(value) is Call:
            todo += [*value.args, *(v for _, v in value.keywords), value.func]
        elif type(value) is Op:
            todo += value.operands
        elif type(value) is Template:
            todo += value.parts
        elif type(value) is Attr or type(value) is Item:
            todo.append(value.base)
        elif type(value) is Elem:
            todo.append(value.of)
        elif type(value) is Phi:
            todo += value.options[:4]
    return None


def _constant(module: Module, index: int) -> int:
    """What a name of the module holds, where it is bound once."""
    value = module.facts.values[index]
    scope = getattr(value, "scope", -1)
    bound = module.facts.scopes[scope].bindings.get(getattr(value, "name", ""), ()) if scope >= 0 else ()
    return bound[0].value if len(bound) == 1 else index
