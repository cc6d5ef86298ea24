"""Results of packages that are taken apart by bare positions: a report's list of metrics, a model's list of outputs."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Call, Const, Item, Seq, Span
from mldebt.project.conventions.model import Leak, Mark, application, behind
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.written import called_as, text_of

OUTPUTS = "outputs"  # the catalogue's kind of a list whose order only the package, or another line of the project, knows
_REPORTING = frozenset({"validate", "monitor", "metric"})
_LEAST = 2
_CELLS = 3
Taken = dict[int, Span]  # by position, the first place
Found = tuple[int, str, int, float]


def positions(project: Project) -> Iterator[Leak]:
    roots, outputs = _roots(project), _outputs(project)
    for module in application(project):
        lists: dict[tuple[int, int, str, float], Taken] = {}
        imported = {i.target.partition(".")[0] for i in module.facts.imports}
        told = {method: sure for root in sorted(imported & outputs.keys()) for method, sure in outputs[root].items()}
        for use in module.facts.uses if _has_positions(module) else ():
            found = _list(project, module, use.value, roots, told)
            if found is not None:
                place, name, position, sure = found
                taken = lists.setdefault((use.scope, place, name, sure), {})
                if position not in taken or use.span < taken[position]:
                    taken[position] = use.span
        for (scope, place, name, sure), taken in sorted(lists.items()):
            yield from _leak(module, scope, place, name, sure, taken)
        yield from _cells(module)


def _has_positions(module: Module) -> bool:
    values = module.facts.values
    keys = (values[values[i].key] for i in module.of_kind(Item))  # type: ignore[union-attr]
    return any(type(key) is Const and type(key.value) is int and key.value >= 0 for key in keys)


def _leak(module: Module, scope: int, place: int, name: str, sure: float, taken: Taken) -> Iterator[Leak]:
    value = module.facts.values[place]
    direct = type(value) is Call
    if len(taken) < _LEAST and not (direct and max(taken) > 0):
        return
    if direct and max(taken) >= _LEAST:
        sure = max(sure, 0.75)
    marks = tuple(sorted((Mark(span, f"takes [{position}]") for position, span in taken.items()), key=lambda m: m.span))
    shown = ", ".join(f"[{position}]" for position in sorted(taken))
    if direct:
        message = f"what `{name}` returns is read by position ({shown}); another metric or output in front moves them all"
    else:
        message = f"`{name}` is taken apart by position ({shown}); another order of the list swaps the values silently"
    yield Leak(module.path, scope, "position", message, f"position {name}", marks, sure)


def _cells(module: Module) -> Iterator[Leak]:
    """Frames that are filled from other frames cell by cell, through the positions of columns."""
    found: dict[int, list[Mark]] = {}
    for write in module.facts.writes:
        target = module.facts.values[write.base]
        if type(target) is Attr and _is_located(module, target, write.key):
            for at in behind(module, write.value):
                taken = module.facts.values[at]
                source = module.facts.values[taken.base] if type(taken) is Item else None
                if type(taken) is Item and type(source) is Attr and _is_located(module, source, taken.key):
                    found.setdefault(write.scope, []).append(Mark(write.span, "copies one cell"))
                    break
    for scope, marks in sorted(found.items()):
        if len(marks) >= _CELLS:
            marks.sort(key=lambda mark: mark.span)
            message = f"{len(marks)} columns are copied between frames one cell at a time, through their positions"
            yield Leak(module.path, scope, "cells", message, "cells", tuple(marks), 0.8)


def _is_located(module: Module, accessor: Attr, key: int) -> bool:
    """Whether a cell is named by the place of its row and a place that its column was looked up to have."""
    keys = module.facts.values[key] if key >= 0 else None
    if accessor.name not in ("iloc", "iat") or type(keys) is not Seq or len(keys.items) != 2:
        return False
    column = module.facts.values[keys.items[1]]
    return type(column) is Call and called_as(module, column) == "get_loc"


def _list(project: Project, module: Module, index: int, roots: frozenset[str], told: dict[str, float]) -> Found | None:
    """The list that a chain takes one item out of by its place: its value, its name, the place, and how sure that is a convention."""
    values = module.facts.values
    outer: Item | Attr | None = None
    value = values[index]
    while type(value) is Item or type(value) is Attr:
        base = values[value.base]
        key = values[value.key] if type(value) is Item else None
        if type(key) is Const and type(key.value) is int and key.value >= 0:
            if type(base) is Item and (name := text_of(module, base.key)) is not None and _is_named(module, outer):
                return (value.base, name, key.value, 0.9) if _of_package(project, module, base.base, roots) else None
            if type(base) is Call and (sure := _returns_outputs(project, module, base, told)):
                return value.base, called_as(module, base), key.value, sure
        outer, value = value, base
    return None


def _is_named(module: Module, outer: Item | Attr | None) -> bool:
    """Whether the item that was taken out is asked for something by name."""
    return type(outer) is Attr or (type(outer) is Item and text_of(module, outer.key) is not None)


def _returns_outputs(project: Project, module: Module, call: Call, told: dict[str, float]) -> float:
    target = project.resolver.callee(module, call)
    if target is None:
        return told.get(called_as(module, call), 0.0) if type(module.facts.values[call.func]) is Attr else 0.0
    name = callee_name(target)
    return max((_sure(entry) for entry in project.resolver.entries(name) if entry.returns == OUTPUTS), default=0.0) if name else 0.0


def _sure(entry: Entry) -> float:
    """A loss and one metric are what everybody expects; outputs have names that could be asked for."""
    return 0.45 if "metric" in entry.roles else 0.75


def _of_package(project: Project, module: Module, index: int, roots: frozenset[str]) -> bool:
    """Whether the value is a result of one of the packages, whatever its methods made of it."""
    values = module.facts.values
    for at in behind(module, index):
        value = values[at]
        if type(value) is Call and (target := project.resolver.callee(module, value)) is not None:
            if callee_name(target).partition(".")[0] in roots:
                return True
    return False


def _roots(project: Project) -> frozenset[str]:
    """Imports and kinds of the packages that report on data or models, or make models."""
    found: set[str] = set()
    for package in project.catalogue.packages:
        if package.vendor or any(_REPORTING.intersection(call.roles) for call in package.calls):
            found.update(package.imports)
            found.update(known.kind for known in package.classes)
    return frozenset(found)


def _outputs(project: Project) -> dict[str, dict[str, float]]:
    """Methods that return such a list, by the roots of the package that has them."""
    found: dict[str, dict[str, float]] = {}
    for package in project.catalogue.packages:
        methods = {c.name.rpartition(".")[2]: _sure(c) for c in package.calls if c.returns == OUTPUTS}
        if methods:
            found.update(dict.fromkeys((root.partition(".")[0] for root in package.imports), methods))
    return found
