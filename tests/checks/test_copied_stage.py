"""Copies that are work, rows of arguments that are not, examples of a published package."""

from __future__ import annotations

from tests.checks.conftest import Found

LOAD = """
import pandas as pd


def load(path):
    frame = pd.read_parquet(path)
    frame["tenure"] = (frame["last_seen"] - frame["joined"]).dt.days
    frame = frame[(frame["tenure"] >= 1) & (frame["tenure"] <= 3650)]
    frame["calls_per_day"] = frame["calls"] / frame["tenure"]
    frame["region"] = frame["region"].astype("category")
    frame = frame.dropna(subset=["calls_per_day"])
    return frame.sort_values("tenure")
"""
PACKAGE = '[project]\nname = "tenure"\nversion = "1.0"\n'
CALL = """
import pandas as pd


def {name}(model, options, frame):
    return model.{name}(
        frame=pd.DataFrame(frame),
        horizon=options.horizon,
        season=options.season,
        weights=options.weights,
        folds=options.folds,
        seed=options.seed,
        metric=options.metric,
        workers=options.workers,
        verbose=options.verbose,
    )
"""


def test_copies_in_two_files_are_found(found: Found) -> None:
    (finding,) = found("copied_stage", {"train.py": LOAD, "score.py": LOAD})
    assert {finding.location.path, *(e.path for e in finding.evidence)} == {"score.py", "train.py"}
    assert finding.confidence >= 0.7


def test_rows_of_arguments_are_no_work(found: Found) -> None:
    assert found("copied_stage", {"fit.py": CALL.format(name="fit"), "tune.py": CALL.format(name="tune")}) == []


def test_examples_of_a_published_package_are_silent(found: Found) -> None:
    examples = {"examples/train.py": LOAD, "examples/score.py": LOAD}
    package = {"pyproject.toml": PACKAGE, "tenure/__init__.py": "", "tenure/core.py": "def days(a, b):\n    return a - b\n"}
    assert found("copied_stage", {**examples, **package}) == []


def test_examples_of_an_application_are_found(found: Found) -> None:
    assert len(found("copied_stage", {"examples/train.py": LOAD, "examples/score.py": LOAD})) == 1


def test_an_example_that_copies_the_package_is_found(found: Found) -> None:
    package = {"pyproject.toml": PACKAGE, "tenure/__init__.py": "", "tenure/core.py": LOAD}
    assert len(found("copied_stage", {**package, "examples/train.py": LOAD})) == 1
