"""rules/commands.toml as immutable structs: which operands of a command are files that it reads or writes, and what it runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
import tomli

from mldebt.catalogue import CatalogueError, rules_dir

Book = TypeVar("Book", bound=msgspec.Struct)

_PLACES = re.compile(r"-?\d+|(?:-?\d+)?:(?:-?\d+)?")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """A command with one or more names."""

    name: str | tuple[str, ...]
    values: tuple[str, ...] = ()  # options that take the next word

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,) if isinstance(self.name, str) else self.name


class Wrapper(Entry, frozen=True, kw_only=True):
    """Runs the command that its operands are, after the first `skip`."""

    skip: int = 0


class Launcher(Entry, frozen=True, kw_only=True):
    """Runs the script that its first operand names."""

    module: tuple[str, ...] = ()  # options that name a module instead
    object: bool = False  # the operand is `module:object`


class Blob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bucket and a key that stand in two options."""

    store: str
    bucket: tuple[str, ...]
    key: tuple[str, ...]
    direction: str  # read, write


class Mover(Entry, frozen=True, kw_only=True):
    """Reads and writes files. Places are those of operands, `:-1` all but the last."""

    reads: str = ""
    writes: str = ""
    read_options: tuple[str, ...] = ()
    write_options: tuple[str, ...] = ()
    copy: bool = False  # what is written is what was read
    into: bool = False  # the target may be a folder: the file keeps its name
    here: bool = False  # without a target, it goes into the working folder under its own name
    folder: tuple[str, ...] = ()  # options that name the folder that it goes into
    prefix: str = ""  # of what is read, where the operands are no paths
    joined: bool = False  # the operands that are read are the parts of one name
    suffix: str = ""  # of what is written, behind the name that is read
    table_reads: str = ""  # operands that name tables
    table_writes: str = ""
    system: str = ""  # of these tables
    blob: Blob | None = None
    needs: tuple[str, ...] = ()  # options without which, or a redirection, it touches no file
    target: str = ""  # of a write without an operand: the place before the name


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a workflow that passes files on under a name."""

    uses: str
    direction: str  # read, write: of the named artifact
    system: str
    path: str = "path"
    name: str = "name"


class Commandbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All entries, in the order of the file."""

    aside: frozenset[str] = frozenset()  # commands that look at files, remove them or set a machine up: no step of a pipeline
    wrappers: tuple[Wrapper, ...] = msgspec.field(default=(), name="wrapper")
    launchers: tuple[Launcher, ...] = msgspec.field(default=(), name="launcher")
    movers: tuple[Mover, ...] = msgspec.field(default=(), name="command")
    actions: tuple[Action, ...] = msgspec.field(default=(), name="action")


def load_commandbook(path: Path | None = None) -> Commandbook:
    """The shipped file, or another of the same form."""
    return _load(path or rules_dir() / "commands.toml")


@lru_cache(maxsize=4)
def _load(path: Path) -> Commandbook:
    book = read_book(path, Commandbook, {"wrapper": Wrapper, "launcher": Launcher, "command": Mover, "action": Action})
    for mover in book.movers:
        check_places(path, mover, (mover.reads, mover.writes, mover.table_reads, mover.table_writes))
    return book


def read_book(path: Path, kind: type[Book], tables: Mapping[str, type[msgspec.Struct]]) -> Book:
    """A file of commands as a struct; `tables` says what its tables hold, for the messages."""
    try:
        document = tomli.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CatalogueError(path, f"cannot be read ({error.strerror or error})") from None
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(path, f"is not TOML: {error}") from None
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise CatalogueError(path, _explained(str(error), kind, tables)) from None


def check_places(path: Path, entry: Entry, places: Sequence[str]) -> None:
    """A CatalogueError where one names no operands."""
    for one in places:
        if one and not _PLACES.fullmatch(one):
            raise CatalogueError(path, f"`{one}` of {entry.names[0]!r} names no operands: `0`, `-1`, `1:`, `:-1`")


def _explained(message: str, kind: type[msgspec.Struct], tables: Mapping[str, type[msgspec.Struct]]) -> str:
    unknown = re.search(r"unknown field `(.*)` - at `\$\.?(\w*)", message)
    if unknown is None:
        return message
    known = [field.encode_name for field in msgspec.structs.fields(tables.get(unknown[2], kind))]
    near = difflib.get_close_matches(unknown[1], known, 1)
    return f"unknown key `{unknown[1]}`" + (f"; did you mean `{near[0]}`?" if near else "") + f" in [[{unknown[2]}]]"


class Parts(msgspec.Struct, frozen=True):
    """The operands of a command and the values of its options."""

    operands: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    def of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name in names)

    def has(self, names: tuple[str, ...]) -> bool:
        return any(name in names for name, _ in self.options)


def taken_apart(words: Sequence[str], known: Set[str]) -> Parts:
    """The words taken apart; `known` options take the next word as their value, `name=` is an option that is one word."""
    operands: list[str] = []
    options: list[tuple[str, str]] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            operands += words[at:]
            break
        name, equals, value = word.partition("=")
        if equals and f"{name}=" in known:
            options.append((f"{name}=", value))
            continue
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        if not equals and name not in known and re.fullmatch(r"-[A-Za-z]{2,6}", name):  # -sSLo
            options += [(f"-{letter}", "") for letter in name[1:-1]]
            name = f"-{name[-1]}"
        if not equals and name in known and at < len(words):
            value = words[at]
            at += 1
        options.append((name, value))
    return Parts(tuple(operands), tuple(options))


def after(words: Sequence[str], name: str, values: Sequence[str] = ()) -> int:
    """How many of the words name the command, its sub-commands and the options between them included; 0 when it is another one."""
    if not words or not name.startswith(program := words[0].rpartition("/")[2]):
        return 0
    first, *rest = name.split(" ")
    if program != first:
        return 0
    at = 1
    for word in rest:
        while at < len(words) and words[at] != word and words[at].startswith("-"):
            at += 2 if words[at] in values else 1
        if at >= len(words) or words[at] != word:
            return 0
        at += 1
    return at


def chosen(words: Sequence[int], places: str) -> tuple[int, ...]:
    """The operands at the places, of those there are."""
    if not places:
        return ()
    if ":" in places:
        start, _, stop = places.partition(":")
        return tuple(words[slice(int(start) if start else None, int(stop) if stop else None)])
    at = int(places)
    return (words[at],) if -len(words) <= at < len(words) else ()
