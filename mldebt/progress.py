"""A progress bar on standard error, for people who wait."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0  # seconds before the bar appears


class _Patient:
    """Shows itself only on a terminal, and only when the work takes longer than `PATIENCE`."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled and sys.stderr.isatty()
        self._started = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown is not None:
            self._shown[0].stop()

    def _show(self, stage: str, done: int, total: int) -> None:
        if not self._enabled:
            return
        if self._shown is None and time.monotonic() - self._started > PATIENCE:
            self._shown = _bar(stage, total)
        if self._shown is not None:
            progress, task = self._shown
            progress.update(task, completed=done, total=total, description=stage)


class Bar(_Patient):
    """Counts files."""

    def update(self, done: int, total: int) -> None:
        """`done` of `total` files are read."""
        self._show("reading files" if done < total else "joining and judging", done, total)


class FitBar(_Patient):
    """Counts the fits of a data pass."""

    def update(self, stage: str, done: int, expected: int) -> None:
        """`done` fits are made in all; `expected` is an upper estimate, which may change, and 0 while nothing is known."""
        self._show(stage, done, max(expected, done, 1))


def _bar(stage: str, total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.start()
    return progress, progress.add_task(stage, total=total)
