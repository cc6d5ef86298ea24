"""Forked processes: the item that kills one or hangs in it is named, all others have their answer."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mldebt import spread
from mldebt.spread import Lost, forked

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on Linux only")

ITEMS = range(40)
CHUNKS = [range(10), range(10, 12), range(12, 13), range(13, 40)]
PARENT = os.getpid()


def plain(item: int) -> bytes:
    return f"{item}".encode() * 10_000 * (item % 7)


def outcome(work: Callable[[int], bytes], *, jobs: int = 2, seconds: float = 30.0) -> dict[int, bytes | Lost]:
    found = list(forked(work, ITEMS, [list(chunk) for chunk in CHUNKS], jobs, seconds))
    assert Counter(item for item, _ in found) == Counter(ITEMS)
    return dict(found)


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The processes that a test forks; none is left at its end."""
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        made.append(fork())
        return made[-1]

    monkeypatch.setattr(os, "fork", noted)
    yield made
    assert not [pid for pid in made if Path(f"/proc/{pid}").exists()]


def hang() -> None:
    """As native code does that never comes back: no signal of Python's is heard."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM, signal.SIGINT})
    while True:
        time.sleep(60)


@pytest.mark.parametrize("jobs", [1, 2, 5, 60])
def test_every_item_has_its_answer_once(jobs: int):
    assert outcome(plain, jobs=jobs) == {item: plain(item) for item in ITEMS}


def test_items_that_kill_their_process_are_named():
    def work(item: int) -> bytes:
        if item in (0, 3, 4, 11, 39):
            os.kill(os.getpid(), signal.SIGKILL)
        return plain(item)

    expected = {item: Lost.CRASHED if item in (0, 3, 4, 11, 39) else plain(item) for item in ITEMS}
    assert outcome(work) == expected
    assert outcome(work, jobs=1) == expected


def test_bad_luck_is_tried_once_more(tmp_path: Path):
    def work(item: int) -> bytes:
        if item == 20 and not (tmp_path / "tried").exists():
            (tmp_path / "tried").touch()
            os._exit(1)
        return plain(item)

    assert outcome(work)[20] == plain(20)


def test_an_item_that_hangs_is_late_and_costs_no_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spread, "GRACE", 0.1)

    def work(item: int) -> bytes:
        if item in (5, 12):
            hang()
        return plain(item)

    assert outcome(work, seconds=2.0) == {item: Lost.LATE if item in (5, 12) else plain(item) for item in ITEMS}


def test_a_caller_that_is_slow_makes_no_item_late(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spread, "GRACE", 0.0)
    found = {}
    for item, answer in forked(plain, ITEMS, [list(chunk) for chunk in CHUNKS], 2, 2.0):
        if len(found) == 1:
            time.sleep(2.5)
        found[item] = answer
    assert found == {item: plain(item) for item in ITEMS}


def test_a_caller_that_goes_away_leaves_no_process(forks: list[int]):
    answers = forked(plain, ITEMS, [list(chunk) for chunk in CHUNKS], 3, 30.0)
    next(answers)
    assert len(forks) == 3
    answers.close()


def test_without_new_processes_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch):
    def none() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", none)
    found = dict(forked(lambda item: f"{os.getpid()}".encode(), ITEMS, [list(chunk) for chunk in CHUNKS], 2, 30.0))
    assert found == dict.fromkeys(ITEMS, f"{PARENT}".encode())
