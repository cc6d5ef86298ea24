"""The map stage: files to facts, in this process, in several, or on a Dask cluster; in any order.

Nothing of a file is ever run: it is read as bytes, and its text is parsed. On a cluster its bytes are sent, no file system is shared.
"""

from __future__ import annotations

import gc
import heapq
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import msgspec

from mldebt.bounds import OutOfTime, in_time, in_time_on_thread
from mldebt.config import ConfigError
from mldebt.facts import extract
from mldebt.facts.model import Facts
from mldebt.findings import Unread
from mldebt.sources.model import Language, Role, Source, Text
from mldebt.sources.read import content, read

SMALL = 150_000  # bytes of code that one process reads sooner than others have started
CHUNKS_PER_JOB = 8
MAX_CHUNK = 500  # files
MAX_CHUNK_BYTES = 1_000_000
MAX_SECONDS = 30.0  # for one file
SAME = ("mldebt", "libcst", "sqlglot", "PyYAML", "msgspec")  # other versions may read a file otherwise
CRASHED = "the parser crashed on this file"
_NOT_BLANK = re.compile(r"^.*\S", re.MULTILINE)
_WORD = re.compile(rb"[A-Za-z_]\w{2,}")
_MOST_WORDS = 20_000


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """All that is known of one file: its facts, and those of the files that its notebook cells write."""

    facts: Facts
    written: tuple[tuple[str, Facts], ...] = ()
    lasting: bool = True  # False: another run may have better luck
    code_lines: int = 0  # lines that are not blank, of a notebook those of its code cells


Result = tuple[str, bytes]  # a path and the encoded Entry


def encode(entry: Entry) -> bytes:
    """The entry as msgpack."""
    return msgspec.msgpack.encode(entry)


def decoder() -> msgspec.msgpack.Decoder[Entry]:
    """Reads what `encode` wrote."""
    return msgspec.msgpack.Decoder(Entry)


def workers(jobs: int, sizes: Iterable[int]) -> int:
    """How many processes to use: as asked, or one per usable core when there is enough to do."""
    if jobs:
        return jobs
    if sum(sizes) < SMALL:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    root: Path,
    sizes: Mapping[Source, int],
    jobs: int,
    *,
    seconds: float = MAX_SECONDS,
    scheduler: str = "",
    identity: Callable[[], bytes] | None = None,
) -> Iterator[Result]:
    """The entry of every source, as each gets ready. An unreadable or hostile file yields an entry that says so.

    With the address of a Dask scheduler its workers do it; each must give the same `identity` as this process, so that they answer
    alike. Raises ConfigError when they cannot be used.
    """
    if scheduler and sizes:
        yield from _clustered(root, sizes, scheduler, seconds, identity)
    elif jobs <= 1 or len(sizes) <= 1:
        for source in sizes:
            yield from _work(root, [source], seconds)
    elif sys.platform == "linux":
        yield from _forked(root, sizes, jobs, seconds)
    else:
        yield from _loky(root, sizes, jobs, seconds)


def read_entry(root: Path, source: Source, raw: bytes | None = None, *, seconds: float = MAX_SECONDS) -> Entry:
    """The entry of one source, of `raw` instead of the disk where it is given; never raises.

    It takes `seconds` at most, within the limits of `in_time`.
    """
    try:
        return in_time(lambda: _read_entry(root, source, raw), seconds)
    except OutOfTime:
        return lost(root, source, raw, late(seconds))
    except RecursionError:
        return Entry(Facts(source.language, unread="nested too deeply to analyse"))
    except MemoryError:
        return Entry(Facts(source.language, unread="not enough memory to analyse it"), lasting=False)
    except Exception as error:  # one file must not end the run; the reason is reported
        reason = " ".join(f"internal error: {type(error).__name__}: {error}".split())
        return Entry(Facts(source.language, unread=reason[:300]))


def late(seconds: float) -> str:
    """Why a file is unread that took too long."""
    return f"took longer than {seconds:g} s to analyse"


def lost(root: Path, source: Source, raw: bytes | None, reason: str) -> Entry:
    """The entry of a file that is not analysed: its words are known, because other files may mean them."""
    found = content(root, source) if raw is None else raw
    words = () if isinstance(found, Unread) else tuple(sorted({word.decode() for word in _WORD.findall(found)})[:_MOST_WORDS])
    return Entry(Facts(source.language, unread=reason, words=words), lasting=False)


def _read_entry(root: Path, source: Source, raw: bytes | None) -> Entry:
    text = read(root, source, raw)
    if isinstance(text, Unread):
        return Entry(Facts(source.language, unread=text.reason))
    facts = extract(source, text)
    written: list[tuple[str, Facts]] = []
    for name, body, places in text.written:
        if name.endswith(".py"):
            path = f"{source.path}#{name}"
            part = Text(body, body.count("\n") + 1, places)
            written.append((path, extract(Source(path, Language.PYTHON, source.role), part)))
    return Entry(facts, tuple(written), code_lines=len(_NOT_BLANK.findall(text.text)))


def _work(root: Path, sources: Sequence[Source], seconds: float) -> list[Result]:
    return [(source.path, answer(root, source, None, seconds)) for source in sources]


