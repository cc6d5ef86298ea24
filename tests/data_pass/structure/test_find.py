from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.data_pass.reading.examine import examine_frame
from mldebt.data_pass.settings import FeatureSettings
from mldebt.data_pass.structure.model import Structure

ROWS = 600


def look(frame: pd.DataFrame, target: object = None, **more: object) -> Structure:
    random = np.random.default_rng(99)
    target = random.integers(0, 2, len(frame)) if target is None else target
    return examine_frame(frame, target, FeatureSettings(**more))[1]


def columns(seed: int = 0, rows: int = ROWS, **more: object) -> tuple[np.random.Generator, pd.DataFrame]:
    random = np.random.default_rng(seed)
    return random, pd.DataFrame({"x": random.normal(size=rows), "n": random.integers(0, 50, rows), **more})


def copies(structure: Structure) -> dict[str, tuple[str, str]]:
    return {one.column: (one.of, one.how) for one in structure.copies}


def dependences(structure: Structure) -> set[tuple[str, str]]:
    return {(one.column, one.on) for one in structure.dependences}


@pytest.mark.parametrize("seed", range(3))
def test_every_kind_of_copy(seed: int):
    random, frame = columns(seed)
    region = random.integers(0, 8, ROWS)
    frame["x_copy"] = frame["x"]
    frame["x_fahrenheit"] = 1.8 * frame["x"] + 32
    frame["x_negative"] = -frame["x"]
    frame["x_exponential"] = np.exp(frame["x"])
    frame["x_cents"] = np.round(frame["x"] * 1e6)
    frame["region"] = np.array(list("hgfedcba"))[region]
    frame["region_code"] = random.permutation(8)[region]
    frame["holes"] = np.where(random.random(ROWS) < 0.2, np.nan, random.normal(size=ROWS))
    frame["holes_v2"] = frame["holes"]
    frame["no_holes"] = frame["holes"].notna().astype(int)
    found = look(frame)
    assert copies(found) == {
        "x_copy": ("x", "equal"),
        "x_fahrenheit": ("x", "affine"),
        "x_negative": ("x", "affine"),
        "x_exponential": ("x", "monotone"),
        "x_cents": ("x", "affine"),
        "region": ("region_code", "recoded"),
        "holes_v2": ("holes", "equal"),
        "no_holes": ("holes", "missing-indicator"),
    }
    details = {one.column: one.detail for one in found.copies}
    assert details["x_fahrenheit"] == "= 1.8 x x + 32"
    assert details["x_negative"] == "= -1 x x"
    assert details["x_cents"] == "= 1e+06 x x, up to rounding"
    assert all(one.exact for one in found.copies)
    assert found.classes == (
        ("holes", "holes_v2"),
        ("region_code", "region"),
        ("x", "x_copy", "x_cents", "x_negative", "x_fahrenheit", "x_exponential"),
    )
    assert found.dependences == ()
    assert found.leaks == ()


def test_the_first_choice_has_fewest_missing_then_is_a_number_then_is_short():
    random, frame = columns()
    level = random.integers(0, 5, ROWS).astype(float)
    gone = level == 2
    frame["aa"] = np.where(gone, np.nan, level)
    frame["whole_text"] = pd.Series(level).map(lambda value: f"level {value}")
    frame["whole_long"] = level
    frame["whole"] = level
    assert look(frame).classes == (("whole", "whole_long", "whole_text", "aa"),)


def test_a_monotone_copy_up_to_rounding_falls_too():
    _, frame = columns()
    frame["falling"] = np.round(-np.exp(frame["x"]), 5)
    found = look(frame)
    assert copies(found) == {"falling": ("x", "monotone")}
    assert found.copies[0].detail == "falls with x, up to rounding"


def test_values_that_are_all_different_are_no_recoding():
    random, frame = columns()
    for name in "abc":
        frame[name] = random.normal(size=ROWS)
    frame["number"] = random.permutation(ROWS) * 7.5
    assert look(frame).classes == ()


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_a_shared_spike_is_no_recoding(fill: float):
    random, frame = columns()
    spike = random.random(ROWS) < 0.6
    frame["amount"] = np.where(spike, fill, random.normal(size=ROWS))
    frame["quantity"] = np.where(spike, fill, random.normal(size=ROWS))
    found = look(frame)
    assert found.classes == ()
    assert found.dependences == ()


