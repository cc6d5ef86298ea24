"""Ranking against the worked examples of its formula, and the identity of findings."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.cards import Card
from mldebt.findings import Certainty, Coverage, Finding, Heeded, Location, Severity
from mldebt.ranking import RankingContext, fingerprint, grade, interest, payback, principal, rank, reach


def card(name: str, code: str, **numbers: Any) -> Card:
    """A card with neutral costs but for `numbers`."""
    fields: dict[str, Any] = {
        "debt": "some-debt",
        "title": "Title",
        "since": "0.1",
        "severity": Severity.WARNING,
        "certainty": Certainty.INFERRED,
        "profile": "default",
        "confidence": 1.0,
        "minutes": 0.0,
        "minutes_per": 0.0,
        "interest": 0.0,
        "interest_per": 0.0,
        "size": "lines",
        "driver": "none",
        "compounding_days": 0,
        "help": "Pay it.",
    }
    return Card(code=code, name=name, **{**fields, **numbers})


CARDS = {
    one.name: one
    for one in (
        card("remote-pickle", "MLD802", interest=240, minutes=40, confidence=0.95),
        card("label-loop", "MLD303", interest=180, minutes=480, confidence=0.6),
        card("fixed-threshold", "MLD601", interest=60, minutes=120, confidence=0.9),
        card("drifted-name", "MLD106", interest=150, minutes=60, confidence=0.7, driver="producer-churn"),
        card(
            "constant-config-branch",
            "MLD422",
            interest=30,
            interest_per=0.5,
            minutes=20,
            minutes_per=0.5,
            confidence=0.8,
            driver="own-churn",
            compounding_days=40,
        ),
        card(
            "dead-experimental-branch",
            "MLD420",
            interest=5,
            interest_per=0.2,
            minutes=10,
            minutes_per=0.2,
            confidence=0.98,
            driver="own-churn",
            compounding_days=40,
        ),
    )
}
CONTEXT = RankingContext(
    churn={"blocks.py": 0, "crossvit.py": 0, "producer.py": 0, "hot.py": 2, "warm.py": 2},
    ages={("blocks.py", 220): 900, ("crossvit.py", 217): 1500},
    exposures={
        "worker.py": "serving",
        "api.py": "serving",
        "reader.py": "serving",
        "blocks.py": "scheduled",
        "crossvit.py": "library",
    },
)


def finding(rule: str, path: str, line: int = 1, **fields: Any) -> Finding:
    return Finding(rule, Location(path, line), "message", **{"anchor": "anchor", **fields})


WORKED = (
    # finding, confidence x interest per quarter, principal
    (finding("remote-pickle", "worker.py", 34, reach=1), 912, 40),
    (finding("label-loop", "worker.py", 415, reach=1), 432, 480),
    (finding("fixed-threshold", "api.py", 17, reach=1), 216, 120),
    (finding("drifted-name", "reader.py", 9, reach=4, evidence=(Location("producer.py", 3),)), 174, 60),
    (finding("constant-config-branch", "blocks.py", 220, size=4), 19, 22),
    (finding("dead-experimental-branch", "crossvit.py", 217, size=2), 3, 10),
)


def test_worked_examples_have_their_prices_and_their_order() -> None:
    ranked = rank([Heeded(one) for one, _, _ in reversed(WORKED)], CARDS, CONTEXT)

    assert [one.name for one in ranked] == [one.rule for one, _, _ in WORKED]
    assert [one.rank for one in ranked] == [1, 2, 3, 4, 5, 6]
    assert [round(one.finding.confidence * one.interest_minutes_per_quarter) for one in ranked] == [price for _, price, _ in WORKED]
    assert [round(one.principal_minutes) for one in ranked] == [minutes for _, _, minutes in WORKED]


@pytest.mark.parametrize(("commits", "factor"), [(0, 0.25), (1, 0.75), (2, 1.25), (7, 3.75), (100, 4.0)])
def test_churn_is_relative_to_the_median_and_clamped(commits: int, factor: float) -> None:
    churn = {"train.py": commits, "a.py": 2, "b.py": 2, "c.py": 2, "d.py": 0}
    rule = card("rule", "MLD001", interest=100, driver="own-churn")

    assert interest(rule, finding("rule", "train.py"), RankingContext(churn=churn)) == pytest.approx(100 * factor)


def test_producer_churn_reads_the_other_files() -> None:
    rule = card("rule", "MLD001", interest=100, driver="producer-churn")
    context = RankingContext(churn={"reader.py": 8, "writer.py": 0, "other.py": 2})

    assert interest(rule, finding("rule", "reader.py", evidence=(Location("writer.py", 1),)), context) == 25
    assert interest(rule, finding("rule", "reader.py"), context) == 100  # the producer is outside the repository


def test_without_history_or_context_every_factor_is_one() -> None:
    rule = card("rule", "MLD001", interest=100, driver="own-churn", compounding_days=40)

    assert interest(rule, finding("rule", "train.py"), RankingContext()) == 100
    assert interest(card("rule", "MLD001", interest=100, driver="schedule"), finding("rule", "dag.py"), RankingContext()) == 100


@pytest.mark.parametrize(("age", "factor"), [(0, 1.0), (20, 1.5), (40, 2.0), (4000, 2.0)])
def test_age_compounds_up_to_double(age: float, factor: float) -> None:
    rule = card("rule", "MLD001", interest=100, compounding_days=40)

    assert interest(rule, finding("rule", "train.py", 7), RankingContext(ages={("train.py", 7): age})) == pytest.approx(100 * factor)


@pytest.mark.parametrize(("line", "factor"), [(4, 1.0), (5, 1.25), (12, 1.25), (17, 1.25), (18, 1.0)])
def test_a_debt_comment_counts_within_five_lines_of_the_finding(line: int, factor: float) -> None:
    place = Finding("rule", Location("train.py", 10, end_line=12), "message", anchor="anchor")
    context = RankingContext(debt_comments={"train.py": frozenset({line})})

    assert interest(card("rule", "MLD001", interest=100), place, context) == 100 * factor


def test_exposure_floor_lifts_a_flag_that_can_be_flipped_at_run_time() -> None:
    context = RankingContext(exposures={"notebook.ipynb": "notebook", "serve.py": "serving"})
    rule = card("rule", "MLD001", interest=100, exposure_floor=1.0)

    assert interest(rule, finding("rule", "notebook.ipynb"), context) == 100
    assert interest(rule, finding("rule", "serve.py"), context) == 200
    assert interest(card("rule", "MLD001", interest=100), finding("rule", "notebook.ipynb"), context) == 50


def test_a_configuration_file_has_the_exposure_of_the_code_that_reads_it() -> None:
    context = RankingContext(exposures={"test_serve.py": "test", "serve.py": "serving"})
    places = (Location("test_serve.py", 1), Location("serve.py", 1))

    (ranked,) = rank([Heeded(finding("remote-pickle", "conf.yaml", evidence=places))], CARDS, context)
    assert ranked.exposure == "serving"


def test_fingerprints_survive_line_shifts_and_tell_twins_apart() -> None:
    before = rank([Heeded(finding("remote-pickle", "a.py", line)) for line in (10, 20)], CARDS, CONTEXT)
    after = rank([Heeded(finding("remote-pickle", "a.py", line)) for line in (140, 133)], CARDS, CONTEXT)

    assert [one.fingerprint for one in before] == [one.fingerprint for one in after]
    assert len({one.fingerprint for one in before}) == 2
    assert [one.fingerprint for one in before] == [fingerprint("MLD802", "a.py", "", "anchor", ordinal) for ordinal in (0, 1)]
    assert all(len(one.fingerprint) == 16 and int(one.fingerprint, 16) >= 0 for one in before)


@pytest.mark.parametrize(
    "changed", [("MLD801", "a", "f", "x"), ("MLD802", "b", "f", "x"), ("MLD802", "a", "g", "x"), ("MLD802", "a", "f", "y")]
)
def test_fingerprint_depends_on_every_part_of_the_key(changed: tuple[str, str, str, str]) -> None:
    assert fingerprint(*changed, 0) != fingerprint("MLD802", "a", "f", "x", 0)


def test_accepted_debt_keeps_its_place_and_confidences_multiply() -> None:
    found = [Heeded(finding("remote-pickle", "a.py", confidence=0.5), accepted=True), Heeded(finding("fixed-threshold", "b.py"))]
    first, second = rank(found, CARDS, RankingContext())

    assert (first.name, first.accepted, first.finding.confidence) == ("remote-pickle", True, 0.475)
    assert (second.name, second.accepted, second.help) == ("fixed-threshold", False, "Pay it.")


@given(st.permutations([Heeded(finding("remote-pickle", path, line)) for path in ("b.py", "a.py") for line in (3, 11, 2)]))
def test_order_of_equals_is_by_place_whatever_the_input_order(found: list[Heeded]) -> None:
    ranked = rank(found, CARDS, RankingContext())

    assert [(one.finding.location.path, one.finding.location.line) for one in ranked] == [
        (path, line) for path in ("a.py", "b.py") for line in (2, 3, 11)
    ]


def test_what_drove_the_interest_is_told() -> None:
    context = msgspec.structs.replace(CONTEXT, owners={"reader.py": ("@org/serving",)})
    ranked = {one.name: one for one in rank([Heeded(one) for one, _, _ in WORKED], CARDS, context)}

    told = {name: (round(one.reach, 1), one.commits, one.age_days, one.owners) for name, one in ranked.items()}
    assert told == {
        "remote-pickle": (2.0, None, None, ()),
        "label-loop": (2.0, None, None, ()),
        "fixed-threshold": (2.0, None, None, ()),
        "drifted-name": (3.3, 0, None, ("@org/serving",)),
        "constant-config-branch": (1.0, 0, 900, ()),
        "dead-experimental-branch": (1.0, 0, 1500, ()),
    }


def test_the_factors_of_the_worked_examples() -> None:
    """R, D, E, K of each, as the definition has them; S is 1."""
    factors = {
        "remote-pickle": (2, 1, 2, 1),
        "label-loop": (2, 1, 2, 1),
        "fixed-threshold": (2, 1, 2, 1),
        "drifted-name": (3.32, 0.25, 2, 1),
        "constant-config-branch": (1, 0.25, 1.5, 2),
        "dead-experimental-branch": (1, 0.25, 1, 2),
    }
    for one, _, _ in WORKED:
        rule = CARDS[one.rule]
        base = rule.interest + rule.interest_per * one.size
        assert interest(rule, one, CONTEXT) == pytest.approx(base * math.prod(factors[one.rule]), rel=0.001)


def test_a_quarter_of_quiet_is_not_a_missing_history() -> None:
    rule = card("rule", "MLD001", interest=100, driver="own-churn")

    assert interest(rule, finding("rule", "train.py"), RankingContext(churn={"train.py": 0, "a.py": 0})) == 25
    assert interest(rule, finding("rule", "train.py"), RankingContext()) == 100


def test_a_file_that_git_does_not_know_drives_nothing() -> None:
    own = card("own", "MLD001", interest=100, driver="own-churn")
    producer = card("producer", "MLD002", interest=100, driver="producer-churn")
    context = RankingContext(churn={"reader.py": 6, "a.py": 2, "b.py": 2})
    elsewhere = finding("producer", "reader.py", evidence=(Location("../other/writer.py", 1),))

    assert interest(producer, elsewhere, context) == 100
    assert interest(own, msgspec.structs.replace(elsewhere, rule="own"), context) == 325


def test_the_busiest_file_counts() -> None:
    rule = card("rule", "MLD001", interest=100, driver="own-churn")
    one = finding("rule", "a.py", evidence=(Location("b.py", 1), Location("b.py", 9), Location("c.py", 1)))
    (ranked,) = rank([Heeded(one)], {"rule": rule}, RankingContext(churn={"a.py": 1, "b.py": 4, "c.py": 0, "d.py": 4}))

    assert (ranked.commits, ranked.interest_minutes_per_quarter) == (4, 125)


@pytest.mark.parametrize(("downstream", "factor"), [(0, 1), (1, 2), (3, 3), (7, 4), (-1, 1)])
def test_reach_grows_with_the_logarithm(downstream: float, factor: float) -> None:
    assert reach(finding("rule", "a.py", reach=downstream)) == factor


def test_payback_is_the_quarters_until_paying_has_saved_its_cost() -> None:
    ranked = rank([Heeded(one) for one, _, _ in WORKED], CARDS, CONTEXT)

    assert [float(f"{payback(one):.1g}") for one in ranked] == [0.04, 1, 0.6, 0.3, 1, 4]
    (free,) = rank([Heeded(finding("rule", "a.py"))], {"rule": card("rule", "MLD001", minutes=10)}, RankingContext())
    assert payback(free) == math.inf


@pytest.mark.parametrize(
    ("minutes", "letter"), [(0, "A"), (150, "A"), (151, "B"), (300, "B"), (301, "C"), (600, "C"), (601, "D"), (1500, "D"), (1501, "E")]
)
def test_the_bands_of_the_grade(minutes: float, letter: str) -> None:
    found = grade(minutes, 100, {"artifacts": Coverage(3, 10)})

    assert (found.letter, found.why) == (letter, "")
    assert found.ratio == pytest.approx(minutes / 3_000)


@pytest.mark.parametrize(
    ("lines", "coverage", "why"),
    [
        (100, {"artifacts": Coverage(29, 100)}, "only 29 of 100 reads and writes are resolved; a grade needs 30%"),
        (100, {"artifacts": Coverage(0, 0), "models": Coverage(0, 0)}, "no read, write or model was recognised"),
        (100, {"flags": Coverage(3, 3)}, "no read, write or model was recognised"),
        (0, {"artifacts": Coverage(1, 1)}, "there are no lines of code"),
    ],
)
def test_a_grade_that_would_mean_nothing_is_refused(lines: int, coverage: dict[str, Coverage], why: str) -> None:
    found = grade(500, lines, coverage)

    assert (found.letter, found.why) == ("", why)


def test_a_project_of_models_without_files_has_a_grade() -> None:
    assert grade(10, 100, {"artifacts": Coverage(0, 0), "models": Coverage(0, 4)}).letter == "A"


def test_principal_grows_with_size() -> None:
    rule = card("rule", "MLD001", minutes=30, minutes_per=10, size="sites")
    one = finding("rule", "a.py", size=3)

    assert principal(rule, one) == 60
    assert principal(rule, msgspec.structs.replace(one, size=1)) == 40
