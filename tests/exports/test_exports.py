"""Exported facts: what goes out, what comes back, and what is refused."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from mldebt.config import Config, ConfigError
from mldebt.exports.model import Export
from mldebt.exports.reading import load_foreign, read_export
from mldebt.exports.writing import encoded, exported, plain, project_name
from mldebt.facts import extract
from mldebt.project import Project, link
from mldebt.sources.discover import FileSettings, discover
from mldebt.sources.model import Text
from mldebt.sources.read import read
from tests.checks.conftest import CATALOGUE

DAY = datetime.date(2026, 5, 4)
WRITER = """
import pandas as pd

def publish(frame, day):
    frame.to_parquet("s3://shop-features/churn/customer_scores.parquet")
    frame.to_parquet(f"s3://shop-features/daily/{day}/visits_table.parquet")
    frame.to_csv("data/customer_scores_local.csv")
    frame.to_sql("customer_scores_table", "postgresql://etl:hunter2@db.shop/prod")
"""


def linked(root: Path, files: Mapping[str, str], config: Config | None = None) -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    facts = {}
    for source in discover(root, [root], FileSettings()).sources:
        text = read(root, source)
        assert isinstance(text, Text), text
        facts[source.path] = (source, extract(source, text))
    config = config or Config()
    return link(root, facts, CATALOGUE, config, foreign=load_foreign(root, config.imports), today=DAY)


def test_names_in_shared_stores_go_out_and_local_paths_stay(tmp_path: Path):
    data = encoded(exported(linked(tmp_path / "etl", {"publish.py": WRITER}), DAY))
    raw = json.loads(data)
    assert (raw["version"], raw["project"], raw["commit"], raw["date"]) == (1, "etl", "", "2026-05-04")
    names = [(one["direction"], one["store"], one["namespace"], one["name"], one["line"]) for one in raw["accesses"]]
    assert ("write", "s3", ["shop-features"], ["churn/customer_scores.parquet"], 5) in names
    holes = [name for _, _, _, name, line in names if line == 6]
    assert holes == [["daily/", {"hole": "day", "origin": "param"}, "/visits_table.parquet"]]
    assert b"customer_scores_local" not in data
    assert b"hunter2" not in data and data.isascii() and data.endswith(b"}\n")


def test_the_same_project_gives_the_same_bytes(tmp_path: Path):
    project = linked(tmp_path / "etl", {"publish.py": WRITER, "again.py": WRITER})
    again = linked(tmp_path / "etl", {})
    assert encoded(exported(project, DAY)) == encoded(exported(again, DAY))


def test_what_goes_out_comes_back(tmp_path: Path):
    out = exported(linked(tmp_path / "etl", {"publish.py": WRITER}), DAY)
    (tmp_path / "etl.json").write_bytes(encoded(out))
    assert read_export(tmp_path / "etl.json") == out
    (tmp_path / "svc").mkdir()
    foreign = load_foreign(tmp_path / "svc", ["../etl.json"])
    assert foreign.paths == {"etl:publish.py"} and foreign.projects == ("etl",)
    assert foreign.files_of("etl") == foreign.files_of("etl:publish.py") == ("etl:publish.py",)
    assert foreign.files_of("other") == ()


def test_two_imports_of_one_name_are_told_apart(tmp_path: Path):
    data = encoded(exported(linked(tmp_path / "etl", {"publish.py": WRITER}), DAY))
    (tmp_path / "x").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(data)
    assert load_foreign(tmp_path / "x", ["../a.json", "../b.json", "../a.json"]).projects == ("etl", "etl-2")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "these are no exported facts"),
        (b"\xff\xfe", "these are no exported facts"),
        (b"[1]", "these are no exported facts"),
        (b"[" * 100_000, "these are no exported facts"),
        (b'{"version": 1}', "these are no exported facts"),
        (b'{"version": 9, "mldebt": "7.0"}', "update mldebt here"),
        (
            b'{"version": 1, "mldebt": "1", "project": "p", "commit": "", "date": "", "declarations": [],'
            b' "accesses": [{"path": "a.py", "line": 0}]}',
            "these are no exported facts",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_with_the_mend(tmp_path: Path, content: bytes, words: str):
    (tmp_path / "facts.json").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_foreign(tmp_path, ["facts.json"])
    said = str(caught.value)
    assert words in said and "facts.json" in said and "\n" not in said


def test_a_missing_file_and_ones_own_export_are_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"gone\.json: cannot be read: No such file.*mldebt facts export"):
        load_foreign(tmp_path, ["gone.json"])
    project = linked(tmp_path / "etl", {"publish.py": WRITER})
    (tmp_path / "etl" / "facts.json").write_bytes(encoded(exported(project, DAY)))
    with pytest.raises(ConfigError, match="of this project itself"):
        load_foreign(tmp_path / "etl", ["facts.json"])


def test_hostile_names_are_only_names(tmp_path: Path):
    out = exported(linked(tmp_path / "etl", {"publish.py": WRITER}), DAY)
    evil = msgspec.structs.replace(
        out,
        project="../../\x1b[31m",
        accesses=tuple(msgspec.structs.replace(one, path="../../etc/passwd\n\x00", store="\x07") for one in out.accesses),
    )
    (tmp_path / "evil.json").write_bytes(encoded(evil))
    assert isinstance(read_export(tmp_path / "evil.json"), Export)
    project = linked(tmp_path / "svc", {"a.py": "x = 1\n"}, Config(imports=("../evil.json",)))
    assert project.foreign.projects == ("31m",)
    assert project.artifacts.edges == ()
    assert plain("\n") == "project"


def test_the_name_of_a_project(tmp_path: Path):
    root = tmp_path / "My Repo"
    root.mkdir()
    assert project_name(root) == "My-Repo"
    (root / "pyproject.toml").write_text("[project]\nname = 'churn-etl'\n")
    assert project_name(root) == "churn-etl"
    (root / "pyproject.toml").write_text("[project\n")
    assert project_name(root) == "My-Repo"
