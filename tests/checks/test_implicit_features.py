"""implicit-feature-set."""

from __future__ import annotations

from tests.checks.conftest import Found

BUILD = """
def build(frame):
    frame["f_share"] = frame["a"] / frame["b"]
    frame["f_sum"] = frame["a"] + frame["b"]
    return frame
"""
TRAIN = """
import pandas as pd
from build import build
from sklearn.linear_model import Ridge

frame = build(pd.read_csv("a.csv"))
{name} = [c for c in frame.columns if c.startswith("f_")]
Ridge().fit(frame[{name}], frame["y"])
"""


def test_what_a_model_gets(found: Found):
    (finding,) = found("implicit_features", {"build.py": BUILD, "train.py": TRAIN.format(name="chosen")})
    assert finding.message.startswith("`estimator.fit` gets every column whose name begins with `f_`: 2 such columns")
    assert [(place.path, place.line) for place in finding.evidence] == [("build.py", 3), ("build.py", 4)]


def test_one_producer_is_not_enough(found: Found):
    one = "\n".join(line for line in BUILD.splitlines() if "f_sum" not in line)
    assert found("implicit_features", {"build.py": one, "train.py": TRAIN.format(name="features")}) == []


def test_lists_for_anything_else_stay_silent(found: Found):
    text = TRAIN.format(name="scaled").replace('Ridge().fit(frame[scaled], frame["y"])', "print(frame[scaled].mean())")
    assert found("implicit_features", {"build.py": BUILD, "train.py": text}) == []


def test_the_same_pattern_is_one_finding(found: Found):
    again = "def features(frame):\n    return [c for c in frame.columns if c.startswith('f_')]\n"
    files = {"build.py": BUILD, "train.py": TRAIN.format(name="features"), "score.py": f"from build import build\n\n{again}"}
    (finding,) = found("implicit_features", files)
    assert finding.evidence[-1].message == "chosen here too"
