"""Debt that is not news: the baseline file and `--since`, through the command line, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mldebt.cli import main
from tests.repositories import Repository

TRAIN = """import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression


def train(frame):
    model = LogisticRegression().fit(frame[["age"]], frame["label"])
    joblib.dump(model, "models/risk.joblib")


if __name__ == "__main__":
    train(pd.read_csv("data/people.csv"))
"""
LEGACY = """import joblib
import requests


def load():
    return joblib.load(requests.get("https://models.example.org/risk.joblib").raw)


if __name__ == "__main__":
    print(load())
"""
READER = """import joblib
import pandas as pd


def score(frame):
    return joblib.load("models/risk.joblib").predict(frame)


if __name__ == "__main__":
    print(score(pd.read_csv("data/people.csv")))
"""
SETTINGS = 'baseline = ".mldebt-baseline.jsonl"\n'


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    found = Repository(tmp_path / "risk")
    found.commit({"jobs/train.py": TRAIN, "jobs/legacy.py": LEGACY, "mldebt.toml": ""})
    monkeypatch.chdir(found.root)
    return found


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def findings(self) -> set[tuple[str, str]]:
        return {(one["name"], one["path"]) for one in json.loads(self.out)["findings"]}


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str]):
    def scan(*words: str) -> Answer:
        capsys.readouterr()
        code = main(["scan", "--output-format", "json", *words])
        return Answer(code, *capsys.readouterr())

    return scan


def test_known_debt_is_not_reported_and_new_debt_is(repo: Repository, scan):
    assert ("remote-pickle", "jobs/legacy.py") in scan().findings
    written = scan("--baseline", "known.jsonl", "--update-baseline")
    assert (written.code, written.findings) == (0, set())
    assert "known.jsonl: " in written.err and " added, 0 removed" in written.err
    known = json.loads(scan("--baseline", "known.jsonl").out)
    assert known["summary"]["baseline"]["origin"] == "known.jsonl"
    assert {one["name"] for one in known["known"]} >= {"remote-pickle"}
    repo.write({"batch/score.py": READER})
    again = scan("--baseline", "known.jsonl")
    assert again.code == 1
    assert ("undeclared-consumer", "batch/score.py") in again.findings
    assert "remote-pickle" not in {name for name, _ in again.findings}


def test_one_more_reader_of_an_artifact_makes_known_debt_news(repo: Repository, scan):
    repo.commit({"batch/score.py": READER})
    scan("--baseline", "known.jsonl", "--update-baseline")
    repo.write({"web/serve.py": READER})
    for words in (("--baseline", "known.jsonl"), ("--since", "HEAD"), ("--since", "HEAD", "--focus", "web/serve.py")):
        grown = scan(*words)
        assert grown.code == 1
        assert ("undeclared-consumer", "batch/score.py") in grown.findings
        assert json.loads(grown.out)["summary"]["baseline"]["grown"] >= 1
    elsewhere = json.loads(scan("--baseline", "known.jsonl", "--focus", "jobs/legacy.py").out)["summary"]["baseline"]
    assert (elsewhere["grown"], elsewhere["known"]) == (0, 1)  # of what touches that file


def test_the_settings_can_name_the_file_from_any_folder(repo: Repository, scan, monkeypatch: pytest.MonkeyPatch):
    repo.write({"mldebt.toml": SETTINGS})
    assert scan("--update-baseline").code == 0
    assert (repo.root / ".mldebt-baseline.jsonl").read_text().startswith('{"mldebt-baseline": 1}\n')
    monkeypatch.chdir(repo.root / "jobs")
    assert scan("--focus", "legacy.py").findings == set()


def test_a_baseline_that_is_missing_or_damaged_is_bad_usage_and_an_update_mends_it(repo: Repository, scan):
    missing = scan("--baseline", "known.jsonl")
    assert (missing.code, missing.out) == (2, "")
    assert "known.jsonl: no such baseline" in missing.err and missing.err.count("\n") == 1
    Path("known.jsonl").write_text('{"mldebt-baseline": 1}\n<<<<<<< ours\n')
    broken = scan("--baseline", "known.jsonl")
    assert broken.code == 2 and "known.jsonl:2: a merge conflict" in broken.err
    assert scan("--baseline", "known.jsonl", "--update-baseline").code == 0
    assert scan("--baseline", "known.jsonl").findings == set()


def test_paid_debt_is_stale_until_it_is_pruned(repo: Repository, scan):
    scan("--baseline", "known.jsonl", "--update-baseline")
    repo.write({"jobs/legacy.py": "def load():\n    return None\n"})
    stale = scan("--baseline", "known.jsonl")
    assert stale.code == 0 and len(json.loads(stale.out)["summary"]["baseline"]["stale"]) >= 1
    failed = scan("--baseline", "known.jsonl", "--error-stale-baseline")
    assert failed.code == 1 and "stale" in failed.err
    before = len(Path("known.jsonl").read_text().splitlines())
    assert scan("--baseline", "known.jsonl", "--prune-baseline").code == 0
    assert len(Path("known.jsonl").read_text().splitlines()) < before
    assert scan("--baseline", "known.jsonl", "--error-stale-baseline").code == 0


def test_a_narrow_run_says_nothing_of_entries_that_it_could_not_have_found(repo: Repository, scan):
    scan("--baseline", "known.jsonl", "--update-baseline")
    whole = Path("known.jsonl").read_bytes()
    for words in (("jobs/train.py",), ("jobs",), ("--select", "unseeded-randomness"), ("--focus", "jobs/train.py")):
        assert json.loads(scan("--baseline", "known.jsonl", *words).out)["summary"]["baseline"]["stale"] == []
    for flag in ("--prune-baseline", "--update-baseline"):
        assert scan("jobs/train.py", "--baseline", "known.jsonl", flag).code == 2
    assert scan("jobs", "--baseline", "known.jsonl").findings == set()
    assert Path("known.jsonl").read_bytes() == whole


def test_accepted_debt_keeps_its_own_date(repo: Repository, scan):
    accepted = LEGACY.replace(".raw)", ".raw)  # mldebt: accept[remote-pickle] until=2100-01-01 being replaced")
    repo.write({"jobs/legacy.py": accepted})
    scan("--baseline", "known.jsonl", "--update-baseline")
    assert "remote-pickle" not in Path("known.jsonl").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--update-baseline",), "--update-baseline: name the file"),
        (("--baseline", "b", "--update-baseline", "--prune-baseline"), "choose one"),
        (("--baseline", "b", "--since", "HEAD"), "--since and a baseline: choose one"),
        (("--baseline", "b", "--update-baseline", "--focus", "jobs/train.py"), "leave out --focus and PATHS"),
        (("--since", "nowhere"), "--since nowhere: git knows no such commit or branch here\n"),
        (("--since", "--output=x"), "git knows no such commit"),
        (("--since", "mian"), "git knows no such commit or branch here; did you mean main?"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(repo: Repository, scan, words, message):
    refused = scan(*words)
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err and refused.err.count("\n") == 1


def test_since_reports_what_the_branch_added_and_not_what_it_touched(repo: Repository, scan):
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({"batch/score.py": READER, "jobs/legacy.py": f"# a comment moves every line\n\n{LEGACY}"})
    added = scan("--since", "main")
    assert added.code == 1
    assert {name for name, _ in added.findings} == {"undeclared-consumer"}
    assert json.loads(added.out)["summary"]["baseline"]["origin"] == "main"
    # What the main branch has paid meanwhile is no news of this branch.
    repo.git("checkout", "-q", "main")
    repo.commit({"jobs/legacy.py": "def load():\n    return None\n"})
    repo.git("checkout", "-q", "work")
    assert {name for name, _ in scan("--since", "main").findings} == {"undeclared-consumer"}


def test_since_sees_a_renamed_file_as_the_same(repo: Repository, scan):
    repo.git("mv", "jobs/legacy.py", "jobs/loading.py")
    assert scan("--since", "HEAD").findings == set()


def test_since_gives_the_same_cold_and_warm_and_leaves_the_work_tree_alone(repo: Repository, scan):
    repo.write({"batch/score.py": READER})
    status = repo.git("status", "--porcelain")
    cold = scan("--since", "HEAD", "--no-cache")
    assert cold.out == scan("--since", "HEAD").out == scan("--since", "HEAD").out
    assert repo.git("status", "--porcelain") == status
    assert repo.git("worktree", "list").count("\n") == 0


def test_since_works_below_the_root_of_the_repository(repo: Repository, scan, monkeypatch: pytest.MonkeyPatch):
    repo.commit({"inner/mldebt.toml": "", "inner/train.py": TRAIN})
    monkeypatch.chdir(repo.root / "inner")
    repo.write({"inner/score.py": READER})
    assert scan("--since", "HEAD").findings == {("undeclared-consumer", "score.py")}
