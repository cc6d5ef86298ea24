"""The texts about ranking, grade and baseline say what the code does."""

from __future__ import annotations

import re
from math import prod

import pytest

from mldebt import ranking
from mldebt.explaining import topic, topics


def test_there_is_a_text_for_each_topic_and_for_nothing_else() -> None:
    assert topics() == ("ranking", "baseline", "grade")
    for word in topics():
        text = topic(word) or ""
        assert text.startswith("# ")
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 145
        assert topic(word.upper()) == text
    assert topic("unread-flag") is None
    assert topic("") is None


def test_every_exposure_and_schedule_stands_in_the_text() -> None:
    text = topic("ranking") or ""
    for name, factor in (*ranking.EXPOSURE.items(), *ranking.SCHEDULE.items()):
        assert f"{name} {factor:g}" in text


@pytest.mark.parametrize(
    ("name", "value", "word", "said"),
    [
        ("CHURN_MOST", 7.0, "ranking", "at most 7."),
        ("COMMENT", 1.75, "ranking", "**comment**: 1.75"),
        ("NEAR", 12, "ranking", "within 12 lines"),
        ("EXPOSURE", {**ranking.EXPOSURE, "scheduled": 3.0}, "ranking", "x 3 (exposure)"),
        ("BANDS", (("A", 0.07), ("B", 0.3)), "grade", "| B | above 7%, up to 30% |"),
        ("MINUTES_PER_LINE", 15.0, "grade", "a ratio of 15.0%: C."),
        ("LEAST_COVERAGE", 0.5, "grade", "fewer than 50%"),
    ],
)
def test_a_number_changes_in_the_text_with_the_code(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, word: str, said: str
) -> None:
    assert said not in (topic(word) or "")
    monkeypatch.setattr(ranking, name, value)
    assert said in (topic(word) or "")


def test_the_example_adds_up() -> None:
    text = topic("ranking") or ""
    product = re.search(r"interest   = (.+)\n +(.+) minutes per quarter", text)
    assert product is not None
    factors = [float(number) for number in re.findall(r"([\d.]+) \(\w+\)", product[1])]
    interest = float(product[2].removeprefix("= "))
    confidence, ranked_by = map(float, re.findall(r"confidence = ([\d.]+), so it is ranked by ([\d.]+)", text)[0])
    principal = float(re.findall(r"principal  = ([\d.]+)", text)[0])
    payback = float(re.findall(r"payback    = ([\d.]+)", text)[0])

    assert prod(factors) == pytest.approx(interest)
    assert confidence * interest == pytest.approx(ranked_by, rel=0.01)
    assert principal / (confidence * interest) == pytest.approx(payback, rel=0.05)
