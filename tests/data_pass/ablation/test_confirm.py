"""The joint test on folds that the search never saw."""

from __future__ import annotations

import pytest

from mldebt.data_pass.ablation.confirm import confirm
from tests.data_pass.ablation.fakes import Fake, evaluator_of, folds_of

FULL = (0, 1, 2, 3, 4, 5)


def confirmed(history, *, bad=(), cost="free", noise=0.0):
    """`bad` columns cost 0.1 on fresh folds alone."""
    gone = {column for out in history for column in out}
    learner = Fake(lambda columns: 0.5 * (0 in columns), cost=cost, noise=noise, fresh=lambda columns: 0.1 * len(set(bad) - columns))
    evaluator, fresh = evaluator_of(learner), folds_of(series=1)
    keep = tuple(column for column in FULL if column not in gone)
    return confirm(evaluator, FULL, keep, history, fresh, tolerance=0.005, repeats=3), evaluator


@pytest.mark.parametrize("cost", ["free", "dear"])
def test_what_fresh_folds_carry_goes(cost):
    found, _ = confirmed([(5,), (3, 4)], cost=cost)
    assert found.keep == (0, 1, 2)
    assert found.returned == ()
    assert found.interval is not None and found.interval.high <= 0.005
    assert found.interval.mean == pytest.approx(0)


def test_nothing_to_confirm_costs_nothing():
    found, evaluator = confirmed([])
    assert (found.keep, found.interval, found.returned) == (FULL, None, ())
    assert evaluator.fits == 0


@pytest.mark.parametrize("cost", ["free", "dear"])
@pytest.mark.parametrize(
    ("history", "bad", "returned"),
    [
        ([(5,), (3, 4)], (4,), (4,)),  # the most important half of the last run
        ([(5,), (3, 4)], (3,), (3, 4)),
        ([(5,), (3, 4)], (5,), (3, 4, 5)),
        ([(5,), (4,), (3,)], (4,), (3, 4)),
        ([(2, 3, 4, 5)], (5,), (4, 5)),
        ([(2, 3, 4, 5)], (3,), (3, 4, 5)),
        ([(5,), (1, 2, 3)], (2, 3), (2, 3)),
    ],
)
def test_what_they_do_not_carry_is_taken_back_the_last_first(history, bad, returned, cost):
    found, _ = confirmed(history, bad=bad, cost=cost)
    assert found.returned == returned
    gone = {column for out in history for column in out}
    assert set(found.keep) == set(FULL) - gone | set(returned)
    assert (found.interval is None) == (set(returned) == gone)


def test_what_is_too_noisy_to_confirm_is_taken_back():
    found, _ = confirmed([(5,), (3, 4)], noise=0.1)
    assert found.keep == FULL
    assert found.interval is None
    assert found.returned == (3, 4, 5)


def test_only_fresh_folds_decide():
    _, evaluator = confirmed([(5,), (3, 4)])
    assert {key[0] for _, key in evaluator.learner.asked} == {1}
