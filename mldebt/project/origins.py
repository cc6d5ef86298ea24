"""Where bytes come from: a URL, a store that others can write to, an upload, a path that a caller passes."""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Name, Param, Phi, Site, Star, Store, Template
from mldebt.project.callers import callers, passed_to
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument
from mldebt.project.paths import Key, constant, keys, under
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_URL = re.compile(r"(https?|ftp)://", re.IGNORECASE)
_STORE = re.compile(r"(s3|s3a|s3n|gs|gcs|abfss?|wasbs?|az|hdfs|dbfs|runs|mlflow-artifacts|hf)://?", re.IGNORECASE)
_UPLOADS = frozenset({"http-request", "upload"})
_DEPTH = 14
_STEPS = 2_000  # of one question
_CALLERS = 12


class Kind(enum.IntEnum):
    """How far away the bytes were written, nearest first."""

    UNKNOWN = 0
    PARAMETER = 1
    STORE = 2
    UPLOAD = 3
    URL = 4


class Origin(msgspec.Struct, frozen=True):
    """Where bytes come from, the call that brings them, and whether a digest is compared on the way."""

    kind: Kind
    module: Module | None = None
    site: Site | None = None
    event: Event | None = None
    address: str = ""
    verified: bool = False


class _Fetch(msgspec.Struct, frozen=True):
    """A call after which a path or buffer holds bytes from elsewhere."""

    module: Module
    site: Site
    targets: frozenset[Key]
    index: int
    origin: Origin


class _Frame(msgspec.Struct, frozen=True):
    """One step into a function: its parameters are what the call passes."""

    function: Defined
    module: Module
    call: Call
    outer: _Frame | None


UNKNOWN = Origin(Kind.UNKNOWN)


