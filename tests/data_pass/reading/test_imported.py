from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.examine import examine
from mldebt.data_pass.settings import FeatureSettings

MODULE = """
import numpy as np
import pandas as pd

random = np.random.default_rng(0)
frame = pd.DataFrame({"a": random.normal(size=60), "b": random.normal(size=60)})
target = pd.Series(random.integers(0, 2, 60), name="y")

def rows():
    return frame, target

def grouped():
    return frame, target, [1, 2, 3] * 20, [1.0] * 60

def broken():
    raise KeyError("no such\\ntable")

def wrong():
    return frame

number = 3
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rows_of_a_test.py").write_text(MODULE)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "rows_of_a_test", raising=False)
    return tmp_path


def asked(function: str, allow: bool = True) -> FeatureSettings:
    return FeatureSettings(data=f"rows_of_a_test:{function}", target="y", allow_import=allow)


def test_rows_of_a_function(project: Path):
    sample, _ = examine(asked("rows"), project)
    assert list(sample.frame.columns) == ["a", "b"]
    assert sample.groups is None
    sample, _ = examine(asked("grouped"), project)
    assert sample.groups is not None and sample.groups.tolist() == [0, 1, 2] * 20
    assert sample.weights is not None and sample.weights.tolist() == [1.0] * 60


def test_nothing_is_imported_unasked(project: Path):
    with pytest.raises(DataError, match="--allow-import"):
        examine(asked("rows", allow=False), project)
    assert "rows_of_a_test" not in sys.modules


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("broken", "rows_of_a_test:broken failed: KeyError: 'no such\\ntable'"),
        ("wrong", "must return X, y or X, y, groups or X, y, groups, weights; it returned DataFrame"),
        ("gone", "cannot be imported: AttributeError"),
        ("number", "is no function, but int"),
    ],
)
def test_functions_that_do_not_do(project: Path, function: str, words: str):
    with pytest.raises(DataError) as caught:
        examine(asked(function), project)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_modules_that_are_not_there(project: Path):
    with pytest.raises(DataError, match="ModuleNotFoundError"):
        examine(FeatureSettings(data="no_such_module:rows", target="y", allow_import=True), project)
