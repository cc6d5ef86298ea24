"""The map stage: files to facts, in this process or in several, in any order.

Local processes are forked from one that has imported the parser. They are those of `concurrent.futures`, because it notices a
worker that died (a crash of a native parser, the out-of-memory killer), where a `multiprocessing` pool waits for ever.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from mldebt.facts import extract
from mldebt.facts.model import Facts
from mldebt.findings import Unread
from mldebt.sources.model import Language, Role, Source, Text
from mldebt.sources.read import read

SMALL = 150_000  # bytes of code that one process reads sooner than others have started
CHUNKS_PER_JOB = 8
_NOT_BLANK = re.compile(r"^.*\S", re.MULTILINE)


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


def run(root: Path, sizes: Mapping[Source, int], jobs: int) -> Iterator[Result]:
    """The entry of every source, as each gets ready. An unreadable or hostile file yields an entry that says so."""
    if jobs <= 1 or len(sizes) <= 1:
        yield from _here(root, sizes)
    elif sys.platform == "linux":
        yield from _forked(root, sizes, jobs)
    else:
        yield from _loky(root, sizes, jobs)


def read_entry(root: Path, source: Source) -> Entry:
    """The entry of one source; never raises."""
    try:
        return _read_entry(root, source)
    except RecursionError:
        return Entry(Facts(source.language, unread="nested too deeply to analyse"))
    except MemoryError:
        return Entry(Facts(source.language, unread="not enough memory to analyse it"), lasting=False)
    except Exception as error:  # one file must not end the run; the reason is reported
        reason = " ".join(f"internal error: {type(error).__name__}: {error}".split())
        return Entry(Facts(source.language, unread=reason[:300]))


def _read_entry(root: Path, source: Source) -> Entry:
    text = read(root, source)
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


def _work(root: Path, sources: Sequence[Source]) -> list[Result]:
    results: list[Result] = []
    for source in sources:
        # A tree is freed by reference counts; between two files the collector may look at what little is left.
        was = gc.isenabled()
        gc.disable()
        try:
            results.append((source.path, _encoded(root, source)))
        finally:
            if was:
                gc.enable()
    return results


def _encoded(root: Path, source: Source) -> bytes:
    try:
        return encode(read_entry(root, source))
    except (OverflowError, UnicodeEncodeError, RecursionError) as error:
        return encode(Entry(Facts(source.language, unread=f"internal error: its facts cannot be stored: {type(error).__name__}")))


def _here(root: Path, sizes: Mapping[Source, int]) -> Iterator[Result]:
    for source in sizes:
        yield from _work(root, [source])


def _forked(root: Path, sizes: Mapping[Source, int], jobs: int) -> Iterator[Result]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    _warm_up()
    context = multiprocessing.get_context("fork")
    left = dict.fromkeys(sizes)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_die_quietly)
    try:
        futures = {pool.submit(_work, root, chunk): chunk for chunk in chunks(sizes, jobs)}
        with contextlib.suppress(BrokenProcessPool):
            for future in as_completed(futures):
                yield from future.result()
                for source in futures[future]:
                    del left[source]
    finally:
        pool.shutdown(cancel_futures=True)
    for source in left:  # a worker died: one file at a time shows which one kills it
        try:
            with ProcessPoolExecutor(1, mp_context=context) as alone:
                yield from alone.submit(_work, root, [source]).result()
        except BrokenProcessPool:
            yield source.path, encode(Entry(Facts(source.language, unread="the parser crashed on this file"), lasting=False))


def _loky(root: Path, sizes: Mapping[Source, int], jobs: int) -> Iterator[Result]:
    from joblib import Parallel, delayed

    tasks = (delayed(_work)(root, chunk) for chunk in chunks(sizes, jobs))
    for results in Parallel(n_jobs=jobs, backend="loky", batch_size=1, return_as="generator_unordered")(tasks):
        yield from results


def chunks(sizes: Mapping[Source, int], jobs: int) -> list[list[Source]]:
    """The sources in lists of about equal size in bytes, largest file first, so that no worker is left with a giant at the end."""
    heap: list[tuple[int, int]] = [(0, number) for number in range(min(len(sizes), jobs * CHUNKS_PER_JOB))]
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


def _die_quietly() -> None:
    """An interrupt ends a worker without its traceback; the parent tells the user."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
