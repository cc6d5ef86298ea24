"""Draws that stand behind a call: estimators that a loop makes by turns, and seeds that are drawn at random themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mldebt.facts.model import Attr, Call, Elem, Item, Map, Seq, Site
from mldebt.project.events import Event, callee_name
from mldebt.project.project import Module, Project

SEEDS = frozenset({"random_state", "seed", "random_seed"})
Place = tuple[str, int]


def by_turns(project: Project, role: str) -> Iterator[Event]:
    """Calls in a loop over classes that are written out: `for kind in (Forest, Boosting): kind().fit(x, y)`; one event for each class."""
    for module in project.python:
        for site, call, func in module.calls:
            if type(func) is Elem or type(func) is Item:
                for index in _classes(module, func):
                    target = project.resolver.target(module, index)
                    name = callee_name(target) if target is not None else ""
                    for entry in project.resolver.entries(name) if name else ():
                        if role in entry.roles:
                            yield Event(module, site, call, name, entry)


def _classes(module: Module, func: Elem | Item) -> tuple[int, ...]:
    """The items of the display that a loop goes over; of a mapping its values."""
    values = module.facts.values
    base = values[func.base] if type(func) is Item else func
    if type(base) is not Elem:
        return ()
    over = values[base.of]
    if type(over) is Seq and type(func) is Elem and over.kind in ("list", "tuple"):
        return over.items
    if type(over) is Call and type(method := values[over.func]) is Attr and method.name in ("items", "values"):
        shown = values[method.base]
        if type(shown) is Map and (method.name == "values") == (type(func) is Elem):
            return shown.values
    return ()


def seeded_by(project: Project, draws: Collection[Place]) -> Iterator[tuple[Module, Site, str, int]]:
    """Calls that get one of these values as their seed: the file, the call, its name and the value."""
    files = {path for path, _ in draws}
    for module in project.python:
        if module.path in files:
            for site, call, func in module.calls:
                for key, index in call.keywords:
                    if key in SEEDS and (module.path, index) in draws:
                        yield module, site, getattr(func, "name", "").rpartition(".")[2], index
