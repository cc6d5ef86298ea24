"""`mldebt graph` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from mldebt.cli import main
from tests.graphs.conftest import FILES


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> Result:
        capsys.readouterr()
        code = main(("graph", *words))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in FILES.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(dedent(text).lstrip("\n"))
    monkeypatch.chdir(project)
    return project


def test_text_is_the_default_and_the_exit_code_0(run, here: Path):
    found = run()
    assert (found.code, found.err) == (0, "")
    assert "3 artifacts, 2 edges, 1 of them silent" in found.out


def test_filters(run, here: Path):
    assert "data/raw_orders.csv" in run("--artifact", "raw").out
    assert "Left out by the filters: 2 artifacts." in run("--artifact", "raw").out
    assert "clean_orders" not in run("--path", "jobs").out
    assert "1 artifact, 1 edge, 1 of them silent" in run("--undeclared").out


def test_a_finding_by_name_code_or_fingerprint(run, here: Path, capsys: pytest.CaptureFixture[str]):
    profile = ("--config", "profile=audit")
    capsys.readouterr()
    main(("scan", "--profile", "audit", "--output-format", "json", "--exit-zero"))
    findings = json.loads(capsys.readouterr().out)["findings"]
    (silent,) = [one for one in findings if one["name"] == "undeclared-consumer"]
    for word in (silent["name"], silent["code"], silent["fingerprint"]):
        found = run("--finding", word, *profile)
        assert (found.code, "order_features" in found.out, "raw_orders" in found.out) == (0, True, False)
    missing = run("--finding", "MLD999")
    assert missing.code == 2 and "no such finding" in missing.err


@pytest.mark.parametrize("format", ["text", "json", "dot", "mermaid", "html"])
def test_the_same_for_any_number_of_jobs_and_any_cache(run, here: Path, format: str):
    cold = run("--format", format, "-j1", "--no-cache").out
    assert cold and cold == run("--format", format, "-j2", "--no-cache").out
    assert cold == run("--format", format).out == run("--format", format).out


def test_output_goes_to_a_file(run, here: Path):
    found = run("--format", "json", "--output", "graph.json")
    assert (found.code, found.out) == (0, "")
    assert json.loads((here / "graph.json").read_text())["version"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--format", "svg"), "--format"), (("nowhere",), "no such file"), (("--output", "no/such/place"), "is not a place for a file")],
)
def test_bad_usage_is_exit_code_2(run, here: Path, words: tuple[str, ...], message: str):
    found = run(*words)
    assert found.code == 2 and message in found.err and found.out == ""


def test_nothing_to_analyse_is_exit_code_3(run, here: Path):
    (here / "empty").mkdir()
    assert run("empty").code == 3
