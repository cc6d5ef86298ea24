"""Names that are almost the same."""

from __future__ import annotations

import pytest

from mldebt.project.settings.near import is_slip, nearest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("treshold", "threshold"),
        ("nms_treshold", "nms_threshold"),
        ("batchsize", "batch_size"),
        ("leanring_rate", "learning_rate"),
        ("comment", "comments"),
    ],
)
def test_slips(one: str, other: str) -> None:
    assert is_slip(one, other)
    assert is_slip(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("min_age", "max_age"),
        ("rate_2", "rate_3"),
        ("rate", "rates_by_day"),
        ("train_rows", "trial_rows"),
        ("lr", "lrs"),
        ("fold1", "fold2"),
        ("x", "x"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert not is_slip(one, other)


def test_two_letters_are_a_slip_where_all_keys_are_known() -> None:
    assert not is_slip("coment", "comments")
    assert is_slip("coment", "comments", long=6)


def test_several_near_names_are_no_answer() -> None:
    assert nearest("weights", ["weight"]) == "weight"
    assert nearest("weightx", ["weights", "weighty"]) is None
