from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from inline_snapshot import snapshot

from mldebt.findings import Certainty, Location, Report, Severity

from .sample import empty, only, ranked, rendered, sample
from .test_terminal import hostile


def entries(report: Report) -> list[Any]:
    text = rendered(report, "gitlab")
    assert text.isascii()
    found = json.loads(text)
    for entry in found:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["description"].startswith(f"{entry['check_name']}: ")
        begin, end = entry["location"]["positions"]["begin"], entry["location"]["positions"]["end"]
        assert 1 <= begin["line"] <= end["line"] and begin["column"] >= 1 and end["column"] >= 1
        assert not entry["location"]["path"].startswith(("/", "./"))
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    return found


def test_an_entry() -> None:
    assert entries(sample())[4] == snapshot(
        {
            "description": "correction-cascade: `second` is fitted on the predictions of `first`, so improving `first` can make the whole "
            "worse (cell 2, line 3) (accepted)",
            "check_name": "correction-cascade",
            "fingerprint": "0000000000000005",
            "severity": "info",
            "location": {
                "path": "notebooks/second_try.ipynb",
                "positions": {"begin": {"line": 18, "column": 1}, "end": {"line": 18, "column": 29}},
            },
        }
    )


def test_a_clean_project_is_an_empty_list() -> None:
    assert rendered(empty(), "gitlab") == "[]\n"


@pytest.mark.parametrize(
    ("severity", "certainty", "told"),
    [
        (Severity.ERROR, Certainty.PROVED, "blocker"),
        (Severity.ERROR, Certainty.INFERRED, "critical"),
        (Severity.WARNING, Certainty.PROVED, "major"),
        (Severity.INFO, Certainty.INFERRED, "minor"),
        (Severity.ADVISORY, Certainty.ADVISORY, "info"),
    ],
)
def test_severities(severity: Severity, certainty: Certainty, told: str) -> None:
    (entry,) = entries(only(ranked(1, "r", Location("a.py", 1), "m", severity=severity, certainty=certainty)))
    assert entry["severity"] == told


def test_equal_fingerprints_are_told_apart() -> None:
    one = ranked(1, "r", Location("a.py", 1), "m")
    found = entries(only(one, msgspec.structs.replace(one, rank=2)))
    assert [entry["fingerprint"] for entry in found] == ["0000000000000001", "0000000000000001-2"]


def test_hostile_names() -> None:
    assert len(entries(hostile())) == 2
    assert entries(only(ranked(1, "r", Location("\ud800.py", 0), "\udcff")))[0]["location"]["path"] == "\\ud800.py"
