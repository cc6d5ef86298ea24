"""The forms that data take on their way to a model, told from the model backwards."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Item, Op, Param, Phi, Seq, Site, Store, Value
from mldebt.project.callers import passed_to
from mldebt.project.conventions.model import application
from mldebt.project.conversions.forms import Change, Forms
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.written import called_as

_NODES = 120
_MANY = 3  # callers, returns or items of one thing
_CHANGES = 3
_ROLES = frozenset({"train", "predict", "transform"})
# Methods and attributes whose result is held as its receiver is.
_KEEPS = frozenset(
    (
        *("astype", "reshape", "copy", "fillna", "reset_index", "set_index", "ravel", "flatten", "squeeze", "unsqueeze", "dropna", "drop"),
        *("sort_values", "sort_index", "to", "cpu", "cuda", "detach", "float", "long", "double", "int", "view", "transpose", "permute"),
        *("round", "clip", "rename", "head", "tail", "sample", "replace", "T", "loc", "iloc", "contiguous", "requires_grad_", "clone"),
    )
)
Place = tuple[str, int]  # file, value
Way = tuple[tuple[Place, Change], ...]  # the last conversion first


class Chain(msgspec.Struct, frozen=True):
    """Conversions in the order of the data, the forms between them, and the call that gets the result."""

    path: str
    site: Site
    name: str
    conversions: tuple[Place, ...]
    forms: tuple[str, ...]
    scope: int  # of the first conversion


def chains(project: Project) -> Iterator[Chain]:
    """Those with at least three changes of form, one of them back to a form that the data had before."""
    methods = {method for (_, method), call in project.catalogue.methods.items() if _ROLES.intersection(call.roles)}
    forms = Forms(project)
    for module in application(project):
        for site, call, func in module.calls:
            if type(func) is Attr and func.name in methods:
                told: set[Way] = set()
                for index in (*call.args, *(value for _, value in call.keywords)):
                    for way in _ways(project, forms, (module.path, index)):
                        way = _rooted(project, way)
                        if way and way not in told:
                            told.add(way)
                            places = tuple(place for place, _ in reversed(way))
                            yield Chain(module.path, site, called_as(module, call), places, _seen(way), _scope(project, places[0]))


def _rooted(project: Project, way: Way) -> Way:
    """The way from the function that is to blame: the last one from which on the forms go back and forth. Else nothing."""
    blamed = next((way[end - 1][0] for end in range(1, len(way) + 1) if _is_there_and_back(_seen(way[:end]))), None)
    if blamed is None:
        return ()
    root = blamed[0], _scope(project, blamed)
    starts = [end for end, (place, _) in enumerate(way, 1) if place[0] == root[0] and _scope(project, place) == root[1]]
    return way[: starts[-1]]


def _is_there_and_back(seen: tuple[str, ...]) -> bool:
    return len(seen) > _CHANGES and len(set(seen)) < len(seen)


def _scope(project: Project, place: Place) -> int:
    """The function that a conversion stands in."""
    facts = project.modules[place[0]].facts
    found = next((s.scope for s in facts.sites if s.value == place[1]), None)
    return found if found is not None else next((u.scope for u in facts.uses if u.value == place[1]), 0)


def _seen(way: Way) -> tuple[str, ...]:
    """The forms one after the other."""
    found: list[str] = []
    for _, change in reversed(way):
        for form in (change.before, change.after):
            if form and (not found or found[-1] != form):
                found.append(form)
    return tuple(found)


def _ways(project: Project, forms: Forms, start: Place) -> list[Way]:
    """The conversions on each way back from a value, to where it is made or comes out of a call that nobody knows."""
    found: list[Way] = []
    todo: list[tuple[Place, Way]] = [(start, ())]
    seen: set[Place] = {start}
    for (path, index), way in todo:
        module = project.modules[path]
        change = forms.of(module, index)
        if change is not None:
            way, more = (*way, ((path, index), change)), [(path, change.source)]
        else:
            more = list(_before(project, module, index, module.facts.values[index]))
        fresh = [place for place in more if place not in seen]
        if not fresh and way:
            found.append(way)
        for place in fresh:
            if len(todo) < _NODES:
                seen.add(place)
                todo.append((place, way))
    return found


def _before(project: Project, module: Module, index: int, value: Value) -> Iterator[Place]:
    if type(value) is Store or type(value) is Item or type(value) is Attr and value.name in _KEEPS:
        yield module.path, value.base
    elif type(value) is Phi:
        yield from ((module.path, option) for option in value.options)
    elif type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        yield from ((module.path, b.value) for b in bindings[-_MANY:] if b.how == "=")
    elif type(value) is Op and value.op in ("+", "-", "*", "/", "?:"):
        yield from ((module.path, operand) for operand in value.operands[value.op == "?:" :])
    elif type(value) is Seq and value.kind != "comp":
        yield from ((module.path, item) for item in value.items[:_MANY])
    elif type(value) is Param:
        function = Defined(module.path, value.scope)
        for caller, _, call in project.events.callers.get(function, [])[:_MANY]:
            if not caller.is_test and (passed := passed_to(project, function, call, value.name)) is not None:
                yield caller.path, passed
    elif type(value) is Call:
        func = module.facts.values[value.func]
        target = project.resolver.callee(module, value)
        if type(target) is Defined:
            owner, scope = project.resolver.scope(target)
            yield from ((owner.path, returned) for returned in scope.returns[:_MANY] if scope.kind == "function")
        elif type(func) is Attr and func.name in _KEEPS:
            yield module.path, func.base
