"""What paired folds allow to say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.data_pass.ablation.decide import Step, bounds, early, half_width, rows_error, verdict
from mldebt.data_pass.result import Interval

NAN = float("nan")
T_4_95 = 2.131846786  # Student's t, 4 degrees of freedom, one-sided 95 %
Z_95 = 1.644853627


def steps_of(*changes, error=NAN):
    return [Step(change, error) for change in changes]


def test_nadeau_and_bengio_by_hand():
    found = bounds(steps_of(0.01, 0.02, 0.03, 0.02, 0.02), 0.25, 0.05, 5)
    spread = math.sqrt((0.01**2 + 0.01**2) / 4)
    half = T_4_95 * spread * math.sqrt(1 / 5 + 0.25)
    assert found.mean == pytest.approx(0.02)
    assert found.high == pytest.approx(0.02 + half)
    assert found.low == pytest.approx(0.02 - half)
    assert found.folds == 5


def test_rows_count_where_folds_are_lucky():
    found = bounds(steps_of(0.01, 0.01, 0.01, 0.01, 0.01, error=0.004), 0.25, 0.05, 5)
    assert found.high == pytest.approx(0.01 + Z_95 * 0.004 / math.sqrt(5))


def test_rows_are_those_of_the_first_repeat():
    steps = steps_of(*[0.01] * 5, error=0.004) + steps_of(*[0.01] * 10, error=9.0)
    assert rows_error(steps, 5) == pytest.approx(0.004 / math.sqrt(5))
    assert bounds(steps, 0.25, 0.05, 5).high == pytest.approx(0.01 + Z_95 * 0.004 / math.sqrt(5))


def test_one_fold_has_its_rows_alone():
    found = bounds(steps_of(0.01, error=0.002), 0.25, 0.05, 5)
    assert (found.low, found.high) == pytest.approx((0.01 - Z_95 * 0.002, 0.01 + Z_95 * 0.002))
    assert bounds(steps_of(0.01), 0.25, 0.05, 5).high == math.inf
    assert math.isnan(half_width(steps_of(0.01), 0.25, 0.05, 5))


def test_without_errors_of_rows_the_folds_decide():
    known = bounds(steps_of(0.01, 0.03), 0.25, 0.05, 5)
    some = bounds([Step(0.01, NAN), Step(0.03, 0.001)], 0.25, 0.05, 5)
    assert known == some


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=15), st.floats(0, 0.3), st.floats(0.01, 0.4))
def test_the_bounds_hold_the_mean_and_grow_with_certainty(changes, error, alpha):
    steps = steps_of(*changes, error=error)
    found, surer = bounds(steps, 0.25, alpha, 5), bounds(steps, 0.25, alpha / 2, 5)
    assert found.low <= found.mean <= found.high
    assert surer.low <= found.low and found.high <= surer.high
    assert found.mean == pytest.approx(np.mean(changes), abs=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.01, 0.005, "fits"),
        (-0.01, 0.0050001, "undecided"),
        (0.005, 0.01, "undecided"),
        (0.0050001, 0.01, "falls"),
        (-0.02, -0.01, "fits"),
        (-math.inf, math.inf, "undecided"),
        (NAN, NAN, "undecided"),
    ],
)
def test_verdicts_at_the_edges(low, high, said):
    assert verdict(Interval(mean=(low + high) / 2, low=low, high=high, folds=5), 0.005) == said


def ended(*changes, error=NAN, accept=True, futile=True, size=5):
    return early(steps_of(*changes, error=error), 0.005, size, accept=accept, futile=futile)


def test_a_plain_loss_ends_after_one_fold_where_rows_tell():
    assert ended(0.1, error=0.001) == "falls"
    assert ended(0.1, error=0.001, futile=False, accept=False) == "falls"
    assert ended(0.1) is None


def test_a_plain_yes_needs_three_folds_and_someone_who_asks_again():
    assert ended(0.0, 0.0, error=0.0001) is None
    assert ended(0.0, 0.0, 0.0, error=0.0001) == "fits"
    assert ended(0.0, 0.0, 0.0, error=0.0001, accept=False) is None
    assert ended(-0.02, -0.02, 0.006, error=0.0001) is None  # one fold alone is beyond the tolerance
    assert ended(0.0, error=0.0001, size=2) == "fits"


def test_a_race_without_hope_ends():
    assert ended(0.008, 0.008, 0.008, error=0.003) == "undecided"
    assert ended(0.008, 0.008, 0.008, error=0.003, futile=False) is None
    assert ended(0.006, 0.004, error=0.003) is None


def test_without_errors_of_rows_two_folds_reject_only_what_is_far_off():
    assert ended(0.03, 0.03) == "falls"
    assert ended(0.06, 0.004) is None
    assert ended(0.012, 0.012) is None
    assert ended(0.012, 0.012, 0.012) == "falls"
    assert ended(0.0, 0.0, 0.0) is None


def test_a_whole_repeat_is_not_ended_early():
    assert ended(*[0.5] * 5, error=0.001) is None
