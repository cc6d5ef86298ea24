"""A function of many items in forked processes: one that dies or takes too long costs its item and nothing else.

Neither `concurrent.futures` nor joblib can say which item a process was at, or end one that hangs in native code. Here every answer
is sent by itself, in order, so that the first item without one is the culprit.
"""

from __future__ import annotations

import enum
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

import msgspec

GRACE = 5.0  # seconds that a process has beyond the bound to give up by itself
_HELD = frozenset({signal.SIGINT, signal.SIGTERM})

T = TypeVar("T")


class Lost(enum.Enum):
    """Why an item has no answer."""

    CRASHED = "crashed"  # in two processes: the second had nothing else to do
    LATE = "late"


def forked(
    work: Callable[[T], bytes], items: Sequence[T], chunks: Sequence[Sequence[int]], jobs: int, seconds: float
) -> Iterator[tuple[T, bytes | Lost]]:
    """The answer to each of `items` as it gets ready, from `jobs` processes forked off this one, which take `chunks` of their numbers.

    An item that has had no answer for `seconds` and some grace is late; that `work` bounds itself is the rule, this is for the rest.
    """
    pool = _Pool(work, items, seconds + GRACE)
    try:
        yield from pool.answers(chunks, jobs)
        suspects, pool.suspects = pool.suspects, []
        for number in suspects:  # was it this item, or a system out of memory? Alone, it shows
            yield from pool.answers([[number]], 1)
            for again in pool.suspects:
                yield items[again], Lost.CRASHED
            pool.suspects = []
    finally:
        pool.close()


class _Worker:
    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process, self.pipe = process, pipe
        self.left: deque[int] = deque()  # what it still has to answer, in order
        self.since = 0.0  # when it began with the first of them, at the earliest

    def give(self, chunk: Sequence[int]) -> None:
        if not self.left:
            self.since = time.monotonic()
        self.left.extend(chunk)
        try:
            self.pipe.send_bytes(msgspec.msgpack.encode(chunk))
        except OSError:
            return  # it is dead, which its other end of the pipe tells as well


class _Pool(Generic[T]):
    def __init__(self, work: Callable[[T], bytes], items: Sequence[T], limit: float) -> None:
        self._work, self._items, self._limit = work, items, limit
        self._workers: list[_Worker] = []
        self.suspects: list[int] = []  # at which a process died

    def answers(self, chunks: Sequence[Sequence[int]], jobs: int) -> Iterator[tuple[T, bytes | Lost]]:
        waiting = deque(chunks)
        while waiting or any(one.left for one in self._workers):
            while len(self._workers) < min(jobs, len(waiting) + sum(bool(one.left) for one in self._workers)) and self._start():
                pass
            if not self._workers:
                for number in waiting.popleft():
                    yield self._items[number], self._work(self._items[number])
                continue
            for one in self._workers:
                if len(one.left) < 2 and waiting:  # the next chunk is there before the last one is done
                    one.give(waiting.popleft())
            busy = [one for one in self._workers if one.left]
            first = min((one.since for one in busy), default=0.0)
            ready = wait([one.pipe for one in busy], max(0.0, first + self._limit - time.monotonic()))
            now = time.monotonic()
            for one in busy:
                if one.pipe in ready:
                    yield from self._received(one, waiting)
                elif now - one.since >= self._limit:
                    yield self._items[one.left.popleft()], Lost.LATE
                    self._end(one, waiting)

    def _received(self, one: _Worker, waiting: deque[Sequence[int]]) -> Iterator[tuple[T, bytes | Lost]]:
        try:
            while one.left and one.pipe.poll():
                answer = one.pipe.recv_bytes()
                one.since = time.monotonic()
                yield self._items[one.left.popleft()], answer
        except (EOFError, OSError):
            self.suspects.append(one.left.popleft())
            self._end(one, waiting)

    def _start(self) -> bool:
        here, there = multiprocessing.Pipe()
        taken = [*(one.pipe for one in self._workers), here]
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_serve, args=(self._work, self._items, there, taken, self._limit), daemon=True)
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)  # until the new process has its own mind about them
        try:
            process.start()
        except (OSError, AssertionError):  # no memory, no process more; or this is itself a process that may have no others
            here.close()
            return False
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            there.close()
        self._workers.append(_Worker(process, here))
        return True

    def _end(self, one: _Worker, waiting: deque[Sequence[int]]) -> None:
        self._workers.remove(one)
        if one.left:
            waiting.appendleft(tuple(one.left))
        _kill(one)

    def close(self) -> None:
        for one in self._workers:
            _kill(one)
        self._workers = []


def _kill(one: _Worker) -> None:
    one.pipe.close()
    one.process.kill()
    one.process.join()
    one.process.close()


def _serve(work: Callable[[T], bytes], items: Sequence[T], pipe: Connection, taken: Sequence[Connection], limit: float) -> None:
    """The life of one process: it ends with the last chunk, or with the parent, by whom the pipe is closed in either case."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this one
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
        for other in taken:  # while anyone holds the parent's end of a pipe, it does not close
            other.close()
        while True:
            for number in msgspec.msgpack.decode(pipe.recv_bytes(), type=list[int]):
                # Should the parent be gone while native code hangs, the system ends this process: after so much time of the processor.
                signal.setitimer(signal.ITIMER_PROF, 2 * limit)
                pipe.send_bytes(work(items[number]))
    finally:
        os._exit(0)
