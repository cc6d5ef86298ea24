"""The data pass on generated tables whose truth is known: may the set that it names really go? Run by hand.

    python tests/bench/ablation.py [TABLE ...] [--seeds N] [--rows N]

For each table: runs whose set costs more than the tolerance on 20,000 fresh rows (`falls`), the share of dropped columns that may go
(precision) and of such columns that were dropped (recall), and CPU time as a ratio of leaving out one column at a time with five folds,
measured on three columns and multiplied. That gives one number for each column; it does not say which may go together.
"""

# ruff: noqa: E402

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldebt.data_pass.run import run_frame
from mldebt.data_pass.settings import FeatureSettings

FRESH = 20_000
Columns = dict[str, np.ndarray]


@dataclass
class Table:
    """`stay`: groups of columns of each of which at least so many must stay; every other column may go."""

    columns: Columns
    target: np.ndarray
    stay: list[tuple[list[str], int]]
    metric: str
    tolerance: float
    model: Callable[[], BaseEstimator]


def sensors(random: np.random.Generator, rows: int) -> Table:
    """Linear: copies in other units, a sum, a noisy double, a band, noise."""
    base = {name: random.normal(size=rows) for name in ("heat", "flow", "load", "wind", "hum")}
    target = 1.0 * base["heat"] + 0.8 * base["flow"] + 0.6 * base["load"] + 0.4 * base["wind"] + 0.3 * base["hum"]
    columns = {**base, "heat_f": 1.8 * base["heat"] + 32, "flow_and_load": base["flow"] + base["load"]}
    columns["wind_gauge"] = base["wind"] + 0.2 * random.normal(size=rows)
    columns["hum_band"] = np.digitize(base["hum"], [-1, 0, 1]).astype(float)
    columns |= {f"spare{place}": random.normal(size=rows) for place in range(14)}
    stay = [(["heat", "heat_f"], 1), (["flow", "load", "flow_and_load"], 2), (["wind", "wind_gauge"], 1), (["hum"], 1)]
    return Table(columns, target + random.normal(size=rows), stay, "r2", 0.005, _ridge)


def grains(random: np.random.Generator, rows: int) -> Table:
    """Thirty weak columns, each below the tolerance, together ten times above it: nearly none may go."""
    columns = {f"grain{place:02d}": random.normal(size=rows) for place in range(30)}
    target = 0.1 * sum(columns.values()) + random.normal(size=rows)
    columns |= {f"dust{place:02d}": random.normal(size=rows) for place in range(15)}
    return Table(columns, target, [([f"grain{place:02d}" for place in range(30)], 29)], "r2", 0.01, _ridge)


def loans(random: np.random.Generator, rows: int) -> Table:
    """Mixed types, missing values, a pair that only counts together, a bundle, for boosted trees."""
    pay, years, owed = random.lognormal(8, 0.7, rows), random.integers(18, 75, rows).astype(float), random.beta(2, 4, rows)
    job, even, odd = random.integers(0, 9, rows), random.integers(0, 2, rows).astype(float), random.integers(0, 2, rows).astype(float)
    scores = 0.7 * random.normal(size=rows)[:, None] + 0.7 * random.normal(size=(rows, 8))
    effect = np.linspace(-1, 1, 9)[random.permutation(9)]
    logit = (
        -np.log(pay / 3000) + 2 * np.cos(years / 9) + 6 * (owed - 0.3) + effect[job] * 1.5 + np.where(even == odd, 1.4, -1.4) + 0.8 * odd
    )
    logit += scores[:, 0]
    known = np.where(random.random(rows) < 0.2, np.nan, owed)
    logit = np.where(np.isnan(known), logit - 6 * (owed - 0.3), logit)
    columns: Columns = {"pay": pay, "pay_log": np.log(pay), "years": years, "age_class": np.digitize(years, [30, 45, 60]).astype(float)}
    columns |= {"owed": known, "owed_known": (~np.isnan(known)).astype(float), "job": np.array(list("abcdefghi"))[job], "even": even}
    columns |= {"odd": odd, "job_number": (random.permutation(9)[job] + 10).astype(float)}
    columns |= {f"score{place}": scores[:, place] for place in range(8)} | {
        f"spare{place}": random.normal(size=rows) for place in range(10)
    }
    stay = [
        (["pay", "pay_log"], 1),
        (["years"], 1),
        (["owed"], 1),
        (["job", "job_number"], 1),
        (["even"], 1),
        (["odd"], 1),
        (["score0"], 1),
    ]
    target = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    return Table(columns, target, stay, "roc_auc", 0.005, _trees)


