"""Which fits and evaluations share rows or what was learned from them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mldebt.project.leakage import Leakage
from tests.project.reading import project_of

HEAD = """
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

"""


def leakage_of(files: Mapping[str, str] | str) -> Leakage:
    named = {"work.py": files} if isinstance(files, str) else files
    return project_of({path: HEAD + text for path, text in named.items()}).leakage


def learned(files: Mapping[str, str] | str) -> set[str]:
    """What is learned from rows of an evaluation, without the weak operations."""
    leakage = leakage_of(files)
    return {leakage.name(one.at) for one in leakage.learned() if not leakage.is_weak(one.at)}


SPLIT = """
a, b, c, d = train_test_split(rows, labels)
model = LogisticRegression()
model.fit(a, c)
model.score(b, d)
"""


def test_a_scaler_before_the_split_leaks() -> None:
    assert learned("rows = StandardScaler().fit_transform(pd.read_csv('x.csv'))\nlabels = 1\n" + SPLIT) == {"StandardScaler.fit_transform"}


def test_fit_and_transform_apart_are_the_same_object() -> None:
    before = "frame = pd.read_csv('x.csv')\nscaler = StandardScaler()\nscaler.fit(frame)\nrows = scaler.transform(frame)\nlabels = 1\n"
    assert learned(before + SPLIT) == {"StandardScaler.fit"}


def test_a_scaler_of_the_training_rows_does_not_leak() -> None:
    after = """
rows, labels = pd.read_csv("x.csv"), 1
a, b, c, d = train_test_split(rows, labels)
scaler = StandardScaler().fit(a)
model = LogisticRegression().fit(scaler.transform(a), c)
model.score(scaler.transform(b), d)
"""
    assert learned(after) == set()


def test_a_mean_that_fills_gaps_leaks_also_in_place() -> None:
    assert learned("rows = pd.read_csv('x.csv')\nrows['a'].fillna(rows['a'].mean(), inplace=True)\nlabels = 1\n" + SPLIT) == {"mean"}


def test_a_column_that_is_dropped_does_not_matter() -> None:
    before = "frame = pd.read_csv('x.csv')\nframe['z'] = frame['a'] / frame['a'].std()\n"
    assert learned(before + "rows = frame.drop(columns=['z'])\nlabels = 1\n" + SPLIT) == set()
    assert learned(before + "rows = frame.drop(columns=['y'])\nlabels = 1\n" + SPLIT) == {"std"}


def test_a_mean_for_each_row_is_no_statistic() -> None:
    assert learned("rows = pd.read_csv('x.csv')\nrows['m'] = rows.mean(axis=1)\nlabels = 1\n" + SPLIT) == set()
    assert learned("rows = pd.read_csv('x.csv')\nrows['m'] = rows.apply(lambda r: max(r), axis=1)\nlabels = 1\n" + SPLIT) == set()


def test_functions_that_nobody_calls_are_analysed() -> None:
    body = "rows = StandardScaler().fit_transform(frame)" + SPLIT
    text = "def work(frame, labels):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    assert learned(text) == {"StandardScaler.fit_transform"}


def test_calls_and_returns_match() -> None:
    """A helper that scales what it is given leaks only where it is given all rows."""
    helper = "def scaled(table):\n    return StandardScaler().fit_transform(table)\n\n"
    fine = """
a, b, c, d = train_test_split(pd.read_csv("x.csv"), 1)
model = LogisticRegression().fit(scaled(a), c)
model.score(b, d)
"""
    assert learned(helper + fine) == set()
    assert learned(helper + "rows, labels = scaled(pd.read_csv('x.csv')), 1\n" + SPLIT) == {"StandardScaler.fit_transform"}


def test_a_branch_that_the_call_excludes_does_not_run() -> None:
    helper = """
def features(scaler, table, part):
    if part == "train":
        return scaler.fit_transform(table)
    return scaler.transform(table)

a, b, c, d = train_test_split(pd.read_csv("x.csv"), 1)
scaler = StandardScaler()
train, test = features(scaler, a, "train"), features(scaler, b, "test")
model = LogisticRegression().fit(train, c)
model.score(test, d)
"""
    assert learned(helper) == set()


def test_other_files_are_followed() -> None:
    files = {
        "prepare.py": "def load():\n    return StandardScaler().fit_transform(pd.read_csv('x.csv'))\n",
        "work.py": "from prepare import load\nrows, labels = load(), 1\n" + SPLIT,
    }
    assert learned(files) == {"StandardScaler.fit_transform"}


def test_cross_validation_sees_what_was_fitted_before() -> None:
    assert learned("rows = StandardScaler().fit_transform(pd.read_csv('x.csv'))\ncross_val_score(LogisticRegression(), rows, 1)\n")
    folds = """
rows = pd.read_csv("x.csv").values
for train, test in KFold(5).split(rows):
    scaler = StandardScaler().fit(rows[train])
    model = LogisticRegression().fit(scaler.transform(rows[train]), 1)
    model.score(scaler.transform(rows[test]), 1)
"""
    assert learned(folds) == set()


def test_names_of_classes_are_no_rows() -> None:
    assert learned("rows = LabelEncoder().fit_transform(pd.read_csv('x.csv')['a'])\nlabels = 1\n" + SPLIT) == set()


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("rows, labels = SMOTE().fit_resample(pd.read_csv('x.csv'), 1)\n" + SPLIT, True),
        ("rows, labels = pd.read_csv('x.csv'), 1\n" + SPLIT, False),
    ],
)
def test_resampling_before_the_split_is_an_overlap(text: str, copied: bool) -> None:
    assert [s.at is not None for s in leakage_of(text).shared()] == ([True] if copied else [])


def test_parts_of_one_split_do_not_overlap_and_their_union_does() -> None:
    union = """
a, b, c, d = train_test_split(pd.read_csv("x.csv"), 1)
model = LogisticRegression().fit(pd.concat([a, b]), 1)
model.score(b, d)
"""
    leakage = leakage_of(union)
    assert [leakage.certainty(s) for s in leakage.shared()] == [0.85]
    assert list(leakage_of("rows, labels = pd.read_csv('x.csv'), 1\n" + SPLIT).shared()) == []


def test_training_loops_are_fits() -> None:
    loop = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def forward(self, x):
        return self.layer(x)


frame = pd.read_csv("x.csv").values
frame = (frame - frame.mean()) / frame.std()
train, test = random_split(TensorDataset(torch.tensor(frame)), [80, 20])
net = Net()
for rows in DataLoader(train):
    loss = net(rows).sum()
    loss.backward()
for rows in DataLoader(test):
    print(net(rows))
"""
    assert learned(loop) == {"mean", "std"}


def test_the_order_of_hashes_does_not_matter() -> None:
    text = "rows = StandardScaler().fit_transform(pd.read_csv('x.csv'))\nlabels = 1\n" + SPLIT
    one, two = list(leakage_of(text).learned()), list(leakage_of(text).learned())
    assert one == two
