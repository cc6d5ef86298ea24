"""Files that mldebt itself wrote are no sources."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest

from mldebt import scan
from mldebt.exports.writing import encoded, exported
from mldebt.graphs import json
from mldebt.graphs.model import graph_report
from mldebt.report import Options, write
from mldebt.sources.discover import FileSettings, discover
from mldebt.sources.own import is_own
from tests.project.reading import project_of


def found(root: Path, *paths: Path) -> tuple[list[str], list[tuple[str, str]]]:
    seen = discover(root, paths, FileSettings())
    return [one.path for one in seen.sources], [(one.path, one.reason) for one in seen.unread]


def test_what_mldebt_writes_is_left_out(tmp_path: Path):
    project = project_of({"a.py": "import pandas as pd\npd.read_csv('s3://b/x.csv')\n"})
    (tmp_path / "a.py").write_text("x = 1\n")
    report = io.StringIO()
    write(scan([tmp_path]), "json", report, options=Options())
    (tmp_path / "report.json").write_text(report.getvalue())
    (tmp_path / "graph.json").write_text(json.render(graph_report(project)))
    (tmp_path / "facts.json").write_bytes(encoded(exported(project, datetime.date(2026, 1, 2))))
    (tmp_path / ".mldebt").mkdir()
    (tmp_path / ".mldebt" / "notes.json").write_text("{}")
    assert found(tmp_path) == (["a.py"], [])
    assert found(tmp_path, tmp_path / "facts.json") == ([], [("facts.json", "written by mldebt")])


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "tool": {"name": "other"}}', '{"name": "mldebt"}', '["mldebt"]'])
def test_other_files_are_read(tmp_path: Path, text: str):
    (tmp_path / "params.json").write_text(text)
    assert not is_own(str(tmp_path / "params.json"))
    assert found(tmp_path) == (["params.json"], [])


def test_a_file_that_is_gone_is_nobodys(tmp_path: Path):
    assert not is_own(str(tmp_path / "gone.json"))
