"""Configuration that code reads key by key, with nothing that says which keys and values are allowed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Const, Elem, Guard, Map, Op, Site, Span
from mldebt.project.columns_file import children
from mldebt.project.declared_settings import is_settings_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External
from mldebt.project.roles import is_demonstration
from mldebt.project.settings.model import Keys, Loaded, Read
from mldebt.sources.model import Language

LEAST = 11  # places
_KEYS = 6  # that are different
_PARTS = 60
_HALF = 0.5
_USED = 1  # keys of a record that a file may use without a copy
_SAME = 0.6  # of the keys that are read from files of one kind
_ASKED = 2  # keys that conditions refuse something about
_SHARE = 0.1
_SAYS = re.compile(r"conf(?:ig|s?$|_)|cfg|setting|param|option", re.IGNORECASE)
_CHECKS = re.compile(r"(?:valid|check|verif|sanit|good|ensure)\w*(?:conf|cfg|param|setting|option|arg|key)|schema", re.IGNORECASE)
_RECORDS = frozenset({"dataclass", "define", "frozen", "attrs", "s", "mutable"})


class Unvalidated(msgspec.Struct, frozen=True):
    """One configuration: the call that loads it, seen from outside its helpers, and the places that read a key of it."""

    module: Module
    site: Site
    file: str  # that it is, when it is known
    reads: tuple[Read, ...]


class Configurations:
    """What the project loads, and how it is checked."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._copied: dict[str, frozenset[str]] = {}

    def unvalidated(self) -> list[Unvalidated]:
        """Those that are read in many places and checked in none; one for each file, and for unknown files of one kind."""
        found: list[Unvalidated] = []
        for one in self._each():
            keys = {r.keys for r in one.reads}
            like = next((n for n, other in enumerate(found) if not one.file and not other.file and _are_alike(keys, other)), -1)
            if like < 0:
                found.append(one)
            else:
                found[like] = msgspec.structs.replace(found[like], reads=(*found[like].reads, *one.reads))
        return found

    def _each(self) -> Iterator[Unvalidated]:
        """One for each file, or for each load of an unknown one."""
        inner = {id(one.within) for one in self._project.settings.loads if one.within is not None}
        groups: dict[object, list[Loaded]] = {}  # by the files, else by the place
        for one in self._project.settings.loads:
            if one.root.kind == "load" and id(one) not in inner:
                at = self._place(one)
                groups.setdefault(self._files.get(id(one)) or (at and (at[0].path, at[1].span)), []).append(one)
        for loads in groups.values():
            reads = [r for one in loads for r in self._reads(one)]
            sections = {r.keys[:n] for r in reads for n in range(1, len(r.keys))}
            places = {(r.module.path, r.span): r for r in reversed(reads) if r.keys not in sections}
            if len(places) < LEAST or len({r.keys for r in places.values()}) < _KEYS or self._is_copied(loads):
                continue
            modules = {path for one in loads for part in _chain(one) for path in part.modules} | {r.module.path for r in reads}
            outside = self._place(loads[0])
            if outside is None or any(self._is_checked(self._project.modules[p], reads) for p in sorted(modules)):
                continue
            if not all(self._is_configuration(one, *outside) for one in loads) or self._fills_records(list(places.values())):
                continue
            files = self._files.get(id(loads[0]), ())
            yield Unvalidated(*outside, files[0] if len(files) == 1 else "", tuple(places[key] for key in sorted(places)))

    def _is_copied(self, loads: list[Loaded]) -> bool:
        """Whether what is read goes into records under the same keys, with hardly one that a file only uses otherwise."""
        keys = {(r.module.path, r.keys[-1]) for one in loads for r in self._reads(one)}
        used = Counter(path for path, key in keys if key not in self._copies(self._project.modules[path]))
        return len({key for _, key in keys}) >= _KEYS and max(used.values(), default=0) <= _USED

    def _copies(self, module: Module) -> frozenset[str]:
        """Keys of displays that are filled with what some record has under the same key, rounded or not."""
        if module.path not in self._copied:
            values, found = module.facts.values, set()
            for index in module.of_kind(Map):
                display = values[index]
                assert type(display) is Map
                for key, value in zip(display.keys, display.values, strict=True):
                    said = values[key] if key >= 0 else None
                    if (
                        type(said) is Const
                        and isinstance(said.value, str)
                        and Const(said.value) in (values[i] for i in _inside(module, value))
                    ):
                        found.add(said.value)
            self._copied[module.path] = frozenset(found)
        return self._copied[module.path]

    @cached_property
    def _files(self) -> dict[int, tuple[str, ...]]:
        """The files that a load names."""
        found: dict[int, tuple[str, ...]] = {}
        for one in self._project.settings.served:
            if one.named:
                found[id(one.loaded)] = (*found.get(id(one.loaded), ()), one.file.module.path)
        return found

    def _reads(self, loaded: Loaded) -> list[Read]:
        return [
            r
            for part in _chain(loaded)
            for r in part.reads
            if r.sure and not r.keys[-1].isdigit() and not is_demonstration(r.module) and r.module.source.language is not Language.NOTEBOOK
        ]

    def _place(self, loaded: Loaded) -> tuple[Module, Site] | None:
        """The call that loads it, outside the helpers around it."""
        root = loaded.root
        module = root.frames[-1].module if root.frames else self._project.modules[root.path]
        values = module.facts.values
        wanted = root.frames[-1].call if root.frames else values[root.value]
        return next(((module, s) for s in module.facts.sites if values[s.value] is wanted), None)

    def _is_configuration(self, loaded: Loaded, module: Module, site: Site) -> bool:
        """Whether what is loaded is settings: a format for them, or a name that says so."""
        root = loaded.root
        owner = self._project.modules[root.path]
        call = owner.facts.values[root.value]
        target = self._project.resolver.callee(owner, call) if type(call) is Call else None
        name = target.name if type(target) is External else ""
        if name.endswith(".create"):
            return False  # made of what the code itself says
        if "json" in name or any(entry.format == "json" for entry in self._project.resolver.entries(name)):
            outer = module.facts.values[site.value]
            func = module.facts.values[outer.func] if type(outer) is Call else None
            said = [site.target, str(getattr(func, "name", "")).rpartition(".")[2], *self._files.get(id(loaded), ())]
            return any(_SAYS.search(text) for text in said)
        return True

    # what checks it --------------------------------------------------------------------------------------------------

    @cached_property
    def _schemas(self) -> frozenset[str]:
        packages = (p for p in self._project.catalogue.packages if any(c.kind == "schema" for c in p.classes))
        return frozenset(root for p in packages for root in p.imports)

    def _is_checked(self, module: Module, reads: list[Read]) -> bool:
        """Whether a file that holds it knows a schema, or asserts or refuses something about what it reads."""
        if any(i.module.split(".")[0] in self._schemas or i.target.split(".")[0] in self._schemas for i in module.facts.imports):
            return True
        if any(s.kind in ("function", "class") and _CHECKS.search(s.name) for s in module.facts.scopes):
            return True
        keys = {r.keys[-1] for r in reads}
        tests = [_inside(module, guard.test) for guard in module.facts.guards if self._refuses(module, guard)]
        if any(_asks_each(module, test) for test in tests):
            return True
        asked = {key for test in tests for key in _asked(module, test)} & keys
        return len(asked) >= max(_ASKED, _SHARE * len(keys))

    def _refuses(self, module: Module, guard: Guard) -> bool:
        return guard.kind == "assert" or any(r.block in (guard.body_block, guard.orelse_block) for r in module.facts.raises)

    def _fills_records(self, reads: list[Read]) -> bool:
        """Whether most of the keys go straight into the fields of a record of the project."""
        inside = 0
        for module in {r.module.path: r.module for r in reads}.values():
            spans = [s.span for s, call, _ in module.calls if self._is_record(module, call)]
            inside += sum(any(_within(r.span, span) for span in spans) for r in reads if r.module is module)
        return inside >= _HALF * len(reads)

    def _is_record(self, module: Module, call: Call) -> bool:
        """A class whose fields are named, or one of a package that is named after settings."""
        target = self._project.resolver.callee(module, call)
        if type(target) is not Defined:
            return type(target) is External and is_settings_name(target.name.rpartition(".")[2])
        owner, scope = self._project.resolver.scope(target)
        names = (getattr(owner.facts.values[getattr(owner.facts.values[d], "func", d)], "name", "") for d in scope.decorators)
        return scope.kind == "class" and any(name.rpartition(".")[2] in _RECORDS for name in names)


