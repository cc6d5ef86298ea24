"""The hooks in a project that has agreed to live with the debt that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pre_commit.conftest import Hooks
from tests.pre_commit.git import Repository, run
from tests.pre_commit.samples import HARMLESS, OLD_REPORT, READER, WORDS, passed, stopped

FILE = ".mldebt-baseline.jsonl"


def write_baseline(repository: Repository, hooks: Hooks) -> None:
    done = run((hooks.program, "scan", "--update-baseline", "--exit-zero"), repository.folder, repository.env)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def agreed(repository: Repository, hooks: Hooks) -> Repository:
    """The project with a baseline of the debt that it has."""
    repository.write({"mldebt.toml": f'baseline = "{FILE}"\n'})
    write_baseline(repository, hooks)
    assert "jobs/old_report.py" in (repository.folder / FILE).read_text()
    repository.git("add", "mldebt.toml", FILE)
    repository.git("commit", "-q", "--no-verify", "-m", "The debt that we have")
    return repository


def test_a_file_with_old_debt_goes_through(agreed: Repository) -> None:
    agreed.stage({"jobs/old_report.py": "import sys\n\n" + OLD_REPORT + "print(sys.version)\n"})
    outcome = agreed.commit()
    assert passed(outcome), outcome.output


def test_a_renamed_file_with_old_debt_goes_through(agreed: Repository) -> None:
    agreed.git("mv", "jobs/old_report.py", "jobs/report_of_the_night.py")
    outcome = agreed.commit()
    assert passed(outcome), outcome.output


def test_new_debt_is_stopped(agreed: Repository) -> None:
    agreed.stage({"service/mail.py": READER, "jobs/old_report.py": OLD_REPORT + "print()\n"})
    outcome = agreed.commit()
    assert stopped(outcome), outcome.output
    assert "jobs/old_report.py" not in outcome.output


def test_what_is_not_in_focus_is_not_stale(agreed: Repository) -> None:
    """The old debt is paid, but its line is still in the baseline: no commit is stopped for that."""
    agreed.git("rm", "-q", "jobs/old_report.py")
    agreed.git("commit", "-q", "--no-verify", "-m", "paid")
    agreed.stage({"service/words.py": WORDS + "print()\n"})
    outcome = agreed.commit()
    assert passed(outcome), outcome.output


def test_stale_lines_are_for_the_whole_project_to_stop(agreed: Repository, hooks: Hooks) -> None:
    agreed.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt", args=["--error-stale-baseline"])})
    agreed.stage({"jobs/old_report.py": HARMLESS})
    assert passed(agreed.commit())
    agreed.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt-project", args=["--error-stale-baseline"])})
    agreed.stage({"notes.md": "More notes\n"})
    outcome = agreed.commit()
    assert (outcome.code, outcome.made) == (1, False)
    assert "stale" in outcome.output
    assert "--prune-baseline" in outcome.output


def test_new_debt_is_let_through_once_it_is_agreed(agreed: Repository, hooks: Hooks) -> None:
    agreed.stage({"service/mail.py": READER})
    assert stopped(agreed.commit())
    write_baseline(agreed, hooks)
    agreed.git("add", FILE)
    outcome = agreed.commit()
    assert passed(outcome), outcome.output


def test_the_whole_project(agreed: Repository, hooks: Hooks) -> None:
    agreed.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt-project")})
    agreed.stage({"notes.md": "More notes\n"})
    assert passed(agreed.commit())
    agreed.stage({"service/mail.py": READER})
    assert stopped(agreed.commit())


def test_a_damaged_baseline_stops_the_commit(agreed: Repository) -> None:
    text = (agreed.folder / FILE).read_text()
    agreed.write({FILE: f"{text}<<<<<<< HEAD\n"})
    agreed.git("add", FILE)
    agreed.stage({"service/words.py": WORDS + "print()\n"})
    outcome = agreed.commit()
    assert not outcome.made
    assert "- exit code: 2" in outcome.output
    said = [line for line in outcome.output.splitlines() if FILE in line]
    assert len(said) == 1
    assert "merge conflict" in said[0]


def test_a_baseline_that_is_not_there_stops_the_commit(agreed: Repository) -> None:
    agreed.git("rm", "-q", FILE)
    agreed.stage({"service/words.py": WORDS + "print()\n"})
    outcome = agreed.commit()
    assert not outcome.made
    assert "- exit code: 2" in outcome.output
    assert "no such baseline" in outcome.output


def test_the_last_commit_as_the_baseline(repository: Repository, hooks: Hooks) -> None:
    """`--since HEAD` needs no file: what the commit did not bring is not told."""
    repository.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt", args=["--since", "HEAD"])})
    repository.stage({"jobs/old_report.py": OLD_REPORT + "print()\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output
    repository.stage({"service/mail.py": READER, "jobs/old_report.py": OLD_REPORT})
    outcome = repository.commit()
    assert stopped(outcome), outcome.output
    assert "jobs/old_report.py" not in outcome.output


def test_the_last_commit_of_a_linked_work_tree(repository: Repository, hooks: Hooks, tmp_path: Path) -> None:
    """git tells hooks where its folder is: that must not lead the scan of another commit astray."""
    repository.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt", args=["--since", "HEAD"])})
    repository.git("worktree", "add", "-q", "-b", "linked", tmp_path / "linked")
    linked = Repository(tmp_path / "linked", repository.env)
    linked.stage({"jobs/old_report.py": OLD_REPORT + "print()\n"})
    assert passed(linked.commit())
    linked.stage({"service/mail.py": READER})
    assert stopped(linked.commit())
    assert linked.git("status", "--short") == "A  service/mail.py"
    assert linked.git("worktree", "list").count("\n") == 1


@pytest.mark.parametrize("name", ["batch/again.py", "service/again.py"])
def test_one_more_reader_of_an_artifact_in_the_baseline_is_stopped(agreed: Repository, name: str) -> None:
    """The debt is known, but in fewer files."""
    agreed.stage({name: OLD_REPORT})
    outcome = agreed.commit()
    assert (outcome.code, outcome.made) == (1, False), outcome.output
    assert f"{name}:5" in outcome.output
    assert "jobs/train.py:10  writes `models/churn_night.joblib`" in outcome.output
