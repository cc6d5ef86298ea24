"""Scores are scikit-learn's; paired errors are the spread that resampling shows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.metric import Metric, metric

ROWS = 200
DRAW = np.random.default_rng(3)
NUMBERS = DRAW.normal(size=ROWS)
SAID = NUMBERS + DRAW.normal(scale=0.5, size=ROWS)
BITS = (DRAW.random(ROWS) < 0.3).astype(float)
CHANCE = np.clip(0.3 * BITS + DRAW.random(ROWS) * 0.7, 0.01, 0.99)
TIES = np.round(CHANCE, 1)
THREE = DRAW.integers(0, 3, ROWS).astype(float)
SHARES = DRAW.dirichlet([1, 1, 1], ROWS) * 0.6 + 0.4 * np.eye(3)[THREE.astype(int)]
WEIGHTS = DRAW.uniform(0.1, 3, ROWS)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("r2", sk.r2_score),
        ("neg_mean_squared_error", lambda y, a, sample_weight: -sk.mean_squared_error(y, a, sample_weight=sample_weight)),
        ("neg_mean_absolute_error", lambda y, a, sample_weight: -sk.mean_absolute_error(y, a, sample_weight=sample_weight)),
        ("neg_median_absolute_error", lambda y, a, sample_weight: -sk.median_absolute_error(y, a, sample_weight=sample_weight)),
        ("neg_root_mean_squared_error", lambda y, a, sample_weight: -np.sqrt(sk.mean_squared_error(y, a, sample_weight=sample_weight))),
    ],
)
def test_regression(name, theirs, weights):
    ours = metric(name, "regression", 0)
    assert ours.name == name
    assert ours.score(NUMBERS, SAID, weights) == pytest.approx(theirs(NUMBERS, SAID, sample_weight=weights), abs=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("answers", [CHANCE, TIES], ids=["distinct", "ties"])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("roc_auc", sk.roc_auc_score),
        ("roc_auc_ovr", sk.roc_auc_score),
        ("average_precision", sk.average_precision_score),
        ("neg_log_loss", lambda y, a, sample_weight: -sk.log_loss(y, np.clip(a, 0, 1), sample_weight=sample_weight)),
        ("accuracy", lambda y, a, sample_weight: sk.accuracy_score(y, a > 0.5, sample_weight=sample_weight)),
        ("f1", lambda y, a, sample_weight: sk.f1_score(y, a > 0.5, sample_weight=sample_weight)),
    ],
)
def test_binary(name, theirs, answers, weights):
    score = metric(name, "binary", 2).score(BITS, answers, weights)
    assert score == pytest.approx(theirs(BITS, answers, sample_weight=weights), abs=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("roc_auc_ovr", lambda y, a, sample_weight: sk.roc_auc_score(y, a, multi_class="ovr", sample_weight=sample_weight)),
        ("neg_log_loss", lambda y, a, sample_weight: -sk.log_loss(y, a, sample_weight=sample_weight)),
        ("accuracy", lambda y, a, sample_weight: sk.accuracy_score(y, a.argmax(axis=1), sample_weight=sample_weight)),
        ("f1_macro", lambda y, a, sample_weight: sk.f1_score(y, a.argmax(axis=1), average="macro", sample_weight=sample_weight)),
    ],
)
def test_several_classes(name, theirs, weights):
    score = metric(name, "multiclass", 3).score(THREE, SHARES, weights)
    assert score == pytest.approx(theirs(THREE, SHARES, sample_weight=weights), abs=1e-12)


@pytest.mark.parametrize(("task", "name"), [("regression", "r2"), ("binary", "roc_auc"), ("multiclass", "roc_auc_ovr")])
def test_auto_follows_the_task(task, name):
    assert metric("auto", task, 3).name == name


def test_a_class_that_the_rows_lack_is_left_out_of_the_area():
    some = THREE < 2
    area = metric("roc_auc_ovr", "multiclass", 3).score(THREE[some], SHARES[some], None)
    one, other = (sk.roc_auc_score(THREE[some] == c, SHARES[some, c]) for c in (0, 1))
    assert area == pytest.approx((one + other) / 2)


def test_an_area_of_one_class_is_not_a_number():
    assert np.isnan(metric("roc_auc", "binary", 2).score(np.ones(5), CHANCE[:5], None))


def test_many_classes_fit_a_metric_that_needs_them_all():
    assert metric("roc_auc_ovo", "multiclass", 30).name == "roc_auc_ovo"


@pytest.mark.parametrize(
    ("name", "task", "says"),
    [
        ("roc_acu", "binary", "did you mean roc_auc?"),
        ("roc_auc", "regression", "does not fit this regression target"),
        ("f1", "regression", "does not fit this regression target"),
        ("accuracy", "regression", "does not fit this regression target"),
        ("f1", "multiclass", "does not fit this multiclass target"),
        ("roc_auc", "multiclass", "does not fit this multiclass target"),
        ("r2", "binary", "is of numbers, and the target has classes"),
        ("neg_mean_squared_error", "multiclass", "is of numbers, and the target has classes"),
    ],
)
def test_a_metric_that_does_not_fit_is_one_line(name, task, says):
    with pytest.raises(DataError, match=says) as caught:
        metric(name, task, {"regression": 0, "binary": 2, "multiclass": 3}[task])
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_values_that_a_metric_refuses_are_one_line():
    with pytest.raises(DataError, match="neg_mean_squared_log_error"):
        metric("neg_mean_squared_log_error", "regression", 0).score(NUMBERS - 5, SAID, None)


def spread(ours: Metric, make, rows: int = 400, times: int = 600) -> tuple[float, float]:
    """Of the difference of two models' scores over fresh rows: as it is, and as `error` says."""
    draw = np.random.default_rng(11)
    differences, errors = [], []
    for _ in range(times):
        target, first, second = make(draw, rows)
        differences.append(ours.score(target, first, None) - ours.score(target, second, None))
        errors.append(ours.error(target, first, second))
    return float(np.std(differences)), float(np.sqrt(np.mean(np.square(errors))))


