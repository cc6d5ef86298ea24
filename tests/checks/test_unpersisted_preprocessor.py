"""unpersisted-preprocessor."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

HEAD = """
import joblib
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.preprocessing import LabelEncoder, StandardScaler

"""


def messages(found: Found, text: str, **files: str) -> list[str]:
    return [f.message for f in found("unpersisted_preprocessor", {"a.py": HEAD + text, **files})]


@pytest.mark.parametrize("name", ["predict", "predict_batch", "lambda_handler", "run_inference", "score_batch"])
def test_fitted_again_in_a_function_that_answers(found: Found, name: str):
    (message,) = messages(found, f"def {name}(frame, model):\n    return model.predict(StandardScaler().fit_transform(frame))\n")
    assert f"again in `{name}`" in message


def test_a_function_that_trains_as_well_does_not_serve(found: Found):
    text = "def predict(frame, new):\n    scaler = StandardScaler()\n    model = Ridge().fit(scaler.fit_transform(frame), frame.y)\n"
    assert messages(found, text + "    return model.predict(scaler.transform(new))\n") == []


def test_where_a_saved_model_is_loaded_and_asked(found: Found):
    text = "model = joblib.load('m.joblib')\nrows = StandardScaler().fit_transform(pd.read_csv('new.csv'))\nprint(model.predict(rows))\n"
    (message,) = messages(found, text)
    assert "where a saved model is loaded and asked" in message


def test_the_model_is_saved_by_the_caller(found: Found):
    text = """
def train(frame):
    rows = StandardScaler().fit_transform(frame)
    model = Ridge()
    model.fit(rows, frame.y)
    return model

joblib.dump(train(pd.read_csv("a.csv")), "m.joblib")
"""
    (message,) = messages(found, text)
    assert message == "`StandardScaler` is fitted for a model that is saved, and is not saved itself"


def test_a_model_that_is_not_saved_needs_no_saved_scaler(found: Found):
    text = "frame = pd.read_csv('a.csv')\nmodel = Ridge().fit(StandardScaler().fit_transform(frame), frame.y)\nprint(model.coef_)\n"
    assert messages(found, text) == []


def test_values_written_in_the_code_are_the_same_everywhere(found: Found):
    text = "NAMES = ['a', 'b']\n\ndef predict(frame, model):\n    names = LabelEncoder().fit(NAMES)\n"
    text += "    return names.inverse_transform(model.predict(frame))\n"
    assert messages(found, text) == []
