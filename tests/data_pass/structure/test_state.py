from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.data_pass.structure.state import CAP, ColumnState, Facts, repeats

values = st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.5, float("nan"), -7.0]), min_size=1, max_size=120)


def facts(numbers: np.ndarray, cuts: list[int] | None = None) -> Facts:
    state = ColumnState()
    for part in np.split(np.asarray(numbers, dtype=np.float64), sorted(cuts or [])):
        state.add_numbers(part)
    return state.facts(8)


@given(values, st.lists(st.integers(0, 120), max_size=6))
@settings(max_examples=60, deadline=None)
def test_batches_of_any_size(numbers: list[float], cuts: list[int]):
    assert facts(np.array(numbers), cuts) == facts(np.array(numbers))


def test_zero_has_one_sign_and_missing_one_value():
    odd = np.frombuffer(np.array([0x7FF8000000000001, 0x7FF8000000000002], dtype=np.uint64).tobytes(), dtype=np.float64)
    assert facts(np.array([0.0, odd[0]])).values == facts(np.array([-0.0, odd[1]])).values


def test_recoded_columns_are_numbered_alike():
    random = np.random.default_rng(0)
    codes = random.integers(0, 5, 300)
    one, two = facts(codes), facts(random.permutation(5)[codes] * 10.0)
    assert one.recoded is not None and one.recoded == two.recoded and one.values != two.values
    state = ColumnState()
    numbered, levels = pd.factorize(np.array([f"t{code}" for code in codes], dtype=object))
    state.add_text(numbered, levels, -1)
    assert state.facts(8).recoded == one.recoded


def test_the_mask_of_missing_is_that_of_its_indicator():
    random = np.random.default_rng(0)
    gone = random.random(300) < 0.4
    holes = facts(np.where(gone, np.nan, random.normal(size=300)), [50, 60])
    assert holes.mask == facts(gone.astype(float)).two_valued == facts((~gone).astype(float)).two_valued
    assert holes.missing == gone.sum()


def test_levels_are_capped():
    many = facts(np.arange(CAP + 10.0), [1000, 30_000])
    assert many.capped and many.distinct == CAP and many.recoded is None
    assert not facts(np.arange(CAP * 1.0)).capped


def test_repeats():
    assert repeats(np.full(10, 50))
    assert repeats(np.array([500, 2]))
    assert not repeats(np.array([200] + [1] * 300))
    assert not repeats(np.array([200, 100] + [1] * 300))
    assert not repeats(np.full(20, 2))