def _regression(draw, rows):
    a, b = draw.normal(size=(2, rows))
    target = a + 0.3 * b + draw.normal(size=rows)
    return target, a + 0.3 * b, a


def _binary(draw, rows):
    a, b = draw.normal(size=(2, rows))
    full = 1 / (1 + np.exp(-(a + 0.6 * b)))
    return (draw.random(rows) < full).astype(float), full, 1 / (1 + np.exp(-a))


def _several(draw, rows):
    a, b, c = draw.normal(size=(3, rows))
    logits = np.column_stack((a, b, 0.6 * c))
    full = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    less = np.exp(logits * [1, 1, 0])
    target = (draw.random((rows, 1)) > full.cumsum(axis=1)[:, :2]).sum(axis=1)
    return target.astype(float), full, less / less.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "task", "make"),
    [
        ("r2", "regression", _regression),
        ("neg_mean_absolute_error", "regression", _regression),
        ("neg_root_mean_squared_error", "regression", _regression),
        ("roc_auc", "binary", _binary),
        ("neg_log_loss", "binary", _binary),
        ("accuracy", "binary", _binary),
        ("roc_auc_ovr", "multiclass", _several),
        ("neg_log_loss", "multiclass", _several),
    ],
)
def test_the_paired_error_is_the_spread_over_fresh_rows(name, task, make):
    found, said = spread(metric(name, task, 3 if task == "multiclass" else 2), make)
    assert said == pytest.approx(found, rel=0.2)


def test_equal_answers_have_no_error_and_some_metrics_have_no_form():
    assert metric("r2", "regression", 0).error(NUMBERS, SAID, SAID) == 0.0
    assert metric("roc_auc", "binary", 2).error(BITS, CHANCE, CHANCE) == 0.0
    assert np.isnan(metric("average_precision", "binary", 2).error(BITS, CHANCE, TIES))


def test_a_rare_class_gives_no_paired_error():
    rare = np.zeros(ROWS)
    rare[0] = 1
    assert np.isnan(metric("roc_auc", "binary", 2).error(rare, CHANCE, TIES))
