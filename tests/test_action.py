"""The GitHub action: its text, and its scan step as a runner would start it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mldebt.cli import cli
from mldebt.report import FORMATS

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
SCAN = next(step for step in STEPS if step.get("id") == "scan")
INPUTS = {"PATHS": ".", "PROFILE": "", "FAIL_ON": "", "BASELINE": "", "SINCE": "", "ARGS": "", "SARIF": "mldebt.sarif"}

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are scripts for bash")


@pytest.fixture
def step(tmp_path: Path):
    """Runs the scan step in a directory, with the commands that the install step would have made."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in {"mldebt": "-m mldebt", "python": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" {words} "$@"\n')
        (commands / name).chmod(0o755)
    told, page = tmp_path / "outputs", tmp_path / "summary"

    def run(where: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        told.write_text("")
        given = {f"INPUT_{name}": value for name, value in {**INPUTS, **inputs}.items()}
        files = {"GITHUB_OUTPUT": str(told), "GITHUB_STEP_SUMMARY": str(page)}
        environment = {**os.environ, **given, **files, "BIN": str(commands)}
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCAN["run"]]
        done = subprocess.run(words, cwd=where, env=environment, capture_output=True, text=True, check=False)
        return done, dict(line.split("=", 1) for line in told.read_text().splitlines())

    return run


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "fixtures" / "churn", tmp_path / "churn"))


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "mldebt.toml").write_text("")
    (tmp_path / "clean" / "a.py").write_text("print(1)\n")
    return tmp_path / "clean"


def test_no_expression_stands_in_a_script() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert scripts
    assert not any("${{" in script for script in scripts)
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


def test_every_input_is_used_and_every_one_used_is_declared() -> None:
    used = set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])
    assert {f"INPUT_{name}" for name in INPUTS} == {name for name in SCAN["env"] if name.startswith("INPUT_")}


def test_no_variable_is_a_setting_of_mldebt() -> None:
    assert not any(name.startswith("MLDEBT_") for step in STEPS for name in step.get("env", {}))


def test_the_options_exist() -> None:
    known = {name for parameter in cli.commands["scan"].params for name in (*parameter.opts, *parameter.secondary_opts)}
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", SCAN["run"]))
    assert {"--output", "--fail-on", "--baseline", "--since"} <= used <= known
    assert {"sarif", "github"} <= set(FORMATS)


def test_findings_fail_the_step_and_are_in_the_files(step, churn: Path) -> None:
    done, outputs = step(churn)
    assert done.returncode == 1, done.stderr
    assert outputs == {"exit-code": "1", "sarif": "mldebt.sarif"}
    assert done.stdout.startswith("::error file=churn/serve.py,line=24,")
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in done.stdout.splitlines())
    (run,) = json.loads((churn / "mldebt.sarif").read_text(encoding="utf-8"))["runs"]
    assert len(run["results"]) >= 10


def test_what_a_comment_accepts_is_not_uploaded(step, clean: Path) -> None:
    comment = "# mldebt: accept[floating-model-reference] until=2999-01-01 the image pins it"
    (clean / "a.py").write_text(f"import torch\n\ntorch.hub.load('o/r', 'm')  {comment}\n")
    done, outputs = step(clean)
    assert (done.returncode, outputs["sarif"]) == (0, "mldebt.sarif"), done.stderr
    assert "accepted" in done.stdout
    (run,) = json.loads((clean / "mldebt.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result for result in run["results"] if result["suppressions"]] == []


def test_the_inputs_reach_the_command(step, churn: Path) -> None:
    done, outputs = step(
        churn, FAIL_ON="never", PROFILE="strict", PATHS="churn\n\nconf\n", ARGS=" --select MLD802\n --top 1 ", SARIF="out.sarif"
    )
    assert (done.returncode, outputs) == (0, {"exit-code": "0", "sarif": "out.sarif"}), done.stderr
    (run,) = json.loads((churn / "out.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["MLD802"]
    assert run["properties"]["profile"] == "strict"


@pytest.mark.parametrize("inputs", [{"PROFILE": "nonsense"}, {"PATHS": "missing"}, {"ARGS": "--no-such-option"}])
def test_trouble_is_no_clean_result(step, clean: Path, inputs: dict[str, str]) -> None:
    (clean / "mldebt.sarif").write_text("of an earlier run")
    done, outputs = step(clean, **inputs)
    assert (done.returncode, outputs) == (2, {"exit-code": "2"})
    assert "::error title=mldebt::mldebt could not do its work (exit code 2)" in done.stdout
    assert not (clean / "mldebt.sarif").exists()


def test_nothing_to_analyse_is_no_clean_result(step, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done, outputs = step(tmp_path / "empty")
    assert done.returncode == 3 and outputs == {"exit-code": "3"}


@pytest.mark.parametrize("text", ['"; touch pwned; "$(touch pwned)`touch pwned`', "x\ntouch pwned\n' || touch pwned #"])
def test_inputs_are_no_commands(step, clean: Path, text: str) -> None:
    done, _ = step(clean, PROFILE=text, PATHS=text, FAIL_ON=text, BASELINE=text, SINCE=text, ARGS=text, SARIF=text)
    assert done.returncode == 2
    assert not (clean / "pwned").exists()
