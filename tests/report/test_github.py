"""Workflow commands as the runner of GitHub reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from mldebt.findings import Location, Severity, Unread

from .sample import daily, empty, only, ranked, rendered, sample, write_project
from .test_terminal import HOSTILE, hostile

COMMAND = re.compile(r"::(error|warning|notice) ((?:[A-Za-z]+=[^,:]*)(?:,[A-Za-z]+=[^,:]*)*)::(.*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What the runner makes of the output; a line that is no command fails."""
    found = []
    for line in text.split("\n")[:-1]:
        parts = COMMAND.fullmatch(line)
        assert parts, line
        properties = dict(pair.split("=", 1) for pair in parts[2].split(","))
        unescaped = {name: value.replace("%3A", ":").replace("%2C", ",") for name, value in properties.items()}
        found.append((parts[1], {name: data(value) for name, value in unescaped.items()}, data(parts[3])))
    return found


def data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_the_commands() -> None:
    text = rendered(daily(), "github")
    assert [(kind, told["title"]) for kind, told, _ in commands(text)] == [
        ("warning", "mldebt"),
        ("warning", "fixed-threshold (MLD601): 3 h 36 min interest per quarter"),
        ("warning", "undeclared-consumer (MLD103): 2 h 54 min interest per quarter"),
        ("notice", "correction-cascade (MLD101, accepted): 1 h 4 min interest per quarter"),
        ("warning", "dead-experimental-branch (MLD420): 19 min interest per quarter"),
        ("notice", "unseeded-split (MLD702): 12 min interest per quarter"),
        ("notice", "nested-experiments (MLD424): <1 min interest per quarter"),
    ]
    assert text.splitlines()[5] == snapshot(
        "::notice file=train/split.py,line=21,endLine=21,col=18,endColumn=44,title=unseeded-split (MLD702)%3A 12 min interest per quarter"
        "::`train_test_split` without `random_state`: two runs cannot be compared%0APass `random_state`."
    )
    assert commands(text)[0][2] == snapshot("""\
4 files not read, or not in full:
course/week3.py: not valid Python: blank to fill in at line 19
data/export.py: larger than 5 MB
legacy/score.py: Python 2 syntax at line 4
vendor/blob.py: not UTF-8\
""")
    assert commands(text)[2][2] == snapshot("""\
`s3://scores/daily.parquet` has five readers that its producer does not declare
also dashboards/weekly.py:12: reads every column by position
also marketing/campaigns/customer_reactivation/build_audience.py:203: reads `score`
also notebooks/adhoc.ipynb:57 (cell 4, line 2): reads `score`
and 2 more places
Declare the readers under [[tool.mldebt.artifacts]].\
""")


def test_columns_are_left_out_where_an_annotation_spans_lines() -> None:
    for _, properties, _ in commands(rendered(sample(), "github")):
        assert properties.get("line") == properties.get("endLine") or not {"col", "endColumn"} & set(properties)


def test_ten_of_a_kind_dearest_first_and_the_rest_counted() -> None:
    def many(severity: Severity) -> list[object]:
        return [ranked(rank, f"r{rank}", Location("a.py", rank), "m", severity=severity) for rank in range(14, 0, -1)]

    found = commands(rendered(only(*many(Severity.ERROR)), "github"))
    errors = [properties["title"].split(" ")[0] for kind, properties, _ in found if kind == "error"]
    assert errors == [f"r{rank}" for rank in range(1, 11)]
    assert found[-1][0] == "notice" and found[-1][2].startswith("4 more findings not shown")
    kinds = [kind for kind, *_ in commands(rendered(only(*many(Severity.WARNING)), "github"))]
    assert kinds.count("warning") == 10  # the first one tells of unread files
    found = commands(rendered(only(*many(Severity.INFO)), "github"))
    assert [kind for kind, *_ in found].count("notice") == 10
    assert found[-1][2].startswith("5 more findings not shown")
    assert commands(rendered(only(*many(Severity.INFO)), "github", top=3))[-1][2].startswith("11 more findings")


def test_a_clean_run_says_nothing_and_one_that_read_nothing_is_an_error() -> None:
    assert rendered(empty(), "github") == ""
    nothing = msgspec.structs.replace(empty().summary, files=0, unread=(Unread("a.py", "not UTF-8"),))
    found = commands(rendered(msgspec.structs.replace(empty(), summary=nothing), "github"))
    assert [kind for kind, *_ in found] == ["error", "warning"]
    assert "Nothing was analysed" in found[0][2]


def test_hostile_names_start_no_second_command() -> None:
    found = commands(rendered(hostile(), "github"))
    assert len(found) == 3
    assert all(set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"} for _, properties, _ in found)


@pytest.mark.parametrize(
    "text", ["\n::error::x", "\r\n::set-output name=a::b", "a,line=9::b", "%0A::error::x", "::stop-commands::x", HOSTILE]
)
def test_every_part_is_escaped(text: str) -> None:
    finding = ranked(1, text, Location(text, 3, 1, 3, 2, text), text, code=text, evidence=(Location(text, 1, message=text),), help=text)
    report = only(finding)
    report = msgspec.structs.replace(report, summary=msgspec.structs.replace(report.summary, unread=(Unread(text, text),)))
    (_, _, unread), (kind, properties, _) = commands(rendered(report, "github"))
    assert (kind, properties["line"]) == ("warning", "3")
    assert unread.startswith("1 file not read")


@given(st.text())
def test_any_text_stays_one_command(text: str) -> None:
    finding = ranked(1, "r", Location(f"a{text}", 3, 1, 3, 2), text)
    summary = msgspec.structs.replace(sample().summary, unread=())
    (command,) = commands(rendered(msgspec.structs.replace(only(finding), summary=summary), "github"))
    assert command[1]["line"] == "3"


def test_paths_start_at_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write_project(tmp_path / "churn")
    found = commands(rendered(sample(tmp_path / "churn"), "github"))
    assert "churn/course/week3.py" in found[0][2]
    assert found[1][1]["file"] == "churn/serving/worker.py"
    assert "also churn/train/labels.sql:1" in found[2][2]
