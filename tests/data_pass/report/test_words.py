from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from mldebt.data_pass.report import render, words
from mldebt.data_pass.result import RULES, Column, Cost, Evidence, Interval

from .sample import CREDIT, NO_MODEL, NOTHING, PLAIN, STRUCTURE, UNDECIDED, drop_set


def test_the_headline_of_each_verdict():
    assert words.headline(CREDIT) == (
        "4 of 8 columns may go together: roc_auc 0.8612 -> 0.8620, loss -0.0008 [-0.0031, +0.0017], tolerance 0.005"
    )
    assert words.headline(NOTHING) == "none of 8 columns may go within the tolerance of 0.005 in roc_auc"
    assert words.headline(UNDECIDED) == (
        "undecided: no set of columns is proved to be within the tolerance on these rows: "
        "roc_auc 0.8612 -> 0.8582, loss +0.0030 [-0.0040, +0.0100], tolerance 0.005"
    )
    assert words.headline(NO_MODEL) == "the model does not learn (roc_auc 0.5012 is no better than a guess): nothing can be called unused"
    assert words.headline(STRUCTURE) == "1 of 8 columns repeats another or never changes (structure only: no model was asked)"


def test_a_headline_says_what_was_measured_and_no_more():
    tried = replace(NOTHING, set=drop_set(verdict="nothing", delta=0.02, low=0.01, high=0.03))
    assert words.headline(tried).endswith("in roc_auc: roc_auc 0.8612 -> 0.8412, loss +0.0200 [+0.0100, +0.0300], tolerance 0.005")
    unmeasured = replace(UNDECIDED, set=drop_set(verdict="undecided", delta=None))
    assert words.headline(unmeasured).endswith("on these rows (tolerance 0.005 in roc_auc)")
    unlearned = replace(NO_MODEL, set=drop_set(verdict="no-model", reference=None))
    assert words.headline(unlearned) == "the model does not learn: nothing can be called unused"


def test_no_column_is_called_useless():
    told = " ".join((*words.MEANING.values(), *(words.caveat(one) for one in (CREDIT, NOTHING, UNDECIDED, NO_MODEL, STRUCTURE))))
    assert "useless" not in told
    assert "no measurable gain within the tolerance on these rows with this model" in words.MEANING["no-gain"]
    assert words.caveat(CREDIT).endswith("other data may need them. A negative loss is a gain.")
    assert [words.caveat(one) for one in (NOTHING, NO_MODEL, STRUCTURE)] == ["", "", ""]


def test_the_metric_without_the_set_is_the_measured_one():
    decided = replace(CREDIT.set, reference=0.8, delta=0.01, low=-0.0, high=0.02, without=0.795)
    assert words.measured(decided) == "roc_auc 0.8000 -> 0.7950, loss +0.0100 [0.0000, +0.0200], tolerance 0.005"


def test_how_it_was_judged():
    assert words.judged(CREDIT) == (
        "Judged by gradient boosted trees (hgb) (binary): 5 stratified folds, 118 fits, 6,000 rows, seed 0. "
        "The last test was on 1,200 rows that the search never saw."
    )
    sampled = replace(NOTHING, data=replace(NOTHING.data, rows=1_000_000), set=replace(NOTHING.set, seconds=12.34))
    assert words.judged(sampled).endswith(
        "118 fits, 6,000 of 1,000,000 rows, seed 0, 12.3 s. The last test was on 1,200 rows that the search never saw."
    )
    assert words.judged(STRUCTURE) == "Compared by value on 6,000 rows; whether a model needs them was not asked."


def test_dropped_columns_stand_dearest_first():
    assert [one.name for one in words.dropped(CREDIT)] == ["age_band", "noise", "income_eur", "bureau_2"]
    equal = replace(CREDIT, columns=tuple(Column(name, "number", "no-gain", "drop") for name in "cab"))
    assert [one.name for one in words.dropped(equal)] == ["a", "b", "c"]


def test_every_column_stands_in_one_list():
    for result in (CREDIT, NOTHING, UNDECIDED, NO_MODEL, STRUCTURE):
        lists = (words.dropped(result), words.reviewed(result), words.undecided(result), words.staying(result))
        assert sorted(one.name for columns in lists for one in columns) == sorted(one.name for one in result.columns)


def test_columns_that_stay_stand_dearest_to_lose_first():
    assert [one.name for one in words.staying(CREDIT)] == ["age", "income", "bureau_1"]


@pytest.mark.parametrize(
    ("tolerance", "places"), [(0.005, 4), (0.01, 3), (0.001, 4), (0.0005, 5), (1.0, 1), (50.0, 0), (math.nan, 4), (1e-20, 8)]
)
def test_decimal_places_show_a_tenth_of_the_tolerance(tolerance: float, places: int):
    assert words.digits(tolerance) == places


