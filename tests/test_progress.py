from __future__ import annotations

import io
import types

import pytest

from mldebt import progress
from mldebt.progress import Bar, FitBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _impatient_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=Terminal()))
    monkeypatch.setattr(progress, "PATIENCE", -1.0)


def shown(bar: Bar | FitBar) -> tuple[str, float, float | None] | None:
    if bar._shown is None:
        return None
    task = bar._shown[0].tasks[0]
    return task.description, task.completed, task.total


def test_the_bar_names_the_stage_and_counts_fits():
    with FitBar(True) as bar:
        bar.update("reading", 0, 0)
        assert shown(bar) == ("reading", 0, 1)
        bar.update("searching", 3, 10)
        assert shown(bar) == ("searching", 3, 10)
        bar.update("confirming", 12, 10)  # more than was expected
        assert shown(bar) == ("confirming", 12, 12)


def test_the_bar_of_files_names_what_comes_after_them():
    with Bar(True) as bar:
        bar.update(1, 2)
        assert shown(bar) == ("reading files", 1, 2)
        bar.update(2, 2)
        assert shown(bar) == ("joining and judging", 2, 2)


def test_no_bar_for_short_work_or_when_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch):
    with FitBar(False) as bar:
        bar.update("searching", 3, 10)
        assert shown(bar) is None
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    with FitBar(True) as bar:
        bar.update("searching", 3, 10)
        assert shown(bar) is None


def test_no_bar_where_no_one_looks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=io.StringIO()))
    with FitBar(True) as bar:
        bar.update("searching", 3, 10)
        assert shown(bar) is None