def test_two_shared_spikes_are_no_recoding():
    random, frame = columns()
    draw = random.random(ROWS)
    for name in ("amount", "quantity"):
        frame[name] = np.select([draw < 0.3, draw < 0.6], [0.0, -1.0], random.normal(size=ROWS))
    assert look(frame).classes == ()


def test_constants():
    random, frame = columns(one=7, none=np.nan, text="same")
    frame["seven_or_none"] = np.where(random.random(ROWS) < 0.5, 7.0, np.nan)
    found = look(frame)
    assert found.constants == ("none", "one", "text")
    assert found.distinct["none"] == 0
    assert found.distinct["seven_or_none"] == 1
    assert found.missing["none"] == 1.0


def test_one_value_or_missing_is_an_indicator():
    random, frame = columns()
    gone = random.random(ROWS) < 0.3
    frame["holes"] = np.where(gone, np.nan, random.normal(size=ROWS))
    frame["seven_or_none"] = np.where(gone, np.nan, 7.0)
    frame["flag"] = np.where(gone, "yes", "no")
    found = look(frame)
    assert found.classes == (("flag", "seven_or_none"),)
    assert ("seven_or_none", "holes", "missing-indicator") in {(one.column, one.of, one.how) for one in found.copies}
    assert ("flag", "holes", "missing-indicator") in {(one.column, one.of, one.how) for one in found.copies}


def test_a_few_missing_rows_have_no_indicator():
    _, frame = columns()
    frame["holes"] = frame["x"] * frame["n"]
    frame.loc[:2, "holes"] = np.nan
    frame["rare"] = frame["holes"].isna()
    assert look(frame).copies == ()


@pytest.mark.parametrize("seed", range(3))
def test_coarser_versions_are_dependences(seed: int):
    random, frame = columns(seed)
    age = random.uniform(18, 80, ROWS)
    frame["age"] = age
    frame["age_band"] = np.digitize(age, [30, 45, 60])
    frame["extreme"] = (np.abs(frame["x"]) > 1).map({True: "far", False: "near"})
    job = random.integers(0, 12, ROWS)
    frame["job"] = np.array([f"job{number}" for number in range(12)])[job]
    frame["job_group"] = np.array(list("abcd"))[job % 4]
    frame["tens"] = frame["n"] // 10
    found = look(frame)
    assert dependences(found) == {("age_band", "age"), ("extreme", "x"), ("job_group", "job"), ("tens", "n")}
    assert found.classes == ()


def test_missing_is_a_value_of_its_own():
    random, frame = columns()
    city = random.integers(0, 20, ROWS)
    frame["city"] = np.where(city == 3, None, np.array([f"c{number}" for number in range(20)], dtype=object)[city])
    frame["state"] = np.where(city == 3, None, np.array(list("pqrs"), dtype=object)[city % 4])
    assert dependences(look(frame)) == {("state", "city")}
    frame.loc[frame.index[city == 3][:5], "state"] = "p"
    assert dependences(look(frame)) == set()


def test_numbers_of_rows_and_rare_flags_determine_nothing():
    random, frame = columns()
    frame["customer_id"] = np.arange(ROWS)
    frame["batch"] = np.arange(ROWS) // 100
    frame["rare"] = (np.arange(ROWS) % 200 == 0).astype(int)
    frame["zip"] = random.integers(0, 400, ROWS)
    frame["noise"] = random.integers(0, 2, ROWS)
    found = look(frame)
    assert found.identifiers == ("customer_id",)
    assert dependences(found) == set()


