"""leaked-vendor-convention."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

SERVE = """
import pandas as pd
from prepare import predict_topic


def topic(title):
    return predict_topic(pd.DataFrame([{"title": title, "topic": "other"}]))
"""
PREPARE = """
from sklearn.model_selection import train_test_split


def halves(frame):
    return train_test_split(frame, stratify=frame["topic"])


def predict_topic(frame):
    return frame
"""


def messages(found: Found, files: dict[str, str]) -> list[tuple[int, str, float]]:
    return [(f.location.line, f.anchor, f.confidence) for f in found("vendor_convention", files)]


def test_a_made_up_label_is_one_finding_wherever_it_is_made(found: Found) -> None:
    other = SERVE.replace("def topic(title)", "def again(title)")
    (finding,) = found("vendor_convention", {"serve.py": SERVE, "work.py": other, "prepare.py": PREPARE})
    assert finding.anchor == "placeholder topic"
    assert (finding.location.path, finding.location.line) == ("serve.py", 7)
    assert [(place.path, place.line) for place in finding.evidence] == [("work.py", 7)]


def test_a_constant_for_a_column_that_is_no_label_is_a_default(found: Found) -> None:
    assert found("vendor_convention", {"serve.py": SERVE.replace('"topic": "other"', '"lang": "en"'), "prepare.py": PREPARE}) == []


REPORT = """
from evidently.report import Report

report = Report(metrics=[])


def read():
    result = report.as_dict()
    return result["metrics"][0]["result"], result["metrics"][{place}]["result"]
"""


@pytest.mark.parametrize(("place", "count"), [("2", 1), ("0", 0), ("-1", 0)])
def test_a_list_of_a_report_is_taken_apart_when_two_places_are_read(found: Found, place: str, count: int) -> None:
    assert len(found("vendor_convention", {"drift.py": REPORT.replace("{place}", place)})) == count


def test_a_list_of_a_web_service_is_not_one_of_a_package_for_models(found: Found) -> None:
    text = (
        REPORT.replace("report.as_dict()", "requests.get('u').json()")
        .replace("{place}", "1")
        .replace("from evidently.report import Report", "import requests")
    )
    assert found("vendor_convention", {"drift.py": text.replace("report = Report(metrics=[])", "")}) == []


def test_outputs_by_position_on_a_receiver_that_only_the_import_tells(found: Found) -> None:
    text = "import onnxruntime\n\n\nclass Asked:\n    def ask(self, rows):\n        return self.session.run(None, rows)[1][0]\n"
    ((line, anchor, confidence),) = messages(found, {"ask.py": text})
    assert (line, anchor) == (6, "position run")
    assert confidence >= 0.7
    assert found("vendor_convention", {"ask.py": text.replace("onnxruntime", "subprocess")}) == []


def test_a_loss_and_one_metric_are_told_with_little_confidence(found: Found) -> None:
    text = "import keras\n\n\ndef ask(model, rows):\n    score = model.evaluate(rows)\n    print(score[0], score[{n}])\n"
    ((_, _, two),) = messages(found, {"ask.py": text.replace("{n}", "1")})
    ((_, _, three),) = messages(found, {"ask.py": text.replace("{n}", "2")})
    assert two < 0.5 < 0.7 <= three


DISPATCH = """
def best(model):
    if "catboost" in str(type(model)):
        return {first}
    elif type(model).__name__ == "LGBMRegressor":
        return model.feature_importances_
    return None
"""


def test_branches_on_the_text_of_a_class_name_the_packages(found: Found) -> None:
    ((line, anchor, confidence),) = messages(found, {"best.py": DISPATCH.replace("{first}", "model.get_feature_importance()")})
    assert (line, anchor, confidence) == (3, "dispatch catboost lightgbm", 0.9)


def test_a_branch_that_chooses_an_adapter_is_the_remedy(found: Found) -> None:
    text = DISPATCH.replace("{first}", "Adapter(model)").replace("model.feature_importances_", "Adapter(model)")
    assert (
        found("vendor_convention", {"best.py": "class Adapter:\n    def __init__(self, model):\n        self.model = model\n\n" + text})
        == []
    )


SAVE = """
import joblib, xgboost
from sklearn.base import BaseEstimator

def save(model, path):
    if isinstance(model, xgboost.Booster):
        model.save_model(path)
    elif isinstance(model, BaseEstimator):
        joblib.dump(model, path)
    {last}
