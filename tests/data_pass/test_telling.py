"""Findings in the words of a Result."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mldebt.data_pass.bundles import Group
from mldebt.data_pass.kinds import Told
from mldebt.data_pass.result import Evidence, Interval
from mldebt.data_pass.settings import FeatureSettings
from mldebt.data_pass.structure.model import Structure
from mldebt.data_pass.telling import Findings, columns_of, repeated_rows
from tests.data_pass.samples import sample_of

STRUCTURE = Structure((), (), (), (), (), (), (), {}, {"a": 0.25}, {"a": 800})


def interval(low, high):
    return Interval((low + high) / 2, low, high, 5)


def columns(said, *, judged=True, structure=STRUCTURE, names="abx", **settings):
    sample = sample_of(pd.DataFrame({name: np.arange(4.0) for name in names}), np.arange(4.0))
    return {column.name: column for column in columns_of(sample, structure, FeatureSettings(**settings), said, judged=judged)}


def test_a_gain_of_nothing_has_no_sign():
    said = Findings(rest=("x",), gains={("x",): Interval(-0.00001, -0.001, 0.001, 5)})
    (evidence,) = columns(said)["x"].evidence
    assert evidence.message == "put back beside the columns that stay it gains 0.0000 [-0.0010, +0.0010]"


def test_only_rows_that_repeat_are_told():
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "hash": draw.integers(2**62, 2**63, 1_000).astype(float)[draw.integers(0, 50, 1_000)],
            "level": pd.Categorical.from_codes(draw.integers(-1, 3, 1_000), categories=["x", "y", "z"]),
            "x": np.where(draw.random(1_000) < 0.3, np.nan, draw.normal(size=1_000)),
            "z": draw.normal(size=1_000),
        }
    )
    target = draw.normal(size=1_000)
    assert repeated_rows(sample_of(frame, target)) == ""
    again = np.concatenate([np.arange(600), np.arange(400)])
    twice = frame.iloc[again].reset_index(drop=True)
    twice.loc[600:, "x"] = twice.loc[600:, "x"] * 1.0
    assert repeated_rows(sample_of(twice, target[again])).startswith("40% of the rows repeat another one")
    zeros = pd.DataFrame({"x": np.tile([0.0, -0.0], 500), "y": np.repeat(np.arange(500.0), 2)})
    assert repeated_rows(sample_of(zeros, np.zeros(1_000))).startswith("50% of the rows")


@pytest.mark.parametrize(
    ("low", "high", "kind", "action"),
    [
        (0.006, 0.2, "needed", "keep"),
        (0.001, 0.02, "undecided", "review"),
        (-0.01, 0.02, "undecided", "review"),
        (-0.1, 0.004, "one-of", "keep"),
    ],
)
def test_columns_that_stay_beside_a_set_that_goes(low, high, kind, action):
    found = columns(Findings(losses={"a": interval(low, high)}, rest=("x",)))["a"]
    assert (found.kind, found.action, found.delta_alone) == (kind, action, interval(low, high))
    assert (found.cost.bytes, found.cost.null_share) == (800, 0.25)


def test_what_seems_spare_where_nothing_goes_is_undecided():
    found = columns(Findings(losses={"a": interval(-0.1, 0.004)}))["a"]
    assert (found.kind, found.action, found.evidence[0].type) == ("undecided", "review", "unconfirmed")


def test_what_the_settings_keep_is_not_examined():
    found = columns(Findings(losses={"a": interval(-0.1, 0.004)}, rest=("x",)), keep=("a",))["a"]
    assert (found.kind, found.action) == ("unexamined", "keep")


def test_rows_that_would_tell_grow_with_the_square_of_the_distance():
    near, far = (columns(Findings(losses={"a": loss}))["a"].evidence[0].value for loss in (interval(-0.09, 0.11), interval(-0.02, 0.04)))
    assert (near, far) == (pytest.approx(1_600, rel=0.07), pytest.approx(150, rel=0.07))


def test_a_column_that_stands_for_a_copy():
    told = Told("duplicate", (Evidence("equal", "the same values as `a`", ("a",)),))
    found = columns(Findings(told={"x": told}, losses={"a": interval(0.1, 0.2), "b": interval(0.1, 0.2)}))
    assert (found["a"].kind, found["a"].evidence[0].others) == ("one-of", ("x",))
    assert found["b"].kind == "needed"
    assert (found["x"].kind, found["x"].action) == ("duplicate", "drop")


@pytest.mark.parametrize(("kind", "type"), [("correlated", "association"), ("legacy", "determined-by"), ("duplicate", "missing-indicator")])
def test_a_column_that_says_more_than_what_goes_is_needed(kind, type):
    told = Told(kind, (Evidence(type, "", ("a",)),))
    assert columns(Findings(told={"x": told}, losses={"a": interval(0.1, 0.2)}))["a"].kind == "needed"


@pytest.mark.parametrize(
    ("alone", "together", "kind"),
    [
        (interval(0.001, 0.004), None, "epsilon"),
        (interval(0.0, 0.004), None, "no-gain"),
        (interval(-0.003, 0.004), interval(0.001, 0.005), "no-gain"),
        (None, interval(0.001, 0.005), "epsilon"),
        (None, interval(-0.001, 0.005), "no-gain"),
    ],
)
def test_a_gain_that_is_real_and_small_is_epsilon(alone, together, kind):
    gains = ({("x",): alone} if alone else {}) | ({("b", "x"): together} if together else {})
    found = columns(Findings(rest=("b", "x"), gains=gains))["x"]
    assert (found.kind, found.action, found.gain_alone) == (kind, "drop", alone)
    assert found.evidence


def test_bundles_with_what_became_of_them():
    groups = (Group("geo", "given", ("a", "b")), Group("q*", "prefix", ("a", "b", "x")), Group("z*", "prefix", ("a", "b")))
    said = Findings(rest=("x",), groups={"q*": interval(0.1, 0.2)})
    assert [(one.name, one.kept, one.delta) for one in said.bundles(groups)] == [
        ("geo", ("a", "b"), None),
        ("q*", ("a", "b"), interval(0.1, 0.2)),
    ]


def test_without_a_model_everything_is_for_review():
    structure = Structure(("x",), (), (), (), (), (), (), {}, {}, {})
    found = columns(Findings(), judged=False, structure=structure)
    assert [(one.kind, one.action) for one in found.values()] == [
        ("unexamined", "review"),
        ("unexamined", "review"),
        ("constant", "review"),
    ]
