"""`mldebt scan --debt-comments`: which comments, in which order, beside which finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mldebt.cli import cli

FILES = {
    "train.py": """\
import pickle
import urllib.request

RATE = 0.1  # TODO: from the configuration


def load():
    # for now: until the registry is up
    return pickle.load(urllib.request.urlopen("https://models.example.org/m.pkl"))
""",
    "conf.yaml": "depth: 3  # FIXME \x1b[31m must match the service\n",
    "old.py": "# the legacy loader\nx = '# TODO'\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "mldebt.toml").write_text("history = false\n", encoding="utf-8")
    return tmp_path


def listed(project: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["scan", str(project), "--no-cache", "--debt-comments", *arguments], standalone_mode=False)
    return done.return_value, done.stdout


def test_what_stands_beside_a_finding_comes_first(project: Path):
    code, out = listed(project, "--output-format", "json")
    said = json.loads(out)
    assert code == 0
    assert [(one["path"], one["line"], one["word"], one["rank"], one["rule"]) for one in said["comments"]] == [
        ("train.py", 4, "todo", 1, "remote-pickle"),
        ("train.py", 8, "for now", 1, "remote-pickle"),
        ("conf.yaml", 1, "fixme", 0, ""),
    ]
    assert said["comments"][1]["text"] == "for now: until the registry is up"
    assert said["total"] == 3


def test_the_text_is_harmless_and_cut_by_top(project: Path):
    _, out = listed(project)
    assert "3 comments of debt in 2 files: fixme 1, for now 1, todo 1" in out
    assert "2 of them within 5 lines of a finding" in out
    assert "\x1b" not in out and r"\x1b[31m must match" in out
    assert "... and 2 more" in listed(project, "--top", "1")[1]


def test_other_formats_are_refused(project: Path):
    done = CliRunner().invoke(cli, ["scan", str(project), "--no-cache", "--debt-comments", "--output-format", "sarif"])
    assert "text, json" in done.output or "text, json" in str(done.exception)


def test_none(tmp_path: Path):
    (tmp_path / "train.py").write_text("x = 1\n")
    code, out = listed(tmp_path)
    assert (code, out.startswith("No comment of debt")) == (0, True)


def test_a_project_without_files_has_nothing_to_analyse(tmp_path: Path):
    assert listed(tmp_path)[0] == 3


def test_narrowed_to_files(project: Path):
    done = CliRunner().invoke(
        cli,
        ["scan", str(project / "conf.yaml"), "--focus", "--no-cache", "--debt-comments", "--output-format", "json"],
        standalone_mode=False,
    )
    assert [one["path"] for one in json.loads(done.stdout)["comments"]] == ["conf.yaml"]


def test_not_beside_statistics(project: Path):
    done = CliRunner().invoke(cli, ["scan", str(project), "--no-cache", "--debt-comments", "--statistics"])
    assert "two lists" in done.output or "two lists" in str(done.exception)