"""
REFUSES = "else:\n        raise TypeError(path)"


@pytest.mark.parametrize(("last", "files", "confidence"), [(REFUSES, 1, 0.65), ("return path", 1, 0.8), (REFUSES, 2, 0.8)])
def test_the_only_branches_of_a_project_that_refuse_others_may_be_the_adapter(
    found: Found, last: str, files: int, confidence: float
) -> None:
    told = messages(found, {f"save{n}.py": SAVE.replace("{last}", last) for n in range(files)})
    assert [one[2] for one in told] == [confidence] * files


def test_a_question_that_is_only_answered_is_no_dispatch(found: Found) -> None:
    text = DISPATCH.replace("{first}", "True").replace("model.feature_importances_", "True")
    assert found("vendor_convention", {"best.py": text}) == []


def test_alternative_keys_count_only_for_answers(found: Found) -> None:
    text = "def ask(step, rows):\n    out = step.{method}(rows)\n    return out['p'] if 'p' in out else out['q']\n"
    ((line, anchor, _),) = messages(found, {"ask.py": text.replace("{method}", "transform")})
    assert (line, anchor) == (3, "probe p q")
    assert found("vendor_convention", {"ask.py": text.replace("{method}", "settings")}) == []


def test_the_wrappers_that_do_not_agree_are_shown(found: Found) -> None:
    steps = (
        "class A:\n    def predict(self, x):\n        return {'p': x}\n\n\nclass B:\n    def predict(self, x):\n        return {'q': x}\n"
    )
    asked = "def ask(step, rows):\n    out = step.predict(rows)\n    return out.get('p', out.get('q'))\n"
    (finding,) = found("vendor_convention", {"steps.py": steps, "ask.py": asked})
    assert (finding.location.path, finding.location.line) == ("ask.py", 3)
    assert [(place.path, place.line, place.message) for place in finding.evidence] == [
        ("steps.py", 2, "gives `p`"),
        ("steps.py", 7, "gives `q`"),
    ]


STATE = """
import torch


def {name}(net, path):
    state = torch.load(path, weights_only=True)["state_dict"]
    net.load_state_dict({key[{cut}]: value for key, value in state.items()})
"""


@pytest.mark.parametrize(("name", "cut", "sure"), [("load", "7:", [True]), ("load", "start:", [False]), ("convert", "7:", [])])
def test_keys_of_a_state_are_cut(found: Found, name: str, cut: str, sure: list[bool]) -> None:
    findings = found("vendor_convention", {"net.py": STATE.replace("{name}", name).replace("{cut}", cut)})
    assert [f.confidence >= 0.7 for f in findings] == sure


def test_a_part_of_the_own_model_is_taken_out_with_little_confidence(found: Found) -> None:
    text = STATE.replace("{name}", "load").replace("key[{cut}]", 'key.replace("{prefix}.", "")')
    own = "\n\nclass Both:\n    def __init__(self):\n        self.text = 1\n"
    ((_, anchor, part),) = messages(found, {"net.py": text.replace("{prefix}", "text") + own})
    ((_, _, wrapper),) = messages(found, {"net.py": text.replace("{prefix}", "module") + own})
    assert anchor == "state text."
    assert part < 0.5 < wrapper


PATCH = """
import joblib


def load(path):
    model = {made}
    if not hasattr(model, "version"):
        model.version = 1
    return model
"""


def test_attributes_are_put_on_what_was_loaded(found: Found) -> None:
    ((line, anchor, _),) = messages(found, {"load.py": PATCH.replace("{made}", "joblib.load(path)")})
    assert (line, anchor) == (8, "patch version")
    assert found("vendor_convention", {"load.py": PATCH.replace("{made}", "dict(path)")}) == []


CELLS = """
def filled(frame, other):
    frame.iloc[-1, frame.columns.get_loc("a")] = other.iloc[-1, other.columns.get_loc("a")]
    frame.iloc[-1, frame.columns.get_loc("b")] = other.iloc[-1, other.columns.get_loc("b")]
"""


def test_three_cells_are_too_many(found: Found) -> None:
    third = '    frame.iloc[-1, frame.columns.get_loc("c")] = other.iloc[-1, other.columns.get_loc("d")]\n'
    assert found("vendor_convention", {"fill.py": CELLS}) == []
    (finding,) = found("vendor_convention", {"fill.py": CELLS + third})
    assert (finding.anchor, finding.size) == ("cells", 3)


def test_names_that_a_model_made_up_through_a_function_of_the_project(found: Found) -> None:
    model = "class Trees:\n    def importance(self):\n        return dict(zip(self.booster.feature_name(), [1]))\n"
    text = "def named(model, columns):\n    return {columns[int(k.split('_')[1])]: v for k, v in model.importance().items()}\n"
    ((line, anchor, _),) = messages(found, {"trees.py": model, "named.py": text})
    assert (line, anchor) == (2, "generated importance")
    assert found("vendor_convention", {"trees.py": "", "named.py": text}) == []


@pytest.mark.parametrize("path", ["tests/test_serve.py", "examples/serve.py"])
def test_tests_and_examples_stay_silent(found: Found, path: str) -> None:
    assert found("vendor_convention", {path: SERVE, "prepare.py": PREPARE}) == []
