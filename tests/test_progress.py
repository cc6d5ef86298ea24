from __future__ import annotations

import io
import sys

import pytest

from mldebt import progress
from mldebt.progress import Bar, FitBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    return terminal


def shown(bar: Bar | FitBar) -> tuple[str, float, float | None]:
    assert bar._shown is not None
    task = bar._shown[0].tasks[0]
    return task.description, task.completed, task.total


def test_the_bar_names_the_stage_and_counts_fits(terminal: Terminal):
    with FitBar(True) as bar:
        bar.update("reading", 0, 0)
        bar.update("searching", 3, 10)
        bar.update("confirming", 12, 10)  # more than was expected
        assert shown(bar) == ("confirming", 12, 12)


def test_the_bar_of_files_names_what_comes_after_them(terminal: Terminal):
    with Bar(True) as bar:
        bar.update(1, 2)
        assert shown(bar) == ("reading files", 1, 2)
        bar.update(2, 2)
        assert shown(bar) == ("joining and judging", 2, 2)


def test_no_bar_for_short_work_or_when_it_is_not_wanted(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    with FitBar(False) as bar:
        bar.update("searching", 3, 10)
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    with FitBar(True) as bar:
        bar.update("searching", 3, 10)
    assert terminal.getvalue() == ""


def test_no_bar_where_no_one_looks(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with FitBar(True) as bar:
        bar.update("searching", 3, 10)
    assert pipe.getvalue() == ""
