# ruff: noqa: E501
from __future__ import annotations

import msgspec
from inline_snapshot import snapshot

from .sample import empty, rendered, sample


def test_one_line_per_finding_by_path_and_line() -> None:
    assert rendered(sample(), "concise") == snapshot("""\
jobs/export.py:88:5: [warning] MLD103 undeclared-consumer `s3://scores/daily.parquet` has five readers that its producer does not declare
notebooks/second_try.ipynb:18:1: [warning] MLD101 correction-cascade `second` is fitted on the predictions of `first`, so improving `first` can make the whole worse (cell 2, line 3) (accepted)
serving/worker.py:4:1: [warning] MLD601 fixed-threshold a constant decides what the score means, whatever the model is retrained on
serving/worker.py:8:12: [error] MLD802 unsafe-load-remote `dill.load` unpickles what it downloads from `url`, in the process that serves requests
serving/worker.py:14:9: [warning] MLD303 hidden-feedback-loop `orders.status` is set by the model's own answer and read as its next training label; what the model blocks today it learns to block tomorrow
train/features.py:7:2: [warning] MLD420 dead-experimental-branch `NEW_ENCODER` is False in every configuration, so this branch never runs
train/features.py:7:2: [advisory] MLD424 nested-experiments three flags are nested here: eight paths, of which configurations reach two
train/split.py:21:18: [info] MLD702 unseeded-split `train_test_split` without `random_state`: two runs cannot be compared
""")


def test_the_order_is_not_that_of_the_input() -> None:
    report = sample()
    turned = msgspec.structs.replace(report, findings=report.findings[::-1])
    assert rendered(turned, "concise") == rendered(report, "concise")


def test_nothing_found_is_nothing_printed() -> None:
    assert rendered(empty(), "concise") == ""
