"""Which labels are made of predictions, and which only look like it."""

from __future__ import annotations

import pytest

from mldebt.project.feedback.labels import predicted_labels
from tests.project.reading import project_of

HEAD = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, SGDClassifier
frame = pd.read_csv("rows.csv")
first = LogisticRegression()
first.fit(frame[["a"]], frame["y"])
second = SGDClassifier()
"""


def found(body: str) -> list[tuple[int, bool]]:
    project = project_of({"train.py": HEAD + body})
    return [(label.predictions[0].span.line, label.own) for label in predicted_labels(project) if label.confidence >= 0.7]


@pytest.mark.parametrize(
    "body",
    [
        "second.fit(frame[['a']], first.predict(frame[['a']]))",
        "answers = (first.predict_proba(frame[['a']])[:, 1] > 0.5).astype(int)\nsecond.fit(frame[['a']], answers)",
        "frame['y'] = first.predict(frame[['a']])\nsecond.fit(frame[['a']], frame['y'])",
        "y = np.concatenate([frame['y'], first.predict(frame[['a']])])\nsecond.fit(frame[['a']], y)",
        "both = (first.predict(frame[['a']]) + first.predict(frame[['b']])) / 2\nsecond.fit(frame[['a']], both)",
        "p = np.zeros(9)\np[frame.index] += first.predict(frame[['a']])\nframe['y'] = p\nboth = pd.concat([frame, frame])\n"
        "second.fit(both[['a']], both['y'])",
    ],
)
def test_labels_that_are_predictions(body: str):
    assert [own for _, own in found(body)] == [False]


@pytest.mark.parametrize(
    "body",
    [
        "second.fit(frame[['a']], frame['y'] - first.predict(frame[['a']]))",
        "second.fit(frame[['a']], frame['y'] == first.predict(frame[['a']]))",
        "frame['p'] = first.predict(frame[['a']])\nsecond.fit(frame[['a', 'p']], frame['y'])",
        "p = first.predict(frame[['a']])\nsecond.fit(frame[['a']][p > 1], frame['y'][p > 1])",
        "TARGET = input()\nframe['p'] = first.predict(frame[['a']])\nsecond.fit(frame[['a']], frame[TARGET])",
    ],
)
def test_labels_that_are_not(body: str):
    assert found(body) == []


def test_a_model_that_learns_its_own_answers():
    assert [own for _, own in found("first.fit(frame[['b']], first.predict(frame[['a']]))")] == [True]


def test_agents_learn_from_their_estimates():
    body = """
def replay(model, state, reward, next_state, gamma):
    target = reward + gamma * model.predict(next_state).max()
    model.fit(state, target)
"""
    assert found(body) == []


def test_through_a_file():
    project = project_of(
        {
            "label.py": HEAD + "frame['kind'] = first.predict(frame[['a']])\nframe.to_csv('guessed_kinds.csv')\n",
            "train.py": """
                import pandas as pd
                from sklearn.svm import LinearSVC
                rows = pd.read_csv("guessed_kinds.csv")
                LinearSVC().fit(rows[["a"]], rows["kind"])
                """,
        }
    )
    (label,) = predicted_labels(project)
    assert (label.fit.path, label.predictions[0].path, label.files) == ("train.py", "label.py", ("guessed_kinds.csv",))
