"""What data passes found, kept in `.mldebt/features.json` of the project: a scan reads it, without pandas.

The file is meant to be committed: it holds no path of a machine and no row of the data, so a checkout without the data (CI, a pull
request) reports the same debt. It is replaced whole; the results of other data sets stay as they are.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from mldebt.data_pass import STORED
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.files import tables_in
from mldebt.data_pass.result import Result
from mldebt.writing import replace

VERSION = 1
OLD_DAYS = 90  # features are to be examined regularly; a quarter is the unit of interest too
_CHUNK = 1 << 20

Hasher = Callable[[Sequence[Path]], list[str]]  # the hash of each file's bytes; raises OSError


class DataFile(msgspec.Struct, frozen=True):
    """The bytes that were examined. A folder is all tables below it; data that is no file (module:function) has no hash."""

    path: str  # relative to the project root, with `/`
    size: int = 0
    mtime_ns: int = 0  # the latest of a folder
    hash: str = ""  # blake2b of 16 bytes, in hexadecimal digits


class Entry(msgspec.Struct, frozen=True):
    """The latest data pass of one data set."""

    name: str
    date: str
    tool: str  # version of mldebt
    data: DataFile
    result: Result


class Stored(msgspec.Struct, frozen=True):
    """All entries by name. `problem`: why the file could not be read, in one line; there are no entries then."""

    entries: tuple[Entry, ...] = ()
    problem: str = ""


class _File(msgspec.Struct, frozen=True):
    version: int
    data_sets: tuple[Entry, ...]


class _Version(msgspec.Struct, frozen=True):
    version: int


def load(root: Path) -> Stored:
    """What is stored in the project; nothing when there is no file. Never raises."""
    try:
        data = (root / STORED).read_bytes()
    except FileNotFoundError:
        return Stored()
    except OSError as error:
        return Stored(problem=_unreadable(error))
    return parse(data)


def _unreadable(error: OSError) -> str:
    return f"{STORED}: cannot be read: {error.strerror}"


def parse(data: bytes) -> Stored:
    """The content of the file."""
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version != VERSION:
            return Stored(problem=f"{STORED}: version {version} was written by another mldebt; this one reads version {VERSION}: update it")
        return Stored(tuple(sorted(msgspec.json.decode(data, type=_File).data_sets, key=lambda e: e.name)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Stored(problem=f"{STORED}: not a result of `mldebt features` ({error}); delete it, or restore it from git")


def store(root: Path, name: str, result: Result, data_path: Path | None, *, today: datetime.date | None = None) -> Path:
    """Keep `result` as the latest of data set `name` and return the file. `data_path`: what it was read from, None for a function.

    Raises DataError when the file is there and cannot be understood, so that no other result is lost, or cannot be written.
    """
    before = load(root)
    if before.problem:
        raise DataError(f"{before.problem}; nothing was stored")
    found = DataFile(result.data.path) if data_path is None else _data_file(root, data_path)
    date = (today or datetime.date.today()).isoformat()
    told = msgspec.structs.replace(result, data=msgspec.structs.replace(result.data, path=found.path))
    entry = Entry(name, date, result.tool.get("version", ""), found, told)
    entries = sorted((entry, *(e for e in before.entries if e.name != name)), key=lambda e: e.name)
    target = root / STORED
    try:
        target.parent.mkdir(exist_ok=True)
        replace(target, msgspec.json.format(msgspec.json.encode(_File(VERSION, tuple(entries))), indent=1) + b"\n")
    except OSError as error:
        raise DataError(f"{STORED}: cannot be written: {error.strerror}") from None
    return target


class Pass(msgspec.Struct, frozen=True):
    """An entry, and how far it holds today. `state` of the data: same, changed (the bytes are others), gone (no file to compare with)."""

    entry: Entry
    state: Literal["same", "changed", "gone"]
    days: int  # since the data pass

    @property
    def stale(self) -> str:
        """Why the result may no longer hold, or ""."""
        data, date = self.entry.data.path, self.entry.date
        if self.state == "changed":
            return f"{data} has changed since {date}"
        if self.days > OLD_DAYS:
            return f"older than {OLD_DAYS} days"
        return f"{data} is not here to compare with" if self.state == "gone" else ""


class Passes(msgspec.Struct, frozen=True):
    """What one scan knows of the data passes. `identity` changes with all that its findings follow from, but for the code and the day."""

    passes: tuple[Pass, ...] = ()
    problem: str = ""
    identity: bytes = b""


def hash_files(paths: Sequence[Path]) -> list[str]:
    """The hash of each file's bytes. Raises OSError."""
    return [_hash(path) for path in paths]


def passes(root: Path, *, today: datetime.date | None = None, hasher: Hasher = hash_files) -> Passes:
    """The stored results with the state of their data. Bytes are read only where size or time differ from what was stored. Never raises."""
    try:
        data = (root / STORED).read_bytes()
    except FileNotFoundError:
        return Passes()
    except OSError as error:
        return Passes(problem=_unreadable(error))
    stored = parse(data)
    found = tuple(examine(entry, root, today=today, hasher=hasher) for entry in stored.entries)
    states = ",".join(one.state for one in found)
    return Passes(found, stored.problem, hashlib.blake2b(data, digest_size=16).digest() + states.encode())


def examine(entry: Entry, root: Path, *, today: datetime.date | None = None, hasher: Hasher = hash_files) -> Pass:
    """How far one result holds."""
    try:
        days = ((today or datetime.date.today()) - datetime.date.fromisoformat(entry.date)).days
    except ValueError:
        days = 0
    return Pass(entry, _state(entry.data, root, hasher), days)


def stale(entry: Entry, root: Path, *, today: datetime.date | None = None) -> str:
    """Why the result may no longer hold, or ""."""
    return examine(entry, root, today=today).stale


def _state(data: DataFile, root: Path, hasher: Hasher) -> Literal["same", "changed", "gone"]:
    if not data.hash:
        return "same"
    path = root / data.path
    try:
        size, mtime = measure(path)
        if size != data.size:
            return "changed"
        return "same" if mtime == data.mtime_ns or fingerprint(path, hasher) == data.hash else "changed"
    except FileNotFoundError:
        return "gone"
    except (OSError, ValueError):  # ValueError: a null character in the path
        return "changed"


def measure(path: Path) -> tuple[int, int]:
    """Bytes, and the latest modification in nanoseconds, of a file or of all tables of a folder. Raises OSError."""
    if not path.is_dir():
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    found = [one.stat() for one in tables_in(path)]
    return sum(s.st_size for s in found), max((s.st_mtime_ns for s in found), default=0)


def fingerprint(path: Path, hasher: Hasher = hash_files) -> str:
    """The hash of a file's bytes; of a folder, of its tables' names, sizes and hashes in the order of the names. Raises OSError."""
    if not path.is_dir():
        return hasher([path])[0]
    state = hashlib.blake2b(digest_size=16)
    files = tables_in(path)
    for one, content in zip(files, hasher(files), strict=True):
        name = one.relative_to(path).as_posix()
        state.update(f"{name}\0{one.stat().st_size}\0{content}\0".encode("utf-8", "surrogateescape"))
    return state.hexdigest()


def _hash(path: Path) -> str:
    state = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()


def _data_file(root: Path, path: Path) -> DataFile:
    try:
        size, mtime = measure(path)
        return DataFile(_shown(root, path), size, mtime, fingerprint(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read again for its hash: {error.strerror}") from None


def _shown(root: Path, path: Path) -> str:
    return os.path.relpath(os.path.realpath(path), os.path.realpath(root)).replace(os.sep, "/")
