"""Results on disk: merged by name, never lost, and honest about the data they came from."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.stored import Stored, examine, load, passes, stale, store
from tests.data_pass.results import column, result

TODAY = datetime.date(2026, 11, 1)
PLACE = ".mldebt/features.json"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "features.csv"
    path.parent.mkdir()
    path.write_text("a,b\n1,2\n")
    return path


def later(path: Path, nanoseconds: int = 5_000_000_000) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + nanoseconds))


def test_what_is_stored_is_read_again(tmp_path: Path, data: Path):
    one = result(column("a", "no-gain", gain=0.0001), "b")
    assert store(tmp_path, "main", one, data, today=TODAY) == tmp_path / PLACE
    (entry,) = load(tmp_path).entries
    assert entry.result == one
    assert (entry.name, entry.date, entry.tool) == ("main", "2026-11-01", "0.1")
    assert (entry.data.path, entry.data.size, entry.data.mtime_ns) == ("data/features.csv", 8, data.stat().st_mtime_ns)
    assert len(entry.data.hash) == 32


def test_a_data_set_replaces_itself_and_leaves_the_others(tmp_path: Path, data: Path):
    store(tmp_path, "b", result("x"), data, today=TODAY)
    store(tmp_path, "a", result("y"), data, today=TODAY)
    store(tmp_path, "b", result("z"), data, today=TODAY)
    assert [(e.name, e.result.columns[0].name) for e in load(tmp_path).entries] == [("a", "y"), ("b", "z")]


def test_the_file_has_no_path_of_the_machine_and_is_made_to_be_compared(tmp_path: Path, data: Path):
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("a\n1\n")
    root = tmp_path / "project"
    root.mkdir()
    store(root, "main", result("a"), outside, today=TODAY)
    text = (root / PLACE).read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["data_sets"][0]["data"]["path"] == "../elsewhere.csv"
    assert text.count("\n") > 20


def test_nothing_stored_is_nothing_loaded(tmp_path: Path):
    assert load(tmp_path) == Stored()
    assert passes(tmp_path).passes == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a result of `mldebt features`"),
        ('{"version": 1, "data_sets": [{"name"', "not a result of `mldebt features`"),
        ('{"version": 1, "data_sets": [{"name": "x"}]}', "date"),
        ('{"version": 2, "sets": {}}', "version 2 was written by another mldebt"),
        ("\ufeff[]", "not a result"),
        ("[" * 50_000, "not a result"),
    ],
    ids=["empty", "half", "incomplete", "newer", "array", "deep"],
)
def test_a_file_that_cannot_be_understood_is_one_line_and_stays(tmp_path: Path, data: Path, text: str, problem: str):
    place = tmp_path / PLACE
    place.parent.mkdir()
    place.write_text(text)
    found = load(tmp_path)
    assert found.entries == () and problem in found.problem and PLACE in found.problem and "\n" not in found.problem
    with pytest.raises(DataError, match="nothing was stored"):
        store(tmp_path, "main", result("a"), data)
    assert place.read_text() == text


def test_a_folder_in_the_place_of_the_file_is_one_line(tmp_path: Path, data: Path):
    (tmp_path / PLACE).mkdir(parents=True)
    assert "cannot be read" in load(tmp_path).problem
    with pytest.raises(DataError):
        store(tmp_path, "main", result("a"), data)


def test_a_file_in_the_place_of_the_folder_is_one_line(tmp_path: Path, data: Path):
    (tmp_path / ".mldebt").write_text("")
    with pytest.raises(DataError, match=r"features\.json"):
        store(tmp_path, "main", result("a"), data)


def test_the_same_bytes_under_another_time_are_not_stale(tmp_path: Path, data: Path):
    store(tmp_path, "main", result("a"), data, today=TODAY)
    (entry,) = load(tmp_path).entries
    later(data)
    assert stale(entry, tmp_path, today=TODAY) == ""


def test_bytes_are_read_only_when_size_or_time_differ(tmp_path: Path, data: Path):
    store(tmp_path, "main", result("a"), data, today=TODAY)
    (entry,) = load(tmp_path).entries
    hashed: list[Path] = []

    def hasher(paths):
        hashed.extend(paths)
        return ["0" * 32 for _ in paths]

    assert examine(entry, tmp_path, today=TODAY, hasher=hasher).state == "same"
    assert hashed == []
    later(data)
    assert examine(entry, tmp_path, today=TODAY, hasher=hasher).state == "changed"
    assert hashed == [data]


def test_why_a_result_is_stale(tmp_path: Path, data: Path):
    store(tmp_path, "main", result("a"), data, today=TODAY)
    (entry,) = load(tmp_path).entries
    assert stale(entry, tmp_path, today=TODAY + datetime.timedelta(90)) == ""
    assert stale(entry, tmp_path, today=TODAY + datetime.timedelta(91)) == "older than 90 days"
    data.write_text("a,b\n1,3\n")
    later(data)
    assert stale(entry, tmp_path, today=TODAY) == "data/features.csv has changed since 2026-11-01"
    data.unlink()
    assert stale(entry, tmp_path, today=TODAY) == "data/features.csv is not here to compare with"
    assert stale(entry, tmp_path, today=TODAY + datetime.timedelta(91)) == "older than 90 days"


def test_a_folder_is_all_its_files(tmp_path: Path):
    folder = tmp_path / "parts"
    (folder / "b").mkdir(parents=True)
    (folder / "a.csv").write_text("x\n1\n")
    (folder / "b" / "c.csv").write_text("x\n2\n")
    store(tmp_path, "main", result("x"), folder, today=TODAY)
    (entry,) = load(tmp_path).entries
    assert stale(entry, tmp_path, today=TODAY) == ""
    (folder / ".part.crc").write_text("not data")
    later(folder / "a.csv")
    assert stale(entry, tmp_path, today=TODAY) == ""
    (folder / "b" / "c.csv").rename(folder / "b" / "d.csv")
    assert "has changed" in stale(entry, tmp_path, today=TODAY)


def test_only_the_tables_of_a_folder_count(tmp_path: Path):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    store(tmp_path, "main", result("x"), folder, today=TODAY)
    (entry,) = load(tmp_path).entries
    for other in ("_SUCCESS", "_more/b.csv", "notes.md", ".hidden/c.csv"):
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_text("x\n2\n")
    assert stale(entry, tmp_path, today=TODAY) == ""
    (folder / "b.csv").write_text("x\n2\n")
    assert "has changed" in stale(entry, tmp_path, today=TODAY)


def test_a_function_is_never_compared(tmp_path: Path):
    store(tmp_path, "main", result("x"), None, today=TODAY)
    (entry,) = load(tmp_path).entries
    assert stale(entry, tmp_path, today=TODAY) == ""


def test_the_identity_follows_the_state_of_the_data(tmp_path: Path, data: Path):
    store(tmp_path, "main", result("a"), data, today=TODAY)
    before = passes(tmp_path, today=TODAY).identity
    later(data)
    assert passes(tmp_path, today=TODAY).identity == before
    data.write_text("a,b\n1,9\n")
    later(data)
    assert passes(tmp_path, today=TODAY).identity != before
