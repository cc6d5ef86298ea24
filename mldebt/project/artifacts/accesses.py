"""Where Python code reads and writes artifacts: call sites of the catalogue, with their identities folded through helpers.

An access inside a helper whose path is a parameter belongs to the helper's callers, up to three calls out; each caller is an access
of its own, whose `via` leads down to the call that touches the artifact.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.catalogue import Argument
from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Bound, Call, Item, Name, Phi, Site, Store, Value
from mldebt.project.artifacts import identity as identities
from mldebt.project.artifacts.fold import Found, Frame, Frames
from mldebt.project.artifacts.model import Access, Folded, Hole, Identity, Place, Template
from mldebt.project.artifacts.templates import is_constant, segments, template
from mldebt.project.callers import callers
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument, callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_HELPERS = 3
_CALLERS = 48
_ROLES = ("read", "write", "copy", "download")
_GROWING = frozenset({"table", "topic", "key"})  # stores that a write adds to
_NAMING = frozenset({"path", "key", "table", "query", "topic", "ref", "source", "url"})
_INHERITED = frozenset({"bucket", "key", "table", "schema", "path", "topic", "ref", "query"})
_PARTS = ("path", "bucket", "key", "table", "schema", "query", "topic", "ref", "revision", "source", "target", "url")


class _Use(msgspec.Struct, frozen=True):
    """One way in which an event touches artifacts, as the parts that name them."""

    event: Event
    frames: Frames
    sites: tuple[tuple[Module, Site], ...]  # the event's own site first, then the callers outwards
    told: int = -1  # which of the sites first says what the artifact is called


class Accesses:
    """All accesses of the Python files, tests left out; `copies` are pairs of a read and a write of the same bytes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.folder
        self._conditions = Conditions(project)
        self.all: list[Access] = []
        self.copies: list[tuple[Access, Access]] = []
        self._seen: set[Access] = set()
        seen: set[tuple[str, int, str, tuple[str, ...]]] = set()
        for event in self._events():
            place = (event.module.path, event.site.value, event.entry.name, event.entry.roles)
            if place not in seen:
                seen.add(place)
                for found in self._expanded(_Use(event, (), ((event.module, event.site),)), 0):
                    self._add(found)

    def _events(self) -> Iterator[Event]:
        telling = [e for e in self._project.events.telling if set(_ROLES) & set(e.entry.roles)]
        found = [e for role in _ROLES for e in self._project.calls(role)] + telling
        handles = {(e.module.path, e.site.value) for e in found}
        for event in sorted(found, key=lambda e: (e.module.path, e.site.span.line, e.site.span.column, e.entry.name)):
            if event.module.is_test or not self._holds(event):
                continue
            named = self._argument(event, "path")
            if named is not None and (named[0].path, named[1]) in handles:
                continue  # a handle: the call that opened it is the access
            yield event

    def _holds(self, event: Event) -> bool:
        """Whether the entry speaks of this call; where its mode is not known, it is taken for a read."""
        if not event.name and any(self._conditions.passed(event, key) is None for key in event.entry.when):
            return False  # on an unknown object the method's name tells only with what it is given
        held = self._conditions.holds(event)
        return held if held is not None else "read" in event.entry.roles

    def _add(self, found: list[Access]) -> None:
        for access in found:
            if access not in self._seen:
                self._seen.add(access)
                self.all.append(access)
        if len(found) == 2 and found[0].direction == "read" and found[1].direction == "write":
            self.copies.append((found[0], found[1]))

    # helpers ---------------------------------------------------------------------------------------------------------

    def _expanded(self, use: _Use, depth: int) -> Iterator[list[Access]]:
        parts = self._parts(use)
        if use.told < 0 and any(_tells(f.template) for key, found in parts.items() if key in _NAMING for f in found):
            use = msgspec.structs.replace(use, told=len(use.sites) - 1)
        wanted = {(path, scope) for found in parts.values() for f in found for path, scope, _ in f.parameters}
        if wanted and depth < _HELPERS:
            function = self._function(use, wanted)
            if function is not None and (inner := list(self._from_callers(use, function, depth))):
                yield from inner
                return
        yield from self._accesses(use, parts)

    def _function(self, use: _Use, wanted: set[tuple[str, int]]) -> Defined | None:
        """Which function's callers fill the holes: the one that the outermost call stands in, else the one that made the object."""
        module, site = use.sites[-1]
        taken = {f.function for f in use.frames}
        own = Defined(module.path, site.scope)
        others = [own, *(Defined(path, scope) for path, scope in sorted(wanted))]
        return next((f for f in others if (f.path, f.scope) in wanted and f not in taken), None)

    def _from_callers(self, use: _Use, function: Defined, depth: int) -> Iterator[list[Access]]:
        module, scope = self._project.resolver.scope(function)
        found = [c for c in callers(self._project, function) if not c[0].is_test][:_CALLERS]
        outer = use.sites[-1]
        inside = function == Defined(outer[0].path, outer[1].scope)
        for caller, site, call in found:
            sites = (*use.sites, (caller, site)) if inside else use.sites
            yield from self._expanded(_Use(use.event, (*use.frames, Frame(function, caller, call)), sites, use.told), depth + 1)
        if not found and any(p.default >= 0 for p in scope.parameters):
            nobody = Frame(function, module, Call(0, (), ()))
            yield from self._expanded(msgspec.structs.replace(use, frames=(*use.frames, nobody)), depth + 1)

    # identities ------------------------------------------------------------------------------------------------------

    def _parts(self, use: _Use) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for key in _PARTS:
            place = self._argument(use.event, key)
            if place is not None:
                found[key] = self._folder.fold(*place, use.frames)
        return found

    def _argument(self, event: Event, key: str) -> tuple[Module, int] | None:
        """The value of an argument, with the file it stands in: of the call, else of the call that made its receiver, and so on."""
        module, call = event.module, event.call
        if key in event.entry.args and (index := self._passed(module, call, event.entry.args[key])) is not None:
            return module, _plain(module, index)
        if key not in _INHERITED or type(module.facts.values[call.func]) is not Attr:
            return None
        inner = False  # a call on the way has named the table
        for _ in range(4):
            func = module.facts.values[call.func]
            if type(func) is not Attr:
                return None
            module, made = self._made(module, func.base)
            if type(made) is not Call:
                return self._named_member(module, made, key, inner) if event.entry.store == "table" else None
            call = made
            for entry in self._made_by(module, call):
                inner = inner or "table" in entry.args
                if key in entry.args and (index := self._passed(module, call, entry.args[key])) is not None:
                    return module, _plain(module, index)
        return None

    def _made(self, module: Module, index: int) -> tuple[Module, Value]:
        """The call or member that gave a receiver, through attributes, names and fields with one value."""
        for _ in range(6):
            value = module.facts.values[_plain(module, index)]
            if type(value) is Bound:
                bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
                if len(bindings) != 1:
                    return module, value
                index = bindings[0].value
            elif type(value) in (Attr, Name) and (found := self._folder.members(module, value)):
                module, index = found[0][:2]
            elif type(value) is Attr and type(module.facts.values[value.base]) in (Call, Attr, Bound):
                index = value.base  # `frame.write`, `session.read`
            else:
                return module, value
        return module, value

    def _named_member(self, module: Module, value: Value, key: str, inner: bool) -> tuple[Module, int] | None:
        """`client["database"]["collection"]`: what subscripts name; the database alone, where a call has named the collection."""
        if type(value) is not Item or key not in ("table", "schema") or (inner and key == "table"):
            return None
        if key == "schema" and not inner:
            owner, value = self._made(module, value.base)
            return (owner, value.key) if type(value) is Item else None
        return module, value.key

    def _passed(self, module: Module, call: Call, place: Argument) -> int | None:
        """The value at a place of a call; the receiver is called `self`."""
        func = module.facts.values[call.func]
        if place.name == "self" and place.position is None:
            return func.base if type(func) is Attr else None
        return argument(call, place)

    def _made_by(self, module: Module, call: Call) -> list[Entry]:
        target = self._project.resolver.callee(module, call)
        entries = self._project.resolver.entries(callee_name(target)) if target is not None else ()
        return [e for e in entries or self._project.events.told(module, call) if self._applies(module, call, e)]

    def _applies(self, module: Module, call: Call, entry: Entry) -> bool:
        for key, wanted in entry.when.items():
            index = self._passed(module, call, entry.args[key])
            given = None if index is None else self._project.evaluator.string(module, index)
            if given not in wanted:
                return False
        return True

    def _accesses(self, use: _Use, parts: dict[str, Found]) -> Iterator[list[Access]]:
        entry = use.event.entry
        if "copy" in entry.roles:
            yield from self._copied(use, parts, "source", "target")
        elif "download" in entry.roles:
            yield from self._copied(use, parts, "url", "target")
        elif "query" in parts and not ("write" in entry.roles and {"table", "path"} & set(entry.args)):  # the query made what it writes
            yield from self._queried(use, parts["query"])
        elif "write" in entry.roles and "source" in parts:
            yield from self._copied(use, {**parts, "target": ()}, "source", "")
        elif "read" in entry.roles and "target" in parts:
            yield from self._copied(use, parts, "", "target")
        else:
            directions = self._directions(use.event)
            for named, folded in self._named(use, parts):
                yield [self._access(use, d, named, folded, mode) for d, mode in directions]

    def _named(self, use: _Use, parts: dict[str, Found]) -> list[tuple[Identity | None, Folded]]:
        """The identities that the parts of a call name."""
        entry = use.event.entry
        store = entry.store

        def each(key: str) -> Found:
            return parts.get(key) or (Folded((Hole(key),)),)

        if "bucket" in parts or (store in ("s3", "gs", "azure") and "key" in parts):
            pairs = [(b, k) for b in each("bucket") for k in each("key" if "key" in parts else "path")]
            return [(identities.of_bucket(store or "s3", b.template, k.template), _both(b, k)) for b, k in pairs]
        if "table" in parts and store != "file":
            if "schema" in parts:
                return [
                    (identities.of_table(store, template(*s.template, ".", *t.template)), _both(s, t))
                    for s in each("schema")
                    for t in each("table")
                ]
            return [(identities.of_table("", t.template), t) for t in parts["table"]]
        if "topic" in parts:
            return [(identities.of_topic("", t.template), t) for t in parts["topic"]]
        if "ref" in parts and "path" not in parts:
            return [(self._reference(store or "hf", f.template), f) for f in parts["ref"]]
        if store == "key" and "key" in parts:
            return [(Identity("key", (), f.template), f) for f in parts["key"]]
        return [(self._path(f.template, entry.extension), f) for f in parts.get("path", ())]

    def _reference(self, store: str, ref: Template) -> Identity | None:
        """A name on a hub or in a registry, unless it is written as a path."""
        first = ref[0] if ref else ""
        as_path = isinstance(first, str) and (first.startswith((".", "/", "~")) or first.count("/") > 1 or ":/" in first)
        return identities.of_path(ref) if as_path else identities.of_reference(store, ref, ())

    def _path(self, path: Template, extension: str) -> Identity | None:
        if extension and path and isinstance(path[-1], str) and "." not in path[-1].rpartition("/")[2]:
            path = template(*path, extension)
        return identities.of_path(path)

    def _copied(self, use: _Use, parts: dict[str, Found], source: str, target: str) -> Iterator[list[Access]]:
        """A read of the one end and a write of the other; an end that is not an argument is what the rest of the call names."""
        rest = self._named(use, {k: v for k, v in parts.items() if k not in ("source", "target", "url")})
        ends = [[(identities.of_path(f.template), f) for f in parts[key]] if parts.get(key) else [] for key in (source, target)]
        for s in ends[0] or rest:
            read = self._access(use, "read", *s, "")
            targets = ends[1] or (rest if ends[0] else [])
            for t in targets:
                yield [read, self._access(use, "write", *t, "overwrite")]
            if not targets:
                yield [read]

    def _queried(self, use: _Use, queries: Found) -> Iterator[list[Access]]:
        from mldebt.project.artifacts.sql import accesses_of_query, dialect_of

        dialect = dialect_of(i.target for i in use.event.module.facts.imports)
        for query in queries:
            for one in accesses_of_query(query.template, "", dialect):
                made = self._access(use, one.direction, one.identity, query, one.mode)
                yield [msgspec.structs.replace(made, bounded=one.bounded, model=one.model, format=one.format or made.format)]
            if all(type(p) is Hole for p in query.template):
                yield [self._access(use, "read", None, query, "")]

    def _directions(self, event: Event) -> list[tuple[str, str]]:
        """(direction, mode) of a call that reads, writes, or does what its mode says."""
        roles = event.entry.roles
        mode = ""
        if "mode" in event.entry.args:
            index = argument(event.call, event.entry.args["mode"])
            given = self._project.evaluator.string(event.module, index) if index is not None else None
            mode = given if given is not None else str(event.entry.defaults.get("mode") or "")
        if "write" not in roles:
            return [("read", "")]
        if "read" in roles and mode and mode[:1] not in "wxa":
            return [("read", "")]
        if event.entry.store in _GROWING and mode not in ("replace", "overwrite"):
            return [("write", "append")]
        return [("write", "append" if mode[:1] == "a" else "overwrite")]

    def _access(self, use: _Use, direction: str, named: Identity | None, folded: Folded, mode: str) -> Access:
        at = max(_place(use.sites), use.told)
        module, site = use.sites[at]
        if named is not None and any(type(p) is Hole and p.origin == "temporary" for p in (*named.namespace, *named.name)):
            named, why = None, "temporary"
        elif named is None or all(type(p) is Hole for p in named.name):
            holes = [p for p in folded.template if type(p) is Hole]
            named, why = None, holes[0].origin if holes else "no name"
        else:
            why = ""
        constant = named is not None and is_constant(named.name)
        return Access(
            direction=direction,
            identity=named,
            place=Place(module.path, site.span),
            scope=module.qualname(site.scope),
            api=use.event.name or use.event.entry.name,
            format=use.event.entry.format,
            mode=mode,
            via=tuple(Place(m.path, s.span) for m, s in reversed(use.sites[:at])),
            constants=folded.constants,
            terminal=use.event.entry.terminal,
            web=bool(folded.template) and str(folded.template[0]).lower().startswith(("http:", "https:")),
            certainty=folded.certainty * (1.0 if constant and len(use.sites) == 1 else 0.85),
            why=why,
        )


def _tells(made: Template) -> bool:
    """Whether the last segment of a name has text of its own."""
    last = segments(made)[-1:] if made else ()
    return any(isinstance(p, str) and len(p.rpartition(".")[0] or p) > 2 for part in last for p in part)


def _place(sites: tuple[tuple[Module, Site], ...]) -> int:
    """Which call is the access: the innermost of those in the file that the calls come from."""
    at = len(sites) - 1
    while at and sites[at - 1][0] is sites[-1][0]:
        at -= 1
    return at


def _plain(module: Module, index: int) -> int:
    """The value itself, when stores into it or a single choice stand around it."""
    value = module.facts.values[index]
    for _ in range(6):
        if type(value) is Store:
            index = value.base
        elif type(value) is Phi and len(value.options) == 1:
            index = value.options[0]
        else:
            break
        value = module.facts.values[index]
    return index


def _both(a: Folded, b: Folded) -> Folded:
    return Folded((*a.template, "/", *b.template), a.constants | b.constants, a.parameters | b.parameters, min(a.certainty, b.certainty))
