"""Scores are computed once, counted when a decision uses them, and compared in pairs."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from mldebt.data_pass.fitting.metric import Metric
from tests.data_pass.ablation.fakes import SCORE, Fake, evaluator_of, folds_of

WEIGHT = {0: 0.5, 1: 0.2, 2: 0.001, 3: 0.0}
FULL = (0, 1, 2, 3)
PAIRED = Metric("paired", SCORE.score, losses=lambda y, a: -a + 0.001 * (y - y.mean()))


def additive(columns):
    return sum(WEIGHT[column] for column in columns)


def test_each_pair_is_computed_once():
    learner = Fake(additive)
    evaluator, folds = evaluator_of(learner), folds_of()
    assert evaluator.mean(FULL, folds.folds[:5]) == pytest.approx(0.701)
    assert evaluator.mean(FULL, folds.folds[3:5]) == pytest.approx(0.701)
    assert evaluator.fits == len(learner.asked) == 5


@pytest.mark.parametrize("cost", ["free", "cheap", "dear"])
@pytest.mark.parametrize("step", [True, False])
@pytest.mark.parametrize(("candidate", "said"), [((0, 1, 2), "fits"), ((0, 1), "fits"), ((0, 2, 3), "falls"), ((1,), "falls")])
def test_races_without_noise(cost, step, candidate, said):
    found, interval = evaluator_of(Fake(additive, cost=cost)).race(FULL, candidate, folds_of(), 0.005, repeats=3, step=step)
    assert found == said
    assert interval.mean == pytest.approx(additive(FULL) - additive(candidate))


def test_dear_fits_end_early_and_cheap_ones_use_every_repeat():
    evaluator = evaluator_of(Fake(additive, cost="dear"))
    evaluator.race(FULL, (1,), folds_of(), 0.005, repeats=3, step=True)
    assert evaluator.fits == 4  # two folds of two sets
    evaluator = evaluator_of(Fake(additive, cost="cheap"))
    _, interval = evaluator.race(FULL, (0, 1), folds_of(), 0.005, repeats=3, step=True)
    assert interval.folds == 15


@pytest.mark.parametrize("cost", ["cheap", "dear"])
def test_noise_leaves_a_race_undecided(cost):
    evaluator = evaluator_of(Fake(additive, cost=cost, noise=0.02))
    said, interval = evaluator.race(FULL, (0, 1, 2), folds_of(), 0.005, repeats=3, step=False)
    assert said == "undecided"
    assert interval.low <= 0.005 < interval.high


def test_an_interval_that_is_to_be_told_is_that_of_a_whole_repeat():
    evaluator = evaluator_of(Fake(additive, cost="dear", noise=0.01))
    _, interval = evaluator.race(FULL, (0, 1, 2), folds_of(), 0.005, repeats=1, step=False, futile=False)
    assert interval.folds == 5


@pytest.mark.parametrize("cost", ["free", "dear"])
def test_decisions_and_counts_do_not_depend_on_the_number_of_workers(cost):
    said = []
    for width in (1, 2, 7, 40):
        evaluator = evaluator_of(Fake(additive, cost=cost, noise=0.003), width=width)
        found = [evaluator.race(FULL, candidate, folds_of(), 0.005, repeats=2, step=True) for candidate in ((0, 1, 2), (0, 1), (0, 2))]
        evaluator.prefetch([((0,), fold) for fold in folds_of().folds])
        said.append((msgspec.to_builtins(found), evaluator.fits))
    assert all(one == said[0] for one in said)


def test_rows_say_how_sure_one_fold_is_unless_they_have_weights():
    fold = folds_of()
    plain = evaluator_of(Fake(additive), metric=PAIRED).compare(FULL, (0, 1), fold.folds[:1], fold.ratio, 5)
    assert np.isfinite(plain.high)
    weighted = evaluator_of(Fake(additive), metric=PAIRED, weights=np.ones(4)).compare(FULL, (0, 1), fold.folds[:1], fold.ratio, 5)
    assert weighted.high == np.inf


def test_what_a_certificate_says_is_equal_is_not_fitted():
    learner = Fake(additive)
    evaluator, folds = evaluator_of(learner), folds_of()
    evaluator.equal(FULL, (0, 1, 2), folds.folds[:3])
    assert len(learner.asked) == 3
    assert evaluator.shared(FULL, (0, 1, 2), folds.folds) == 0.0
    assert evaluator.fits == 3  # those of the certificate; the others only when they are used
    evaluator.compare(FULL, (0, 1, 2), folds.folds[:3], 0.25, 5)
    assert len(learner.asked) == 3


def test_shared_folds_and_forgotten_answers():
    learner = Fake(additive)
    evaluator, folds = evaluator_of(learner, metric=PAIRED), folds_of()
    evaluator.mean(FULL, folds.folds[:4])
    evaluator.mean((0,), folds.folds[2:9])
    assert evaluator.shared(FULL, (0,), folds.folds) == pytest.approx(0.201)
    assert evaluator.shared(FULL, (1,), folds.folds) == 0.0
    asked = len(learner.asked)
    evaluator.forget(but=(FULL,))
    evaluator.mean((0,), folds.folds[2:9])
    assert len(learner.asked) == asked  # scores stay
    evaluator.compare(FULL, (0,), folds.folds[2:4], 0.25, 5)
    assert len(learner.asked) == asked + 2  # the paired error needs the answers
