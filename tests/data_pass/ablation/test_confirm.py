"""The joint test on rows or folds that the search never saw."""

from __future__ import annotations

import numpy as np
import pytest

from mldebt.data_pass.ablation.confirm import confirm, on_fresh_folds, optimism
from mldebt.data_pass.fitting.folds import Fold
from tests.data_pass.ablation.fakes import Fake, evaluator_of, folds_of

FULL = (0, 1, 2, 3, 4, 5)


def confirmed(history, *, bad=(), noise=0.0, extra=0.0, one_by_one=True):
    """`bad` columns cost 0.1 on fresh folds alone."""
    learner = Fake(lambda columns: 0.5 * (0 in columns), noise=noise, fresh=lambda columns: 0.1 * len(set(bad) - columns))
    evaluator, fresh = evaluator_of(learner), folds_of(series=1)
    return confirm(FULL, history, on_fresh_folds(evaluator, FULL, fresh, extra, 0.005), 0.005, one_by_one=one_by_one), evaluator


def test_what_fresh_folds_carry_goes():
    found, _ = confirmed([(5,), (3, 4)])
    assert found.keep == (0, 1, 2)
    assert found.returned == ()
    assert found.interval is not None and found.interval.high <= 0.005
    assert found.interval.mean == pytest.approx(0)


def test_nothing_to_confirm_costs_nothing():
    found, evaluator = confirmed([])
    assert (found.keep, found.interval, found.returned) == (FULL, None, ())
    assert evaluator.fits == 0


@pytest.mark.parametrize(
    ("history", "bad", "one_by_one", "returned"),
    [
        ([(5,), (3, 4)], (4,), True, (4,)),  # the most important of the last run
        ([(5,), (3, 4)], (3,), True, (3, 4)),
        ([(5,), (3, 4)], (5,), True, (3, 4, 5)),
        ([(2, 3, 4, 5)], (5,), True, (5,)),
        ([(2, 3, 4, 5)], (5,), False, (5,)),  # first an eighth of what is out, at least one
        ([(1, 2, 3, 4, 5)], (1,), False, (1, 2, 3, 4, 5)),
        ([(1, 2, 3, 4, 5)], (3,), False, (3, 4, 5)),  # then a quarter, then half
    ],
)
def test_what_they_do_not_carry_is_taken_back_the_last_first(history, bad, one_by_one, returned):
    found, _ = confirmed(history, bad=bad, one_by_one=one_by_one)
    assert found.returned == returned
    gone = {column for out in history for column in out}
    assert set(found.keep) == set(FULL) - gone | set(returned)
    assert (found.interval is None) == (set(returned) == gone)


def test_optimism_is_added_to_the_loss_and_to_its_bound():
    found, _ = confirmed([(5,)], extra=0.004)
    assert found.interval is not None
    assert (found.interval.mean, found.interval.high) == (pytest.approx(0.004), pytest.approx(0.004))
    found, _ = confirmed([(5,)], extra=0.006)
    assert found.interval is None


def test_what_structure_calls_spare_has_no_optimism():
    learner = Fake(lambda columns: 0.5 * (0 in columns))
    evaluator = evaluator_of(learner)
    test = on_fresh_folds(evaluator, FULL, folds_of(series=1), 0.006, 0.005, frozenset((4, 5)))
    assert test((0, 1, 2, 3)).high == pytest.approx(0)
    assert test((0, 1, 2)).high == pytest.approx(0.006)
    found = confirm(FULL, [(4, 5), (3,)], test, 0.005, one_by_one=True)
    assert (found.keep, found.returned) == ((0, 1, 2, 3), (3,))


def test_the_optimism_of_a_search_that_takes_what_only_its_rows_can_spare():
    learner = Fake(lambda columns: 0.5 * (0 in columns), fresh=lambda columns: 0.1 * (3 not in columns))
    evaluator, rows = evaluator_of(learner), np.arange(4)
    outer = [Fold((1, number), rows, rows) for number in range(3)]
    found = optimism(evaluator, FULL, outer, lambda fold: folds_of(series=10 + fold.key[1]), lambda folds: (0, 1, 2))
    assert found == pytest.approx(0.1)
    assert optimism(evaluator, FULL, outer, lambda fold: folds_of(series=10 + fold.key[1]), lambda folds: (0, 1, 2, 3)) == 0


def test_what_is_too_noisy_to_confirm_is_taken_back():
    found, _ = confirmed([(5,), (3, 4)], noise=0.1)
    assert found.keep == FULL
    assert found.interval is None
    assert found.returned == (3, 4, 5)


def test_only_fresh_folds_decide():
    _, evaluator = confirmed([(5,), (3, 4)])
    assert {key[0] for _, key in evaluator.learner.asked} == {1}
