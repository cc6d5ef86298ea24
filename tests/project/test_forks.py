"""Copies of one experiment under one family name."""

from __future__ import annotations

import pytest

from mldebt.checks import copied_stage, forked_experiment
from mldebt.project import forks
from tests.project.reading import project_of

BODY = "import pandas as pd\n" + "".join(f"step_{n} = pd.read_csv('part_{n}.csv').groupby('k{n}').sum()\n" for n in range(40))


def families(files: dict[str, str]) -> list[tuple[list[str], list[str], str]]:
    """(members, those in use, the one to keep) of each family."""
    return [([m.path for m in one.members], [m.path for m in one.live], one.keeper.path) for one in project_of(files).forks]


def test_files_that_nothing_tells_apart():
    files = {"train.py": BODY, "train_v2.py": BODY + "x = 1\n", "old/train_final.py": BODY, "other.py": BODY}
    assert families(files) == [(["old/train_final.py", "train.py", "train_v2.py"], [], "train.py")]


def test_the_one_in_use_is_kept():
    files = {"train.py": BODY, "train_v2.py": BODY, "run.py": "import train_v2\n"}
    assert families(files) == [(["train.py", "train_v2.py"], ["train_v2.py"], "train_v2.py")]
    assert families(files | {"main.py": "import train\n"}) == []


def test_different_files_of_one_name_are_no_copies():
    assert families({"train.py": BODY, "train_v2.py": BODY.replace("part", "other").replace("sum", "mean")}) == []


def test_two_checks_look_for_them_once(monkeypatch: pytest.MonkeyPatch):
    looked: list[object] = []
    look = forks.forks
    monkeypatch.setattr(forks, "forks", lambda project: looked.append(project) or look(project))
    project = project_of({"train.py": BODY, "train_v2.py": BODY})
    (finding,) = forked_experiment.check(project)
    assert list(copied_stage.check(project)) == []
    assert looked == [project]
    assert finding.message.endswith("(100% of their lines are equal): train.py, train_v2.py; nothing runs any of them")
