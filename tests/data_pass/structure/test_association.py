"""Associations between many categories."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.structure import association
from mldebt.data_pass.structure.association import LEAST, MANY, cramers_v, likely_pairs
from mldebt.data_pass.structure.columns import Ranked, ranked
from tests.data_pass.structure.test_find import look


def twins(pairs: int, levels: int, *, rows: int = 2_000, seed: int = 0) -> dict[str, Ranked]:
    """Categories of which every second one is the one before it, renamed, with noise; now and then missing."""
    random = np.random.default_rng(seed)
    made = {}
    for number in range(pairs):
        first = random.integers(0, levels, rows)
        second = np.where(random.random(rows) < random.uniform(0.5, 1), random.permutation(levels)[first], random.integers(0, levels, rows))
        for letter, codes in (("a", first), ("b", second)):
            made[f"c{number:03}{letter}"] = ranked(np.where(random.random(rows) < 0.02 * (number % 2), np.nan, codes))
    return made


@pytest.mark.parametrize("levels", [2, 3, 10, 60])
def test_what_is_associated_is_likely_and_little_else(levels: int):
    codes = twins(60, levels)
    likely = likely_pairs(codes)
    strong = [(one, f"{one[:-1]}b") for one in codes if one.endswith("a") and cramers_v(codes[one], codes[f"{one[:-1]}b"]) >= LEAST]
    assert len(strong) > 20
    assert set(strong) <= set(likely)
    assert len(likely) < 300  # of 7,140
    assert likely == sorted(set(likely))


def test_columns_with_one_value_are_never_likely():
    codes = twins(3, 3) | {"one": ranked(np.zeros(2_000)), "none": ranked(np.full(2_000, np.nan))}
    assert not {"one", "none"}.intersection(name for pair in likely_pairs(codes) for name in pair)


def test_many_categories_give_what_all_pairs_give(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(1)
    base = random.integers(0, 5, (600, 205))
    again = np.where(random.random((600, 5)) < 0.8, base[:, :5], random.integers(0, 5, (600, 5)))
    values = np.array(list("vwxyz"))[np.hstack([base, again])]
    frame = pd.DataFrame(values, columns=[f"c{number:03}" for number in range(210)])
    assert MANY < 210 * 209 / 2
    found = look(frame).associations
    assert [(one.first, one.second) for one in found] == [(f"c{number:03}", f"c{205 + number}") for number in range(5)]
    monkeypatch.setattr(association, "MANY", 10**9)
    assert look(frame).associations == found
