"""Kinds of debt, each from a small structure made by hand."""

from __future__ import annotations

import pytest

from mldebt.data_pass.bundles import Group
from mldebt.data_pass.kinds import Prediction, Told, tell
from mldebt.data_pass.structure.model import Association, Copy, Dependence, Structure

BASE = {
    "constants": (),
    "classes": (),
    "copies": (),
    "dependences": (),
    "associations": (),
    "identifiers": (),
    "leaks": (),
    "distinct": {},
    "missing": {},
    "bytes": {},
}


def kind_of(column, *, kept=("a", "b"), dropped=(), needed=(), groups=(), predictions=None, **structure) -> Told | None:
    gone = tuple(sorted({column, *dropped}))
    found = dict(tell(gone, frozenset(kept), frozenset(needed), Structure(**{**BASE, **structure}), groups, predictions or {}))
    assert sorted(found) == list(gone)
    return found[column]


def one(told: Told | None):
    assert told is not None
    (evidence,) = told.evidence
    return told.kind, evidence.type, evidence.others, evidence.message


def test_constant():
    assert one(kind_of("x", constants=("x",)))[:2] == ("constant", "constant")


@pytest.mark.parametrize(
    ("how", "detail", "message"),
    [
        ("equal", "", "the same values as `a`"),
        ("recoded", "", "`a` under other names"),
        ("affine", "= 2 x a", "a rescaled `a` (= 2 x a)"),
        ("monotone", "", "a monotone function of `a`"),
        ("missing-indicator", "", "says only where `a` is missing"),
    ],
)
def test_copies_of_a_column_that_stays(how, detail, message):
    classes = (("a", "x"),) if how != "missing-indicator" else ()
    told = kind_of("x", classes=classes, copies=(Copy("x", "a", how, detail, True),))
    assert one(told) == ("duplicate", how, ("a",), message)


def test_a_copy_whose_first_choice_goes_too_points_to_the_one_that_stays():
    told = kind_of(
        "x", dropped=("m",), classes=(("m", "x", "a"),), copies=(Copy("a", "m", "equal", "", True), Copy("x", "m", "equal", "", True))
    )
    assert one(told) == ("duplicate", "copy", ("a",), "the same information as `a`")


def test_of_copies_that_all_go_the_first_is_no_duplicate():
    structure = {"classes": (("m", "x"),), "copies": (Copy("x", "m", "equal", "", True),)}
    assert one(kind_of("x", dropped=("m",), **structure)) == ("duplicate", "equal", ("m",), "the same values as `m`, which goes as well")
    assert kind_of("m", dropped=("x",), **structure) is None


def test_an_indicator_of_a_column_whose_copy_stays():
    copies = (Copy("m", "a", "equal", "", True), Copy("x", "m", "missing-indicator", "", True))
    told = kind_of("x", dropped=("m",), classes=(("m", "a"),), copies=copies)
    assert one(told)[2] == ("a",)


def test_an_indicator_of_a_column_that_goes_is_no_duplicate():
    assert kind_of("x", dropped=("m",), copies=(Copy("x", "m", "missing-indicator", "", True),)) is None


def test_a_function_of_a_column_that_stays_is_legacy():
    assert one(kind_of("x", dependences=(Dependence("x", "a", True),))) == ("legacy", "determined-by", ("a",), "`a` determines it")


def test_of_several_sources_one_that_stays_and_has_the_fewest_values_is_named():
    dependences = (Dependence("x", "a", True), Dependence("x", "b", True), Dependence("x", "m", True))
    told = kind_of("x", dropped=("m",), dependences=dependences, distinct={"a": 90, "b": 7, "m": 3})
    assert one(told)[2] == ("b",)


def test_a_function_of_a_column_that_goes_says_so():
    told = kind_of("x", dropped=("m",), dependences=(Dependence("x", "m", True),))
    assert one(told) == ("legacy", "determined-by", ("m",), "`m` determines it, which goes as well")


def test_what_several_columns_determine_is_legacy():
    told = kind_of("x", predictions={"x": Prediction(0.999, ("a", "b"), exact=True, mutual=False)})
    assert one(told) == ("legacy", "determined-by", ("a", "b"), "`a` and `b` determine it")


def test_what_a_sum_explains_is_correlated():
    told = kind_of("x", predictions={"x": Prediction(1.0, ("a", "b"), exact=True, mutual=True)})
    assert one(told) == ("correlated", "predicted-by", ("a", "b"), "`a` and `b` explain 100% of it")


@pytest.mark.parametrize(("value", "kind"), [(0.85, "correlated"), (0.5, None)])
def test_what_columns_explain_in_part(value, kind):
    told = kind_of("x", predictions={"x": Prediction(value, ("a", "b", "c", "d"), exact=False, mutual=True)})
    assert (told and told.kind) == kind
    if told:
        assert told.evidence[0].message == "`a` and `b` and `c` and 1 more explain 85% of it"


@pytest.mark.parametrize(("first", "second", "other"), [("b", "x", "b"), ("x", "y", "y")])
def test_the_strongest_association_with_a_column_that_stays(first, second, other):
    associations = (Association("a", "x", "spearman", 0.85), Association(first, second, "cramers-v", 0.93))
    told = kind_of("x", kept=("a", "b", "y"), associations=associations)
    assert told is not None and told.kind == "correlated"
    assert (told.evidence[0].others, told.evidence[0].value) == ((other,), 0.93)
    assert "Cramer's V 0.93" in told.evidence[0].message


def test_associations_that_are_weak_or_with_columns_that_go_say_nothing():
    assert (
        kind_of("x", dropped=("m",), associations=(Association("a", "x", "spearman", 0.79), Association("m", "x", "spearman", 0.99)))
        is None
    )


def test_a_bundle_of_the_settings():
    group = Group("geo", "given", ("a", "x", "y"))
    assert one(kind_of("x", dropped=("y",), groups=(group,))) == (
        "bundled",
        "bundle",
        ("a",),
        "1 of the 3 columns of `geo` earns its place",
    )
    gone = Group("geo", "given", ("x", "y"))
    assert one(kind_of("x", dropped=("y",), groups=(gone,)))[3] == "0 of the 2 columns of `geo` earn their place"


def test_a_bundle_that_a_name_suggests_counts_when_some_of_it_is_needed():
    group = Group("q*", "prefix", ("a", "x", "y"))
    assert kind_of("x", dropped=("y",), groups=(group,)) is None
    told = kind_of("x", dropped=("y",), groups=(group,), needed=("a",))
    assert told is not None and told.kind == "bundled"


def test_the_first_kind_that_holds_is_taken():
    group = Group("geo", "given", ("a", "x"))
    found = {
        "predictions": {"x": Prediction(0.9, ("a",), exact=False, mutual=True)},
        "associations": (Association("a", "x", "spearman", 0.9),),
        "dependences": (Dependence("x", "a", True),),
        "classes": (("a", "x"),),
        "constants": ("x",),
    }
    kinds = []
    for gone in (None, "constants", "classes", "dependences", "associations", "predictions"):
        if gone:
            del found[gone]
        told = kind_of("x", groups=(group,), **found)
        assert told is not None
        kinds.append((told.kind, told.evidence[0].type))
    assert kinds == [
        ("constant", "constant"),
        ("duplicate", "copy"),
        ("legacy", "determined-by"),
        ("correlated", "association"),
        ("correlated", "predicted-by"),
        ("bundled", "bundle"),
    ]
    assert kind_of("x") is None
