"""SARIF against the published schema of the standard and a narrower one of what mldebt writes, and what code scanning needs beyond it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import msgspec
import pytest
from inline_snapshot import snapshot

from mldebt.cards import load_cards
from mldebt.findings import Location, Ranked, Report, Severity, Unread

from .sample import daily, empty, only, ranked, rendered, sample, write_project
from .test_terminal import hostile

SCHEMA = json.loads((Path(__file__).parent / "sarif_2_1_0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
PUBLISHED = jsonschema.Draft4Validator(json.loads((Path(__file__).parent / "sarif_2_1_0_published.json").read_text(encoding="utf-8")))


def run_of(report: Report, **options: Any) -> Any:
    text = rendered(report, "sarif", **options)
    assert text.isascii()
    log = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    VALIDATOR.validate(log)
    PUBLISHED.validate(log)
    (run,) = log["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]
    assert {result["ruleId"] for result in results} == {rule["id"] for rule in rules}  # those that fired, and no others
    return run


def result_of(finding: Ranked) -> Any:
    (result,) = run_of(only(finding))["results"]
    return result


def uri(result: Any) -> str:
    return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_the_schema_is_a_schema_that_refuses() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    good = json.loads(rendered(daily(), "sarif"))
    for change in (
        lambda log: log.update(version="2.0.0"),
        lambda log: log.update(extra=1),
        lambda log: log["runs"][0].pop("tool"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["results"][0].update(level="info"),
        lambda log: log["runs"][0]["results"][0].update(baselineState="known"),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda log: log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="a b.py"),
    ):
        bad = json.loads(json.dumps(good))
        change(bad)
        assert not VALIDATOR.is_valid(bad)


@pytest.mark.parametrize(
    "report", [sample(), daily(), empty(), empty(filtered=1), hostile()], ids=["sample", "daily", "empty", "cut", "hostile"]
)
def test_the_log_follows_the_schema(report: Report) -> None:
    run_of(report)


def test_a_result() -> None:
    assert run_of(sample())["results"][1] == snapshot(
        {
            "ruleId": "MLD303",
            "ruleIndex": 2,
            "kind": "fail",
            "level": "warning",
            "message": {
                "text": "`orders.status` is set by the model's own answer and read as its next training label; what the model blocks "
                "today it learns to block tomorrow. Let a random 1 % of the orders pass and train on those only. See `mldebt explain "
                "hidden-feedback-loop`."
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "serving/worker.py", "uriBaseId": "SRCROOT"},
                        "region": {"startLine": 14, "startColumn": 9, "endLine": 17, "endColumn": 10},
                    },
                    "message": {"text": "the model's answer decides the status"},
                }
            ],
            "partialFingerprints": {"mldebt/v1": "0000000000000002"},
            "suppressions": [],
            "properties": {
                "tags": ["feedback-loop"],
                "position": 2,
                "confidence": 0.6,
                "certainty": "inferred",
                "principalMinutes": 480.0,
                "interestMinutesPerQuarter": 432.0,
                "exposure": "serving",
                "reach": 1.0,
            },
            "rank": 35.06,
            "relatedLocations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "train/labels.sql", "uriBaseId": "SRCROOT"},
                        "region": {"startLine": 1, "startColumn": 12, "endColumn": 30},
                    },
                    "id": 1,
                    "message": {"text": "the label is that status"},
                }
            ],
            "codeFlows": [
                {
                    "threadFlows": [
                        {
                            "locations": [
                                {
                                    "location": {
                                        "physicalLocation": {
                                            "artifactLocation": {"uri": "serving/worker.py", "uriBaseId": "SRCROOT"},
                                            "region": {"startLine": 14, "startColumn": 9, "endLine": 17, "endColumn": 10},
                                        },
                                        "message": {"text": "the model's answer decides the status"},
                                    }
                                },
                                {
                                    "location": {
                                        "physicalLocation": {
                                            "artifactLocation": {"uri": "train/labels.sql", "uriBaseId": "SRCROOT"},
                                            "region": {"startLine": 1, "startColumn": 12, "endColumn": 30},
                                        },
                                        "message": {"text": "the label is that status"},
                                    }
                                },
                            ]
                        }
                    ]
                }
            ],
        }
    )


def test_a_rule_says_what_its_card_says() -> None:
    cards = load_cards()
    run = run_of(sample())
    rule = next(rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "MLD101")
    card = cards["correction-cascade"]
    assert rule["shortDescription"] == {"text": card.title}
    assert rule["fullDescription"]["text"].startswith("Follows what models give")
    assert rule["help"]["text"] == card.help
    assert "## Why it costs" in rule["help"]["markdown"]
    assert rule["properties"] == {"tags": ["correction-cascade"], "precision": "high", "problem.severity": "warning"}
    assert "helpUri" not in rule


def test_every_card_gives_a_rule_that_code_scanning_takes() -> None:
    findings = [
        ranked(rank, name, Location("a.py", rank), "m", code=card.code) for rank, (name, card) in enumerate(load_cards().items(), 1)
    ]
    rules = run_of(only(*findings))["tool"]["driver"]["rules"]
    assert len(rules) == len(findings)
    for rule in rules:
        assert 3 < len(rule["shortDescription"]["text"]) <= 1024 and 20 < len(rule["fullDescription"]["text"]) <= 1024


@pytest.mark.parametrize(
    ("severity", "kind", "level", "problem"),
    [
        (Severity.ERROR, "fail", "error", "error"),
        (Severity.WARNING, "fail", "warning", "warning"),
        (Severity.INFO, "fail", "note", "recommendation"),
        (Severity.ADVISORY, "review", "none", "recommendation"),  # the standard: a result that is no failure has no level
    ],
)
def test_levels(severity: Severity, kind: str, level: str, problem: str) -> None:
    run = run_of(only(ranked(1, "r", Location("a.py", 1), "m", severity=severity)))
    (rule,), (result,) = run["tool"]["driver"]["rules"], run["results"]
    assert (result["kind"], result["level"]) == (kind, level)
    assert (rule["defaultConfiguration"]["level"], rule["properties"]["problem.severity"]) == (level, problem)


def test_the_baseline_and_the_comments() -> None:
    run = run_of(daily())
    told = [(result["properties"]["position"], result["baselineState"], result["suppressions"]) for result in run["results"]]
    accepted = [{"kind": "inSource"}]
    assert told == [
        (1, "new", []),
        (2, "new", []),
        (3, "new", accepted),
        *((number, "new", []) for number in (4, 5, 6)),
        (1, "unchanged", []),
        (2, "new", [{"kind": "inSource", "justification": "the status is set by hand since May"}]),
    ]
    assert run["properties"]["baseline"] == {"origin": "mldebt-baseline.toml", "known": 1, "stale": ["MLD702 train/old.py split"]}
    assert run["properties"]["grade"] == {"ratio": 0.0185, "letter": "A", "why": ""}


def test_without_a_baseline_no_result_has_a_state() -> None:
    assert not any("baselineState" in result for result in run_of(sample())["results"])


def test_positions() -> None:
    def region(*numbers: int) -> Any:
        return result_of(ranked(1, "r", Location("a.py", *numbers), "m"))["locations"][0]["physicalLocation"].get("region")

    assert region(7) == {"startLine": 7, "startColumn": 1}
    assert region(7, 3, 7, 3) == {"startLine": 7, "startColumn": 3}
    assert region(7, 3, 7, 9) == {"startLine": 7, "startColumn": 3, "endColumn": 9}
    assert region(7, 3, 9, 2) == {"startLine": 7, "startColumn": 3, "endLine": 9, "endColumn": 2}
    assert region(7, 3, 9) == {"startLine": 7, "startColumn": 3, "endLine": 9}
    assert region(0) is None


def test_a_region_covers_what_the_finding_marks(tmp_path: Path) -> None:
    write_project(tmp_path)
    result = run_of(sample(tmp_path))["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = (tmp_path / uri(result)).read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "dill.load(urlopen(url))"


def test_cells_of_notebooks_are_properties() -> None:
    result = run_of(sample())["results"][4]
    assert result["locations"][0]["properties"] == {"cell": 2, "cellLine": 3}
    assert result["relatedLocations"][0]["properties"] == {"cell": 2, "cellLine": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b/c#d?.py", "a%20b/c%23d%3F.py"),
        ("c:/x.py", "c%3A/x.py"),  # else a reader takes `c` for a scheme
        ("größe/価格.py", "gr%C3%B6%C3%9Fe/%E4%BE%A1%E6%A0%BC.py"),
        ("caf\udce9.py", "caf%E9.py"),  # a byte that is not UTF-8, as it is on disk
        ("\ud800.py", "%5Cud800.py"),
        ("100%.py", "100%25.py"),
    ],
)
def test_paths_are_uri_references(path: str, expected: str) -> None:
    result = result_of(ranked(1, "r", Location(path, 1), "m"))
    assert uri(result) == expected
    if path.isprintable():
        assert unquote(expected) == path


def test_paths_start_at_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write_project(tmp_path / "services" / "churn")
    run = run_of(sample(tmp_path / "services" / "churn"))
    assert uri(run["results"][0]) == "services/churn/serving/worker.py"
    assert str(tmp_path) not in json.dumps(run)
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]


def test_trouble_is_told() -> None:
    (ran,) = run_of(sample(), top=2)["invocations"]
    assert ran["executionSuccessful"] is True
    told = [(one["descriptor"]["id"], one["level"], one["message"]["text"]) for one in ran["toolExecutionNotifications"]]
    assert told == [
        ("unread-file", "warning", "course/week3.py: not valid Python: blank to fill in at line 19"),
        ("unread-file", "warning", "data/export.py: larger than 5 MB"),
        ("unread-file", "warning", "legacy/score.py: Python 2 syntax at line 4"),
        ("unread-file", "warning", "vendor/blob.py: not UTF-8"),
        ("note", "note", "shallow clone: churn counts as 1"),
        ("note", "note", "6 findings beyond --top are left out of the results."),
        ("note", "note", "14 findings are left out of the results by severity, confidence or focus."),
    ]


def test_a_run_that_read_nothing_is_no_success() -> None:
    report = empty()
    nothing = msgspec.structs.replace(report.summary, files=0, unread=(Unread("a.py", "not UTF-8"),))
    run = run_of(msgspec.structs.replace(report, summary=nothing))
    (ran,) = run["invocations"]
    assert ran["executionSuccessful"] is False
    assert [one["level"] for one in ran["toolExecutionNotifications"]] == ["error", "warning"]
    assert {one["id"] for one in run["tool"]["driver"]["notifications"]} == {"nothing-to-analyse", "unread-file"}


def test_the_message_says_what_the_rule_says_then_what_to_do() -> None:
    finding = ranked(1, "r", Location("a.py", 1, message="terse"), "a sentence", help="Do it.")
    assert result_of(finding)["message"]["text"] == "a sentence. Do it."
    assert result_of(ranked(1, "r", Location("a.py", 1), "", help=""))["message"]["text"] == "r"


def test_a_message_cannot_hold_a_link() -> None:
    text = result_of(ranked(1, "r", Location("a.py", 1), "see [the docs](https://example.org) and [x](0)"))["message"]["text"]
    assert "](" not in text and "the docs" in text


def test_rank_follows_the_cost() -> None:
    ranks = [result["rank"] for result in run_of(sample())["results"]]
    assert ranks == sorted(ranks, reverse=True)
    assert result_of(ranked(1, "r", Location("a.py", 1), "m", interest=480, confidence=1.0))["rank"] == 50
    assert "rank" not in result_of(ranked(1, "r", Location("a.py", 1), "m", interest=float("nan")))
