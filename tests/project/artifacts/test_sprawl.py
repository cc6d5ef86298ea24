"""Names that people tell apart by hand."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.sprawl import parted


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("visits_v2.csv", ("visits", "told", ".csv")),
        ("visitsV10.csv.gz", ("visits", "told", ".csv.gz")),
        ("visits_new.csv", ("visits", "told", ".csv")),
        ("visits_20170812.csv", ("visits", "told", ".csv")),
        ("visits (1).csv", ("visits", "told", ".csv")),
        ("visits_12.csv", ("visits", "number", ".csv")),
        ("train_1.csv", ("train_1", "", ".csv")),
        ("work_fold_3.pkl", ("work_fold_3", "", ".pkl")),
        ("images_224_3.npy", ("images_224", "number", ".npy")),
        ("visits.csv", ("visits", "", ".csv")),
        ("renew.csv", ("renew", "", ".csv")),
    ],
)
def test_parted(name: str, found: tuple[str, str, str]) -> None:
    assert parted(name) == found