class Origins:
    """Origins of values, through variables, functions, files that are fetched and files that are written."""

    def __init__(self, project: Project, conditions: Conditions) -> None:
        self._project, self._conditions = project, conditions
        self._steps = 0
        self._downloads = _by_site(project, "download")
        self._reads = _by_site(project, "read")
        self._hashing = _hashing(project)
        self._fetches: dict[str, list[_Fetch]] = defaultdict(list)
        self._constant: dict[str, _Fetch] = {}
        for event in project.calls("download"):
            for target in self._targets(event):
                self._add(_Fetch(event.module, event.site, *target, self._download(event)))
        self._add_copies()
        self._add_helpers()
        self._saved = {(e.module.path, e.entry.format) for e in project.calls("write") if e.entry.format}

    def of(self, module: Module, index: int, site: Site) -> Origin:
        """The farthest origin that the value can have at a call site."""
        self._steps = 0
        found = self._of(module, index, site, None, frozenset(), 0)
        if found.kind > Kind.PARAMETER and (module.path, site.scope) in self._hashing:
            return msgspec.structs.replace(found, verified=True)
        return found

    def saves(self, module: Module, form: str) -> bool:
        """Whether the file also writes that format: it saves what it loads."""
        return (module.path, form) in self._saved

    # values ----------------------------------------------------------------------------------------------------------

    def _of(
        self, module: Module, index: int, site: Site | None, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int
    ) -> Origin:
        self._steps += 1
        if index < 0 or depth > _DEPTH or (module.path, index) in seen or self._steps > _STEPS:
            return UNKNOWN
        seen = seen | {(module.path, index)}
        value = module.facts.values[index]

        def follow(*others: int) -> Origin:
            return _farthest(self._of(module, other, site, frame, seen, depth + 1) for other in others)

        fetched = self._fetched(module, index, site)
        if fetched is not None:
            return fetched
        if type(value) is Const:
            return _address(value.value) if isinstance(value.value, str) else UNKNOWN
        if type(value) is Call:
            return self._of_call(module, index, value, site, frame, seen, depth)
        if type(value) is Template:
            return follow(*value.parts[:1])
        if type(value) is Phi:
            return follow(*value.options[:6])
        if type(value) in (Item, Attr):
            field = self._field(module, value) if type(value) is Attr else ()
            return follow(value.base, *field)
        if type(value) is Elem:
            return follow(value.of)
        if type(value) is Star:
            return follow(value.value)
        if type(value) is Store:
            return follow(value.base)
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return follow(*(b.value for b in bindings[:4]))
        if type(value) is Name:
            return self._of_name(module, value, seen, depth)
        if type(value) is Param:
            return self._of_parameter(module, index, value, frame, seen, depth)
        return UNKNOWN

    def _of_call(
        self, module: Module, index: int, call: Call, site: Site | None, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int
    ) -> Origin:
        event = self._downloads.get((module.path, index))
        if event is not None:
            return self._download(event)
        target = self._project.resolver.callee(module, call)
        if type(target) is External and any(e.returns in _UPLOADS for e in self._project.resolver.entries(target.name)):
            return Origin(Kind.UPLOAD, address="an upload")
        if type(target) is Defined:
            owner, scope = self._project.resolver.scope(target)
            if scope.kind == "function":
                inner = _Frame(target, module, call, frame)
                return _farthest(self._of(owner, r, None, inner, seen, depth + 1) for r in scope.returns[:6])
            return UNKNOWN
        func = module.facts.values[call.func]
        parts = [*((func.base,) if type(func) is Attr else ()), *call.args, *(v for _, v in call.keywords)]
        read = (module.path, index) in self._reads
        found = _farthest(self._of(module, part, site, frame, seen, depth + 1) for part in parts)
        # An address as the argument of any other call says nothing of what the call returns.
        return found if read or found.site is not None or found.kind in (Kind.UPLOAD, Kind.PARAMETER) else UNKNOWN

    def _of_name(self, module: Module, value: Name, seen: frozenset[tuple[str, int]], depth: int) -> Origin:
        if self._project.catalogue.kind_of(value.name) in _UPLOADS:
            return Origin(Kind.UPLOAD, address="a request")
        split = self._project.index.split(module.path, value.name)
        if split is None or len(split[1]) != 1 or split[0] not in self._project.modules:
            return UNKNOWN
        owner = self._project.modules[split[0]]
        bindings = owner.facts.scopes[0].bindings.get(split[1][0], ()) if owner.facts.scopes else ()
        return _farthest(self._of(owner, b.value, None, None, seen, depth + 1) for b in bindings[:4])

    def _of_parameter(
        self, module: Module, index: int, value: Param, frame: _Frame | None, seen: frozenset[tuple[str, int]], depth: int
    ) -> Origin:
        function = Defined(module.path, value.scope)
        if frame is not None and frame.function == function:
            passed = passed_to(self._project, function, frame.call, value.name)
            return UNKNOWN if passed is None else self._of(frame.module, passed, None, frame.outer, seen, depth + 1)
        target = self._project.resolver.target(module, index)
        if type(target) is Instance and target.kind in _UPLOADS:
            return Origin(Kind.UPLOAD, address="an upload")
        found = [Origin(Kind.PARAMETER)]
        for caller, site, call in callers(self._project, function)[:_CALLERS]:
            passed = passed_to(self._project, function, call, value.name)
            if passed is not None and not caller.is_test:
                found.append(self._of(caller, passed, site, None, seen, depth + 1))
        return _farthest(found)

    def _field(self, module: Module, value: Attr) -> tuple[int, ...]:
        """What the class assigns to an attribute of `self`."""
        base = module.facts.values[value.base]
        if type(base) is not Param:
            return ()
        owner = module.facts.scopes[base.scope].parent
        if owner < 0 or module.facts.scopes[owner].kind != "class":
            return ()
        return tuple(self._project.resolver.fields(Defined(module.path, owner)).get(value.name, ())[:4])

    # files that are fetched ------------------------------------------------------------------------------------------

    def _fetched(self, module: Module, index: int, site: Site | None) -> Origin | None:
        """The origin of the file or buffer, when a call that fetches into it comes before."""
        wanted = keys(module, index)
        found: list[Origin] = []
        for fetch in self._fetches.get(module.path, ()):
            if site is not None and fetch.site.scope == site.scope and _line(fetch.site) > _line(site):
                continue
            if fetch.index == index or any(under(key, target) for key in wanted for target in fetch.targets):
                found.append(fetch.origin)
        for key in wanted:
            elsewhere = self._constant.get(constant(key))
            if elsewhere is not None:
                found.append(elsewhere.origin)
        return _farthest(found) if found else None

    def _add(self, fetch: _Fetch) -> None:
        self._fetches[fetch.module.path].append(fetch)
        for key in sorted(constant(key) for key in fetch.targets):
            if len(key) > 7 and "/" in key:
                self._constant.setdefault(key, fetch)

    def _targets(self, event: Event) -> Iterator[tuple[frozenset[Key], int]]:
        index = argument(event.call, event.entry.args.get("target"))
        if index is None:
            return
        found = keys(event.module, index)
        if "path" in event.entry.args:  # the target is a folder
            name = argument(event.call, event.entry.args["path"])
            inner = frozenset[Key]() if name is None else keys(event.module, name)
            found = frozenset(
                {("", f"{constant(a)}/{constant(b)}".removeprefix("./")) for a in found for b in inner if constant(a) and constant(b)}
            )
        yield found, index

    def _download(self, event: Event) -> Origin:
        index = argument(event.call, event.entry.args.get("url"))
        address = "" if index is None else self._text(event.module, index)
        hosted = index is None or _STORE.match(address) or "hub-load" in event.entry.roles
        checked = "hash" in event.entry.roles or any(
            self._conditions.truth(event, name) is not False for name in ("hash", "md5") if self._conditions.passed(event, name) is not None
        )
        verified = checked or (event.module.path, event.site.scope) in self._hashing
        return Origin(Kind.STORE if hosted else Kind.URL, event.module, event.site, event, address, verified)

    def _text(self, module: Module, index: int) -> str:
        """The constant beginning of a string."""
        text = self._project.evaluator.string(module, index)
        if text is not None:
            return text
        value = module.facts.values[index]
        if type(value) is Template and value.parts:
            return self._text(module, value.parts[0])
        return ""

    def _add_copies(self) -> None:
        """Handles that downloaded bytes are written to: `open(path, "wb").write(response.content)`, `copyfileobj(response, handle)`."""
        fetching = {path for path, _ in self._downloads}
        for module in (m for m in self._project.python if m.path in fetching):
            for site in module.facts.sites:
                call = module.facts.values[site.value]
                assert type(call) is Call
                func = module.facts.values[call.func]
                name = func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""
                if name in ("write", "write_bytes") and type(func) is Attr and call.args:
                    source, target = call.args[0], func.base
                elif name == "copyfileobj" and len(call.args) > 1:
                    source, target = call.args[:2]
                else:
                    continue
                self._steps = 0
                origin = self._of(module, source, site, None, frozenset(), 0)
                handle = module.facts.values[target]
                if origin.kind >= Kind.STORE and origin.site is not None:
                    path = handle.args[0] if type(handle) is Call and handle.args else target
                    if type(handle) is Call and not handle.args and type(opener := module.facts.values[handle.func]) is Attr:
                        path = opener.base
                    self._add(_Fetch(module, site, keys(module, path), target, origin))

    def _add_helpers(self) -> None:
        """Functions of the project that fetch into a path that their caller names, up to three calls deep."""
        done: set[tuple[Defined, str]] = set()
        for _ in range(3):
            fresh = [
                (Defined(path, int(key[1])), str(key[2]), fetch)
                for path, fetches in sorted(self._fetches.items())
                for fetch in fetches
                for key in sorted(fetch.targets, key=repr)
                if key[0] == "param" and len(key) == 3
            ]
            for function, name, fetch in fresh:
                if (function, name) in done:
                    continue
                done.add((function, name))
                for caller, site, call in callers(self._project, function):
                    passed = passed_to(self._project, function, call, name)
                    if passed is not None:
                        verified = fetch.origin.verified or (caller.path, site.scope) in self._hashing
                        origin = msgspec.structs.replace(fetch.origin, verified=verified)
                        self._add(_Fetch(caller, site, keys(caller, passed), passed, origin))


