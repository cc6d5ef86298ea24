"""The debt over time, from commits of a real repository."""

from __future__ import annotations

import json

import pytest

from mldebt.cli import main
from tests.repositories import Repository

DEBT = "import joblib\nimport requests\n\nprint(joblib.load(requests.get('https://models.example.org/{}.joblib').raw))\n"


@pytest.fixture
def repo(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    found = Repository(tmp_path / "growing")
    found.commit({"mldebt.toml": "", "a.py": "print(1)\n"}, days=100)
    found.commit({"b.py": DEBT.format("one")}, days=60)
    found.commit({"c.py": DEBT.format("two")}, days=30)
    found.commit({"b.py": "print(2)\n"}, days=1)
    monkeypatch.chdir(found.root)
    return found


def points(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["history", "--output-format", "json", *words]) == 0
    return json.loads(capsys.readouterr().out)["points"]


def test_debt_rises_and_falls_with_the_commits(repo: Repository, capsys):
    found = points(capsys)
    assert [one["commit"] for one in found] == repo.git("rev-list", "--reverse", "HEAD").split()
    interest = [one["interest_minutes_per_quarter"] for one in found]
    assert interest[0] == 0 < interest[1] < interest[2] > interest[3] > 0
    assert found[1]["debts"].keys() == {"unsafe-loading"}


def test_the_work_tree_and_the_cache_change_nothing(repo: Repository, capsys):
    cold = points(capsys, "--no-cache")
    (repo.root / "c.py").write_text("print('not committed')\n")
    assert points(capsys) == cold == points(capsys)
    assert repo.git("status", "--porcelain", "--untracked-files=no") == "M c.py"


def test_as_text_with_the_change_in_words(repo: Repository, capsys):
    assert main(["history", "--since", "50.days", "--points", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("growing: 2 commits from ")
    assert lines[3].split()[2] == "2" and lines[3].endswith("#" * 28)
    assert any(line.startswith("Changed most, interest per quarter: unsafe-loading -") for line in lines)


def test_no_repository_is_bad_usage(tmp_path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["history"]) == 2
    assert "not in a git repository" in capsys.readouterr().err
