"""Frames as numbers: holes are filled and flagged, categories become indicators, each feature owns its block."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mldebt.data_pass.fitting.design import LEVELS, Design

FRAME = pd.DataFrame(
    {
        "a": [1.0, 2.0, 4.0, 8.0],
        "b": [1.0, np.nan, 3.0, 5.0],
        "c": pd.Categorical(["x", "y", None, "z"]),
        "d": [np.nan] * 4,
        "e": pd.Categorical(["x"] * 4),
    }
)


def test_holes_are_filled_with_the_median_and_flagged():
    matrix = Design(FRAME[["b"]]).matrix
    assert matrix.tolist() == [[1, 0], [3, 1], [3, 0], [5, 0]]


def test_all_levels_but_the_first_are_indicators_and_missing_is_none_of_them():
    assert Design(FRAME[["c"]]).matrix.tolist() == [[0, 0], [1, 0], [0, 0], [0, 1]]


def test_columns_without_values_and_with_one_level_are_zeros():
    assert Design(FRAME[["d"]]).matrix.tolist() == [[0, 1]] * 4
    assert Design(FRAME[["e"]]).matrix.tolist() == [[0]] * 4


def test_blocks_are_where_their_columns_are():
    design = Design(FRAME)
    assert design.width == 1 + 2 + 2 + 2 + 1
    assert design.columns_of((0, 2, 4)).tolist() == [0, 3, 4, 7]
    assert [block.tolist() for block in design.blocks((0, 2, 4))] == [[0], [1, 2], [3]]
    assert design.columns_of(()).tolist() == []
    assert Design(FRAME[["a"]]).columns_of((0,)).tolist() == [0]


def test_rare_levels_share_the_zero():
    codes = np.concatenate([np.arange(LEVELS + 10), np.arange(LEVELS - 1)])
    frame = pd.DataFrame({"c": pd.Categorical.from_codes(codes, categories=[f"{i:03}" for i in range(LEVELS + 10)])})
    matrix = Design(frame).matrix
    assert matrix.shape[1] == LEVELS - 1
    assert matrix[LEVELS + 5].sum() == 0


def test_the_frame_stays_as_it_is():
    before = FRAME.copy()
    Design(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)
