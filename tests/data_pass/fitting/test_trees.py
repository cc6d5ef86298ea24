"""Boosted trees: equal to plain refits, and what no tree splits on goes without changing a bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mldebt.data_pass.fitting import trees
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import metric
from mldebt.data_pass.fitting.trees import Boosted
from tests.data_pass.samples import halves, mixed

R2 = metric("r2", "regression", 0)
ALL = tuple(range(6))
PARAMETERS = {
    "max_iter": 60,
    "learning_rate": 0.15,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "early_stopping": False,
    "random_state": 3,
}


def learner_of(frame, target, classes=0, weights=None):
    return Boosted(frame, target, weights, metric("auto", ("regression", "", "binary", "multiclass")[classes], classes), classes, 3)


def table(rows=600):
    """Two categories stand between numbers; many columns are of no use, so that some are never split on."""
    frame, target = mixed(rows)
    draw = np.random.default_rng(2)
    frame = frame.assign(
        a_constant=1.0,
        b_level=pd.Categorical.from_codes(np.zeros(rows, dtype=int), categories=["only", "never"]),
        twin=frame["income"],
        zeros=np.where(draw.random(rows) < 0.01, 1.0, 0.0),
        z_rare=pd.Categorical.from_codes((draw.random(rows) < 0.01).astype(int), categories=["u", "v"]),
    )
    return frame[sorted(frame.columns)], target


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("keep", [ALL, (0, 2), (1, 4), (2, 4, 5)])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_answers_are_those_of_a_plain_refit(classes, keep, weighted):
    frame, values = mixed(400)
    target = values if not classes else np.digitize(values, np.quantile(values, np.arange(1, classes) / classes)).astype(float)
    weights = np.random.default_rng(8).uniform(0.1, 4, 400) if weighted else None
    fold = halves(400)
    codes = frame.apply(
        lambda column: column.cat.codes.astype(float).where(column.cat.codes >= 0) if column.dtype == "category" else column
    )
    names = [frame.columns[i] for i in keep]
    names.sort(key=lambda name: frame[name].dtype != "category")
    coded = [i for i, name in enumerate(names) if frame[name].dtype == "category"]
    plain = (HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor)(**PARAMETERS, categorical_features=coded or None)
    matrix = codes[names].to_numpy(dtype=float)
    plain.fit(matrix[fold.train], target[fold.train], sample_weight=None if weights is None else weights[fold.train])
    expected = plain.predict_proba(matrix[fold.test]) if classes else plain.predict(matrix[fold.test])
    said = learner_of(frame, target, classes, weights).answers(keep, fold)
    np.testing.assert_array_equal(said, expected[:, 1] if classes == 2 else expected)


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_unused_columns_go_without_changing_a_bit(classes):
    frame, values = table()
    target = values if not classes else np.digitize(values, np.quantile(values, np.arange(1, classes) / classes)).astype(float)
    learner = learner_of(frame, target, classes)
    keep = tuple(range(frame.shape[1]))
    folds = [halves(600), halves(600, 1)]
    unused = learner.unused(keep, folds)
    names = {frame.columns[i] for i in unused}
    assert {"a_constant", "b_level"} <= names
    assert not names & {"city", "score"}
    rest = tuple(i for i in keep if i not in unused)
    for fold in folds:
        np.testing.assert_array_equal(learner.answers(rest, fold), learner.answers(keep, fold))


@pytest.mark.parametrize("useful", ["a", "m", "z"])
def test_a_category_is_told_from_its_neighbours(useful):
    """The model sees categories first: what it splits on has to be told in the order of the columns."""
    draw = np.random.default_rng(1)
    kinds = {"a": "number", "b": "category", "m": "category", "n": "number", "z": "category"}
    frame = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(draw.integers(0, 3 if name == useful else 1, 400), categories=["u", "v", "w"])
            if kind == "category"
            else draw.integers(0, 3 if name == useful else 1, 400).astype(float)
            for name, kind in kinds.items()
        }
    )
    source = frame[useful].cat.codes if kinds[useful] == "category" else frame[useful]
    target = np.array([0.0, 5.0, -3.0])[source.to_numpy(dtype=int)]
    learner, place = learner_of(frame, target), sorted(kinds).index(useful)
    keep = tuple(range(5))
    assert learner.unused(keep, [halves(400)]) == tuple(i for i in keep if i != place)
    losses = learner.importance(keep, halves(400))
    assert losses[place] > 0.5
    assert (np.delete(losses, place) == 0).all()


def test_importances_put_what_matters_last_and_do_not_depend_on_batches(monkeypatch):
    frame, target = mixed(600)
    losses = learner_of(frame, target).importance(ALL, halves(600))
    assert set(np.argsort(losses)[-3:].tolist()) == {1, 2, 5}
    monkeypatch.setattr(trees, "CELLS", 1)
    np.testing.assert_array_equal(learner_of(frame, target).importance(ALL, halves(600)), losses)


def test_a_fit_is_a_function_of_its_columns_also_when_forgotten(monkeypatch):
    frame, target = mixed(300)
    monkeypatch.setattr(trees, "REMEMBERED", 1)
    learner = learner_of(frame, target)
    first = learner.answers(ALL, halves(300))
    learner.answers((0, 1), halves(300))
    np.testing.assert_array_equal(learner.answers(ALL, halves(300)), first)


@pytest.mark.parametrize("kind", ["number", "category"])
def test_a_column_that_is_missing_in_all_training_rows(kind):
    frame, target = mixed(200)
    values = np.where(np.arange(200) % 2 == 0, np.nan, 1.0)
    gone = values if kind == "number" else pd.Categorical.from_codes(np.where(np.isnan(values), -1, 0), categories=["u"])
    learner = learner_of(frame.assign(zz=gone), target)
    assert 6 in learner.unused(tuple(range(7)), [halves(200)])
    np.testing.assert_array_equal(learner.answers(tuple(range(7)), halves(200)), learner.answers(ALL, halves(200)))


def test_a_column_that_is_missing_in_all_training_rows_with_weight():
    frame, target = mixed(200)
    weights = (np.arange(200) % 5 > 0).astype(float)
    learner = learner_of(frame.assign(zz=np.where(weights > 0, np.nan, 1.0)), target, weights=weights)
    assert 6 in learner.unused(tuple(range(7)), [halves(200)])


def test_a_class_that_training_lacks_has_no_chance():
    frame, values = mixed(300)
    target = np.digitize(values, np.quantile(values, [1 / 3, 2 / 3])).astype(float)
    train, test = np.flatnonzero(target != 1), np.flatnonzero(target == 1)
    said = learner_of(frame, target, 3).answers(ALL, Fold((0, 0), train, test))
    assert said.shape == (len(test), 3) and (said[:, 1] == 0).all()


def test_a_category_with_too_many_levels_is_taken_as_a_number():
    rows = 600
    frame = pd.DataFrame({"many": pd.Categorical.from_codes(np.arange(rows) % 300, categories=[f"{i:03}" for i in range(300)])})
    target = (np.arange(rows) % 300 > 150).astype(float)
    said = learner_of(frame, target).answers((0,), halves(rows))
    assert R2.score(target[halves(rows).test], said, None) > 0.9


def test_without_trees_to_read_nothing_is_called_unused():
    class Closed:
        """A model that does not show its trees."""

    assert trees._splits(Closed(), 3).all()


def test_without_columns_it_says_the_mean_and_any_seed_will_do():
    frame, target = mixed(60)
    fold = halves(60)
    np.testing.assert_allclose(learner_of(frame, target).answers((), fold), np.full(30, target[fold.train].mean()))
    assert len(Boosted(frame, target, None, R2, 0, 2**40).answers(ALL, fold)) == 30
