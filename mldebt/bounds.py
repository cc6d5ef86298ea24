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
        finally:
            alarm.stop()
    finally:  # it may have rung in the line above
        alarm.stop()
        signal.signal(signal.SIGALRM, before)


class _Alarm:
    def __init__(self) -> None:
        self._armed = True

    def ring(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            raise OutOfTime

    def stop(self) -> None:
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)


def _alarm_is_free() -> bool:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getitimer(signal.ITIMER_REAL)[0] == 0 and signal.getsignal(signal.SIGALRM) is not None
