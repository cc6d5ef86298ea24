"""Where the project acts on the world, and where it looks at it: clients, requests, queries of public tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Name, Op, Param, Phi, Span, Store, Template
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument
from mldebt.project.feedback.model import WorldSite
from mldebt.project.project import Module, Project

_LOOKS = frozenset({"get"})
_CHANGES = frozenset({"post", "put", "patch"})
_ASKS = _LOOKS | _CHANGES
# A query that tells rows apart by who made them: `actor.login not in (...)`, `author <> 'bot'`.
_ACTOR = re.compile(
    r"(?<![\w.])(?>[\w.]*?(?:actor|sender|author|creator|user|updated_by|changed_by|source))[\w.]*+[\"'`]?\)?\s*(!=|<>|not\s+in|not\s+like)|\b(is_bot|by_bot|automated)\b",
    re.IGNORECASE,
)


def world_sites(project: Project) -> list[WorldSite]:
    """All of them, tests left out, in the order of the files."""
    found = [*_of_events(project, "act"), *_of_events(project, "observe")]
    known = {(s.path, s.value) for s in found}
    for module in project.python:
        if not module.is_test:
            found += [s for s in _of_requests(project, module) if (s.path, s.value) not in known]
            found += _of_texts(project, module)
    return sorted(set(found), key=lambda s: (s.path, s.span, s.role, s.entity))


def _of_events(project: Project, role: str) -> Iterator[WorldSite]:
    conditions = Conditions(project)
    telling = [e for e in project.events.telling if role in e.entry.roles]
    for event in (*project.calls(role), *telling):
        if event.module.is_test or conditions.holds(event) is False:
            continue
        given = _given(event)
        if role == "act" and not given and "value" in event.entry.args:
            continue
        method = event.entry.name.rpartition(".")[2]
        yield WorldSite(role, event.entry.entity, event.module.path, event.site.span, event.site.scope, event.site.value, method, given)


def _given(event: Event) -> tuple[int, ...]:
    """What an act sets: the argument that says it, where that is a keyword only; else all that it is given."""
    place = event.entry.args.get("value")
    if place is not None and place.position is None:
        value = argument(event.call, place)
        return () if value is None else (value,)
    return (*event.call.args, *(value for _, value in event.call.keywords))


def _of_requests(project: Project, module: Module) -> Iterator[WorldSite]:
    """`requests.put(f"{host}/rest/bug/{id}", json=...)`."""
    addresses = project.catalogue.world.addresses
    for site, call, func in module.calls:
        if not call.args or type(func) not in (Attr, Name, Bound, Param):
            continue
        name = func.name.rpartition(".")[2]  # type: ignore[union-attr]
        if name not in _ASKS:
            continue
        text = text_of(module, call.args[0])
        for address in addresses:
            if address.text in text and address.host in text:
                role = "observe" if name in _LOOKS else "act"
                given = (*call.args[1:], *(v for k, v in call.keywords if k in ("json", "data")))
                yield WorldSite(role, address.entity, module.path, site.span, site.scope, site.value, name, given)
                break


def _of_texts(project: Project, module: Module) -> Iterator[WorldSite]:
    """Queries in the text that read a public table."""
    tables = project.catalogue.world.tables
    values = module.facts.values
    texts = "\n".join(v.value for i in module.of_kind(Const) if type(v := values[i]) is Const and isinstance(v.value, str))
    if not any(t.name in texts for t in tables):
        return
    for index in sorted((*module.of_kind(Const), *module.of_kind(Template))):
        text = text_of(module, index)
        for table in tables:
            if not re.search(rf"\bfrom\b[^;]*{re.escape(table.name)}", text, re.IGNORECASE):
                continue
            place = _place(module, index)
            for field, entity in sorted(table.fields.items()):
                if field in text and place is not None:
                    narrowed = _ACTOR.search(text) is not None
                    yield WorldSite("observe", entity, module.path, *place, table.name, (), narrowed)


def text_of(module: Module, index: int, depth: int = 0) -> str:
    """The constant parts of a string, with `?` for what is not known."""
    value = module.facts.values[index]
    if type(value) is Const:
        return value.value if isinstance(value.value, str) else "?"
    if type(value) is Template:
        return "".join(text_of(module, part, depth + 1) for part in value.parts)
    if depth < 6:
        if type(value) is Op and value.op in ("+", "%"):
            return "".join(text_of(module, part, depth + 1) for part in value.operands)
        if type(value) is Call and type(func := module.facts.values[value.func]) is Attr and func.name == "format":
            return text_of(module, func.base, depth + 1)
    return "?"


def _place(module: Module, index: int) -> tuple[Span, int, int] | None:
    """Where a text is used, with the function and the value: the call that gets it, else the name that it is bound to."""
    for site in module.facts.sites:
        call = module.facts.values[site.value]
        if type(call) is Call and any(index in _within(module, a) for a in (*call.args, *(v for _, v in call.keywords))):
            return site.span, site.scope, site.value
    for number, scope in enumerate(module.facts.scopes):
        for bindings in scope.bindings.values():
            for binding in bindings:
                if index in _within(module, binding.value):
                    return binding.span, number, index
    return None


def _within(module: Module, index: int, depth: int = 0) -> set[int]:
    """A value and the texts that it is put together from."""
    found = {index}
    value = module.facts.values[index]
    if depth < 4:
        inner: tuple[int, ...] = ()
        if type(value) is Op:
            inner = value.operands
        elif type(value) is Template:
            inner = value.parts
        elif type(value) is Phi:
            inner = value.options
        elif type(value) is Store:
            inner = (value.base,)
        elif type(value) is Call and type(func := module.facts.values[value.func]) is Attr:
            inner = (func.base,)
        for other in inner:
            found |= _within(module, other, depth + 1)
    return found
