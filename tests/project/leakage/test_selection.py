"""Choices that look at the rows of the reported result."""

from __future__ import annotations

from tests.project.leakage.test_relations import leakage_of

SEARCH = """
from sklearn.metrics import f1_score

def search(rows, labels):
    X_train, X_{held}, y_train, y_{held} = train_test_split(rows, labels)
    best = 0
    for c in (0.1, 1, 10):
        model = LogisticRegression(C=c)
        model.fit(X_train, y_train)
        score = f1_score(y_{held}, model.predict(X_{held}))
        if score > best:
            best = score
    return best
"""


def test_the_best_on_the_test_set_is_a_choice_and_on_a_validation_set_is_not() -> None:
    assert len(list(leakage_of(SEARCH.format(held="test")).selection.best_so_far())) == 1
    assert list(leakage_of(SEARCH.format(held="valid")).selection.best_so_far()) == []


def test_registering_by_a_test_metric() -> None:
    text = """
from mlflow.tracking import MlflowClient
import mlflow

def promote(metric):
    runs = MlflowClient().search_runs(experiment_ids="1", order_by=["metrics.{metric} ASC"])
    mlflow.register_model(f"runs:/{{runs[0].info.run_id}}/model", "ranker")
"""
    assert len(list(leakage_of(text.format(metric="test_rmse")).selection.promoted())) == 1
    assert list(leakage_of(text.format(metric="latest_rmse")).selection.promoted()) == []


def test_joined_tables_are_seen_where_they_are_returned() -> None:
    text = """
def load():
    train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
    tables = {}
    tables["rows"] = pd.concat([train, test])
    return tables

def fit(rows, labels):
    return LogisticRegression().fit(rows, labels)
"""
    assert [j.leaves for j in leakage_of(text).unions.joined()] == ["returned"]
    assert list(leakage_of(text.replace("[train, test]", "[train, more]")).unions.joined()) == []
