"""Whole data passes on small tables whose truth is known."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.api import features
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.result import Result
from mldebt.data_pass.run import run, run_frame
from mldebt.data_pass.settings import FeatureSettings

ROWS = 400


def table(rows: int = ROWS, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """`a`, `b` and `plan` make the target; the rest repeats them or is noise."""
    draw = np.random.default_rng(seed)
    a, b, noise = draw.normal(size=(3, rows))
    plan = draw.integers(0, 3, rows)
    frame = pd.DataFrame(
        {
            "a": a,
            "a_scaled": 1.8 * a + 32,
            "a_band": np.digitize(a, [-1, 0, 1]).astype(float),
            "b": b,
            "constant": 3.0,
            "holes": np.where(draw.random(rows) < 0.3, np.nan, draw.normal(size=rows)),
            "noise": noise,
            "plan": np.array(["basic", "plus", "pro"])[plan],
            "plan_code": plan,
        }
    )
    return frame, 2 * a + b + np.array([-2.0, 0.0, 3.0])[plan] + draw.normal(scale=0.3, size=rows)


def passed(frame: pd.DataFrame, target: np.ndarray, **given: object) -> Result:
    result = features(frame, pd.Series(target, name="y"), given)
    valid(result, frame)
    return result


def valid(result: Result, frame: pd.DataFrame) -> None:
    """What holds for every result."""
    names = [column.name for column in result.columns]
    assert names == sorted(names)
    assert set(names) <= set(map(str, frame.columns))
    assert result.drop == tuple(column.name for column in result.columns if column.action == "drop")
    assert result.undecided == tuple(column.name for column in result.columns if column.kind == "undecided")
    assert not set(result.drop) & set(result.settings["keep"])  # type: ignore[call-overload]
    if result.drop:
        assert result.set.verdict == "confirmed"
        assert result.set.high is not None and result.set.high <= result.set.tolerance
        assert result.set.low is not None and result.set.delta is not None and result.set.low <= result.set.delta <= result.set.high
    else:
        assert result.set.verdict in ("nothing", "undecided", "no-model")
        assert result.set.delta is None
    assert all(column.kind not in ("needed", "one-of") for column in result.columns if column.action == "drop")
    for number in numbers(msgspec.to_builtins(result)):
        assert math.isfinite(number)
    written = msgspec.json.encode(result)
    assert msgspec.json.encode(msgspec.json.decode(written, type=Result)) == written


def numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in numbers(inner)]
    if isinstance(value, list | tuple):
        return [one for inner in value for one in numbers(inner)]
    return [value] if isinstance(value, float) else []


def kinds(result: Result) -> dict[str, str]:
    return {column.name: column.kind for column in result.columns}


def test_regression():
    frame, target = table()
    result = passed(frame, target)
    assert result.task == "regression" and "ridge" in result.model
    assert result.set.verdict == "confirmed"
    assert {"a_band", "constant", "holes", "noise"} <= set(result.drop)
    assert len({"a", "a_scaled"} & set(result.drop)) == 1
    assert len({"plan", "plan_code"} & set(result.drop)) == 1
    said = kinds(result)
    assert said["constant"] == "constant" and said["a_band"] == "legacy" and said["noise"] in ("no-gain", "epsilon")
    assert said["a_scaled"] == "duplicate" and said["b"] == "needed" and said["a"] == "one-of"


@pytest.mark.parametrize("model", ["auto", "hgb"])
def test_binary(model):
    frame, target = table(800)
    result = passed(frame, np.where(target > 0, "yes", "no"), model=model, tolerance=0.01)
    assert result.task == "binary" and result.set.metric == "roc_auc"
    assert {"constant", "noise"} <= set(result.drop)
    assert not {"b"} & set(result.drop)
    assert len({"a", "a_scaled", "a_band"} & set(result.drop)) == 2


def test_several_classes():
    frame, target = table(800)
    result = passed(frame, np.digitize(target, [-2, 2]), tolerance=0.01)
    assert result.task == "multiclass" and result.set.metric == "roc_auc_ovr"
    assert "constant" in result.drop and "b" not in result.drop


@pytest.mark.parametrize(
    "metric", ["neg_root_mean_squared_error", "neg_median_absolute_error", "neg_mean_absolute_error", "explained_variance"]
)
def test_metrics_of_numbers(metric):
    frame, target = table()
    result = passed(frame, target, metric=metric, tolerance=0.05)
    assert result.set.metric == metric
    assert result.set.reference is not None
    assert "constant" in result.drop and "b" not in result.drop


@pytest.mark.parametrize("metric", ["f1", "average_precision", "roc_auc_ovr", "neg_log_loss", "accuracy", "balanced_accuracy"])
def test_metrics_of_classes(metric):
    frame, target = table()
    result = passed(frame, (target > 0).astype(int), metric=metric, tolerance=0.05)
    assert "constant" in result.drop and "a" not in result.drop


def test_groups_time_and_weights():
    frame, target = table()
    draw = np.random.default_rng(9)
    frame = frame.assign(shop=draw.integers(0, 25, ROWS), day=np.arange(ROWS) // 2, weight=draw.uniform(0.5, 2, ROWS))
    for role, words in (({"groups": "shop"}, "groups"), ({"time": "day"}, "time"), ({"weights": "weight"}, "5 folds")):
        result = passed(frame, target, tolerance=0.01, **role)
        assert words in result.set.splits
        assert next(iter(role.values())) not in kinds(result)
        assert {"constant", "noise"} <= set(result.drop) and "b" not in result.drop


def test_keep_and_drop():
    frame, target = table()
    result = passed(frame, target, keep=("constant", "noise", "a_scaled"), drop=("plan_code",))
    assert "plan_code" not in kinds(result)
    assert {"constant", "noise", "a_scaled", "b", "plan"}.isdisjoint(result.drop)
    assert {"a", "a_band", "holes"} <= set(result.drop)
    assert kinds(result)["a"] == "duplicate"


def test_bundles():
    frame, target = table()
    frame = frame.assign(**{f"extra_{i}": np.random.default_rng(50 + i).normal(size=ROWS) for i in range(3)})
    result = passed(frame, target, bundle={"extras": "extra_*"})
    assert {"extra_0", "extra_1", "extra_2"} <= set(result.drop)
    assert {kinds(result)[f"extra_{i}"] for i in range(3)} == {"bundled"}
    assert [(bundle.name, bundle.kept) for bundle in result.bundles] == [("extras", ())]


def test_a_model_that_learns_nothing_calls_nothing_unused():
    frame, _ = table()
    result = passed(frame, np.random.default_rng(5).normal(size=ROWS))
    assert result.set.verdict == "no-model"
    assert result.drop == ()
    assert {column.action for column in result.columns} == {"review"}
    assert any("does not learn" in note for note in result.notes)


def test_structure_without_a_model():
    frame, target = table()
    result = passed(frame, target, structure_only=True)
    assert (result.set.verdict, result.model, result.set.fits) == ("no-model", "none", 0)
    said = kinds(result)
    assert (said["constant"], said["a_scaled"], said["a_band"], said["b"]) == ("constant", "duplicate", "legacy", "unexamined")


@pytest.mark.parametrize("model", ["ridge", "hgb"])
def test_a_budget_that_is_spent(model):
    frame, target = table()
    result = passed(frame, target, budget=1e-6, model=model)
    assert any("budget" in note for note in result.notes)
    assert result.drop or result.set.verdict == "undecided"
    assert {column.kind for column in result.columns if column.action != "drop"} == {"unexamined"}  # nothing was measured


def test_all_columns_are_needed():
    frame, target = table()
    result = passed(frame[["a", "b", "plan"]], target)
    assert result.set.verdict == "nothing"
    assert set(kinds(result).values()) == {"needed"}


@pytest.mark.parametrize("model", ["ridge", "hgb"])
def test_one_feature(model):
    frame, target = table()
    result = passed(frame[["a"]], target, model=model)
    assert (result.set.verdict, kinds(result)) == ("nothing", {"a": "needed"})


def test_one_feature_that_is_enough():
    frame, _ = table()
    result = passed(frame[["a", "noise", "constant", "a_scaled"]], frame["a"].to_numpy() * 2 + 0.1 * frame["b"].to_numpy())
    assert len(result.columns) - len(result.drop) == 1
    assert "a" not in result.drop


def test_a_pair_that_only_counts_together():
    draw = np.random.default_rng(6)
    one, other = draw.integers(0, 2, (2, 1_000))
    frame = pd.DataFrame({"one": one, "other": other, "noise": draw.normal(size=1_000)})
    result = passed(frame, (one ^ other) + draw.normal(scale=0.1, size=1_000))
    assert "boosting" in result.model
    assert result.drop == ("noise",)


def test_a_column_without_any_value():
    frame, target = table()
    result = passed(frame.assign(empty=np.nan), target, model="hgb", tolerance=0.02)
    assert "empty" in result.drop


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"metric": "roc_auc"}, "metric 'roc_auc'"),
        ({"metric": "nope"}, "metric 'nope'"),
        ({"model": "logistic"}, "model 'logistic'"),
        ({"keep": ("gone",)}, "gone"),
        ({"bundle": {"x": "gone*"}}, "bundle x"),
        ({"groups": "constant"}, "groups: 1 group"),
        ({"time": "constant"}, "time: "),
    ],
)
def test_what_does_not_fit_is_one_line(given, says):
    frame, target = table()
    with pytest.raises(DataError, match=says) as caught:
        passed(frame, target, **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [{}, {"model": "hgb"}, {"structure_only": True}, {"groups": "plan_code", "folds": 3}])
@pytest.mark.parametrize("kind", ["numbers", "classes"])
def test_equal_bytes_for_any_order_of_the_columns(given, kind):
    frame, target = table(200)
    target = target if kind == "numbers" else (target > 0).astype(int)
    found = set()
    for seed in range(2):
        order = list(frame.columns) if not seed else list(np.random.default_rng(seed).permutation(frame.columns))
        found.add(msgspec.json.encode(passed(frame[order], target, **given)))
    assert len(found) == 1


def test_equal_bytes_for_any_hash_seed(tmp_path: Path):
    frame, target = table(200)
    frame.assign(y=(target > 0).astype(int)).to_csv(tmp_path / "rows.csv", index=False)
    code = (
        "import sys, msgspec; from mldebt.data_pass.api import features;"
        "sys.stdout.buffer.write(msgspec.json.encode(features('rows.csv', 'y', {'bundle': {'as': 'a*'}, 'model': 'hgb'})))"
    )
    root = str(Path(__file__).resolve().parents[2])
    written = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1]
    assert msgspec.json.decode(written[0], type=Result).task == "binary"


def test_a_file_gives_what_a_frame_gives(tmp_path: Path):
    frame, target = table()
    frame.assign(y=target).to_csv(tmp_path / "rows.csv", index=False)
    asked = FeatureSettings(data="rows.csv", target="y")
    said: list[str] = []
    found = run(asked, tmp_path, progress=lambda stage, done, expected: said.append(stage), warn=lambda text: None)
    same = features(frame.assign(y=target), "y", {})
    assert (found.drop, found.columns, found.data.fingerprint) == (same.drop, same.columns, same.data.fingerprint)
    assert list(dict.fromkeys(said)) == ["reading", "choosing a model", "searching", "confirming", "explaining"]


@pytest.mark.parametrize("model", ["auto", "hgb"])
@pytest.mark.parametrize("seed", range(8))
def test_any_small_table_gives_a_valid_result(seed, model):
    draw = np.random.default_rng(seed)
    rows, columns, classes = int(draw.integers(20, 120)), int(draw.integers(1, 7)), int(draw.choice([0, 2, 3]))
    made = {}
    for i in range(columns):
        shape = draw.integers(0, 6)
        values = draw.normal(size=rows)
        if shape == 1:
            values = np.round(values)
        if shape == 2:
            values = np.where(draw.random(rows) < 0.6, np.nan, values)
        if shape == 3 and i:
            values = np.asarray(made["c0"])
        made[f"c{i}"] = np.array(["u", "v", "w"], dtype=object)[draw.integers(0, 3, rows)] if shape == 4 else values
    frame = pd.DataFrame(made)
    base = pd.to_numeric(frame["c0"], errors="coerce").fillna(0).to_numpy(dtype=float) * draw.integers(0, 3) + draw.normal(size=rows)
    target = base if not classes else np.argsort(np.argsort(base)) * classes // rows
    passed(frame, target, model=model)


def test_rows_that_repeat_are_told():
    random = np.random.default_rng(3)
    frame = pd.DataFrame({name: random.normal(size=150) for name in "abc"})
    target = frame["a"] + random.normal(size=150)
    twice = run_frame(pd.concat([frame] * 2), pd.concat([target] * 2), FeatureSettings(target="y"), progress=lambda *_: None, warn=print)
    assert any(note.startswith("50% of the rows repeat another one") for note in twice.notes)
    once = run_frame(frame, target, FeatureSettings(target="y"), progress=lambda *_: None, warn=print)
    assert not any("repeat" in note for note in once.notes)
