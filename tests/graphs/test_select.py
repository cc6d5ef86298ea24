from __future__ import annotations

import pytest

from mldebt.findings import Location
from mldebt.graphs import select
from mldebt.graphs.model import GraphReport


def names(report: GraphReport) -> list[str]:
    return [node.id for node in report.artifacts]


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("features", ["data/order_features.parquet"]),
        ("data/*.CSV", ["data/clean_orders.csv", "data/raw_orders.csv"]),
        ("raw_*.csv", ["data/raw_orders.csv"]),
        ("file/data/raw*", ["data/raw_orders.csv"]),
        ("nothing", []),
    ],
)
def test_by_artifact(report: GraphReport, pattern: str, kept: list[str]):
    found = select.by_artifact(report, [pattern])
    assert names(found) == kept
    assert found.left_out == 3 - len(kept)


@pytest.mark.parametrize("glob", ["jobs", "jobs/", "./jobs/report.py", "jobs/*.py"])
def test_by_path(report: GraphReport, glob: str):
    assert names(select.by_path(report, [glob])) == ["data/order_features.parquet"]


def test_by_places(report: GraphReport):
    assert names(select.by_places(report, [Location("train.py", 3)])) == ["data/clean_orders.csv"]
    assert names(select.by_places(report, [Location("train.py", 2)])) == []
    assert names(select.by_places(report, [Location("prepare.py", 1, end_line=9)])) == names(report)


def test_silent_keeps_the_silent_edges_and_their_ends(report: GraphReport):
    found = select.silent(report)
    assert names(found) == ["data/order_features.parquet"]
    assert all(link.silent for link in found.links)
