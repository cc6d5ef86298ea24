"""An editor's buffer on standard input stands for one file of the project."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from pathlib import Path

import pytest

from mldebt import buffers
from mldebt.cli import main

WRITER = """import pandas as pd

pd.read_sql("select 1", None).to_parquet("data/scores.parquet")
"""
READER = """import pandas as pd

print(pd.read_parquet("data/scores.parquet"))
"""


@pytest.fixture
def scan(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    (project / "jobs").mkdir()
    (project / "jobs" / "write.py").write_text(WRITER)
    (project / "read.py").write_text("print('nothing yet')\n")
    monkeypatch.chdir(project)

    def scan(text: str | bytes, *words: str) -> tuple[int, list[dict[str, object]], str]:
        raw = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        capsys.readouterr()
        code = main(["scan", "--output-format", "json", *words])
        out, err = capsys.readouterr()
        return code, json.loads(out)["findings"] if out else [], err

    return scan


def names(findings: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(one["name"], one["path"]) for one in findings]


def test_the_buffer_counts_instead_of_the_disk_and_the_project_around_it(scan):
    code, findings, _ = scan(READER, "-", "--stdin-filename", "read.py")
    assert code == 1
    assert names(findings) == [("undeclared-consumer", "read.py")]
    (place,) = findings[0]["evidence"]
    assert (place["path"], place["line"]) == ("jobs/write.py", 3)
    assert (findings[0]["line"], findings[0]["column"], findings[0]["end_column"]) == (3, 7, 45)
    assert scan("print(1)\n", "-", "--stdin-filename", "read.py")[:2] == (0, [])


def test_the_disk_is_what_the_next_run_sees(scan):
    assert scan(READER, "-", "--stdin-filename", "read.py")[0] == 1
    assert scan("", ".")[:2] == (0, [])
    assert scan(READER, "-", "--stdin-filename", "read.py")[0] == 1


def test_the_states_of_a_buffer_do_not_fill_the_cache(scan, project: Path):
    scan(".", ".")
    database = project / ".mldebt_cache" / "cache.sqlite"

    def rows() -> list[int]:
        with contextlib.closing(sqlite3.connect(database)) as db:
            return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("facts", "results")]

    before = rows()
    for number in range(3):
        scan(f"{READER}x = {number}\n", "-", "--stdin-filename", "read.py")
    assert rows() == before


def test_a_file_that_is_not_saved_yet_has_its_place(scan, project: Path):
    assert names(scan(READER, "-", "--stdin-filename", "batch/new.py")[1]) == [("undeclared-consumer", "batch/new.py")]
    assert not (project / "batch").exists()


def test_a_buffer_that_does_not_parse_is_said_and_ends_nothing(scan):
    code, findings, _ = scan("def f(:\n", "-", "--stdin-filename", "read.py", "--extend-select", "parse-error")
    assert names(findings) == [("parse-error", "read.py")]
    assert code in (0, 1)
    assert scan(b"\xff\xfe\x00", "-", "--stdin-filename", "read.py")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-",), "add --stdin-filename"),
        (("-", "jobs", "--stdin-filename", "read.py"), "add --stdin-filename"),
        (("--stdin-filename", "read.py"), "give - as the path"),
        (("-", "--stdin-filename", "../elsewhere.py"), "outside the project root"),
        (("-", "--stdin-filename", "jobs"), "this is a directory"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(scan, words, message):
    code, _, err = scan(READER, *words)
    assert code == 2 and message in err and err.count("\n") == 1


def test_a_buffer_has_a_bound(scan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(buffers, "LARGEST", 100)
    code, _, err = scan("x = 1\n" * 100, "-", "--stdin-filename", "read.py")
    assert code == 2 and "scan the file on disk" in err
