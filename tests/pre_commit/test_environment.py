"""What pre-commit installs for the hooks."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.pre_commit.conftest import Hooks
from tests.pre_commit.git import Repository, run, surroundings
from tests.pre_commit.network import lack_of_network

DATA_PASS = {"pandas", "numpy", "scipy", "scikit_learn", "pyarrow", "dask", "distributed"}


def installed(hooks: Hooks) -> set[str]:
    folders = list(hooks.home.glob("repo*/py_env-*/lib/python*/site-packages"))
    assert len(folders) == 1  # one environment for both hooks
    return {re.sub(r"-[^-]+\.dist-info$", "", one.name).lower().replace("-", "_") for one in folders[0].glob("*.dist-info")}


def test_the_data_pass_is_not_installed(hooks: Hooks) -> None:
    names = installed(hooks)
    assert {"mldebt", "libcst", "networkx"} <= names
    assert not names & DATA_PASS


def test_the_environment_is_small(hooks: Hooks) -> None:
    files = {(one.stat().st_dev, one.stat().st_ino): one.stat().st_size for one in hooks.home.rglob("*") if one.is_file()}
    assert sum(files.values()) < 150_000_000


def test_both_hooks_share_one_environment(hooks: Hooks, repository: Repository) -> None:
    text = hooks.configuration("mldebt") + "      - id: mldebt-project\n"
    repository.stage({".pre-commit-config.yaml": text})
    assert repository.pre_commit("install-hooks").output == ""
    assert "mldebt" in installed(hooks)


def test_pip_without_a_network_is_recognised(tmp_path: Path) -> None:
    env = {name: text for name, text in surroundings(tmp_path).items() if not name.startswith("PIP_")}
    pip = (sys.executable, "-m", "pip", "download", "--isolated", "--no-deps", "--retries", "1", "--index-url", "http://127.0.0.1:9/simple")
    done = run((*pip, "no-such-distribution"), tmp_path, env)
    assert done.returncode
    assert "Connection refused" in lack_of_network(done.stdout)


@pytest.mark.parametrize(
    "output",
    [
        "ERROR: Could not find a version that satisfies the requirement msgspec>=99\nERROR: No matching distribution found for msgspec>=99",
        "ValueError: Unable to determine which files to ship inside the wheel",
        "WARNING: Retrying after connection broken by 'ReadTimeoutError': /simple/hatchling/\nerror: metadata-generation-failed",
        "",
    ],
)
def test_other_failures_are_not_taken_for_a_lack_of_network(output: str) -> None:
    assert lack_of_network(output) == ""
