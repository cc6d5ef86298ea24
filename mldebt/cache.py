"""What was learnt of a file's content, and of a whole project, kept between runs in `.mldebt_cache/`.

Losing the cache costs time and nothing else: every failure of the database turns it off for the run, with one warning.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from mldebt import __version__
from mldebt.facts.model import FACTS_VERSION

DATABASE = "cache.sqlite"
SCHEMA = 1
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds mldebt's cache; it can be deleted at any time.\n"
DAY = 86_400
KEEP_DAYS = 30
KEEP_RESULTS = 16
MAX_STATS = 500_000
MAX_BYTES = 512 * 1024 * 1024
RACY_NS = 2_000_000_000  # a file changed within this time of being read may change again without a new time stamp
BATCH = 500
TIMEOUT = 5.0  # seconds to wait for another run

TABLES = """
CREATE TABLE IF NOT EXISTS facts (key BLOB PRIMARY KEY, data BLOB NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, data BLOB NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS stats (path BLOB PRIMARY KEY, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER, hash BLOB NOT NULL);
"""


class Stat(msgspec.Struct, frozen=True):
    """What the file system says of a file; equal stats mean equal content, except within `RACY_NS`."""

    size: int
    mtime: int
    ctime: int
    inode: int

    @classmethod
    def of(cls, path: str) -> Stat:
        """The stat of `path`, links followed."""
        found = os.stat(path)
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino & 0x7FFF_FFFF_FFFF_FFFF)


def digest(*parts: bytes | str) -> bytes:
    """A 16-byte hash of the parts, their borders included."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.digest()


class Cache:
    """A cache directory that is open; `Cache(None)` remembers nothing."""

    def __init__(self, directory: Path | None, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._directory = directory
        self._connection: sqlite3.Connection | None = None
        if directory is not None:
            self._open(directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def facts(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The data stored under those of `keys` that are known."""
        return self._read("facts", keys)

    def add_facts(self, entries: Mapping[bytes, bytes]) -> None:
        """Store `entries`, and drop what no run has used for `KEEP_DAYS`."""
        self._write("facts", entries, keep_rows=None)

    def result(self, key: bytes) -> bytes | None:
        """The stored result of a whole run."""
        return self._read("results", [key]).get(key)

    def add_result(self, key: bytes, data: bytes) -> None:
        """Store the result of a whole run, and drop all but the latest `KEEP_RESULTS`."""
        self._write("results", {key: data}, keep_rows=KEEP_RESULTS)

    def hashes(self, stats: Mapping[str, Stat]) -> dict[str, bytes]:
        """The content hashes of those paths whose stat is the one that was recorded."""
        if self._connection is None:
            return {}
        try:
            rows = self._connection.execute("SELECT path, size, mtime, ctime, inode, hash FROM stats")
            known = {os.fsdecode(path): (Stat(*stat), value) for path, *stat, value in rows}
        except sqlite3.Error as error:
            self._fail(error)
            return {}
        return {path: known[path][1] for path, stat in stats.items() if path in known and known[path][0] == stat}

    def add_hashes(self, hashes: Mapping[str, tuple[Stat, bytes]]) -> None:
        """Record the content hashes of files, except of those changed so lately that the time stamp proves nothing."""
        limit = time.time_ns() - RACY_NS
        rows = [
            (os.fsencode(path), stat.size, stat.mtime, stat.ctime, stat.inode, value)
            for path, (stat, value) in hashes.items()
            if stat.mtime < limit and stat.ctime < limit
        ]

        def work(db: sqlite3.Connection) -> None:
            if db.execute("SELECT count(*) FROM stats").fetchone()[0] > MAX_STATS:
                db.execute("DELETE FROM stats")
            db.executemany("INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?, ?, ?)", rows)

        if rows:
            self._transaction(work)

    def _read(self, table: str, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        if self._connection is None:
            return found
        wanted = list(keys)
        stale: list[tuple[int, bytes]] = []
        now = int(time.time())
        try:
            for start in range(0, len(wanted), BATCH):
                part = wanted[start : start + BATCH]
                marks = ",".join("?" * len(part))
                for key, data, seen in self._connection.execute(f"SELECT key, data, seen FROM {table} WHERE key IN ({marks})", part):
                    if not isinstance(data, bytes):  # damaged, or not ours
                        continue
                    found[key] = data
                    if seen < now - DAY:
                        stale.append((now, key))
        except sqlite3.Error as error:
            self._fail(error)
            return {}
        if stale:
            self._transaction(lambda db: db.executemany(f"UPDATE {table} SET seen = ? WHERE key = ?", stale))
        return found

    def _write(self, table: str, entries: Mapping[bytes, bytes], keep_rows: int | None) -> None:
        now = int(time.time())
        rows = [(key, data, now) for key, data in entries.items()]

        def work(db: sqlite3.Connection) -> None:
            db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", rows)
            db.execute(f"DELETE FROM {table} WHERE seen < ?", (now - KEEP_DAYS * DAY,))
            if keep_rows is not None:
                db.execute(
                    f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM {table} ORDER BY key = ? DESC, seen DESC LIMIT ?)",
                    (rows[0][0], keep_rows),
                )
            pages = db.execute("PRAGMA page_count").fetchone()[0] - db.execute("PRAGMA freelist_count").fetchone()[0]
            if pages * db.execute("PRAGMA page_size").fetchone()[0] > MAX_BYTES:
                db.execute("DELETE FROM facts WHERE seen < ?", (now - DAY,))

        self._transaction(work)

    def _transaction(self, work: Callable[[sqlite3.Connection], object]) -> None:
        if self._connection is None:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                work(self._connection)
        except sqlite3.Error as error:
            self._fail(error)

    def _open(self, directory: Path) -> None:
        try:
            prepare(directory)
        except OSError as error:
            self._warn(f"cache off: {directory}: {error.strerror}")
            return
        try:
            self._connect(directory)
        except sqlite3.Error as error:
            self._fail(error)
            if not _damaged(error):
                return
            try:
                self._connect(directory)
            except sqlite3.Error as again:
                self._fail(again)

    def _connect(self, directory: Path) -> None:
        connection = sqlite3.connect(directory / DATABASE, timeout=TIMEOUT, isolation_level=None)
        self._connection = connection
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            raise sqlite3.DatabaseError(f"written by another version ({version})")
        connection.execute("PRAGMA synchronous = OFF")  # a cache may be lost with the power
        if version == 0:
            connection.executescript(TABLES + f"PRAGMA user_version = {SCHEMA};")

    def _fail(self, error: sqlite3.Error) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if not _damaged(error):
            self._warn(f"cache off: {self._directory}: {error}; `mldebt clean` removes it")
            return
        self._warn(f"cache rebuilt: {self._directory}: {error}")
        if self._directory is not None:
            with contextlib.suppress(OSError):
                _delete_database(self._directory)


def _damaged(error: sqlite3.Error) -> bool:
    # The subclasses are locks, full disks and the like; the class itself is "not a database" and "malformed".
    return type(error) is sqlite3.DatabaseError


def _delete_database(directory: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        (directory / (DATABASE + suffix)).unlink(missing_ok=True)


def prepare(directory: Path) -> None:
    """Make `directory` a cache that backups and git leave out."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in (("CACHEDIR.TAG", TAG), (".gitignore", "*\n")):
        if not (directory / name).exists():
            (directory / name).write_text(text, encoding="utf-8")


def clean(directory: Path) -> bool:
    """Delete mldebt's own files of a cache directory, and it if nothing else is there; False when it is no cache of ours."""
    tag = directory / "CACHEDIR.TAG"
    if not tag.is_file() or tag.read_bytes() != TAG.encode():
        return False
    _delete_database(directory)
    for name in (".gitignore", "CACHEDIR.TAG"):
        (directory / name).unlink(missing_ok=True)
    if not any(directory.iterdir()):
        directory.rmdir()
    return True


def tree_digest(paths: Iterable[Path]) -> bytes:
    """A hash of the content of files, and of all files below directories; a missing one counts as empty."""
    parts: list[bytes | str] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                parts += [str(file.relative_to(path)), file.read_bytes()]
    return digest(*parts)


def program_identity() -> bytes:
    """What the facts of a text depend on besides it: the version of mldebt, and of Python, whose grammar is used.

    Run from its repository, mldebt's own code is part of it, because it changes without its version.
    """
    package = Path(__file__).parent
    code = b"" if (package / "_rules").is_dir() else tree_digest([package])
    return digest(__version__, str(FACTS_VERSION), f"{sys.version_info.major}.{sys.version_info.minor}", code)
