"""Several checks of one project, in one process or two."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from mldebt import checks
from mldebt.checks import RULES, broken_path, flag_use
from mldebt.project import fork
from tests.project.reading import project_of

FILES = {
    "a.py": "def f():\n    return missing\nf()\n",
    "b.py": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--gone')\nprint(p.parse_args().left)\nother\n",
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_SMALL", 0)


def test_a_table_of_checks_that_exist():
    assert checks._APART.issubset(name for names in RULES.values() for name in names)


@linux
def test_two_processes_find_the_same():
    alone, shared = project_of(FILES), project_of(FILES)
    found = checks.run(alone, RULES)
    assert {"broken-path", "unread-flag"} <= {one.rule for one in found}
    assert checks.run(shared, RULES, jobs=2) == found
    assert shared.coverage() == alone.coverage()
    assert shared.index.probes == alone.index.probes


@linux
def test_each_check_runs_once(monkeypatch: pytest.MonkeyPatch):
    here: list[str] = []
    for module in (broken_path, flag_use):
        monkeypatch.setattr(module, "check", lambda project, module=module: here.append(module.__name__) or iter(()))
    checks.run(project_of(FILES), ("broken-path", "unread-flag"), jobs=2)
    assert here == ["mldebt.checks.broken_path"]


@linux
def test_what_a_killed_process_owes_is_done_here(monkeypatch: pytest.MonkeyPatch):
    parent, check = os.getpid(), flag_use.check

    def killed(project):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return check(project)

    expected = checks.run(project_of(FILES), RULES)
    monkeypatch.setattr(flag_use, "check", killed)
    assert checks.run(project_of(FILES), RULES, jobs=2) == expected


@pytest.mark.parametrize(("jobs", "platform"), [(1, "linux"), (2, "darwin")])
def test_one_process(monkeypatch: pytest.MonkeyPatch, jobs: int, platform: str):
    monkeypatch.setattr(fork.os, "fork", lambda: pytest.fail("forked"))
    monkeypatch.setattr(sys, "platform", platform)
    assert checks.run(project_of(FILES), ("broken-path", "unread-flag"), jobs=jobs)


def test_a_small_project_is_not_shared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_SMALL", 1000)
    monkeypatch.setattr(fork.os, "fork", lambda: pytest.fail("forked"))
    assert checks.run(project_of(FILES), RULES, jobs=2)
