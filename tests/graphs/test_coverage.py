"""Reads and writes in the coverage ledger of every report."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.cli import main
from mldebt.findings import Coverage
from tests.project.reading import project_of

FILES = {"a.py": "import pandas as pd\n\npd.read_csv('one.csv').to_csv('two.csv')\n\ndef load(path):\n    return pd.read_csv(path)\n"}


def test_places_with_a_name_are_resolved_the_others_have_a_reason():
    assert project_of(FILES).coverage()["artifacts"] == Coverage(2, 3, {"param": 1})


def test_a_helper_counts_once_for_each_caller():
    calls = "\nload('one.csv')\nload('two.csv')\nload(input())\n"
    seen = project_of({"a.py": FILES["a.py"] + calls}).artifact_coverage()
    assert (seen.resolved, seen.total) == (4, 5)


@pytest.mark.parametrize("words", [("--select", "unread-flag"), ("--select", "undeclared-consumer"), ("--profile", "audit")])
def test_it_is_the_same_whichever_rules_run(
    words: tuple[str, ...], project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (project / "a.py").write_text(FILES["a.py"])
    monkeypatch.chdir(project)
    main(["scan", "--exit-zero", "--output-format", "full", *words])
    out = capsys.readouterr().out
    assert "artifacts 2 of 3 (66 %)" in out.replace("\n  ", " ") or "artifacts 2 of 3 (67 %)" in out.replace("\n  ", " ")
    assert "Not resolved, artifacts: 1 named by a parameter." in out
