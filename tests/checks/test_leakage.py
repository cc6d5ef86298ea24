"""One finding for each root cause, and how sure it is."""

from __future__ import annotations

from tests.checks.conftest import Found

HEAD = """
import pandas as pd
import xgboost as xgb
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
"""


def test_one_scaler_before_three_models_is_one_finding(found: Found) -> None:
    text = """
rows = StandardScaler().fit_transform(pd.read_csv("x.csv"))
a, b, c, d = train_test_split(rows, [1])
first, second, third = LogisticRegression(C=1), LogisticRegression(C=2), LogisticRegression(C=3)
first.fit(a, c)
second.fit(a, c)
third.fit(a, c)
print(first.score(b, d), second.score(b, d), third.score(b, d))
"""
    (finding,) = found("preprocessing_leak", {"work.py": HEAD + text})
    assert "StandardScaler.fit_transform" in finding.message
    assert len(finding.evidence) == 4
    assert finding.confidence >= 0.8


def test_mean_and_deviation_of_one_scaling_are_one_finding(found: Found) -> None:
    text = """
def work(rows, labels):
    mean = rows.mean()
    deviation = rows.std()
    rows = (rows - mean) / deviation
    a, b, c, d = train_test_split(rows, labels)
    model = LogisticRegression().fit(a, c)
    return model.score(b, d)
"""
    (finding,) = found("preprocessing_leak", {"work.py": HEAD + text})
    assert "`mean` and `std` are computed" in finding.message


def test_predictions_for_a_table_without_labels_are_less_sure(found: Found) -> None:
    text = """
train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
rows = TfidfVectorizer().fit_transform(pd.concat([train, test])["text"])
model = LogisticRegression().fit(rows[: len(train)], train["label"])
test["label"] = model.predict(rows[len(train) :])
"""
    (finding,) = found("preprocessing_leak", {"work.py": HEAD + text})
    assert finding.confidence == 0.7


def test_unit_tests_stay_silent(found: Found) -> None:
    text = "rows = StandardScaler().fit_transform(pd.read_csv('x.csv'))\na, b, c, d = train_test_split(rows, [1])\n"
    text += "LogisticRegression().fit(a, c).score(b, d)\n"
    assert found("preprocessing_leak", {"tests/test_work.py": HEAD + text}) == []


def test_stopping_on_the_reported_rows_is_a_choice_unless_others_are_scored(found: Found) -> None:
    fit = """
def train(a, c, b, d, other, labels):
    model = xgb.XGBClassifier(early_stopping_rounds=5)
    model.fit(a, c, eval_set=[(b, d)])
    print(f1_score(d, model.predict(b)))
"""
    (finding,) = found("multi_use_test", {"work.py": HEAD + fit})
    assert "stops" in finding.message
    further = fit + "    print(f1_score(labels, model.predict(other)))\n"
    assert found("multi_use_test", {"other.py": HEAD + further, "work.py": ""}) == []


def test_the_label_must_be_known_to_be_among_the_features(found: Found) -> None:
    text = """
def whole(frame):
    return LogisticRegression().fit(frame, frame["y"])


def deleted(frame):
    labels = frame["y"]
    del frame["y"]
    return LogisticRegression().fit(frame, labels)


def chosen(frame, columns):
    return LogisticRegression().fit(frame[columns], frame["y"])
"""
    assert [f.location.line for f in found("target_in_features", {"work.py": HEAD + text})] == [11]