def _are_alike(keys: set[Keys], other: Unvalidated) -> bool:
    others = {r.keys for r in other.reads}
    return len(keys & others) >= _SAME * max(len(keys), len(others))


def _chain(loaded: Loaded) -> Iterator[Loaded]:
    """What is loaded, and the same inside the helpers around the load."""
    one: Loaded | None = loaded
    for _ in range(_PARTS):
        if one is None:
            return
        yield one
        one = one.within


def _inside(module: Module, index: int) -> set[int]:
    found: set[int] = set()
    stack = [index]
    while stack and len(found) < _PARTS:
        one = stack.pop()
        if one not in found:
            found.add(one)
            stack.extend(children(module.facts.values[one]))
    return found


def _within(inner: Span, outer: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def _asked(module: Module, test: set[int]) -> Iterator[str]:
    """`assert settings["rate"] > 0`, `if "rate" not in settings`: the keys that a condition may be about."""
    for index in test:
        part = module.facts.values[index]
        if type(part) is Attr:
            yield part.name
        elif type(part) is Const and isinstance(part.value, str):
            yield part.value


def _asks_each(module: Module, test: set[int]) -> bool:
    """`if key not in settings`, for each key of a list."""
    values = module.facts.values
    ops = (v for i in test if type(v := values[i]) is Op and v.op in ("in", "not in"))
    return any(type(values[op.operands[0]]) is Elem for op in ops)
