from __future__ import annotations

import math

import msgspec
import pytest

from mldebt.findings import Coverage, Location
from mldebt.report.words import count, drivers, duration, first_sentence, percent, unknown
from tests.report.sample import ranked


@pytest.mark.parametrize(
    ("minutes", "text", "compact"),
    [
        (0, "0 min", "0m"),
        (0.2, "<1 min", "<1m"),
        (0.5, "1 min", "1m"),
        (45, "45 min", "45m"),
        (59.6, "1 h", "1h"),
        (130, "2 h 10 min", "2h 10m"),
        (599.4, "9 h 59 min", "9h 59m"),
        (599.6, "10 h", "10h"),
        (912, "15 h", "15h"),
        (72000, "1,200 h", "1,200h"),
        (math.nan, "?", "?"),
        (math.inf, "?", "?"),
    ],
)
def test_duration(minutes: float, text: str, compact: str) -> None:
    assert duration(minutes) == text
    assert duration(minutes, compact=True) == compact


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.704, "70 %"), (0.705, "71 %"), (0.999, "99 %"), (1, "100 %"), (math.nan, "? %")]
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_count() -> None:
    assert (count(0, "file"), count(1, "file"), count(1204, "file"), count(2, "info", "info")) == (
        "0 files",
        "1 file",
        "1,204 files",
        "2 info",
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Pin it. Then test.", "Pin it."),
        ("Use a library, e.g. `skops`. It is safe.", "Use a library, e.g. `skops`."),
        ("Upgrade to 1.4.2 or later", "Upgrade to 1.4.2 or later"),
        ("Read\n  `a.py`. `b` follows.", "Read `a.py`."),
        ("", ""),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_what_is_unknown_most_frequent_first():
    seen = Coverage(4, 12, {"config": 1, "a\x1bb": 1, "param": 5, "no name": 1})
    assert unknown(seen) == "5 named by a parameter, 1 a\\x1bb, 1 named by a configuration, 1 without a name"
    assert unknown(Coverage(3, 3)) == ""


@pytest.mark.parametrize(
    ("path", "said"), [("a.py", "library code"), ("tasks/run.yaml", "configuration or commands"), ("Makefile", "configuration or commands")]
)
def test_what_is_no_python_is_no_library(path: str, said: str) -> None:
    one = msgspec.structs.replace(ranked(1, "r", Location(path, 1, 1, 1, 1), "m"), exposure="library")
    assert drivers(one).split(", ")[0] == said
