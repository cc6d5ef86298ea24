"""What is in the model graph, and the predictions that values are made of."""

from __future__ import annotations

import pytest

from mldebt.project.flow.model import Node
from tests.project.flow.tracing import Code, linked, start
from tests.project.models.asking import asked

TWO = """\
from sklearn.svm import SVC
from sklearn.linear_model import Ridge

first = SVC()
first.fit(rows, y)
second = Ridge()
second.fit(rows, y)
"""


def sources(code: Code) -> list[str]:
    """The calls, or the names of files, of the predictions that the argument of `see` is made of."""
    models = linked(code).models
    _, found = models.sources([start(linked(code))])
    return sorted(s.name or (s.prediction.api if s.prediction else "?") for s in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see(first.predict(new))", 1),
        ("see([first.predict(new), second.predict(new)])", 2),
        ("see((first.predict(new) + second.predict(new)) / 2)", 2),
        ("see(rows)", 0),
        ("see(first.predict(second.predict(new)))", 1),  # what lies behind a prediction is that model's own affair
        ("frame = load()\nframe['score'] = first.predict(new)\nsee(frame['score'])", 1),
        ("frame = load()\nframe['score'] = first.predict(new)\nsee(frame['age'])", 0),
        ("from sklearn.metrics import roc_auc_score\nsee(roc_auc_score(y, first.predict(new)))", 0),
        ("see(len(first.predict(new)))", 0),
    ],
)
def test_predictions_that_a_value_is_made_of(text: str, expected: int):
    assert sources(TWO + text) == ["estimator.predict"] * expected


def test_the_same_question_is_answered_once():
    project = linked(f"{TWO}see(first.predict(new))\n")
    asked_first = project.models.sources([start(project)])
    assert project.models.sources([start(project)]) is asked_first
    assert [s.at for s in asked_first[1]] == [node for node in asked_first[0] if project.models.at(node) is not None]


# files named after predictions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("oof/fold1.csv", ["oof/fold1.csv"]),
        ("data/oof_lgb.csv", ["data/oof_lgb.csv"]),
        ("meta_features.parquet", ["meta_features.parquet"]),
        ("out/predictions.csv", ["out/predictions.csv"]),
        ("level1/train.csv", ["level1/train.csv"]),
        ("data/train.csv", []),
        ("data/proof.csv", []),
        ("https://example.org/predictions.csv", []),
    ],
)
def test_a_file_whose_name_says_that_it_holds_predictions(path: str, expected: list[str]):
    read = "read_parquet" if path.endswith("parquet") else "read_csv"
    assert sources(f"import pandas as pd\nsee(pd.{read}('{path}'))") == expected


def test_a_file_whose_writer_is_in_sight_is_what_was_written():
    files = {"write.py": "frame = load()\nframe.to_csv('oof.csv')\n", "read.py": "import pandas as pd\nsee(pd.read_csv('oof.csv'))\n"}
    assert sources(files) == []


def test_a_function_whose_name_says_that_its_file_holds_predictions():
    text = "import pandas as pd\n\ndef load_oof(path):\n    return pd.read_csv(path)\n\nsee(load_oof(unknown))\n"
    assert sources(text) == ["the file that load_oof reads"]
    assert sources(text.replace("load_oof", "load_rows")) == []


# models ------------------------------------------------------------------------------------------------------------------


def test_a_node_that_is_a_prediction():
    project = linked(f"{TWO}see(first.predict(new))\n")
    node = start(project)
    prediction = project.models.at(node)
    assert prediction is not None and prediction.value == node.index
    assert project.models.at(Node(node.path, prediction.model)) is None
    assert project.models.asked(Node(node.path, prediction.model)) == ()


def test_who_asks_and_who_learns_is_the_same_model():
    project = linked(f"{TWO}first.predict(new)\nsecond.predict(new)\n")
    assert asked(project) == [project.models.learner(fit) for fit in project.models.fits]


def test_models_that_are_trained_here():
    text = "from sklearn.svm import SVC\nm = SVC()\nm.fit(rows, y)\nm.predict(new)\n"
    project = linked(text)
    assert project.models.is_trained_here(asked(project)[0])
    project = linked("from transformers import pipeline\nask = pipeline('x')\nask(new)\n")
    assert [project.models.is_trained_here(nodes) for nodes in asked(project)] == [False]
    assert not project.models.is_trained_here(())


@pytest.mark.parametrize(
    ("method", "expected"),
    [("def train(self, x, y):\n        LinearSVC().fit(x, y)", True), ("def encode(self, x):\n        return x", False)],
)
def test_a_class_of_the_project_is_its_own_model_when_something_learns_in_it(method: str, expected: bool):
    text = f"from sklearn.svm import LinearSVC\n\nclass Net(Base):\n    {method}\n\nnet = Net()\nnet.predict(new)\n"
    project = linked(text)
    assert [project.models.is_trained_here(nodes) for nodes in asked(project)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from sklearn.svm import SVC\nSVC().predict(new)", "SVC"),
        ("import xgboost as xgb\nb = xgb.train({}, d)\nb.predict(new)", "train"),
        ("class Net(Base):\n    pass\n\nnet = Net()\nnet.predict(new)", "Net"),
        ("def ask(m, rows):\n    return m.predict(rows)", "a model"),
    ],
)
def test_what_a_model_is_called(text: str, expected: str):
    project = linked(text)
    assert project.models.name(asked(project)[0]) == expected


def test_what_learns_is_told_by_what_makes_it():
    text = """
        class Cleaner:
            def fit(self, rows):
                return self

            def transform(self, rows):
                return rows

        class Net:
            def forward(self, x):
                return x

        def run(thing, rows, y):
            thing.fit(rows, y)
        """
    call = "\n        run({}, a, b)\n"
    assert [f.is_model for f in linked(text + call.format("Net()")).models.fits] == [True]
    assert [f.is_model for f in linked(text + call.format("Cleaner()")).models.fits] == [False]
