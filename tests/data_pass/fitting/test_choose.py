"""Which model judges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.choose import choose
from mldebt.data_pass.fitting.folds import make_folds
from mldebt.data_pass.fitting.metric import metric
from mldebt.data_pass.settings import FeatureSettings
from tests.data_pass.samples import sample_of

DRAW = np.random.default_rng(4)
FRAME = pd.DataFrame(DRAW.normal(size=(400, 3)), columns=["a", "b", "c"])
LINEAR = FRAME["a"].to_numpy() + 0.1 * DRAW.normal(size=400)
STEPS = ((FRAME["a"] > 0) ^ (FRAME["b"] > 0)).to_numpy(dtype=float)


def chosen(target, *, classes=0, root=Path(), **settings):
    task = ("regression", "", "binary", "multiclass")[classes]
    sample = sample_of(FRAME, target, classes=classes)
    folds = make_folds(sample, task, np.arange(len(sample.target)), folds=5, repeats=1, seed=0, series=0)
    return choose(sample, FeatureSettings(**settings), task, metric("auto", task, classes), folds.folds, root).learner.words


def test_auto_takes_the_linear_model_unless_trees_are_better():
    assert "ridge" in chosen(LINEAR)
    assert "boosting" in chosen(STEPS + 0.1 * DRAW.normal(size=400))
    assert "logistic" in chosen((LINEAR > 0).astype(float), classes=2)
    assert "boosting" in chosen(STEPS, classes=2)
    assert "logistic" in chosen(np.digitize(LINEAR, [-0.5, 0.5]).astype(float), classes=3)


def test_the_model_that_is_asked_for_is_taken():
    assert "ridge" in chosen(STEPS, model="ridge")
    assert "logistic" in chosen(STEPS, classes=2, model="logistic")
    assert "boosting" in chosen(LINEAR, model="hgb")


@pytest.mark.parametrize(
    ("model", "classes", "says"),
    [
        ("hbg", 0, "did you mean hgb?"),
        ("ridge", 2, "take logistic or hgb"),
        ("logistic", 0, "take ridge or hgb"),
        ("models:make", 0, "import"),
    ],
)
def test_a_model_that_does_not_fit_is_one_line(model, classes, says):
    with pytest.raises(DataError, match=says) as caught:
        chosen(STEPS, classes=classes, model=model)
    assert "\n" not in str(caught.value)


def test_a_factory_of_the_project(tmp_path):
    (tmp_path / "my_models_here.py").write_text("from sklearn.linear_model import Lasso\n\n\ndef make():\n    return Lasso(0.1)\n")
    assert chosen(LINEAR, model="my_models_here:make", allow_import=True, root=tmp_path) == "my_models_here:make()"
