"""Folds: whole groups, no look into the future, fresh series, stratified classes; one line where they cannot be made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import hold_out, make_folds
from tests.data_pass.samples import sample_of

ROWS = 120


def made(target=None, *, task="regression", classes=0, folds=5, repeats=3, seed=0, series=0, rows=ROWS, **columns):
    target = np.linspace(0, 1, rows) if target is None else target
    sample = sample_of(pd.DataFrame({"a": np.arange(rows, dtype=float)}), target, classes=classes, **columns)
    return make_folds(sample, task, np.arange(rows), folds=folds, repeats=repeats, seed=seed, series=series)


def rows_of(folds):
    return [(fold.key, fold.train.tolist(), fold.test.tolist()) for fold in folds.folds]


def test_each_repeat_scores_every_row_once():
    found = made()
    assert len(found.folds) == 15 and found.size == 5
    for repeat in range(3):
        parts = [fold.test for fold in found.folds[repeat * 5 : repeat * 5 + 5]]
        assert sorted(np.concatenate(parts)) == list(range(ROWS))
    for fold in found.folds:
        assert not set(fold.train) & set(fold.test)
        assert len(fold.train) + len(fold.test) == ROWS
    assert found.ratio == pytest.approx(0.25)
    assert found.words == "5 folds"


def test_keys_are_distinct_and_repeats_series_and_seeds_differ():
    search, fresh, other = made(), made(series=1), made(seed=1)
    assert len({fold.key for folds in (search, fresh) for fold in folds.folds}) == 30
    assert search.folds[0].test.tolist() != search.folds[5].test.tolist()
    assert search.folds[0].test.tolist() != fresh.folds[0].test.tolist()
    assert search.folds[0].test.tolist() != other.folds[0].test.tolist()
    assert rows_of(search) == rows_of(made())


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_have_their_share_in_every_fold(classes):
    target = np.repeat(np.arange(classes), ROWS // classes).astype(float)
    found = made(target, task="binary" if classes == 2 else "multiclass", classes=classes)
    for fold in found.folds:
        assert np.ptp(np.bincount(target[fold.test].astype(int), minlength=classes)) <= 1
    assert "stratified" in found.words


@pytest.mark.parametrize("series", [0, 1])
def test_groups_stay_whole_and_folds_are_balanced(series):
    groups = np.random.default_rng(0).integers(0, 17, ROWS)
    found = made(groups=groups, series=series)
    for repeat in range(3):
        parts = found.folds[repeat * 5 : repeat * 5 + 5]
        assert sorted(np.concatenate([fold.test for fold in parts])) == list(range(ROWS))
        assert max(len(fold.test) for fold in parts) <= 2 * min(len(fold.test) for fold in parts)
    for fold in found.folds:
        assert not set(groups[fold.train]) & set(groups[fold.test])
    assert made(groups=groups, series=1 - series).folds[0].test.tolist() != found.folds[0].test.tolist()


def test_groups_of_one_size_go_to_other_folds_in_each_repeat():
    groups = np.arange(ROWS) // 4
    found = made(groups=groups)
    assert found.folds[0].test.tolist() != found.folds[5].test.tolist()


@pytest.mark.parametrize("series", range(4))
def test_time_folds_never_train_on_what_comes_later(series):
    time = np.random.default_rng(1).permutation(ROWS).astype(float) // 3  # three rows share a moment
    found = made(time=time, series=series)
    assert len(found.folds) == 15
    for fold in found.folds:
        assert time[fold.train].max() < time[fold.test].min()
    assert made(time=time, series=series + 1).folds[0].test.tolist() != found.folds[0].test.tolist()


def test_time_and_groups_exclude_each_other():
    with pytest.raises(DataError, match="give one of the two"):
        made(time=np.arange(ROWS, dtype=float), groups=np.arange(ROWS) % 6)


@pytest.mark.parametrize("kind", ["rows", "groups of many sizes", "time"])
def test_no_fold_comes_back_in_another_repeat_or_series(kind):
    sizes = np.repeat(np.arange(24), np.arange(1, 25))  # 300 rows
    columns = {"rows": {}, "groups of many sizes": {"groups": sizes}, "time": {"time": np.arange(300.0)}}[kind]
    found = [tuple(sorted(fold.test.tolist())) for series in (0, 1, 2) for fold in made(rows=300, series=series, **columns).folds]
    assert len(set(found)) == len(found)


def test_folds_of_some_rows_hold_no_others():
    sample = sample_of(pd.DataFrame({"a": np.arange(ROWS, dtype=float)}), np.linspace(0, 1, ROWS))
    some = np.arange(10, 70)
    for fold in make_folds(sample, "regression", some, folds=5, repeats=1, seed=0, series=0).folds:
        assert sorted((*fold.train, *fold.test)) == some.tolist()


def test_rows_held_out_are_the_latest_whole_groups_or_each_class():
    frame, target = pd.DataFrame({"a": np.arange(ROWS, dtype=float)}), (np.arange(ROWS) % 4 == 0).astype(float)
    time = np.random.default_rng(1).permutation(ROWS).astype(float)
    searched, held = hold_out(sample_of(frame, target, classes=2, time=time), "binary", 0.2, 0)
    assert time[searched].max() < time[held].min() and len(held) == 24
    groups = np.arange(ROWS) // 7
    searched, held = hold_out(sample_of(frame, target, classes=2, groups=groups), "binary", 0.2, 0)
    assert not set(groups[searched]) & set(groups[held]) and 14 <= len(held) <= 24
    searched, held = hold_out(sample_of(frame, target, classes=2), "binary", 0.2, 0)
    assert sorted((*searched, *held)) == list(range(ROWS)) and target[held].sum() == 6


def test_a_fold_in_which_the_target_does_not_change_is_refused():
    target = np.concatenate([np.linspace(1, 2, 100), np.zeros(20)])
    with pytest.raises(DataError, match="same in all rows of one fold"):
        made(target, time=np.arange(ROWS, dtype=float))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"groups": np.arange(ROWS) % 3}, "groups: 3 groups are fewer than the 5 folds"),
        ({"time": np.ones(ROWS)}, "time: too many rows share one moment"),
        ({"time": np.arange(ROWS) // 60.0}, "time: too many rows share one moment"),
        ({"weights": np.eye(1, ROWS)[0]}, "weights: all rows of one fold have weight 0"),
    ],
)
def test_folds_that_cannot_be_made_are_one_line(columns, says):
    with pytest.raises(DataError, match=says):
        made(**columns)


@pytest.mark.parametrize(
    "columns",
    [{"time": np.arange(ROWS, dtype=float)}, {"groups": np.arange(ROWS) // 6}, {"weights": (np.arange(ROWS) < 116).astype(float)}],
)
def test_a_fold_of_one_class_is_one_line(columns):
    target = (np.arange(ROWS) >= 114).astype(float)
    with pytest.raises(DataError, match="all rows of one fold have class '0'; give fewer --folds"):
        made(target, task="binary", classes=2, **columns)
