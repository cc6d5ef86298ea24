"""A remembered result is that of a run without a cache, whatever has changed since: one input of its key at a time."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from mldebt import engine
from mldebt.config import Config, Loaded
from mldebt.engine import Request
from mldebt.findings import Report
from tests.repositories import Repository

TODAY = datetime.date(2026, 6, 1)
CONFIG = Config(profile="audit", jobs=1)
USE = """import pkg.fast
import requests
import joblib

USE_NEW_LOSS = False


def predict():
    if USE_NEW_LOSS: return 1.0
    return joblib.load(requests.get("https://models.example.org/m.joblib").raw)


if __name__ == "__main__":
    predict()
"""


def comparable(report: Report) -> bytes:
    summary = msgspec.structs.replace(report.summary, seconds=0.0, timings={})
    return msgspec.json.encode(msgspec.structs.replace(report, summary=summary))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "project", TODAY)
    old = {"mldebt.toml": "", "use.py": USE + "\n\n", "pkg/__init__.py": "", "pkg/fast.pyx": "", "other.py": "x = 1\n"}
    found.commit(old, days=300)
    found.commit({"use.py": USE, "other.py": "x = 2\n"}, days=20)
    return found


def add_owner(repo: Repository) -> None:
    repo.write({"CODEOWNERS": "* @ml\n"})


def commit_twice(repo: Repository) -> None:
    repo.commit({"use.py": USE.replace("requests.get(", "requests.post(")}, days=5)
    repo.commit({"use.py": USE}, days=4)


def list_reformatting(repo: Repository) -> None:
    repo.write({".git-blame-ignore-revs": repo.git("rev-parse", "HEAD") + "\n"})


def go_shallow(repo: Repository) -> None:
    (repo.root / ".git" / "shallow").write_text(repo.git("rev-parse", "HEAD") + "\n")


def forget_git(repo: Repository) -> None:
    (repo.root / ".git").rename(repo.root.parent / "elsewhere")


def delete_what_is_no_source(repo: Repository) -> None:
    (repo.root / "pkg" / "fast.pyx").unlink()


def touch_a_line(repo: Repository) -> None:
    """The line is written today, and the file says what it said."""
    repo.write({"use.py": USE.replace("1.0", "1.0  # so far")})


def rerun_a_notebook(repo: Repository) -> None:
    """Other bytes that say the same."""
    cell = {"cell_type": "code", "source": ["x = 1\n"], "metadata": {}, "outputs": [], "execution_count": 7}
    repo.write({"n.ipynb": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})})


CHANGES: tuple[Callable[[Repository], None], ...] = (
    *(add_owner, commit_twice, list_reformatting, go_shallow, forget_git, delete_what_is_no_source, touch_a_line),
    rerun_a_notebook,
)


def scan(repo: Repository, *, cache: bool, config: Config = CONFIG, today: datetime.date = TODAY, paths: tuple[str, ...] = ("",)) -> Report:
    places = tuple(repo.root / path for path in paths)
    return engine.scan(Loaded(repo.root, config, repo.root / "mldebt.toml"), Request(places, cache=cache, today=today))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_after_a_change_of_the_project(repo: Repository, change: Callable[[Repository], None]) -> None:
    before = comparable(scan(repo, cache=True))
    assert comparable(scan(repo, cache=True)) == before == comparable(scan(repo, cache=False))
    change(repo)
    after = comparable(scan(repo, cache=False))
    assert comparable(scan(repo, cache=True)) == after == comparable(scan(repo, cache=True))
    if change is not rerun_a_notebook:
        assert after != before  # else the change tests nothing


@pytest.mark.parametrize(
    "other",
    [
        {"today": TODAY + datetime.timedelta(days=90)},
        {"paths": ("use.py", "other.py", "pkg", "mldebt.toml")},
        {"config": msgspec.structs.replace(CONFIG, history=False)},
        {"config": msgspec.structs.replace(CONFIG, profile="default")},
        {"config": msgspec.structs.replace(CONFIG, per_file_ignores={"use.py": ("ALL",)})},
    ],
    ids=["day", "part", "history", "profile", "ignores"],
)
def test_for_another_question(repo: Repository, other: dict[str, object]) -> None:
    first = comparable(scan(repo, cache=True))
    answer = comparable(scan(repo, cache=True, **other))
    assert answer == comparable(scan(repo, cache=False, **other)) != first
    assert comparable(scan(repo, cache=True)) == first


def test_what_git_failed_to_say_is_not_remembered(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    from mldebt.git import GitMissing

    def missing(*given: object, **more: object) -> bytes:
        raise GitMissing("git is not installed")

    with monkeypatch.context() as patched:
        patched.setattr("mldebt.history.git", missing)
        patched.setattr("mldebt.blame.git", missing)
        assert any("git is not installed" in note for note in scan(repo, cache=True).summary.notes)
    assert comparable(scan(repo, cache=True)) == comparable(scan(repo, cache=False))
    assert not any("git" in note for note in scan(repo, cache=True).summary.notes)


def test_sources_of_other_languages_that_may_read_a_setting(tmp_path: Path) -> None:
    """They are no sources of mldebt, and what they say changes what is said of a configuration file."""
    files = {
        "config/run.yaml": "depth: 3\nrate: 2\nr_seed: 7\n",
        "train.py": "import yaml\n\nconfig = yaml.safe_load(open('config/run.yaml'))\nprint(config['depth'], config['rate'])\n",
        "plot.R": "x <- 1\n",
        "README.md": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    loaded = Loaded(tmp_path, msgspec.structs.replace(CONFIG, history=False))

    def confidence(*, cache: bool) -> list[float]:
        report = engine.scan(loaded, Request((tmp_path,), cache=cache))
        return [one.finding.confidence for one in report.findings if one.name == "unread-config-key"]

    sure = confidence(cache=True)
    assert len(sure) == 1 and sure == confidence(cache=True) == confidence(cache=False)
    (tmp_path / "plot.R").write_text("set.seed(cfg$r_seed)\n")
    unsure = confidence(cache=True)
    assert unsure == confidence(cache=False) and unsure[0] < sure[0]
    (tmp_path / "plot.R").write_text("set.seed(1)\n")
    assert confidence(cache=True) == sure
