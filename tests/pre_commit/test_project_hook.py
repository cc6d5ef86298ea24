"""The hook `mldebt-project`: the whole project at every commit."""

from __future__ import annotations

import pytest

from tests.pre_commit.conftest import Hooks
from tests.pre_commit.git import Repository
from tests.pre_commit.samples import PROJECT, READER, stopped


@pytest.fixture
def whole(repository: Repository, hooks: Hooks) -> Repository:
    repository.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt-project")})
    return repository


def test_old_debt_without_a_baseline_stops_every_commit(whole: Repository) -> None:
    whole.stage({"notes.md": "More notes\n"})
    outcome = whole.commit()
    assert (outcome.code, outcome.made) == (1, False)
    assert "jobs/old_report.py:5" in outcome.output


def test_nothing_stops_a_project_without_debt(whole: Repository) -> None:
    whole.git("rm", "-q", "jobs/old_report.py")
    outcome = whole.commit()  # a deletion alone runs it, too
    assert outcome.made
    assert "Passed" in outcome.output


def test_a_deletion_that_uncovers_debt_is_stopped(whole: Repository) -> None:
    """The Makefile declared the reader; the file that changes the answer is gone."""
    declared = "service: warehouse/customer_scores.parquet\n\tpython service/mail.py\n"
    whole.git("rm", "-q", "jobs/old_report.py")
    whole.unchecked({"service/mail.py": READER, "Makefile": declared})
    assert whole.pre_commit("run").code == 0
    whole.git("rm", "-q", "Makefile")
    outcome = whole.commit()
    assert stopped(outcome), outcome.output


def test_nothing_to_analyse_is_not_clean(whole: Repository) -> None:
    whole.git("rm", "-q", *PROJECT)
    whole.unchecked({"mldebt.toml": 'extend-exclude = ["*"]\n'})
    whole.stage({"notes.md": "Notes\n"})
    outcome = whole.commit()
    assert not outcome.made
    assert "- exit code: 3" in outcome.output
