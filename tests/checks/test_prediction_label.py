"""One finding for one set of predicted labels, and models that read their own answers."""

from __future__ import annotations

PSEUDO = """
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
frame = pd.read_csv("rows.csv")
first = LogisticRegression()
first.fit(frame[["a"]], frame["y"])
guessed = first.predict(frame[["b"]])
LGBMClassifier().fit(frame[["b"]], guessed)
LinearSVC().fit(frame[["b"]], guessed)
"""


def test_models_that_learn_from_the_same_predictions_are_one_finding(found):
    (finding,) = found("prediction_label", {"train.py": PSEUDO})
    assert (finding.rule, finding.location.line, finding.size) == ("prediction-used-as-label", 10, 2)
    assert finding.message == "the label of `LGBMClassifier` is a model's prediction (train.py:9)"
    assert [place.line for place in finding.evidence][:2] == [9, 11]


def test_a_model_that_reads_its_own_scores(found):
    train = """
import joblib
import pandas as pd
model = joblib.load("state.joblib")
rows = pd.read_csv("shown_yesterday.csv")
model.fit(rows[["rank"]], rows["clicked"])
"""
    serve = """
import joblib
import pandas as pd
items = pd.read_csv("items.csv")
items["rank"] = joblib.load("state.joblib").predict(items[["price"]])
items.to_csv("shown_yesterday.csv")
"""
    make = """
import joblib
from sklearn.linear_model import SGDClassifier
joblib.dump(SGDClassifier(), "state.joblib")
"""
    (finding,) = found("prediction_label", {"train.py": train, "serve.py": serve, "make.py": make})
    assert (finding.rule, finding.location.path) == ("self-training-loop", "train.py")
    assert finding.message == "`SGDClassifier` learns from `shown_yesterday.csv`, which holds its own predictions"