def test_signs_are_shown_and_zero_has_none():
    assert words.signed(0.00314, 4) == "+0.0031"
    assert words.signed(-0.00314, 4) == "-0.0031"
    assert words.signed(-0.00001, 4) == "0.0000"
    assert words.signed(math.nan, 4) == "?"
    assert words.interval(None, 4) == "-"
    assert words.interval(Interval(0.1, -0.2, math.inf, 5), 2) == "+0.10 [-0.20, ?]"


def test_the_reason_of_an_undecided_column_is_the_evidence_or_its_interval():
    city = next(one for one in CREDIT.columns if one.name == "city")
    assert words.why_undecided(city, 0.005) == "may cost +0.0082, more than the tolerance, or nothing"
    told = replace(city, evidence=(Evidence("rows", "14,000 rows would decide."),), delta_alone=Interval(0.005, 0.001, 0.009, 5))
    assert words.why_undecided(told, 0.005) == "14,000 rows would decide"
    assert words.why_undecided(replace(city, delta_alone=None), 0.005) == words.MEANING["undecided"]


def test_what_a_column_costs_to_carry():
    column = Column("a", "number", "no-gain", "drop")
    assert words.carried(column) == ""
    assert words.carried(replace(column, cost=Cost(1_234_567, 0.001, 1, 1))) == "1 line in 1 file, <1 % missing"
    assert words.carried(replace(column, cost=Cost(812, 0.999, 3, 2))) == "3 lines in 2 files, 99 % missing"
    assert words.carried(replace(column, cost=Cost(0, 1.0))) == "100 % missing"


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9960, "10 kB"), (999_999, "1.0 MB"), (5_000_000_000_000, "5000 GB")]
)
def test_sizes(number: int, said: str):
    assert words.size(number) == said


def test_every_kind_that_is_dropped_has_a_meaning_and_a_rule():
    assert set(RULES) <= set(words.MEANING)
    assert words.kinds(CREDIT.columns) == ("duplicate", "legacy", "bundled", "no-gain", "one-of", "needed", "undecided")


def test_names_are_one_safe_line():
    assert words.named("age") == "age"
    assert words.named("") == '""'
    assert words.named(" a ") == '" a "'
    assert words.named("a\nb\x1b[0m") == r"a\nb\x1b[0m"
    assert words.named("x" * 60) == "x" * 45 + "..."


def test_hints_go_by_the_verdict():
    assert words.hints(CREDIT)[0].startswith("delete the lines that make these columns")
    assert "`mldebt explain legacy-feature`" in words.hints(CREDIT)[1]
    assert words.hints(CREDIT)[2].startswith("more rows")
    assert words.hints(NOTHING) == ()
    assert len(words.hints(NO_MODEL)) == 1 and "--target" in words.hints(NO_MODEL)[0]
    assert words.hints(STRUCTURE)[0].startswith("without `--structure-only` a model says")
    bare = replace(CREDIT, columns=tuple(replace(one, code=()) for one in CREDIT.columns))
    assert words.hints(bare)[0].startswith("train without these columns; in a repository, `--code PATH`")


def test_code_that_goes_with_several_columns_is_told_once():
    goes = Evidence("producer", "`make` (features.py:3) creates no column that stays: it goes too")
    result = replace(CREDIT, columns=tuple(replace(one, evidence=(*one.evidence, goes)) for one in CREDIT.columns))
    assert words.shared(words.dropped(result)) == (goes.message,)
    assert "make" not in words.why(words.dropped(result)[0])
    for format in ("text", "markdown", "html"):
        assert render([result], format, PLAIN).count("creates no column that stays") == 1


def test_evidence_that_stands_in_the_table_is_not_told_again():
    noise = next(one for one in CREDIT.columns if one.name == "noise")
    evidence = (Evidence("gain", "it gains -0.0004"), Evidence("joint-gain", "all 8 gain -0.0011"), Evidence("x", "so it is"))
    assert words.why(replace(noise, evidence=evidence)) == "so it is"
    assert words.why(replace(noise, evidence=evidence[:2])) == words.MEANING["no-gain"]
    assert words.shared([replace(noise, evidence=evidence)]) == ("all 8 gain -0.0011",)


def test_without_a_model_copies_are_listed_and_the_rest_is_not_worth_a_look():
    assert [one.name for one in words.dropped(STRUCTURE)] == ["income_eur"]
    copy = replace(NO_MODEL, columns=(*NO_MODEL.columns[1:], replace(CREDIT.columns[6], name="twin", action="review")))
    assert [one.name for one in words.reviewed(copy)] == ["twin"]
    assert words.dropped(copy) == () and len(words.staying(copy)) == 7
