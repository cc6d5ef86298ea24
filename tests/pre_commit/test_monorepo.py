"""A project in a folder of a larger repository."""

from __future__ import annotations

import pytest

from tests.pre_commit.conftest import Hooks
from tests.pre_commit.git import Repository
from tests.pre_commit.samples import HARMLESS, PROJECT, READER, passed, stopped


@pytest.fixture
def monorepo(repository: Repository) -> Repository:
    """The project once more, in the folder `ml`."""
    repository.git("rm", "-q", "-r", *PROJECT)
    repository.unchecked({f"ml/{name}": text for name, text in PROJECT.items()} | {"web/app.py": HARMLESS, "ml/mldebt.toml": ""})
    return repository


def test_inside_and_outside_together(monorepo: Repository) -> None:
    monorepo.stage({"ml/service/mail.py": READER, "web/app.py": HARMLESS + "print()\n"})
    outcome = monorepo.commit()
    assert stopped(outcome, "ml/service/mail.py", writer="ml/jobs/score.py:12"), outcome.output


def test_outside_only(monorepo: Repository) -> None:
    monorepo.stage({"web/app.py": HARMLESS + "print()\n"})
    outcome = monorepo.commit()
    assert passed(outcome), outcome.output


def test_its_settings_by_name(monorepo: Repository, hooks: Hooks) -> None:
    text = hooks.configuration("mldebt", args=["--config", "ml/mldebt.toml"], files="^ml/")
    monorepo.unchecked({".pre-commit-config.yaml": text})
    monorepo.stage({"ml/service/mail.py": READER})
    assert stopped(monorepo.commit(), "service/mail.py", writer="jobs/score.py:12")
    monorepo.stage({"ml/mldebt.toml": 'ignore = ["undeclared-consumer"]\n'})
    outcome = monorepo.commit()
    assert passed(outcome), outcome.output