def _hashing(project: Project) -> set[tuple[str, int]]:
    """Functions that compute or compare a digest, themselves or through a helper of the project."""
    found = {(event.module.path, event.site.scope) for event in project.calls("hash")}
    fresh = found
    for _ in range(2):
        fresh = {
            (caller.path, site.scope) for path, scope in fresh if scope > 0 for caller, site, _ in callers(project, Defined(path, scope))
        } - found
        found = found | fresh
    return found


def _by_site(project: Project, role: str) -> dict[tuple[str, int], Event]:
    return {(event.module.path, event.site.value): event for event in project.calls(role)}


def _address(text: str) -> Origin:
    if _URL.match(text):
        return Origin(Kind.URL, address=text)
    return Origin(Kind.STORE, address=text) if _STORE.match(text) else UNKNOWN


def _farthest(origins: Iterator[Origin] | list[Origin]) -> Origin:
    return max(origins, key=lambda origin: (origin.kind, origin.site is not None), default=UNKNOWN)


def _line(site: Site) -> tuple[int, int]:
    return site.span.line, site.span.column


def loads_model(project: Project, event: Event) -> bool:
    """Whether a read gives a model or its weights: what can predict or be restored from, or what a safe mode of an unsafe loader reads."""
    catalogue = project.catalogue
    kind = event.entry.returns
    if "download" in event.entry.roles:
        return any("unsafe-load" in entry.roles for entry in project.resolver.entries(event.name))
    if kind:
        methods = {m for k, m in catalogue.methods if k == kind}
        return bool(methods & {"predict", "load_state_dict", "predict_proba", "run"}) or kind == "state-dict"
    conditional = any(entry.when and "unsafe-load" in entry.roles for entry in project.resolver.entries(event.name))
    return "restore" in event.entry.roles or (conditional and event.entry.format == "pickle")