def answer(root: Path, source: Source, raw: bytes | None, seconds: float) -> bytes:
    """The encoded entry of one source."""
    # A tree is freed by reference counts; between two files the collector may look at what little is left.
    was = gc.isenabled()
    gc.disable()
    try:
        return encode(read_entry(root, source, raw, seconds=seconds))
    except (OverflowError, UnicodeEncodeError, RecursionError) as error:
        return encode(Entry(Facts(source.language, unread=f"internal error: its facts cannot be stored: {type(error).__name__}")))
    finally:
        if was:
            gc.enable()


def _forked(root: Path, sizes: Mapping[Source, int], jobs: int, seconds: float) -> Iterator[Result]:
    from mldebt.spread import Lost, forked

    _warm_up()
    sources = list(sizes)
    number = {source: index for index, source in enumerate(sources)}
    parts = [[number[source] for source in chunk] for chunk in chunks(sizes, jobs)]
    for source, found in forked(lambda source: answer(root, source, None, seconds), sources, parts, jobs, seconds):
        if isinstance(found, Lost):
            found = encode(lost(root, source, None, late(seconds) if found is Lost.LATE else CRASHED))
        yield source.path, found


def _clustered(
    root: Path, sizes: Mapping[Source, int], scheduler: str, seconds: float, identity: Callable[[], bytes] | None
) -> Iterator[Result]:
    from mldebt.cluster import answers, connected, same_program

    missing: list[Source] = []
    suspects: list[Source] = []

    def parcels(parts: Iterable[Sequence[Source]]) -> Iterator[tuple[list[Source], bytes]]:
        for part in parts:
            found = [(source, content(root, source)) for source in part]
            missing.extend(source for source, raw in found if isinstance(raw, Unread))
            full = [(source, raw) for source, raw in found if isinstance(raw, bytes)]
            yield [source for source, _ in full], _packed(full)

    with connected(scheduler, SAME, ConfigError) as client:
        if identity is not None:
            same_program(client, scheduler, identity, ConfigError)
        work = partial(_opened, seconds)
        for sources, replies in answers(client, scheduler, work, parcels(chunks(sizes, len(client.nthreads()))), ConfigError):
            if replies is None:
                suspects += sources
            else:
                yield from zip((source.path for source in sources), replies, strict=True)
        for suspect in suspects:  # alone: those that wait for the same worker fall under the same suspicion
            for sources, replies in answers(client, scheduler, work, parcels([[suspect]]), ConfigError):
                reply = replies[0] if replies else encode(lost(root, suspect, None, CRASHED))
                yield from ((source.path, reply) for source in sources)
    for source in missing:
        yield source.path, answer(root, source, None, seconds)


def _opened(seconds: float, parcel: bytes) -> list[bytes]:
    """In a worker: the answers to a parcel, one file after the other. Its threads take turns: some limits hold for a whole process."""
    with _turn():
        return [_in_time(source, raw, seconds) for source, raw in _unpacked(parcel)]


def _in_time(source: Source, raw: bytes, seconds: float) -> bytes:
    try:
        return in_time_on_thread(lambda: answer(Path(), source, raw, seconds), seconds)
    except OutOfTime:
        return encode(lost(Path(), source, raw, late(seconds)))


def _packed(parts: Iterable[tuple[Source, bytes]]) -> bytes:
    """Names as bytes, because a name need not be text."""
    named = [(one.path.encode("utf-8", "surrogateescape"), one.language, one.role, raw) for one, raw in parts]
    return msgspec.msgpack.encode(named)


def _unpacked(parcel: bytes) -> Iterator[tuple[Source, bytes]]:
    for name, language, role, raw in msgspec.msgpack.decode(parcel, type=list[tuple[bytes, Language, Role, bytes]]):
        yield Source(name.decode("utf-8", "surrogateescape"), language, role), raw


@cache
def _turn() -> threading.Lock:
    return threading.Lock()


def _loky(root: Path, sizes: Mapping[Source, int], jobs: int, seconds: float) -> Iterator[Result]:
    from joblib import Parallel, delayed

    tasks = (delayed(_work)(root, chunk, seconds) for chunk in chunks(sizes, jobs))
    for results in Parallel(n_jobs=jobs, backend="loky", batch_size=1, return_as="generator_unordered")(tasks):
        yield from results


def chunks(sizes: Mapping[Source, int], jobs: int) -> list[list[Source]]:
    """The sources in lists of about equal size in bytes, largest file first, so that no worker is left with a giant at the end."""
    count = max(jobs * CHUNKS_PER_JOB, sum(sizes.values()) // MAX_CHUNK_BYTES, len(sizes) // MAX_CHUNK)
    heap: list[tuple[int, int]] = [(0, number) for number in range(min(len(sizes), count))]
    parts: list[list[Source]] = [[] for _ in heap]
    for source in sorted(sizes, key=lambda one: (-sizes[one], one)):
        size, number = heapq.heappop(heap)
        parts[number].append(source)
        heapq.heappush(heap, (size + sizes[source], number))
    return parts


def _warm_up() -> None:
    """Import in this process, once, what every forked worker would import for itself."""
    extract(Source("", Language.PYTHON, Role.CODE), Text("", 0))
    extract(Source("", Language.YAML, Role.CODE), Text("", 0))
