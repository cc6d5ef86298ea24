"""How long a piece of work may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

AGAIN = 1.0  # seconds until work that swallowed the first call to stop hears another

T = TypeVar("T")


class OutOfTime(BaseException):
    """Raised into work that takes too long; no `except Exception` of a library stops it."""


def in_time(work: Callable[[], T], seconds: float) -> T:
    """What `work` gives; raises OutOfTime as soon as `seconds` have passed and Python code runs.

    Only the main thread of a POSIX system has an alarm: elsewhere, and where the caller uses that alarm, nothing is bounded. Nor is
    native code that does not come back: to end that takes another process, as `mldebt.spread` does.
    """
    if not _alarm_is_free():
        return work()
    alarm = _Alarm()
    before = signal.signal(signal.SIGALRM, alarm.ring)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
            return work()
        except Exception:  # what the alarm met in native code may make another error of it
            if alarm.rang:
                raise OutOfTime from None
            raise
        finally:
            alarm.stop()
    finally:  # it may have rung in the line above
        alarm.stop()
        signal.signal(signal.SIGALRM, before)


def in_time_on_thread(work: Callable[[], T], seconds: float) -> T:
    """`in_time` for a thread that exists for such work, as those of a Dask worker: a second thread raises OutOfTime in it.

    Work that waits for something hears it only once it goes on.
    """
    thread, lock, over = threading.get_ident(), threading.Lock(), threading.Event()

    def ring() -> None:
        with lock:
            if not over.is_set():
                raise_in(thread, OutOfTime)

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        return work()
    finally:  # from here on nothing is raised; what has been set off before is raised before the end of this block
        with lock:
            over.set()
        timer.cancel()


def raise_in(thread: int, error: type[BaseException]) -> None:
    """Have another thread of this process raise `error` when it next runs Python code."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


class _Alarm:
    def __init__(self) -> None:
        self._armed = True
        self.rang = False

    def ring(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self.rang = True
            raise OutOfTime

    def stop(self) -> None:
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)


def _alarm_is_free() -> bool:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getitimer(signal.ITIMER_REAL)[0] == 0 and signal.getsignal(signal.SIGALRM) is not None
