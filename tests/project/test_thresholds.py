"""Decisions on scores: what is a score, where its number stands, and which code decides."""

from __future__ import annotations

import pytest

from mldebt.project import Project
from mldebt.project.measuring import is_measure
from mldebt.project.scores import called
from mldebt.project.thresholds import Decision, Thresholds
from tests.project.reading import project_of


def decisions(files: dict[str, str]) -> list[Decision]:
    return list(Thresholds(project_of(files)).decisions())


def numbers(project: Project) -> list[tuple[str, int, float, str]]:
    return [(n.path, n.span.line, n.value, n.how) for d in Thresholds(project).decisions() for n in d.numbers]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prob[pred]", "prob"),
        ('row["score"]', "score"),
        ("float(model.confidence)", "confidence"),
        ("np.max(probs)", "probs"),
        ("probs.max(axis=1)", "probs"),
        ('found.get("conf", 0)', "conf"),
        ("scores.get(label)", "scores"),
        ("torch.sigmoid(logits)[:, 1]", "logits"),
        ("(p)", "p"),
        ("0.5", ""),
    ],
)
def test_what_an_operand_is_called(text: str, name: str) -> None:
    assert called(text) == name


def test_measuring_is_told_by_whole_words() -> None:
    assert is_measure("evaluate_model") and is_measure("plotROC") and is_measure("test_split")
    assert not is_measure("predict_rows") and not is_measure("select_tests") and not is_measure("")


SERVICE = """
import joblib

class Service:
    def __init__(self, path, threshold=0.9):
        self.model = joblib.load(path)
        self.threshold = threshold

    def predict(self, rows):
        return [p < self.threshold for p in self.model.predict_proba(rows)[:, 1]]
"""


def test_a_default_with_what_callers_pass_again() -> None:
    deployed = "from service import Service\n\nentry = Service.bind('m.joblib', threshold=0.8)\nother = Service('m.joblib', 0.7)\n"
    project = project_of({"service.py": SERVICE, "deploy.py": deployed})
    found = numbers(project)
    assert ("service.py", 4, 0.9, "default") in found
    assert ("deploy.py", 3, 0.8, "passed") in found and ("deploy.py", 4, 0.7, "passed") in found


def test_a_threshold_that_is_computed_somewhere_is_less_sure() -> None:
    learned = SERVICE.replace(
        "self.threshold = threshold\n", "self.threshold = threshold\n        self.threshold = self.model.best_cut()\n"
    )
    (sure,) = decisions({"service.py": SERVICE})
    (unsure,) = decisions({"service.py": learned})
    assert sure.confidence >= 0.8 > unsure.confidence + 0.1


def test_entries_of_a_table_and_its_default() -> None:
    text = """
    from collections import defaultdict

    class Labeler:
        def __init__(self, model):
            self.model = model
            self.limits = defaultdict(lambda: 0.52)
            self.limits["question"] = 0.6

        def predict_labels(self, rows):
            chances = self.model.predict_proba(rows)
            return [name for name, p in zip(self.names, chances) if p >= self.limits[name]]
    """
    assert [(line, value, how) for _, line, value, how in numbers(project_of({"label.py": text}))] == [
        (6, 0.52, "entry"),
        (7, 0.6, "entry"),
    ]


def test_an_imported_constant_stands_in_its_module() -> None:
    files = {
        "settings.py": "CUT = 0.35\n",
        "predict.py": "from settings import CUT\n\ndef predict(model, rows):\n    return model.predict_proba(rows)[:, 1] > CUT\n",
    }
    assert numbers(project_of(files)) == [("settings.py", 1, 0.35, "constant")]


@pytest.mark.parametrize(
    "line",
    [
        "return model.decision_function(rows) > 0",
        "return model.predict_proba(rows)[:, 1] > 1e-7",
        "return len(model.predict_proba(rows)) > 0.5",
        "return model.predict_proba(rows).shape[0] > 0.5",
        "return random.random() < 0.3",
        "return accuracy_score(labels, model.predict_proba(rows)[:, 1] > 0.5)",
        "return ((model.predict(rows) > 0.5).astype(int) == labels).mean()",
    ],
)
def test_no_decision(line: str) -> None:
    head = "import random\nfrom sklearn.metrics import accuracy_score\n\ndef predict(model, rows, labels):\n    "
    assert decisions({"predict.py": f"{head}{line}\n"}) == []


@pytest.mark.parametrize("line", ["return model.predict_proba(rows)[:, 1].ge(0.4)", "return np.round(model.predict_proba(rows)[:, 1])"])
def test_comparisons_that_are_calls(line: str) -> None:
    (decision,) = decisions({"predict.py": f"import numpy as np\n\ndef predict(model, rows):\n    {line}\n"})
    assert decision.score.prediction is not None and decision.confidence >= 0.7


@pytest.mark.parametrize("path", ["evaluate.py", "tests/test_predict.py", "training/steps.py"])
def test_code_that_measures_trains_or_tests_decides_nothing(path: str) -> None:
    assert decisions({path: "def run(model, rows):\n    return model.predict_proba(rows)[:, 1] > 0.5\n"}) == []


def test_an_option_of_the_command_line_alone_is_the_users_choice() -> None:
    text = """
    import argparse

    def predict(model, rows, args):
        return model.predict_proba(rows)[:, 1] > args.cut

    if __name__ == "__main__":
        parser = argparse.ArgumentParser()
        parser.add_argument("--cut", type=float, default=0.5)
        args = parser.parse_args()
        print(model.predict_proba(rows)[:, 1] > args.cut)
    """
    assert all(d.confidence < 0.7 for d in decisions({"predict.py": text}))


def test_a_parameter_of_an_estimator_is_saved_with_it() -> None:
    (service,) = decisions({"service.py": SERVICE})
    (estimator,) = decisions({"service.py": SERVICE + "\n    def fit(self, rows, labels):\n        self.model.fit(rows, labels)\n"})
    assert service.confidence >= 0.8 and estimator.confidence < 0.7


def test_small_chances_left_out_are_no_decision() -> None:
    text = "def predict_proba(model, rows, least=0.1):\n    p = model.predict_proba(rows)\n    p[p < least] = 0\n    return p\n"
    assert all(d.confidence < 0.7 for d in decisions({"predict.py": text}))


def test_a_comparison_for_a_function_that_takes_metrics_is_measured() -> None:
    text = """
    from sklearn.metrics import confusion_matrix

    def stats(truth, labels):
        print(confusion_matrix(truth, labels))

    def predict(model, rows, truth):
        labels = [1 if p > 0.5 else 0 for p in model.predict_proba(rows)[:, 1]]
        stats(truth, labels)
    """
    assert decisions({"predict.py": text}) == []
