from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from inline_snapshot import snapshot

from mldebt.findings import Grade, Location

from .sample import daily, empty, only, ranked, rendered, sample

SCHEMA = json.loads((Path(__file__).parent / "schema_v1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FINDING = [
    "code",
    "name",
    "debt",
    "path",
    "line",
    "end_line",
    "column",
    "end_column",
    "message",
    "help",
    "severity",
    "confidence",
    "certainty",
    "principal_minutes",
    "interest_minutes_per_quarter",
    "rank",
    "evidence",
    "fingerprint",
    "fix",
    "exposure",
    "reach",
    "commits_90_days",
    "age_days",
    "owners",
    "accepted",
]


def parsed(text: str) -> Any:
    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_a_schema_that_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    good = parsed(rendered(sample(), "json"))
    for key in FINDING:
        bad = json.loads(json.dumps(good))
        del bad["findings"][0][key]
        assert not VALIDATOR.is_valid(bad), key
    assert not VALIDATOR.is_valid({**good, "version": 2})
    assert not VALIDATOR.is_valid({**good, "extra": 1})


@pytest.mark.parametrize("report", [sample(), daily(), empty()], ids=["sample", "daily", "empty"])
def test_the_report_follows_the_schema(report: Any) -> None:
    VALIDATOR.validate(parsed(rendered(report, "json")))


def test_keys_and_their_order() -> None:
    whole = parsed(rendered(sample(), "json"))
    assert list(whole) == ["version", "tool", "summary", "findings", "known"]
    assert list(whole["tool"]) == ["name", "version"]
    assert list(whole["summary"]) == [
        "files",
        "lines",
        "findings",
        "principal_minutes",
        "interest_minutes_per_quarter",
        "coverage",
        "unread",
        "known",
        "ignored",
        "accepted",
        "filtered",
        "grade",
        "baseline",
        "notes",
        "glue",
    ]
    for finding in whole["findings"]:
        notebook = finding["path"].endswith(".ipynb")
        assert list(finding) == FINDING + ["cell", "cell_line"] * notebook
        for end in finding["evidence"]:
            notebook = end["path"].endswith(".ipynb")
            assert list(end) == ["path", "line", "end_line", "message"] + ["cell", "cell_line"] * notebook


def test_a_notebook_finding() -> None:
    assert parsed(rendered(sample(), "json"))["findings"][4] == snapshot(
        {
            "code": "MLD101",
            "name": "correction-cascade",
            "debt": "correction-cascade",
            "path": "notebooks/second_try.ipynb",
            "line": 18,
            "end_line": 18,
            "column": 1,
            "end_column": 29,
            "message": "`second` is fitted on the predictions of `first`, so improving `first` can make the whole worse",
            "help": "Give `first` the features that it lacks, and drop `second`.",
            "severity": "warning",
            "confidence": 0.8,
            "certainty": "inferred",
            "principal_minutes": 960.0,
            "interest_minutes_per_quarter": 64.0,
            "rank": 5,
            "evidence": [
                {"path": "notebooks/second_try.ipynb", "line": 16, "end_line": 16, "message": "its predictions", "cell": 2, "cell_line": 1}
            ],
            "fingerprint": "0000000000000005",
            "fix": None,
            "exposure": "notebook",
            "reach": 1.0,
            "commits_90_days": None,
            "age_days": None,
            "owners": [],
            "accepted": True,
            "cell": 2,
            "cell_line": 3,
        }
    )


def test_the_summary() -> None:
    assert parsed(rendered(sample(), "json"))["summary"] == snapshot(
        {
            "files": 212,
            "lines": 31204,
            "findings": 8,
            "principal_minutes": 1732.0,
            "interest_minutes_per_quarter": 1828.9,
            "coverage": {
                "flags": {"resolved": 41, "total": 52},
                "models": {"resolved": 12, "total": 12},
                "queries": {"resolved": 0, "total": 0},
                "reads and writes": {"resolved": 96, "total": 218},
            },
            "unread": [
                {"path": "course/week3.py", "reason": "not valid Python: blank to fill in at line 19"},
                {"path": "data/export.py", "reason": "larger than 5 MB"},
                {"path": "legacy/score.py", "reason": "Python 2 syntax at line 4"},
                {"path": "vendor/blob.py", "reason": "not UTF-8"},
            ],
            "known": 0,
            "ignored": 3,
            "accepted": 1,
            "filtered": 14,
            "grade": None,
            "baseline": None,
            "notes": ["shallow clone: churn counts as 1"],
            "glue": {
                "files": 120,
                "touching": 9,
                "lines": 18400,
                "conversion_lines": 61,
                "packages": [
                    {"package": "xgboost", "files": 7, "calls": 12, "conversion_lines": 40, "medium": False},
                    {"package": "torch", "files": 6, "calls": 80, "conversion_lines": 25, "medium": True},
                ],
            },
        }
    )


def test_daily_use() -> None:
    whole = parsed(rendered(daily(), "json"))
    VALIDATOR.validate(whole)
    assert {key: whole["summary"][key] for key in ("known", "ignored", "grade", "baseline")} == snapshot(
        {
            "known": 1,
            "ignored": 1,
            "grade": {"ratio": 0.0185, "letter": "A", "why": "", "code_lines": 31000},
            "baseline": {"origin": "mldebt-baseline.toml", "known": 1, "stale": ["MLD702 train/old.py split"], "grown": 0},
        }
    )
    assert [finding["name"] for finding in whole["known"]] == ["unsafe-load-remote"]
    assert {key: whole["known"][0][key] for key in ("reach", "commits_90_days", "age_days", "owners")} == snapshot(
        {"reach": 2.5, "commits_90_days": 12, "age_days": 400, "owners": ["@ml/serving"]}
    )
    names = [finding["name"] for finding in whole["findings"]]
    assert "unsafe-load-remote" not in names and "hidden-feedback-loop" not in names
    assert len(rendered(daily(), "jsonl").splitlines()) == len(names)


@pytest.mark.parametrize("ratio", [float("nan"), float("inf")])
def test_a_grade_without_a_ratio(ratio: float) -> None:
    report = daily()
    summary = msgspec.structs.replace(report.summary, grade=Grade(ratio, "", "no lines"))
    whole = parsed(rendered(msgspec.structs.replace(report, summary=summary), "json"))
    VALIDATOR.validate(whole)
    assert whole["summary"]["grade"] == {"ratio": None, "letter": "", "why": "no lines", "code_lines": 0}


def test_a_location_without_an_end_ends_where_it_starts() -> None:
    finding = parsed(rendered(only(ranked(1, "r", Location("a.py", 7, 3), "m", evidence=(Location("b.py", 0),))), "json"))["findings"][0]
    assert [finding[key] for key in ("line", "end_line", "column", "end_column")] == [7, 7, 3, 3]
    assert finding["evidence"][0] == {"path": "b.py", "line": 1, "end_line": 1, "message": ""}


def test_numbers_have_two_places_and_are_never_nan() -> None:
    odd = ranked(1, "r", Location("a.py", 1), "m", interest=float("nan"), principal=float("inf"), confidence=2 / 3)
    finding = parsed(rendered(only(odd), "json"))["findings"][0]
    assert (finding["interest_minutes_per_quarter"], finding["principal_minutes"], finding["confidence"]) == (None, None, 0.67)
    VALIDATOR.validate(parsed(rendered(only(odd), "json")))
    assert "nan" not in rendered(only(odd), "text").lower()


def test_a_name_that_is_not_utf8_is_valid_json_for_strict_readers() -> None:
    text = rendered(only(ranked(1, "r", Location("caf\udce9.py", 1), "m")), "json")
    assert msgspec.json.decode(text)["findings"][0]["path"] == "caf\\xe9.py"


def test_json_lines_are_the_findings() -> None:
    lines = rendered(sample(), "jsonl").splitlines()
    assert [parsed(line) for line in lines] == parsed(rendered(sample(), "json"))["findings"]
    assert rendered(empty(), "jsonl") == ""


def test_other_characters_survive() -> None:
    finding = parsed(rendered(only(ranked(1, "r", Location("größe/価格.py", 1), "a\x1b\n👩‍🔬")), "json"))["findings"][0]
    assert (finding["path"], finding["message"]) == ("größe/価格.py", "a\x1b\n👩‍🔬")
