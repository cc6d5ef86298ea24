"""A function in a forked process: it sees everything that this one has made so far, and only its result comes back."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Fork:
    """Starts on entering; on leaving the process is gone, whatever happened."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._work = work
        self._process = self._pipe = -1

    def __enter__(self) -> Self:
        pipe, end = os.pipe()
        try:
            process = os.fork()
        except OSError:  # no room for another process
            os.close(pipe)
            os.close(end)
            return self
        if process == 0:
            self._run(end)
        os.close(end)
        self._process, self._pipe = process, pipe
        return self

    def _run(self, end: int) -> None:
        """The other process: writes its result and ends without the clean-up of this one, whose files it has open too."""
        status = 1
        try:
            with open(end, "wb") as out:
                out.write(self._work())
            status = 0
        finally:
            os._exit(status)

    def result(self) -> bytes | None:
        """What the function returned; None when the process was killed or failed, or never started."""
        if self._process < 0:
            return None
        with open(self._pipe, "rb") as pipe:
            self._pipe = -1
            written = pipe.read()
        _, status = os.waitpid(self._process, 0)
        self._process = -1
        return written if status == 0 else None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
        if self._process >= 0:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
