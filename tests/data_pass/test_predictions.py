"""How well columns that stay tell those that go."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.predictions import predictions


def frame_of(rows=1_000, seed=0):
    draw = np.random.default_rng(seed)
    a, b, c, noise = draw.normal(size=(4, rows))
    city = draw.integers(0, 6, rows)
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "c": c,
            "city": pd.Categorical.from_codes(city, categories=list("abcdef")),
            "sum": 2 * a - b + 7,
            "near": a + b + 0.2 * noise,
            "both": ((a > 0) & (b > 0)).astype(float),
            "region": pd.Categorical.from_codes(np.array([0, 0, 1, 1, 2, 2])[city], categories=["x", "y", "z"]),
            "where": pd.Categorical.from_codes(np.array([0, 0, 1, 1, 2, 2])[city] * (a > 0), categories=["x", "y", "z"]),
            "noise": noise,
            "coin": draw.integers(0, 2, rows).astype(float),
            "rare": (draw.random(rows) < 0.004).astype(float),
            "holes": np.where(draw.random(rows) < 0.3, np.nan, a + c),
        }
    )


KEPT = ("a", "b", "c", "city")


def told(name, kept=KEPT, frame=None, seed=0):
    return predictions(frame_of() if frame is None else frame, kept, (name,), seed).get(name)


def test_a_linear_combination_is_exact_and_holds_both_ways():
    found = told("sum")
    assert found is not None
    assert found.exact and found.mutual
    assert found.others == ("a", "b")  # the greater weight first
    assert found.value == pytest.approx(1)


def test_a_sum_with_noise_is_not_exact():
    found = told("near")
    assert found is not None
    assert not found.exact and found.mutual
    assert set(found.others) == {"a", "b"}
    assert 0.95 < found.value < 1


@pytest.mark.parametrize(("name", "others"), [("both", {"a", "b"}), ("region", {"city"}), ("where", {"a", "city"})])
def test_a_lossy_function_holds_one_way(name, others):
    found = told(name)
    assert found is not None
    assert found.exact and not found.mutual
    assert set(found.others) == others


@pytest.mark.parametrize("name", ["noise", "coin", "rare"])
def test_noise_is_told_by_nothing(name):
    assert told(name) is None


def test_one_rare_value_in_a_half_is_no_function():
    frame = frame_of()
    for rare in (2, 12):
        found = told("hit", frame=frame.assign(hit=(frame["a"].rank() <= rare).astype(float)))
        assert found is None, rare
    assert told("hit", frame=frame.assign(hit=(frame["a"].rank() <= 60).astype(float))) is not None


def test_rows_without_a_value_do_not_count():
    found = told("holes")
    assert found is not None and found.exact and set(found.others) == {"a", "c"}


def test_holes_in_what_stays_do_not_stop_it():
    frame = frame_of()
    frame["c"] = frame["c"].where(np.arange(len(frame)) % 7 > 0)
    found = told("sum", frame=frame)
    assert found is not None and found.exact


def test_nothing_is_said_of_few_rows_or_nothing():
    assert predictions(frame_of(40), KEPT, ("sum",), 0) == {}
    assert predictions(frame_of(), KEPT, (), 0) == {}
    assert predictions(frame_of(), (), ("sum",), 0) == {}


def test_more_columns_than_rows_can_carry():
    frame = frame_of(60)
    wide = pd.concat([frame, pd.DataFrame(np.random.default_rng(1).normal(size=(60, 40)), columns=[f"w{i}" for i in range(40)])], axis=1)
    kept = (*KEPT, *(f"w{i}" for i in range(40)))
    assert told("noise", kept=kept, frame=wide) is None


def test_a_column_without_values_and_one_value_are_told_by_nothing():
    frame = frame_of().assign(empty=np.nan, one=1.0)
    assert predictions(frame, KEPT, ("empty", "one"), 0) == {}


def test_the_frame_stays_and_equal_seeds_give_equal_answers():
    frame = frame_of()
    before = frame.copy()
    dropped = ("both", "near", "noise", "sum")
    assert predictions(frame, KEPT, dropped, 3) == predictions(frame, KEPT, dropped, 3)
    pd.testing.assert_frame_equal(frame, before)
