"""Columns that were let in together."""

from __future__ import annotations

import pytest

from mldebt.data_pass.bundles import groups_of
from mldebt.data_pass.errors import DataError

COLUMNS = ("age", "bureau_1", "bureau_2", "bureau_3", "geo_lat", "geo_lon", "income", "q1", "q2", "tenure")


def told(columns, **given):
    return [(group.name, group.origin, group.columns) for group in groups_of(columns, given)]


def test_numbers_after_a_prefix_suggest_a_bundle_of_at_least_three():
    assert told(COLUMNS) == [("bureau*", "prefix", ("bureau_1", "bureau_2", "bureau_3"))]


@pytest.mark.parametrize("between", ["", "_", "-", "."])
def test_what_stands_between_prefix_and_number(between):
    columns = (*(f"x{between}{i}" for i in range(3)), "a", "b", "c")
    assert told(columns) == [("x*", "prefix", columns[:3])]


def test_the_settings_come_first_and_take_their_columns():
    found = told(COLUMNS, geo="geo_*", bureau="bureau_[12]")
    assert found == [("bureau", "given", ("bureau_1", "bureau_2")), ("geo", "given", ("geo_lat", "geo_lon"))]


def test_a_pattern_is_exact_about_case_and_may_name_one_column():
    assert told(COLUMNS, one="age")[0] == ("one", "given", ("age",))
    with pytest.raises(DataError, match=r"bundle one: no feature is like 'AGE'"):
        groups_of(COLUMNS, {"one": "AGE"})


def test_a_pattern_that_meets_no_feature_names_what_it_meets():
    with pytest.raises(DataError, match=r"^bundle one: 'note_\*' is like 'note_a', 'note_b' only, and no feature$"):
        groups_of(COLUMNS, {"one": "note_*"}, ("note_b", "note_a", "", "weight"))
    with pytest.raises(DataError, match=r"^bundle one: no feature is like 'x\*'$"):
        groups_of(COLUMNS, {"one": "x*"}, ("", "weight"))


def test_a_prefix_that_most_columns_share_says_nothing():
    assert told(("x1", "x2", "x3", "x4", "age")) == []


def test_names_that_are_numbers_have_no_prefix():
    assert told(("1", "2", "3", "a", "b", "c", "d")) == []
