"""entangled-feature."""

from __future__ import annotations

from tests.checks.conftest import Found

COMMON = """
def rates(frame):
    frame["rate"] = frame["sold"] / frame["shown"]
    frame["loss"] = frame["shown"] - frame["sold"]
    return frame


def ages(frame):
    frame["age"] = 2024 - frame["year"]
    return frame
"""
TRAIN = """
import pandas as pd
from common import ages, rates
from {package} import {model}

frame = {made}
{model}().fit(frame.drop(columns="y"), frame["y"])
"""
MODELS = (("ridge", "sklearn.linear_model", "Ridge"), ("trees", "lightgbm", "LGBMRegressor"), ("boost", "xgboost", "XGBRegressor"))


def files(made: str) -> dict[str, str]:
    return {f"{name}.py": TRAIN.format(package=package, model=model, made=made) for name, package, model in MODELS} | {"common.py": COMMON}


def test_one_finding_for_the_features_of_a_file(found: Found):
    (finding,) = found("entangled_feature", files("ages(rates(pd.read_csv('in.csv')))"))

    assert (finding.location.path, finding.location.line, finding.size) == ("common.py", 2, 3)
    assert finding.message == (
        "`rates` feeds 3 models (`boost.py`, `ridge.py`, `trees.py`); so does 1 more of this file for at least 3 models; "
        "changing it shifts all of them"
    )
    assert [(e.path, e.line, e.message) for e in finding.evidence] == [
        ("common.py", 8, "`ages` feeds 3 models"),
        ("boost.py", 7, "feeds `boost.py`"),
        ("ridge.py", 7, "feeds `ridge.py`"),
        ("trees.py", 7, "feeds `trees.py`"),
    ]


def test_the_identity_does_not_move_with_lines(found: Found):
    (one,) = found("entangled_feature", files("rates(pd.read_csv('in.csv'))"))
    moved = files("rates(pd.read_csv('in.csv'))")
    moved["common.py"] = "import math\n" + moved["common.py"]
    (other,) = found("entangled_feature", moved)

    assert (one.anchor, one.scope) == (other.anchor, other.scope)
    assert one.location.line + 1 == other.location.line


def test_a_feature_that_nobody_shares_is_silent(found: Found):
    assert found("entangled_feature", files("pd.read_csv('in.csv')")) == []
