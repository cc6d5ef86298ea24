"""Ridge answers as the pipeline of scikit-learn does, and its leave-one-out losses are those of refits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldebt.data_pass.fitting import linear
from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.fitting.linear import Ridge
from mldebt.data_pass.fitting.metric import metric
from tests.data_pass.samples import halves, mixed

R2 = metric("r2", "regression", 0)


def theirs(matrix, target, weights, fold):
    given = {} if weights is None else {"standardscaler__sample_weight": weights[fold.train], "ridge__sample_weight": weights[fold.train]}
    return (
        make_pipeline(StandardScaler(), Theirs(alpha=1.0)).fit(matrix[fold.train], target[fold.train], **given).predict(matrix[fold.test])
    )


def wide(rows: int, columns: int):
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(draw.normal(size=(rows, columns)), columns=[f"c{i:03}" for i in range(columns)])
    return frame, frame.iloc[:, :5].sum(axis=1).to_numpy() + draw.normal(size=rows)


def weights_of(rows: int, weighted: bool):
    return np.random.default_rng(8).uniform(0.1, 4, rows) if weighted else None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("keep", [(0, 1, 2, 3, 4, 5), (0, 2, 3), (1, 4), (5,)])
def test_answers_are_those_of_the_pipeline(weighted, keep):
    frame, target = mixed(200)
    weights = weights_of(200, weighted)
    design = Design(frame)
    learner = Ridge(design, target, weights, R2)
    for fold in (halves(200), halves(200, 1)):
        expected = theirs(design.matrix[:, design.columns_of(keep)], target, weights, fold)
        np.testing.assert_allclose(learner.answers(keep, fold), expected, atol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("limit", [2_500, 20], ids=["gram", "rows"])
def test_more_columns_than_rows(monkeypatch, weighted, limit):
    monkeypatch.setattr(linear, "WIDE", limit)
    frame, target = wide(60, 90)
    weights = weights_of(60, weighted)
    learner = Ridge(Design(frame), target, weights, R2)
    for keep in (tuple(range(90)), tuple(range(0, 90, 5))):
        expected = theirs(frame.to_numpy()[:, list(keep)], target, weights, halves(60))
        np.testing.assert_allclose(learner.answers(keep, halves(60)), expected, atol=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("keep", [(0, 1, 2, 3, 4, 5), (1, 3, 4)])
def test_importances_are_the_losses_of_refits_with_whole_blocks(weighted, keep):
    frame, target = mixed(200)
    weights = weights_of(200, weighted)
    learner = Ridge(Design(frame), target, weights, R2)
    fold = halves(200)

    def score(some):
        return R2.score(target[fold.test], learner.answers(some, fold), None if weights is None else weights[fold.test])

    expected = [score(keep) - score(tuple(one for one in keep if one != column)) for column in keep]
    np.testing.assert_allclose(learner.importance(keep, fold), expected, atol=1e-9)


@pytest.mark.parametrize("limit", [2_500, 20], ids=["gram", "rows"])
def test_importances_of_wide_data(monkeypatch, limit):
    monkeypatch.setattr(linear, "WIDE", limit)
    frame, target = wide(60, 45)
    learner, fold, keep = Ridge(Design(frame), target, None, R2), halves(60), tuple(range(45))
    whole = R2.score(target[fold.test], learner.answers(keep, fold), None)
    expected = [whole - R2.score(target[fold.test], learner.answers(keep[:i] + keep[i + 1 :], fold), None) for i in keep]
    np.testing.assert_allclose(learner.importance(keep, fold), expected, atol=1e-9)


def test_without_columns_it_says_the_mean():
    frame, target = mixed(50)
    fold = halves(50)
    said = Ridge(Design(frame), target, None, R2).answers((), fold)
    np.testing.assert_allclose(said, np.full(25, target[fold.train].mean()))


def test_a_column_that_is_constant_in_training_changes_nothing():
    frame, target = mixed(100)
    fold = halves(100)
    odd = frame.assign(zz=np.where(np.arange(100) % 2 == 0, 1e6, 3.0))  # one value in the even rows
    learner = Ridge(Design(odd), target, None, R2)
    np.testing.assert_allclose(learner.answers(tuple(range(7)), fold), learner.answers(tuple(range(6)), fold), atol=1e-9)
    assert learner.importance(tuple(range(7)), fold)[-1] == pytest.approx(0, abs=1e-9)


def test_equal_columns_have_no_loss_alone():
    frame, target = mixed(200)
    frame = frame.assign(twin=frame["income"])
    losses = Ridge(Design(frame), target, None, R2).importance(tuple(range(7)), halves(200))
    assert abs(losses[2]) < 1e-3 and abs(losses[6]) < 1e-3


def test_it_has_no_certificates_and_is_free_when_narrow():
    frame, target = mixed(50)
    learner = Ridge(Design(frame), target, None, R2)
    assert learner.unused((0, 1), [halves(50)]) == ()
    assert learner.cost == "free"
    assert Ridge(Design(wide(20, 500)[0]), wide(20, 500)[1], None, R2).cost == "dear"
