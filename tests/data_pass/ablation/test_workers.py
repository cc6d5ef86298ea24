"""The same bytes from one process, from several, from a cluster, whatever the order of columns and the hash seed; trouble in one line."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.ablation.shared import Shared
from mldebt.data_pass.ablation.workers import WORTH, Processes, Workers, ready, workers
from mldebt.data_pass.api import features
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.choose import boosted
from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.fitting.linear import Ridge
from mldebt.data_pass.fitting.metric import metric
from mldebt.data_pass.settings import FeatureSettings
from tests.data_pass.samples import halves, mixed, sample_of

ROOT = Path(__file__).parents[3]
MODELS = ("ridge", "logistic", "hgb")
SMALL = {"folds": 2, "repeats": 1, "metric": "auto"}


def table() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(draw.normal(size=(240, 5)), columns=["alpha", "beta", "gamma", "noise_a", "noise_b"])
    frame["copy"] = 2 * frame["alpha"] + 1
    frame["holes"] = frame["beta"].where(draw.random(240) > 0.2)
    frame["value"] = frame["alpha"] + 0.7 * frame["beta"] + 0.4 * frame["gamma"] + draw.normal(scale=0.3, size=240)
    frame["label"] = np.where(frame["value"] > 0, "yes", "no")
    return frame


def said(model: str, frame: pd.DataFrame | None = None, **settings: object) -> bytes:
    frame = table() if frame is None else frame
    target, other = ("label", "value") if model == "logistic" else ("value", "label")
    return msgspec.json.encode(features(frame.drop(columns=[other]), target, {"model": model, **SMALL, **settings}))


@cache
def alone(model: str) -> bytes:
    return said(model, jobs=1)


@pytest.mark.parametrize("model", MODELS)
def test_several_processes_say_the_same(model: str):
    assert b'"drop":[' in alone(model)
    assert said(model, jobs=2) == alone(model)
    assert said(model) == alone(model)


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_columns_changes_nothing(model: str):
    frame = table()
    assert said(model, frame[list(reversed(frame.columns))], jobs=1) == alone(model)


def test_neither_does_the_hash_seed():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.data_pass.ablation.test_workers import MODELS, said\n"
        "sys.stdout.buffer.write(b''.join(said(model, jobs=1) for model in MODELS))"
    )
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        found = subprocess.run([sys.executable, "-c", code, str(ROOT)], env=environment, capture_output=True, check=True, cwd=ROOT)
        assert found.stdout == b"".join(alone(model) for model in MODELS)


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("model", MODELS)
def test_a_cluster_says_the_same(model: str, scheduler: str):
    assert said(model, backend="dask", scheduler=scheduler) == alone(model)


def test_a_worker_with_another_version_is_named(scheduler: str, monkeypatch: pytest.MonkeyPatch):
    from mldebt import cluster

    def versions_of(names):
        here = real(names)()
        return lambda: {**here, "numpy": "0.1"}

    real = cluster._versions_of
    asked = iter((real, versions_of))
    monkeypatch.setattr(cluster, "_versions_of", lambda names: next(asked)(names))
    with pytest.raises(DataError, match=r"the worker \S+ has numpy 0\.1, here it is \d\S+; install the same there$"):
        said("hgb", backend="dask", scheduler=scheduler)


def test_a_worker_without_a_package_is_named(scheduler: str, monkeypatch: pytest.MonkeyPatch):
    from mldebt.data_pass.ablation import cluster

    monkeypatch.setattr(cluster, "SAME", ("mldebt", "no_such_package"))
    with pytest.raises(DataError, match=r"the worker \S+ lacks no_such_package"):
        said("hgb", backend="dask", scheduler=scheduler)


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    from mldebt import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with pytest.raises(DataError, match=r"^--scheduler tcp://127\.0\.0\.1:1: no Dask scheduler answers there: \S[^\n]*$"):
        said("hgb", backend="dask", scheduler="tcp://127.0.0.1:1")


def test_what_dask_needs_is_asked_before_data_is_read(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    with pytest.raises(DataError, match="--scheduler"):
        ready(FeatureSettings(backend="dask"))
    ready(FeatureSettings(backend="dask", structure_only=True))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'mldebt\[dask\]'$"):
        ready(FeatureSettings(backend="dask", scheduler="tcp://there:8786"))


def trees(rows: int = 200):
    frame, target = mixed(rows)
    return boosted(sample_of(frame, target), FeatureSettings(), metric("auto", "regression", 0))


def test_fits_that_are_free_stay_here():
    frame, target = mixed(50)
    linear = Ridge(Design(frame[["age", "income"]]), target, None, metric("auto", "regression", 0))
    with workers(FeatureSettings(jobs=4), linear) as pool:
        assert pool.width == 1
    with workers(FeatureSettings(jobs=4), trees(50)) as pool:
        assert pool.width == min(4, max(2, os.cpu_count() or 1))
    with workers(FeatureSettings(jobs=1), trees(50)) as pool:
        assert type(pool) is Workers


def test_processes_start_unasked_when_the_fits_to_come_are_worth_it(monkeypatch: pytest.MonkeyPatch):
    trees(50).answers((0, 1), halves(50, 9))  # scikit-learn keeps the function that it imports first
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr("mldebt.data_pass.ablation.workers.time.process_time", lambda: next(clock))  # two seconds a fit
    learner = trees(50)
    pool = Processes(0, ExitStack())
    pool.expect(10**6)
    assert pool.width == 1  # nothing is known yet
    for number in range(3):
        pool.answers(learner, [((0, 1), halves(50, number))])
    pool.expect(int(WORTH / 2))
    assert pool.width == 1
    pool.expect(int(WORTH / 2) + 1)
    assert pool.width == 3


def test_what_is_prepared_is_not_sent():
    learner = trees()
    fold = halves(200)
    learner.answers((0, 1, 2), fold)
    assert learner.__getstate__()["_models"] == {} and learner._models
    shared = Shared(learner)
    assert np.array_equal(shared.reply("answers", (0, 1, 2), fold), learner.answers((0, 1, 2), fold))
    assert shared.__getstate__()["_own"] == {}
    frame, target = mixed(50)
    linear = Ridge(Design(frame[["age", "income"]]), target, None, metric("auto", "regression", 0))
    linear.answers((0,), halves(50))
    assert linear.__getstate__()["_prepared"] == {} and linear._prepared


class Answering:
    """A model that runs something in the process that is asked."""

    words, cost = "answering", "dear"

    def __init__(self, do: Callable[[Answering], list[bool]]) -> None:
        self.do = do
        self.home, self.last = os.getpid(), 0
        self.values = np.arange(100_000.0)

    def answers(self, keep, fold):
        return np.asarray(self.do(self))

    def unused(self, keep, folds):
        return tuple(column for column in keep if column != folds[0].key[1])


def remembering(learner: Answering) -> list[bool]:
    """Whether its array is mapped, and whether this process asked it before."""
    values, last = learner.values, learner.last
    learner.last = os.getpid()
    return [isinstance(values, np.memmap) or isinstance(values.base, np.memmap), last == os.getpid()]


def failing(learner: Answering) -> list[bool]:
    if os.getpid() != learner.home:
        raise DataError("the estimator cannot be fitted")
    return []


def killed(learner: Answering) -> list[bool]:
    if os.getpid() != learner.home:
        os.kill(os.getpid(), signal.SIGKILL)
    return []


PAIRS = [((0, 1, 2), halves(10, 0)), ((0, 1, 2), halves(10, 1))]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_processes_map_arrays_keep_their_learner_and_tell_in_one_line_what_failed():
    learner = Answering(remembering)
    stuck = Answering(remembering)
    stuck.lock = threading.Lock()
    with workers(FeatureSettings(jobs=2), learner) as pool:
        here, there = zip(*(pool.answers(learner, PAIRS) for _ in range(4)), strict=True)
        assert [one.tolist() for one in here] == [[False, False], *[[False, True]] * 3]
        assert [one.tolist() for one in there] == [[True, False], *[[True, True]] * 3]
        assert [one.tolist() for one in pool.ask("unused", learner, PAIRS)] == [[1, 2], [0, 2]]
        with pytest.raises(DataError, match=r"^the estimator cannot be fitted$"):
            pool.answers(Answering(failing), PAIRS)
        with pytest.raises(DataError, match=r"^answering cannot be sent to other processes: [^\n]+; use --jobs 1$"):
            pool.answers(stuck, PAIRS)
        with pytest.raises(DataError, match=r"was killed; it may want memory: try a smaller --sample, or --jobs 1$"):
            pool.answers(Answering(killed), PAIRS)


def test_a_model_that_cannot_be_sent_stays_where_nobody_asked_for_processes():
    learner = Answering(lambda one: [1.0])
    learner.lock = threading.Lock()
    with ExitStack() as opened:
        pool = Processes(0, opened)
        pool._jobs = 2  # as `expect` does
        assert [one.tolist() for one in pool.answers(learner, PAIRS)] == [[1.0], [1.0]]
        assert pool.width == 1
