"""Logistic regression answers as the pipeline of scikit-learn does; its order puts what matters last."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.logistic import Logistic
from mldebt.data_pass.fitting.metric import metric
from tests.data_pass.samples import halves, mixed

AREA = metric("roc_auc", "binary", 2)


def classes_of(values: np.ndarray, count: int) -> np.ndarray:
    return np.digitize(values, np.quantile(values, np.arange(1, count) / count)).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("keep", [(0, 1, 2, 3, 4, 5), (0, 1)])
def test_answers_are_those_of_the_pipeline(weighted, count, keep):
    frame, values = mixed(300)
    target = classes_of(values, count)
    weights = np.random.default_rng(8).uniform(0.1, 4, 300) if weighted else None
    design, fold = Design(frame), halves(300)
    matrix = design.matrix[:, design.columns_of(keep)]
    given = {} if weights is None else {"logisticregression__sample_weight": weights[fold.train]}
    model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10, max_iter=5000))
    expected = model.fit(matrix[fold.train], target[fold.train], **given).predict_proba(matrix[fold.test])
    said = Logistic(design, target, weights, AREA, count).answers(keep, fold)
    np.testing.assert_allclose(said, expected[:, 1] if count == 2 else expected, atol=2e-3)


def test_a_class_that_training_lacks_has_no_chance():
    frame, values = mixed(300)
    target = classes_of(values, 3)
    train, test = np.flatnonzero(target < 2), np.flatnonzero(target == 2)
    said = Logistic(Design(frame), target, None, AREA, 3).answers((0, 1, 2), Fold((0, 0), train, test))
    assert said.shape == (len(test), 3)
    assert (said[:, 2] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1)


@pytest.mark.parametrize("count", [2, 3])
def test_the_order_puts_what_matters_last(count):
    frame, values = mixed(600)
    measure = metric("auto", "binary" if count == 2 else "multiclass", count)
    losses = Logistic(Design(frame), classes_of(values, count), None, measure, count).importance(tuple(range(6)), halves(600))
    useful = {1, 2, 5}  # city, income, score
    assert set(np.argsort(losses)[-3:].tolist()) == useful


def test_binary_importances_are_near_the_losses_of_refits():
    frame, values = mixed(2_000)
    target, fold, keep = classes_of(values, 2), halves(2_000), tuple(range(6))
    learner = Logistic(Design(frame), target, None, AREA, 2)
    whole = AREA.score(target[fold.test], learner.answers(keep, fold), None)
    refits = [whole - AREA.score(target[fold.test], learner.answers(keep[:i] + keep[i + 1 :], fold), None) for i in keep]
    np.testing.assert_allclose(learner.importance(keep, fold), refits, atol=0.02)


@pytest.mark.parametrize("count", [2, 3])
def test_without_columns_it_says_the_shares(count):
    frame, values = mixed(300)
    target, fold = classes_of(values, count), halves(300)
    said = Logistic(Design(frame), target, None, AREA, count).answers((), fold)
    shares = np.bincount(target[fold.train].astype(int)) / len(fold.train)
    np.testing.assert_allclose(said, np.full(150, shares[1]) if count == 2 else np.tile(shares, (150, 1)))


def test_cost():
    frame, values = mixed(300)
    assert Logistic(Design(frame), classes_of(values, 2), None, AREA, 2).cost == "cheap"
    assert Logistic(Design(frame), classes_of(values, 3), None, AREA, 3).cost == "dear"
    assert Logistic(Design(frame), classes_of(values, 2), None, AREA, 2).unused((0, 1), [halves(300)]) == ()