def clicks(random: np.random.Generator, rows: int) -> Table:
    """Logistic, judged by log loss."""
    columns = {f"signal{place}": random.normal(size=rows) for place in range(6)}
    logit = sum(weight * columns[f"signal{place}"] for place, weight in enumerate((1, 0.8, 0.6, 0.5, 0.4, 0.4)))
    columns |= {"signal0_pct": 100 * columns["signal0"], "signal1_old": columns["signal1"] + 0.2 * random.normal(size=rows)}
    columns |= {f"spare{place}": random.normal(size=rows) for place in range(15)}
    stay = [(["signal0", "signal0_pct"], 1), (["signal1", "signal1_old"], 1), *(([f"signal{place}"], 1) for place in range(2, 6))]
    target = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    return Table(columns, target, stay, "neg_log_loss", 0.003, lambda: make_pipeline(StandardScaler(), LogisticRegression()))


TABLES = {"sensors": (sensors, 1500), "grains": (grains, 4000), "loans": (loans, 6000), "clicks": (clicks, 3000)}


def _ridge() -> BaseEstimator:
    return make_pipeline(StandardScaler(), Ridge())


def _trees() -> BaseEstimator:
    return HistGradientBoostingClassifier(categorical_features="from_dtype", max_leaf_nodes=15, early_stopping=False, random_state=0)


def judge(name: str, seed: int, rows: int | None) -> tuple[bool, float, float, float]:
    """Whether the set falls, precision, recall, and the ratio of CPU times."""
    make, usual = TABLES[name]
    count = rows or usual
    table = make(np.random.default_rng([seed, len(name)]), count + FRESH)
    frame = pd.DataFrame({column: _typed(values) for column, values in table.columns.items()})
    train, test = frame[:count], frame[count:]
    started = time.process_time()
    settings = FeatureSettings(target="y", metric=table.metric, tolerance=table.tolerance, jobs=1)
    result = run_frame(train, table.target[:count], settings, progress=lambda *_: None, warn=lambda _: None)
    spent = time.process_time() - started
    gone = set(result.drop)
    room = sum(len(group) - least for group, least in table.stay) + len(frame.columns) - sum(len(group) for group, _ in table.stay)
    over = sum(max(0, len(gone & set(group)) - (len(group) - least)) for group, least in table.stay)
    right = len(gone) - over
    scorer, stays = get_scorer(table.metric), [column for column in frame.columns if column not in gone]
    score = {
        len(columns): scorer(table.model().fit(train[columns], table.target[:count]), test[columns], table.target[count:])
        for columns in (list(frame.columns), stays)
    }
    falls = bool(score[len(frame.columns)] - score[len(stays)] > table.tolerance)
    return falls, right / max(len(gone), 1), right / room, spent / _one_by_one(table, train, table.target[:count])


def _one_by_one(table: Table, frame: pd.DataFrame, target: np.ndarray) -> float:
    """CPU seconds of a plain leave-one-out over all columns."""
    scorer = get_scorer(table.metric)
    folds = list((KFold if table.metric == "r2" else StratifiedKFold)(5, shuffle=True, random_state=0).split(frame, target))
    started = time.process_time()
    for column in frame.columns[:3]:
        rest = frame.drop(columns=column)
        for train, test in folds:
            scorer(table.model().fit(rest.iloc[train], target[train]), rest.iloc[test], target[test])
    return (time.process_time() - started) / 3 * len(frame.columns)


def _typed(values: np.ndarray) -> np.ndarray | pd.Categorical:
    return values if values.dtype.kind == "f" else pd.Categorical(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int)
    arguments = parser.parse_args()
    print("table     runs  falls  precision  recall  CPU / leave-one-out")
    for name in arguments.tables or TABLES:
        runs = [judge(name, seed, arguments.rows) for seed in range(arguments.seeds)]
        falls, precision, recall, ratio = np.array(runs, dtype=float).T
        print(f"{name:9} {len(runs):4}  {int(falls.sum()):5}  {precision.mean():9.3f}  {recall.mean():6.3f}  {np.median(ratio):.2f}")


if __name__ == "__main__":
    main()
