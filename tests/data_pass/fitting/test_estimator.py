"""Estimators of the user's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.estimator import Custom
from mldebt.data_pass.fitting.metric import metric
from tests.data_pass.samples import halves, mixed

NAMES = ["age", "income", "noise"]


def custom(factory, classes=0, weights=None, rows=300):
    frame, values = mixed(rows)
    frame = frame[NAMES]
    target = values if not classes else np.digitize(values, np.quantile(values, np.arange(1, classes) / classes)).astype(float)
    measure = metric("auto", ("regression", "", "binary", "multiclass")[classes], classes)
    return Custom(factory, "models:make()", frame, target, weights, measure, classes, 0), frame, target


def test_answers_are_those_of_a_refit_on_a_frame_with_names():
    learner, frame, target = custom(LinearRegression)
    fold = halves(300)
    model = LinearRegression().fit(frame.iloc[fold.train][["age", "noise"]], target[fold.train])
    np.testing.assert_array_equal(learner.answers((0, 2), fold), model.predict(frame.iloc[fold.test][["age", "noise"]]))


@pytest.mark.parametrize("classes", [2, 3])
def test_classifiers_give_probabilities(classes):
    learner, frame, target = custom(lambda: make_pipeline(StandardScaler(), LogisticRegression()), classes)
    fold = halves(300)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame.iloc[fold.train], target[fold.train])
    expected = model.predict_proba(frame.iloc[fold.test])
    np.testing.assert_allclose(learner.answers((0, 1, 2), fold), expected[:, 1] if classes == 2 else expected)


def test_weights_reach_the_fit():
    weights = np.random.default_rng(0).uniform(0.01, 5, 300)
    learner, frame, target = custom(LinearRegression, weights=weights)
    fold = halves(300)
    model = LinearRegression().fit(frame.iloc[fold.train], target[fold.train], sample_weight=weights[fold.train])
    np.testing.assert_array_equal(learner.answers((0, 1, 2), fold), model.predict(frame.iloc[fold.test]))


@pytest.mark.parametrize(("factory", "classes"), [(lambda: DecisionTreeRegressor(max_depth=4, random_state=0), 0), (LinearRegression, 0)])
def test_importances_put_what_matters_last(factory, classes):
    learner, _, _ = custom(factory, classes)
    losses = learner.importance((0, 1, 2), halves(300))
    assert losses.argmax() == 1
    np.testing.assert_array_equal(losses, learner.importance((0, 1, 2), halves(300)))


def test_it_has_no_certificates_and_says_the_mean_without_columns():
    learner, _, target = custom(LinearRegression)
    fold = halves(300)
    assert learner.unused((0, 1), [fold]) == ()
    assert learner.cost == "dear" and learner.words == "models:make()"
    np.testing.assert_allclose(learner.answers((), fold), np.full(150, target[fold.train].mean()))


def _broken():
    raise RuntimeError("no licence\nfor this")


@pytest.mark.parametrize(
    ("factory", "classes", "says"),
    [
        (_broken, 0, r"models:make\(\) cannot be fitted: RuntimeError: no licence"),
        (lambda: make_pipeline(make_column_transformer(("passthrough", ["gone"])), LinearRegression()), 0, "cannot be fitted"),
        (LinearRegression, 2, r"models:make\(\) cannot predict: AttributeError"),
        (lambda: None, 0, "cannot be fitted: AttributeError"),
    ],
)
def test_what_goes_wrong_in_it_is_one_line(factory, classes, says):
    learner, _, _ = custom(factory, classes)
    with pytest.raises(DataError, match=says) as caught:
        learner.answers((0, 1, 2), halves(300))
    assert "\n" not in str(caught.value)


def test_a_tree_that_has_not_seen_a_class_in_training():
    from mldebt.data_pass.fitting.folds import Fold

    learner, _, target = custom(lambda: DecisionTreeClassifier(max_depth=2, random_state=0), 3)
    fold = Fold((0, 0), np.flatnonzero(target != 1), np.flatnonzero(target == 1))
    said = learner.answers((0, 1), fold)
    assert said.shape[1] == 3 and (said[:, 1] == 0).all()
