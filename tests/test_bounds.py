"""What may take how long."""

from __future__ import annotations

import gc
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt import bounds, jobs
from mldebt.bounds import OutOfTime, in_time, in_time_on_thread
from mldebt.jobs import Entry, read_entry
from mldebt.sources.model import Language, Role, Source

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX has the alarm")


def busy() -> None:
    """Longer than any bound here."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        pass


@pytest.fixture(autouse=True)
def _no_collector_callbacks() -> Iterator[None]:
    """Python drops what is raised in one, and with it the alarm; the property tests leave one that counts time."""
    kept = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = kept


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_work_that_is_quick_gives_what_it_gives():
    assert in_time(lambda: 3, 10) == 3
    with pytest.raises(KeyError):
        in_time(lambda: {}[0], 10)


def test_work_that_is_slow_is_stopped():
    with pytest.raises(OutOfTime):
        in_time(busy, 0.05)
    with pytest.raises(OutOfTime):  # in the native code of a pattern, which looks at signals
        in_time(lambda: re.match(r"(a*)*b", "a" * 40), 0.05)
    assert in_time(lambda: 4, 10) == 4


def test_work_that_swallows_the_first_call_hears_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounds, "AGAIN", 0.05)
    heard = []

    def stubborn() -> None:
        for _ in range(3):
            try:
                busy()
            except BaseException as error:
                heard.append(type(error))
        busy()

    with pytest.raises(OutOfTime):
        in_time(stubborn, 0.05)
    assert heard == [OutOfTime] * 3


def test_a_thread_and_an_alarm_of_the_caller_are_left_alone():
    found = []
    thread = threading.Thread(target=lambda: found.append(in_time(lambda: time.sleep(0.2) or "done", 0.01)))
    thread.start()
    thread.join()
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        found.append(in_time(lambda: time.sleep(0.2) or "here", 0.01))
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert found == ["done", "here"]


def test_a_thread_of_its_own_is_stopped_from_outside():
    found: list[object] = []

    def work() -> None:
        found.append(in_time_on_thread(lambda: 3, 10))
        try:
            in_time_on_thread(busy, 0.05)
        except OutOfTime as error:
            found.append(type(error))
        found.append(in_time_on_thread(lambda: 4, 10))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [3, OutOfTime, 4]


def test_many_short_bounds_never_ring_outside():
    late = []

    def work() -> None:
        for number in range(300):
            try:
                in_time_on_thread(lambda: time.sleep(0.0005), 0.0005 * (1 + number % 3))
            except OutOfTime:
                late.append(number)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    for number in range(300):
        try:
            in_time(lambda: time.sleep(0.0005), 0.0003 + 0.0002 * (number % 3))
        except OutOfTime:
            late.append(number)
    assert late


# Each takes seconds, mostly in Python code.
SLOW = {
    "joins without conditions": (Language.SQL, "SELECT * FROM a " + " ".join(f"JOIN wanted_{i}" for i in range(24))),
    "many calls": (Language.PYTHON, "x = wanted_0(y, a=[1, 2, {'a': b.c}])\n" * 15_000),
    "a large literal": (Language.PYTHON, "wanted_0 = [\n" + "    (1, 'a', x.y, {2: 3}),\n" * 15_000 + "]\n"),
    "a long expression": (Language.PYTHON, "wanted_0 = (\n" + "    a[1].b(c, d) +\n" * 800 + "    1)\n" + "y = [f(x), 2]\n" * 9_000),
    "a notebook cell": (
        Language.NOTEBOOK,
        '{"cells": [{"cell_type": "code", "source": "' + "wanted_0(x)\\n" * 30_000 + '"}], "nbformat": 4}',
    ),
    "settings": (Language.YAML, "".join(f"wanted_{i}: {{a: 1, b: [2, 3]}}\n" for i in range(9_000))),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_file_that_takes_too_long_is_unread(tmp_path: Path, name: str):
    language, text = SLOW[name]
    source = Source("slow", language, Role.CODE)
    before = threading.enumerate()
    entry = read_entry(tmp_path, source, text.encode(), seconds=0.2)
    assert entry.facts.unread == "took longer than 0.2 s to analyse"
    assert "wanted_0" in entry.facts.words  # other files may mean it
    assert not entry.lasting
    for thread in threading.enumerate():
        if thread not in before:  # one with a deep stack has been told to stop
            thread.join(60)
            assert not thread.is_alive()


@pytest.mark.parametrize("count", [1, 2])
def test_a_slow_file_costs_no_other(tmp_path: Path, count: int):
    language, text = SLOW["joins without conditions"]
    (tmp_path / "slow.sql").write_text(text)
    sizes = {Source("slow.sql", language, Role.CODE): 1}
    for number in range(8):
        (tmp_path / f"m{number}.py").write_text("import os\n" * number)
        sizes[Source(f"m{number}.py", Language.PYTHON, Role.CODE)] = number
    decode = jobs.decoder().decode
    for source in sizes:  # what it imports takes its time as well
        read_entry(tmp_path, source, b"")
    entries = {path: decode(data) for path, data in jobs.run(tmp_path, sizes, count, seconds=2.0)}
    assert {path for path, one in entries.items() if one.facts.unread} == {"slow.sql"}
    assert entries["slow.sql"].facts.unread == "took longer than 2 s to analyse"


def test_native_code_that_never_comes_back_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from mldebt import spread

    real = jobs.extract

    def extract(source, text):
        if source.path == "stuck.py":
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL})
            busy()
        return real(source, text)

    monkeypatch.setattr(jobs, "extract", extract)
    monkeypatch.setattr(spread, "GRACE", 0.5)
    sizes = {}
    for name in ("a.py", "stuck.py", "z.py", "more.py"):
        (tmp_path / name).write_text("wanted = 1\n")
        sizes[Source(name, Language.PYTHON, Role.CODE)] = 11
    entries = {path: jobs.decoder().decode(data) for path, data in jobs.run(tmp_path, sizes, 2, seconds=1.5)}
    assert len(entries) == 4
    expected = Entry(entries["stuck.py"].facts, lasting=False)
    assert entries["stuck.py"] == expected and expected.facts.unread == "took longer than 1.5 s to analyse"
    assert expected.facts.words == ("wanted",)
    assert [path for path, one in entries.items() if one.facts.unread] == ["stuck.py"]
