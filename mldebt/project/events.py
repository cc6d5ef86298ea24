"""Call sites with a meaning: what the catalogue says their callee does, with arguments by role."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from mldebt.catalogue import Argument
from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Bound, Call, Name, Site, Star, Store, Value
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance, Target

_MADE = 6  # names, fields and calls between a method and the call that made its object


class Event(msgspec.Struct, frozen=True):
    """A call site and its catalogue entry."""

    module: Module
    site: Site
    call: Call
    name: str  # dotted name of the callee; empty where only the method's name is known
    entry: Entry


class Events:
    """All call sites of the project, resolved."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._handles = frozenset(e.returns for entries in project.catalogue.telling.values() for e in entries if _makes_handle(e))
        self._told = frozenset(name.rpartition(".")[2] for name in project.catalogue.telling)
        self._on_handles = frozenset(m for kind, m in project.catalogue.methods if kind in self._handles)
        self.total = 0
        self.resolved = 0
        self.callers: dict[Defined, list[tuple[Module, Site, Call]]] = defaultdict(list)
        self.named: dict[str, list[tuple[Module, Site, Call]]] = defaultdict(list)  # by the dotted name of what is called
        found: dict[str, list[Event]] = defaultdict(list)
        telling: list[Event] = []  # methods of unknown objects whose name alone tells what they do
        for module in project.python:
            self.total += len(module.calls)
            for site, call, _ in module.calls:
                target = project.resolver.callee(module, call)
                if target is None:
                    telling += self._telling(module, site, call)
                    continue
                self.resolved += 1
                name = callee_name(target)
                if name:
                    self.named[name].append((module, site, call))
                    entries = project.resolver.entries(name)
                    for entry in entries:
                        for role in entry.roles:
                            found[role].append(Event(module, site, call, name, entry))
                    if not entries:
                        telling += self._telling(module, site, call)
                elif type(target) is Defined:
                    self.callers[target].append((module, site, call))
                if name == "functools.partial" and call.args:
                    inner = project.resolver.target(module, call.args[0])
                    if type(inner) is Defined:
                        self.callers[inner].append((module, site, Call(call.args[0], call.args[1:], call.keywords)))
        self.by_role = {role: tuple(events) for role, events in sorted(found.items())}
        self.telling = tuple(telling)

    def _telling(self, module: Module, site: Site, call: Call) -> list[Event]:
        """Events of a method whose name tells what it does, alone (`to_csv`) or after another of its chain (`write.parquet`)."""
        return [Event(module, site, call, "", entry) for entry in self.told(module, call)]

    def told(self, module: Module, call: Call, depth: int = 0) -> tuple[Entry, ...]:
        """What the catalogue says of a method of an unknown object: by the call that made the object, where that call's name tells
        (`client.Object(bucket, key).put()`), else by the method's own name, alone or after another name of its chain."""
        known = self._project.catalogue.telling
        if depth < _MADE and (made := self._of_handle(module, call, depth)):
            return made
        func = module.facts.values[call.func]
        if type(func) is Attr and func.name not in self._told:
            return ()
        names = _chain(module, call)
        entries = known.get(names[0], ()) if names else ()
        for name in names[1:]:
            entries = entries or known.get(f"{name}.{names[0]}", ())
        return entries

    def _of_handle(self, module: Module, call: Call, depth: int) -> tuple[Entry, ...]:
        link = module.facts.values[call.func]
        method = ""
        while type(link) is Attr and method.count(".") < 2:  # `bucket.objects.filter`: attributes on the way are part of the name
            method = f"{link.name}.{method}" if method else link.name
            if method in self._on_handles and (kind := self._handle(module, link.base, depth)):
                return self._project.catalogue.entries.get(f"{kind}.{method}", ())
            link = module.facts.values[link.base]
        return ()

    def _handle(self, module: Module, index: int, depth: int) -> str:
        """The kind of object that a call which only makes it returned, through names and fields with one value."""
        for _ in range(_MADE):
            value = module.facts.values[index]
            if type(value) is Call:
                if self._project.resolver.callee(module, value) is not None:
                    return ""
                return next((e.returns for e in self.told(module, value, depth + 1) if _makes_handle(e)), "")
            if type(value) is Bound:
                bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
                found = [(module, b.value) for b in bindings]
            elif type(value) is Attr:
                found = [(owner, at) for owner, at, _ in self._project.members.of_attribute(module, value.base, value.name)]
            else:
                found = [(module, value.base)] if type(value) is Store else []
            if len(found) != 1:
                return ""
            module, index = found[0]
        return ""


def _makes_handle(entry: Entry) -> bool:
    return bool(entry.telling and entry.returns and not entry.roles and not entry.when)


def _chain(module: Module, call: Call) -> list[str]:
    """The names of a chain of attributes and calls, the last one first: `spark.read.option(x).csv` gives csv, option, read."""
    names: list[str] = []
    link: Value = module.facts.values[call.func]
    while len(names) < 8:
        if type(link) is Attr:
            names.append(link.name)
            link = module.facts.values[link.base]
        elif type(link) is Call:
            link = module.facts.values[link.func]
        else:
            break
    if type(link) is Name:  # of an object that is imported, or that the environment provides
        names += link.name.split(".")[:0:-1]
    return names if type(module.facts.values[call.func]) is Attr or len(names) > 1 else []


def callee_name(target: Target) -> str:
    """The dotted name of an external callee, `<kind>.__call__` for calling an instance, "" for the project's own."""
    if type(target) is External:
        return target.name
    if type(target) is Instance and type(target.of) is External:
        return f"{target.kind or target.of.name}.__call__"
    return ""


def argument(call: Call, place: Argument | None) -> int | None:
    """The value passed at a place: by keyword, else by position; None when absent. Positions behind `*args` are unknown (-1)."""
    if place is None:
        return None
    if place.name is not None:
        for name, value in call.keywords:
            if name == place.name:
                return value
    if place.position is not None and place.position < len(call.args):
        return call.args[place.position]
    return None


def splats(module: Module, call: Call) -> bool:
    """Whether `*args` or `**kwargs` may pass what is not written out."""
    return any(n == "**" for n, _ in call.keywords) or any(type(module.facts.values[a]) is Star for a in call.args)


def keyword(call: Call, name: str) -> int | None:
    return next((value for key, value in call.keywords if key == name), None)
