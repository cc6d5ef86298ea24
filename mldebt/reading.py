"""From the files of a run to what each says: their content by hash, and their entries, from the cache or from the map stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from mldebt.cache import Cache, Stat, digest, program_identity
from mldebt.facts.model import Facts
from mldebt.jobs import Entry, decoder, encode, read_entry, run, workers
from mldebt.sources.model import Source

Progress = Callable[[int, int], None]
_AT_ONCE = 500  # entries that are written together: who stops a long run loses no more


class Where(msgspec.Struct, frozen=True):
    """Which processes read files: `jobs` here (0: as many as are useful), or the workers of a Dask scheduler."""

    jobs: int
    scheduler: str
    seconds: float  # for one file


class Content(msgspec.Struct, frozen=True):
    """One source with the identity of its content; `problem` when it cannot even be opened."""

    source: Source
    size: int = 0
    stat: Stat | None = None
    hash: bytes = b""
    problem: str = ""
    raw: bytes | None = None  # given instead of what the disk has


class Encoded(msgspec.Struct, frozen=True):
    """The encoded entry of each source in path order, and whether all of them may be remembered."""

    entries: dict[Source, bytes]
    complete: bool

    def parts(self) -> Iterable[bytes]:
        """Hashes of all that the files say, for a key."""
        return [digest(data) for data in self.entries.values()]


def contents(root: Path, sources: Sequence[Source], cache: Cache, *, hashing: bool, given: Mapping[str, bytes]) -> list[Content]:
    """What identifies the content of each source; `given` replaces that of some paths."""
    prefix = f"{root}{os.sep}"
    stats: dict[str, Stat] = {}
    problems: dict[str, str] = {}
    for source in sources:
        if source.path in given:
            continue
        try:
            stats[source.path] = Stat.of(prefix + source.path)
        except OSError as error:
            problems[source.path] = f"cannot be read: {error.strerror}"
    known = cache.hashes(stats) if hashing else {}
    fresh: dict[str, tuple[Stat, bytes]] = {}
    if hashing:
        for path, stat in stats.items():
            if path in known:
                continue
            try:
                with open(prefix + path, "rb") as file:
                    known[path] = digest(file.read())
            except OSError as error:
                problems[path] = f"cannot be read: {error.strerror}"
            else:
                fresh[path] = (stat, known[path])
        cache.add_hashes(fresh)
    return [_content(source, stats, known, problems, given) for source in sources]


def _content(
    source: Source, stats: Mapping[str, Stat], known: Mapping[str, bytes], problems: Mapping[str, str], given: Mapping[str, bytes]
) -> Content:
    path = source.path
    if path in given:
        return Content(source, len(given[path]), hash=digest(given[path]), raw=given[path])
    if path in problems:
        return Content(source, problem=problems[path])
    return Content(source, stats[path].size, stats[path], known.get(path, b""))


def encoded(root: Path, found: Sequence[Content], cache: Cache, program: bytes, where: Where, progress: Progress) -> Encoded:
    """The entry of each source, read now unless the cache has it."""
    keys = {one.source.path: digest(program, one.source.language, one.hash) for one in found if one.hash}
    entries: dict[str, bytes] = {}
    for one in found:
        if one.problem:
            entries[one.source.path] = encode(Entry(Facts(one.source.language, unread=one.problem)))
    cached = cache.facts(keys.values())
    entries |= {path: cached[key] for path, key in keys.items() if key in cached}
    todo = {one.source.path: one for one in found if one.source.path not in entries}
    fresh: dict[bytes, bytes] = {}
    complete = True
    decode = decoder().decode
    for path, data in _read(root, todo, where):
        entries[path] = data
        if not decode(data).lasting or _changed(root, todo[path]):
            complete = False
        elif path in keys and todo[path].raw is None:  # a buffer has many states, and few are seen again
            fresh[keys[path]] = data
            if len(fresh) >= _AT_ONCE:
                cache.add_facts(fresh)
                fresh = {}
        progress(len(entries) - len(found) + len(todo), len(todo))
    if fresh:
        cache.add_facts(fresh)
    return Encoded({one.source: entries[one.source.path] for one in found}, complete)


def _read(root: Path, todo: Mapping[str, Content], where: Where) -> Iterable[tuple[str, bytes]]:
    for path, one in todo.items():
        if one.raw is not None:
            yield path, encode(read_entry(root, one.source, one.raw, seconds=where.seconds))
    sizes = {one.source: one.size for one in todo.values() if one.raw is None}
    if sizes:
        jobs = workers(where.jobs, sizes.values())
        yield from run(root, sizes, jobs, seconds=where.seconds, scheduler=where.scheduler, identity=program_identity)


def decoded(root: Path, read: Encoded) -> dict[Source, Entry]:
    """The entries; one that the cache gave back damaged is read again."""
    decode = decoder().decode
    entries: dict[Source, Entry] = {}
    for source, data in read.entries.items():
        try:
            entries[source] = decode(data)
        except msgspec.MsgspecError:
            entries[source] = read_entry(root, source)
    return entries


def _changed(root: Path, content: Content) -> bool:
    """Whether the file was written to while it was read: its facts may then not be those of its hash."""
    if content.raw is not None:
        return False
    try:
        return Stat.of(f"{root}{os.sep}{content.source.path}") != content.stat
    except OSError:
        return True