@pytest.mark.parametrize(
    ("name", "values", "is_one"),
    [
        ("number", np.random.default_rng(0).permutation(ROWS), True),
        ("draws", np.random.default_rng(0).permutation(ROWS * 9)[:ROWS], True),
        ("user_id", np.random.default_rng(0).integers(0, 2**40, ROWS), True),
        ("amount", np.random.default_rng(0).integers(0, 2**40, ROWS), False),
        ("real", np.random.default_rng(0).permutation(ROWS) / 7, False),
        ("twice", np.arange(ROWS) // 2, False),
    ],
)
def test_identifiers(name: str, values: np.ndarray, is_one: bool):
    _, frame = columns()
    frame[name] = values
    assert look(frame).identifiers == ((name,) if is_one else ())


def test_texts_that_name_the_rows_are_identifiers():
    _, frame = columns(key=[f"k{row}" for row in range(ROWS)], shop=[f"s{row % 300}" for row in range(ROWS)])
    sample, found = examine_frame(frame, np.arange(ROWS) % 2, FeatureSettings())
    assert found.identifiers == ("key",)
    assert sample.excluded == {"key": "another text in every row", "shop": "text with 300 different values; a category may have 255"}
    assert found.distinct["shop"] == 300


def test_associations():
    random, frame = columns()
    frame["proxy"] = frame["x"] + 0.3 * random.normal(size=ROWS)
    group = random.integers(0, 6, ROWS)
    frame["group"] = np.array(list("abcdef"))[group]
    frame["noisy_group"] = np.array(list("uvwxyz"))[np.where(random.random(ROWS) < 0.1, random.integers(0, 6, ROWS), group)]
    frame["level"] = group + 0.3 * random.normal(size=ROWS)
    found = {(one.first, one.second): (one.measure, one.value) for one in look(frame).associations}
    assert {pair: measure for pair, (measure, _) in found.items()} == {
        ("group", "level"): "correlation-ratio",
        ("group", "noisy_group"): "cramers-v",
        ("level", "noisy_group"): "correlation-ratio",
        ("proxy", "x"): "spearman",
    }
    assert found["proxy", "x"][1] == pytest.approx(frame[["x", "proxy"]].corr("spearman").iloc[0, 1], abs=1e-3)


def test_many_small_groups_are_not_associated_by_chance():
    random, frame = columns()
    frame["city"] = np.array([f"c{number}" for number in range(200)])[random.integers(0, 200, ROWS)]
    frame["street"] = np.array([f"s{number}" for number in range(200)])[random.integers(0, 200, ROWS)]
    assert look(frame).associations == ()


def test_missing_values_do_not_hide_an_association():
    random, frame = columns()
    frame["proxy"] = np.where(random.random(ROWS) < 0.5, np.nan, frame["x"] + 0.3 * random.normal(size=ROWS))
    (one,) = look(frame).associations
    assert (one.first, one.second) == ("proxy", "x")
    assert one.value == pytest.approx(frame[["x", "proxy"]].corr("spearman").iloc[0, 1], abs=0.03)


def test_leaks_of_classes():
    random, frame = columns()
    target = random.integers(0, 2, ROWS)
    frame["copy"] = np.where(target == 1, "A", "B")
    frame["copy_too"] = 1 - target
    frame["threshold"] = 10 * target + random.random(ROWS)
    frame["code"] = [f"{value}-{row % 7}" for row, value in enumerate(target)]
    frame["nearly"] = target * 10 + random.normal(size=ROWS) * 2.2
    frame["good"] = target + random.normal(size=ROWS)
    frame["gone"] = np.where(target == 1, np.nan, random.normal(size=ROWS))
    found = {one.column: one.how for one in look(frame, target).leaks}
    assert found.pop("gone") == "determines"
    assert found == {"copy": "copy", "copy_too": "copy", "threshold": "determines", "code": "determines", "nearly": "association"}


def test_leaks_of_a_number():
    random, frame = columns()
    target = random.normal(size=ROWS)
    frame["line"] = 3 * target + 1
    frame["curve"] = np.exp(target)
    frame["nearly"] = target + 0.01 * random.normal(size=ROWS)
    frame["good"] = target + random.normal(size=ROWS)
    found = {one.column: one.how for one in look(frame, target).leaks}
    assert found == {"line": "copy", "curve": "copy", "nearly": "association"}


def test_an_identifier_does_not_determine_the_target():
    _, frame = columns()
    frame["row_id"] = np.random.default_rng(0).permutation(ROWS)
    assert look(frame).leaks == ()


def test_the_sample_is_checked_against_all_rows():
    _, frame = columns(rows=3000)
    frame["line"] = 2 * frame["x"] + 1
    frame["curve"] = np.exp(frame["x"])
    frame["cents"] = np.round(frame["x"] * 1e7)
    frame["band"] = np.digitize(frame["x"], [-1, 0, 1])
    frame["tens"] = frame["n"] // 10
    broken = frame.assign(
        late_line=frame["line"], late_curve=frame["curve"], late_band=frame["band"].astype(float), late_tens=frame["tens"].astype(float)
    )
    unseen = _unseen(broken)
    broken.loc[unseen, "late_line"] += 1e-3
    broken.loc[unseen, "late_curve"] += 100
    broken.loc[unseen, "late_band"] = 5 - broken.loc[unseen, "band"]
    broken.loc[unseen, "late_tens"] = 5 - broken.loc[unseen, "tens"]
    found = look(broken, sample=500)
    assert {one.column: (one.of, one.exact) for one in found.copies} == {
        "cents": ("x", True),
        "curve": ("x", False),
        "line": ("x", True),
    }
    assert {(one.column, one.on, one.exact) for one in found.dependences} == {
        ("band", "late_line", True),  # moved by less than the bands are apart
        ("band", "x", True),
        ("tens", "n", True),
    }


def test_a_leak_of_the_sample_alone_is_none():
    random, frame = columns(rows=3000)
    target = random.integers(0, 2, 3000)
    frame["leak"] = target * 5 + random.random(3000)
    frame["late"] = frame["leak"]
    unseen = _unseen(frame)
    frame.loc[unseen, "late"] = frame.loc[unseen, "late"].to_numpy()[::-1] * 0 + 2.5
    found = {one.column: one.how for one in look(frame, target, sample=500).leaks}
    assert found["leak"] == "determines"
    assert found.get("late") != "determines"


def _unseen(frame: pd.DataFrame) -> np.ndarray:
    """A few rows that are not in the sample of 500."""
    number = np.arange(len(frame)) * 1.5
    sample, _ = examine_frame(
        frame.assign(number=number), np.random.default_rng(99).integers(0, 2, len(frame)), FeatureSettings(sample=500)
    )
    return np.flatnonzero(~np.isin(number, sample.frame["number"]))[:40]


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_column_order_does_not_matter_and_noise_is_no_structure(seed: int):
    random = np.random.default_rng(seed)
    rows = int(random.integers(80, 500))
    kinds = [
        lambda: random.normal(size=rows),
        lambda: random.integers(0, int(random.integers(2, 90)), rows).astype(float),
        lambda: np.array(list("abcdefgh"))[random.integers(0, int(random.integers(2, 8)), rows)],
        lambda: np.where(random.random(rows) < 0.3, np.nan, random.normal(size=rows)),
        lambda: random.random(rows) < random.uniform(0.01, 0.99),
    ]
    frame = pd.DataFrame({f"c{place}": kinds[place % len(kinds)]() for place in range(20)})
    target = random.normal(size=rows)
    found = look(frame, target)
    assert found.classes == () and found.copies == () and found.dependences == () and found.leaks == () and found.associations == ()
    planted = frame.assign(twin=frame["c0"], band=np.digitize(frame["c5"], [-0.5, 0.5]))
    found = look(planted, target)
    assert found.classes == (("c0", "twin"),)
    assert dependences(found) == {("band", "c5")}
    shuffled = list(planted.columns)
    random.shuffle(shuffled)
    assert look(planted[shuffled], target) == found


def test_rare_values_among_common_ones_are_no_steps():
    random, frame = columns(rows=1000)
    gone = random.random(1000) < 0.4
    frame["holes"] = np.where(gone, np.nan, random.normal(size=1000))
    frame["rare"] = np.where(gone, np.nan, np.where(random.random(1000) < 0.9, 0.0, random.lognormal(size=1000)))
    assert dependences(look(frame)) == set()
