"""rules/ as immutable structs: what packages' calls do, how flags are declared and read, what each debt is and costs."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

Scalar = None | bool | int | float | str
T = TypeVar("T", bound=msgspec.Struct)

# What a call can do. rules/README.md says what each means, and which names its arguments have.
ROLES = (
    *("train", "predict", "embed", "transform", "search", "metric", "restore", "wrap", "ensemble", "calibrate", "act", "observe"),
    *("read", "write", "copy", "list", "temporary", "connect", "run", "download", "hub-load", "unsafe-load", "hash"),
    *("split", "resample", "stack", "random", "convex", "seed"),
    *("validate", "monitor", "track", "declare", "convert", "define", "hook", "choice", "serve", "expose", "inject", "unordered"),
)
VENDORS = ("learner", "framework", "interface")
GENERATORS = ("numpy", "python", "torch", "tensorflow", "own")
STORES = ("s3", "gs", "azure", "hdfs", "dbfs", "http", "table", "topic", "mlflow", "hf", "torchhub", "feast", "key", "dataset")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class Argument(_Strict, frozen=True):
    """Where an argument stands: by position (from 0, `self` not counted), by name, or both."""

    position: int | None = None
    name: str | None = None


class Call(_Strict, frozen=True):
    """What a function, constructor or method does.

    `name` is dotted, as documented; for a method it is `<kind>.<method>`, with the kind of `Class` that the receiver has.
    The roles hold when every argument of `when` has one of the listed values; `defaults` are the values of absent arguments;
    `defaults_before` says which defaults an older version of the package had.
    """

    name: str
    roles: tuple[str, ...]
    args: dict[str, Argument] = {}
    when: dict[str, tuple[Scalar, ...]] = {}
    defaults: dict[str, Scalar] = {}
    defaults_before: dict[str, dict[str, Scalar]] = {}
    generator: str = ""  # which random state it draws from or seeds: some of GENERATORS, joined with commas
    returns: str = ""  # kind of the object that it returns
    format: str = ""  # of bytes read or written: pickle, csv, parquet ...
    aliases: tuple[str, ...] = ()  # other importable names of the same object
    store: str = ""  # one of STORES: what the arguments name, when their text does not say it
    extension: str = ""  # what the call appends to the path unless it ends so
    telling: bool = False  # a method whose name alone tells what it does, whatever the receiver is
    terminal: bool = False  # writes for people: nobody is expected to read it
    entity: str = ""  # what of the world outside it changes or reads back: "github.issue.labels"


class Class(_Strict, frozen=True):
    """A class, or a factory that returns one. Its constructor may also stand as a `Call` of the same name."""

    name: str
    kind: str  # estimator transformer splitter search dataframe parser module ...
    aliases: tuple[str, ...] = ()


class Package(_Strict, frozen=True):
    """One package of the ecosystem (rules/packages/*.toml)."""

    package: str
    imports: tuple[str, ...]
    checked_with: str = ""
    checked_on: str = ""
    unchecked: str = ""  # why the names were not verified by import
    vendor: str = ""  # one of VENDORS: ML that a project calls, writes its models in, or whose interface others follow
    classes: tuple[Class, ...] = msgspec.field(default=(), name="class")
    calls: tuple[Call, ...] = msgspec.field(default=(), name="call")


class Reader(_Strict, frozen=True):
    """A call that reads one flag. `name` is dotted, or a bare method name when `on` names the receiver's class."""

    name: str
    on: tuple[str, ...] = ()
    key: Argument = Argument(position=0)
    default: Argument | None = None
    type: str = ""  # bool, int ... of what it returns, when fixed


class FlagSystem(_Strict, frozen=True):
    """One way to switch experiments (rules/flags/*.toml).

    `style` says which mechanism of mldebt applies: namespace (argparse), holder (absl), decorator (click), parameter (typer),
    settings-class (pydantic-settings), config (hydra, omegaconf, yaml), reader (environment, remote services).
    """

    system: str
    style: str
    kind: str  # cli, env, config, remote
    imports: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()  # parsers, settings bases, clients
    declare: tuple[str, ...] = ()  # methods or functions that declare one flag
    containers: tuple[str, ...] = ()  # methods that return a further parser: groups, subparsers
    parse: tuple[str, ...] = ()  # methods or functions that return the namespace or configuration
    holders: tuple[str, ...] = ()  # objects whose attributes are flags
    decorators: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = msgspec.field(default=(), name="reader")
    lifetime_days: int = 0  # 0: flags of this system do not expire
    checked_with: str = ""
    checked_on: str = ""
    unchecked: str = ""


class Runtime(_Strict, frozen=True):
    """Names of switches for hardware and running conditions, which are never experiments (rules/flags/runtime.toml)."""

    names: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


class Public(_Strict, frozen=True):
    """Stores that are published for everybody (rules/public.toml)."""

    buckets: tuple[str, ...]


class Table(_Strict, frozen=True):
    """A public table, and what of the world its fields show (rules/world.toml)."""

    name: str
    fields: dict[str, str]  # a field as queries write it -> entity


class Address(_Strict, frozen=True):
    """A part of a web address behind which an entity of the world stands; `host` must occur before it."""

    text: str
    entity: str
    host: str = ""


class World(_Strict, frozen=True):
    """Where the world is observed or changed without a client of its own (rules/world.toml)."""

    tables: tuple[Table, ...] = msgspec.field(default=(), name="table")
    addresses: tuple[Address, ...] = msgspec.field(default=(), name="address")


class CatalogueError(Exception):
    """A catalogue file that cannot be used; `str` is one line that names the file and the place in it."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}"
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class Catalogue(msgspec.Struct, frozen=True):
    """All of rules/packages and rules/flags, indexed. Equal for equal bytes read: `digest` stands for the whole."""

    packages: tuple[Package, ...]
    flags: tuple[FlagSystem, ...]
    runtime_toggles: frozenset[str]
    runtime_prefixes: tuple[str, ...]
    calls: Mapping[str, Call]  # the first entry of a dotted name or alias
    methods: Mapping[tuple[str, str], Call]  # the first entry of (kind, method)
    classes: Mapping[str, Class]
    entries: Mapping[str, tuple[Call, ...]]  # every entry of a dotted name, alias, or `kind.method`
    roles: Mapping[str, tuple[Call, ...]]  # every entry that has a role
    telling: Mapping[str, tuple[Call, ...]]  # by method, `to_csv` or `write.parquet`: what it does on an unknown receiver
    public: frozenset[str]  # buckets and projects that are published for everybody
    world: World
    digest: str

    def of(self, name: str, role: str = "") -> tuple[Call, ...]:
        """All entries of a dotted name; with `role`, only those that have it."""
        found = self.entries.get(name, ())
        return tuple(call for call in found if role in call.roles) if role else found

    def kind_of(self, name: str) -> str:
        """The kind of the class with that dotted name, else of the innermost module that has an entry, else ""."""
        while name:
            if (known := self.classes.get(name)) is not None:
                return known.kind
            name = name.rpartition(".")[0]
        return ""

    def is_runtime_toggle(self, name: str) -> bool:
        """Whether a flag of that name switches hardware or running conditions, not an experiment."""
        plain = name.lstrip("-").replace("-", "_").lower()
        return plain in self.runtime_toggles or plain.startswith(self.runtime_prefixes)


# As written in the files: a name may be a list of names that share the rest, an argument may be `0`, "name" or "0:name".


class _CallEntry(_Strict, frozen=True):
    name: str | tuple[str, ...]
    roles: tuple[str, ...]
    args: dict[str, Argument | int | str] = {}
    when: dict[str, tuple[Scalar, ...]] = {}
    defaults: dict[str, Scalar] = {}
    defaults_before: dict[str, dict[str, Scalar]] = {}
    generator: str = ""
    returns: str = ""
    format: str = ""
    aliases: tuple[str, ...] = ()
    store: str = ""
    extension: str = ""
    telling: bool = False
    terminal: bool = False
    entity: str = ""


class _ClassEntry(_Strict, frozen=True):
    name: str | tuple[str, ...]
    kind: str
    aliases: tuple[str, ...] = ()


class _PackageFile(_Strict, frozen=True):
    package: str
    imports: tuple[str, ...]
    checked_with: str = ""
    checked_on: str = ""
    unchecked: str = ""
    vendor: str = ""
    classes: tuple[_ClassEntry, ...] = msgspec.field(default=(), name="class")
    calls: tuple[_CallEntry, ...] = msgspec.field(default=(), name="call")


class _Builder:
    """Collects entries file by file; what a later layer says of a name replaces what an earlier one said."""

    def __init__(self) -> None:
        self.packages: list[Package] = []
        self.flags: list[FlagSystem] = []
        self.names: set[str] = set()
        self.prefixes: set[str] = set()
        self.public: set[str] = set()
        self.world = World()
        self.entries: dict[str, list[Call]] = {}
        self.classes: dict[str, Class] = {}
        self.methods: dict[str, Path] = {}  # names outside the imports of their package, so of the form kind.method
        self.digest = blake2b(digest_size=16)

    def add_layer(self, files: Iterable[Path]) -> None:
        entries: dict[str, list[Call]] = {}
        for path in files:
            data, document = _read(path)
            self.digest.update(f"{len(data)}:".encode())
            self.digest.update(data)
            if "package" in document:
                self._add_package(path, _package(path, document), entries)
            elif "system" in document:
                self.flags.append(_convert(path, document, FlagSystem))
            elif "names" in document:
                runtime = _convert(path, document, Runtime)
                self.names.update(runtime.names)
                self.prefixes.update(runtime.prefixes)
            elif "buckets" in document:
                self.public.update(_convert(path, document, Public).buckets)
            elif "table" in document or "address" in document:
                more = _convert(path, document, World)
                self.world = World((*more.tables, *self.world.tables), (*more.addresses, *self.world.addresses))
            else:
                keys = "`package` (what calls do), `system` (flags), `names` (runtime toggles), `buckets` (public stores)"
                raise CatalogueError(path, f"needs one of the keys {keys}, `table` or `address` (the world)")
        self.entries.update(entries)

    def _add_package(self, path: Path, package: Package, entries: dict[str, list[Call]]) -> None:
        self.packages.append(package)
        for call in package.calls:
            for name in (call.name, *call.aliases):
                entries.setdefault(name, []).append(call)
                if not _imported(name, package.imports):
                    self.methods.setdefault(name, path)
                elif call.telling:
                    raise CatalogueError(path, f"`telling` is for methods, not for `{name}`")
        for known in package.classes:
            for name in (known.name, *known.aliases):
                self.classes[name] = known

    def catalogue(self) -> Catalogue:
        entries = {name: tuple(self.entries[name]) for name in sorted(self.entries)}
        kinds = {known.kind for known in self.classes.values()} | {call.returns for found in entries.values() for call in found}
        methods: dict[tuple[str, str], Call] = {}
        telling: dict[str, tuple[Call, ...]] = {}
        for name, path in sorted(self.methods.items()):
            kind, _, method = name.partition(".")
            if kind not in kinds or not all(part.isidentifier() for part in method.split(".")):
                near = [] if kind in kinds else difflib.get_close_matches(kind, sorted(kinds), 1)
                hint = f"; did you mean `{near[0]}.{method}`?" if near else ""
                raise CatalogueError(path, f"`{name}` is neither in the package's imports nor a method of a known kind{hint}")
            methods[kind, method] = entries[name][0]
            if told := tuple(call for call in entries[name] if call.telling):
                telling.setdefault(method, told)
        roles: dict[str, dict[tuple[str, int], Call]] = {}
        for found in entries.values():
            for index, call in enumerate(found):
                for role in call.roles:
                    roles.setdefault(role, {}).setdefault((call.name, index), call)
        return Catalogue(
            packages=tuple(sorted(self.packages, key=lambda package: package.package)),
            flags=tuple(sorted(self.flags, key=lambda system: system.system)),
            runtime_toggles=frozenset(self.names),
            runtime_prefixes=tuple(sorted(self.prefixes)),
            calls={name: found[0] for name, found in entries.items() if name not in self.methods},
            methods=methods,
            classes={name: self.classes[name] for name in sorted(self.classes)},
            entries=entries,
            roles={role: tuple(roles[role].values()) for role in sorted(roles)},
            telling=telling,
            public=frozenset(self.public),
            world=self.world,
            digest=self.digest.hexdigest(),
        )


def rules_dir() -> Path:
    """The directory of the shipped rules: inside the package when installed, else at the root of the repository."""
    here = Path(__file__).resolve().parent
    for candidate in (here / "_rules", here.parent / "rules"):
        if candidate.is_dir():
            return candidate
    raise CatalogueError(here / "_rules", "the shipped rules are missing; reinstall mldebt")


def load_catalogue(extra: Sequence[Path] = ()) -> Catalogue:
    """The shipped catalogue, with the entries of `extra` files or directories laid over it in that order."""
    rules = rules_dir()
    builder = _Builder()
    parts = [path for part in ("packages", "flags") for path in (rules / part).glob("*.toml")]
    builder.add_layer(sorted([*parts, rules / "public.toml", rules / "world.toml"]))
    for path in extra:
        builder.add_layer(sorted(path.rglob("*.toml")) if os.path.isdir(path) else [path])
    return builder.catalogue()


def _imported(name: str, imports: Iterable[str]) -> bool:
    return any(name == module or name.startswith(module + ".") for module in imports)


def _read(path: Path) -> tuple[bytes, dict[str, object]]:
    try:
        if os.path.exists(path) and not os.path.isfile(path):  # a device may have no end
            raise CatalogueError(path, "is not a file")
        data = path.read_bytes()
        return data, tomli.loads(data.decode("utf-8"))
    except OSError as error:
        raise CatalogueError(path, f"cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise CatalogueError(path, f"is not UTF-8 (byte {error.start})") from None
    except (ValueError, RecursionError) as error:  # a ValueError also of a number of very many digits
        raise CatalogueError(path, f"is not TOML: {error}") from None


def _convert(path: Path, document: dict[str, object], kind: type[T]) -> T:
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise CatalogueError(path, _explain(str(error), document, kind)) from None


def _explain(text: str, document: dict[str, object], kind: type[msgspec.Struct]) -> str:
    """A msgspec message with the place as a key path, the entry's name, and the key that was probably meant."""
    message, _, place = text.partition(" - at `$")
    place = place.strip("`.")
    if (entry := re.match(r"(call|class|reader)\[(\d+)\]", place)) is not None:
        rows = document.get(entry[1])
        row = rows[int(entry[2])] if isinstance(rows, list) else None
        if isinstance(row, dict) and "name" in row:
            place += f" (name = {row['name']!r})"
    if (unknown := re.search(r"unknown field `(.*)`", message)) is not None:
        section = "argument" if re.search(r"\.(args|key|default)", place) else entry[1] if entry else ""
        near = difflib.get_close_matches(unknown[1], _keys(section, kind), 1)
        message = f"unknown key `{unknown[1]}`" + (f"; did you mean `{near[0]}`?" if near else "")
    return f"{message} at {place}" if place else message


def _keys(section: str, kind: type[msgspec.Struct]) -> list[str]:
    nested: dict[str, type[msgspec.Struct]] = {"call": _CallEntry, "class": _ClassEntry, "reader": Reader, "argument": Argument}
    return [field.encode_name for field in msgspec.structs.fields(nested.get(section, kind))]


def _package(path: Path, document: dict[str, object]) -> Package:
    file = _convert(path, document, _PackageFile)
    if file.vendor and file.vendor not in VENDORS:
        raise CatalogueError(path, f"unknown vendor {file.vendor!r} (known: {', '.join(VENDORS)})")
    return Package(
        package=file.package,
        imports=file.imports,
        checked_with=file.checked_with,
        checked_on=file.checked_on,
        unchecked=file.unchecked,
        vendor=file.vendor,
        classes=tuple(Class(name, entry.kind, entry.aliases) for entry in file.classes for name in _names(path, entry.name, entry.aliases)),
        calls=tuple(call for entry in file.calls for call in _calls(path, entry)),
    )


def _names(path: Path, name: str | tuple[str, ...], aliases: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(name, str):
        return (name,)
    if aliases:
        raise CatalogueError(path, f"aliases of {name!r}: give every name that has an alias an entry of its own")
    return name


def _calls(path: Path, entry: _CallEntry) -> Iterable[Call]:
    for role in entry.roles:
        _one_of(path, entry, "role", role, ROLES)
    if entry.store:
        _one_of(path, entry, "store", entry.store, STORES)
    for generator in entry.generator.split(",") if entry.generator else ():
        _one_of(path, entry, "generator", generator, GENERATORS)
    args = {role: _argument(path, entry, role, written) for role, written in entry.args.items()}
    for key in (*entry.when, *entry.defaults, *(key for old in entry.defaults_before.values() for key in old)):
        args.setdefault(key, Argument(name=key))  # a condition names the parameter that it is about
    for name in _names(path, entry.name, entry.aliases):
        yield Call(
            name=name,
            roles=entry.roles,
            args=args,
            when=entry.when,
            defaults=entry.defaults,
            defaults_before=entry.defaults_before,
            generator=entry.generator,
            returns=entry.returns,
            format=entry.format,
            aliases=entry.aliases,
            store=entry.store,
            extension=entry.extension,
            telling=entry.telling,
            terminal=entry.terminal,
            entity=entry.entity,
        )


def _one_of(path: Path, entry: _CallEntry, what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        near = difflib.get_close_matches(value, known, 1)
        hint = f"; did you mean `{near[0]}`?" if near else f" (known: {', '.join(known)})"
        raise CatalogueError(path, f"unknown {what} `{value}` of {entry.name!r}{hint}")


def _argument(path: Path, entry: _CallEntry, role: str, written: Argument | int | str) -> Argument:
    if isinstance(written, Argument):
        return written
    if isinstance(written, int):
        return Argument(position=written)
    position, colon, name = written.rpartition(":")
    if (colon and not position.isdecimal()) or not name.isidentifier():
        message = f'argument `{role}` of {entry.name!r} is {written!r}, not a position (0), a name ("path") or both ("0:path")'
        raise CatalogueError(path, message)
    return Argument(position=int(position) if colon else None, name=name)
