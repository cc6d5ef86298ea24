"""A function in a forked process."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from mldebt.project.fork import Fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def killed() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"never"


def fails() -> bytes:
    raise ValueError


def is_over(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_runs_elsewhere():
    with Fork(lambda: b"%d" % os.getpid()) as fork:
        assert fork.result() not in (None, b"%d" % os.getpid())


def test_more_than_a_pipe_holds():
    with Fork(lambda: b"x" * 1_000_000) as fork:
        assert fork.result() == b"x" * 1_000_000


@pytest.mark.parametrize("work", [killed, fails])
def test_no_result_of_a_process_that_did_not_end_well(work, capfd: pytest.CaptureFixture[str]):
    with Fork(work) as fork:
        assert fork.result() is None
    assert capfd.readouterr() == ("", "")


def test_no_process_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch):
    def full() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", full)
    with Fork(lambda: b"") as fork:
        assert fork.result() is None


def test_an_error_here_ends_the_process():
    read, end = os.pipe()  # nothing is ever written to it
    with pytest.raises(KeyError), Fork(lambda: os.read(read, 1)) as fork:
        process = fork._process
        assert not is_over(process)
        raise KeyError
    assert is_over(process)
    os.close(read)
    os.close(end)
