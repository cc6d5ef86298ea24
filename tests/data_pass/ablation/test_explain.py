"""What columns are worth beside those that stay."""

from __future__ import annotations

import pytest

from mldebt.data_pass.ablation.explain import FEW, gains, losses, losses_together
from tests.data_pass.ablation.fakes import Fake, evaluator_of, folds_of

WEIGHT = [0.5, 0.2, 0.003, 0.0, -0.05]


def truth(columns):
    return sum(WEIGHT[column] for column in columns) - 0.4 * ({0, 1} <= columns) * (3 in columns)


@pytest.mark.parametrize("cost", ["free", "cheap", "dear"])
def test_losses_of_kept_columns_one_by_one(cost):
    found = losses(evaluator_of(Fake(truth, cost=cost)), (0, 1, 2), folds_of(), 0.005)
    assert {column: interval.mean for column, interval in found.items()} == pytest.approx({0: 0.5, 1: 0.2, 2: 0.003})
    if cost == "dear":
        assert found[0].folds == 2 and found[2].folds == 5


@pytest.mark.parametrize(("cost", "folds"), [("free", 15), ("cheap", 5), ("dear", 5)])
def test_losses_of_groups(cost, folds):
    found = losses_together(evaluator_of(Fake(truth, cost=cost)), (0, 1, 2), folds_of(), [(0, 1), (2,)])
    assert found[(0, 1)].mean == pytest.approx(0.7)
    assert found[(2,)].mean == pytest.approx(0.003)
    assert {interval.folds for interval in found.values()} == {folds}


@pytest.mark.parametrize(("cost", "folds"), [("free", 15), ("cheap", 5), ("dear", FEW)])
def test_gains_of_dropped_columns_alone_and_together(cost, folds):
    found = gains(evaluator_of(Fake(truth, cost=cost)), (0, 2), folds_of(), [(1,), (3,), (1, 3), (4,)])
    assert {group: interval.mean for group, interval in found.items()} == pytest.approx({(1,): 0.2, (3,): 0.0, (1, 3): -0.2, (4,): -0.05})
    assert {interval.folds for interval in found.values()} == {folds}
