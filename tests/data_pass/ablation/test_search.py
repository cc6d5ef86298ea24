"""Joint elimination on models whose truth is known."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.data_pass.ablation.search import Search
from tests.data_pass.ablation.fakes import Fake, evaluator_of, folds_of

TOLERANCE = 0.005


def searched(learner, count, *, structural=(), fixed=(), names=None, deadline=None, tolerance=TOLERANCE):
    names = names or [f"c{i:02}" for i in range(count)]
    search = Search(
        evaluator_of(learner),
        folds_of(),
        tuple(range(count)),
        tolerance=tolerance,
        fixed=frozenset(fixed),
        prefer=lambda i: (-len(names[i]), names[i]),
        deadline=deadline,
    )
    search.run(list(structural))
    taken = [column for out in search.history for column in out]
    assert len(taken) == len(set(taken))
    assert sorted((*taken, *search.keep)) == list(range(count))
    assert search.keep
    return search


def additive(weights):
    return lambda columns: math.fsum(weights[column] for column in columns)


@pytest.mark.parametrize("cost", ["free", "cheap", "dear"])
def test_losses_that_add_up(cost):
    found = searched(Fake(additive([0.3, 0, 0, 0.2, 0.0, 0.1, 0]), cost=cost), 7)
    assert found.keep == (0, 3, 5)
    assert set(found.needed) == {0, 3, 5}


@pytest.mark.parametrize("cost", ["free", "dear"])
def test_one_of_two_that_say_the_same_stays(cost):
    def truth(columns):
        return 0.5 * bool({0, 1} & columns) + 0.2 * (2 in columns)

    assert searched(Fake(truth, cost=cost), 4, names=["short", "longer name", "c", "d"]).keep == (0, 2)
    assert searched(Fake(truth, cost=cost), 4, names=["longer name", "short", "c", "d"]).keep == (1, 2)
    assert searched(Fake(truth, cost=cost), 4, structural=(0,)).keep == (1, 2)


@pytest.mark.parametrize("size", [3, 5, 8])
def test_any_two_of_a_group_stay(size):
    found = searched(Fake(lambda columns: 0.3 * min(2, len(columns & set(range(size))))), size + 2)
    assert len(found.keep) == 2
    assert set(found.keep) < set(range(size))


@pytest.mark.parametrize("cost", ["free", "dear"])
def test_a_pair_that_only_counts_together_stays_though_importances_miss_it(cost):
    def truth(columns):
        return 0.4 * ({1, 4} <= columns) + 0.2 * (0 in columns)

    found = searched(Fake(truth, cost=cost, importances={i: 0.2 * (i == 0) for i in range(6)}), 6)
    assert found.keep == (0, 1, 4)


@pytest.mark.parametrize("cost", ["free", "cheap", "dear"])
@pytest.mark.parametrize("share", [0.4, 0.19, 0.09])
def test_small_losses_stop_at_the_tolerance(cost, share):
    """The ratchet: each alone is within the tolerance, all together are far beyond it."""
    weights = [share * TOLERANCE] * 30 + [0.5]
    found = searched(Fake(additive(weights), cost=cost), 31)
    lost = 31 - len(found.keep)
    assert lost * share <= 1 + 1e-9
    assert lost == int(1 / share + 1e-9)


def test_gains_from_harmful_columns_do_not_pay_for_losses():
    """What is compared with is the best state: taking out a harmful column makes the next loss dearer, not cheaper."""
    truth = additive([0.5, -0.1, 0.004, 0.004, 0.004])
    found = searched(Fake(truth), 5)
    assert 1 not in found.keep
    assert len(found.keep) == 3


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_last_column_stays(count):
    found = searched(Fake(lambda columns: 0.0), count)
    assert len(found.keep) == 1


def test_kept_columns_are_never_taken():
    found = searched(Fake(lambda columns: 0.5 * (0 in columns)), 6, fixed=(2, 4), structural=())
    assert found.keep == (0, 2, 4)


def test_kept_columns_are_not_taken_by_a_certificate():
    learner = Fake(lambda columns: 0.5 * (0 in columns))
    learner.spare = (2, 3, 4)
    found = searched(learner, 5, fixed=(3,))
    assert found.history[0] == (2, 4)
    assert found.keep == (0, 3)


def test_a_certificate_leaves_what_structure_explains_to_its_own_test():
    learner = Fake(lambda columns: 0.5 * (0 in columns))
    learner.spare = (2, 3)
    found = searched(learner, 4, structural=(3,))
    assert found.history[:2] == [(2,), (3,)]


def test_structure_that_is_wrong_is_halved():
    weights = [0.5, 0.0, 0.3, 0.0, 0.0, 0.0]
    found = searched(Fake(additive(weights)), 6, structural=(1, 2, 3, 4))
    assert found.keep == (0, 2)
    assert found.history[:2] == [(1,), (3, 4)]


def test_a_budget_that_is_spent_leaves_a_valid_state():
    learner = Fake(additive([0.5, 0, 0, 0]))
    learner.spare = (3,)
    found = searched(learner, 4, deadline=time.monotonic() - 1)
    assert found.stopped
    assert found.keep == (0, 1, 2)
    assert not searched(Fake(additive([0.5, 0])), 2, deadline=time.monotonic() + 600).stopped


def test_a_budget_that_ends_in_between(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("mldebt.data_pass.ablation.search.time.monotonic", lambda: float(next(clock)))
    found = searched(Fake(additive([0.5, 0.3, 0.2, 0.1, 0, 0]), importances=dict.fromkeys(range(6), 0.1)), 6, deadline=2.5)
    assert found.stopped


WEIGHTS = st.lists(st.integers(-20, 60).map(lambda i: i / 10_000), min_size=1, max_size=9)


@st.composite
def truths(draw):
    """Additive parts, groups of which some must stay, and pairs that count only together; in steps that keep clear of the tolerance."""
    weights = draw(WEIGHTS)
    count = len(weights)
    columns = st.integers(0, count - 1)
    groups = draw(st.lists(st.tuples(st.frozensets(columns, min_size=1), st.integers(1, 3), st.integers(0, 300)), max_size=3))
    pairs = draw(st.lists(st.tuples(columns, columns, st.integers(0, 300)), max_size=2))

    def truth(some):
        return math.fsum(
            (
                *(weights[column] for column in some),
                *(size / 10_000 * min(need, len(group & some)) for group, need, size in groups),
                *(size / 10_000 * ({one, other} <= some) for one, other, size in pairs),
            )
        )

    return count, truth


@settings(max_examples=150, deadline=None)
@given(truths(), st.sampled_from(["free", "cheap", "dear"]), st.data())
def test_without_noise_the_loss_never_exceeds_the_tolerance(made, cost, data):
    count, truth = made
    columns = st.integers(0, count - 1)
    fixed = data.draw(st.frozensets(columns, max_size=2))
    structural = sorted(data.draw(st.frozensets(columns)) - fixed)
    tolerance = 0.00505  # between the steps of the truth
    found = searched(Fake(truth, cost=cost), count, structural=structural, fixed=fixed, tolerance=tolerance)
    full = frozenset(range(count))
    assert fixed <= set(found.keep)
    assert truth(full) - truth(frozenset(found.keep)) <= tolerance
    states, state = [full], full
    for out in found.history:
        state = state - set(out)
        states.append(state)
    assert max(map(truth, states)) - truth(frozenset(found.keep)) <= tolerance + 1e-12


@settings(max_examples=100, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_the_order_of_the_columns_does_not_matter(made, random):
    count, truth = made
    order = list(range(count))
    random.shuffle(order)  # position i holds what was column order[i]
    names = [f"c{i:02}" for i in range(count)]
    plain = searched(Fake(truth), count, names=names, tolerance=0.00505)
    moved = searched(
        Fake(lambda some: truth(frozenset(order[i] for i in some))), count, names=[names[order[i]] for i in range(count)], tolerance=0.00505
    )
    assert sorted(order[i] for i in moved.keep) == list(plain.keep)


@settings(max_examples=60, deadline=None)
@given(truths(), st.integers(0, 40))
def test_a_budget_always_leaves_a_state_within_the_tolerance(made, ticks):
    count, truth = made
    left = iter(range(10_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mldebt.data_pass.ablation.search.time.monotonic", lambda: float(next(left)))
        found = searched(Fake(truth), count, deadline=float(ticks), tolerance=0.00505)
    assert truth(frozenset(range(count))) - truth(frozenset(found.keep)) <= 0.00505
