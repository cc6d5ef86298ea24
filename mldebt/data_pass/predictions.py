"""How well the columns that stay tell those that go: linear relations by least squares, lossy functions by a small tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mldebt.data_pass.fitting.design import Design
from mldebt.data_pass.kinds import CLOSE, Prediction

ROWS = 2_000
EXACT = 0.999_999  # share of the variance that a linear relation explains but for rounding
LEVELS = 20  # distinct values up to which a column may be a lossy function
SURE = 0.995  # share of the rows that the tree tells right, of rows it was not fitted on
OTHERS = 10  # rows of either half that have another value than the commonest: fewer tell nothing of a function
SHARE = 0.05  # of the standardised weight: less does not count among `others`


def predictions(frame: pd.DataFrame, kept: Sequence[str], dropped: Sequence[str], seed: int) -> Mapping[str, Prediction]:
    """Only what is told well enough to matter. `frame`: the sample's features."""
    if not kept or not dropped or len(frame) < 50:
        return {}
    rows = np.sort(np.random.default_rng([seed, 7]).permutation(len(frame))[:ROWS])
    some = frame.iloc[rows]
    design = Design(some[list(kept)])
    sources = design.matrix
    spread = sources.std(axis=0)
    sources = (sources - sources.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    half = np.arange(len(rows)) % 2 == 0
    found: dict[str, Prediction] = {}
    if sources.shape[1] < len(rows) // 4:
        found |= _linear(some, sources, half, design, kept, [name for name in dropped if _is_number(some[name])])
    found |= _lossy(some, kept, half, [name for name in dropped if not (name in found and found[name].exact)])
    return found


def _is_number(column: pd.Series) -> bool:
    return not isinstance(column.dtype, pd.CategoricalDtype)


def _linear(
    frame: pd.DataFrame, sources: np.ndarray, half: np.ndarray, design: Design, kept: Sequence[str], dropped: Sequence[str]
) -> dict[str, Prediction]:
    found = {}
    blocks = design.blocks(range(len(kept)))
    for name in dropped:
        values = frame[name].to_numpy(dtype=float)
        there = ~np.isnan(values)
        train, test = half & there, ~half & there
        if train.sum() < 2 * sources.shape[1] or test.sum() < 20 or np.ptp(values[train]) == 0:
            continue
        centre, middle = values[train].mean(), sources[train].mean(axis=0)
        known = sources[train] - middle
        gram = known.T @ known + 1e-6 * train.sum() * np.eye(sources.shape[1])
        slopes = np.linalg.solve(gram, known.T @ (values[train] - centre))
        left = values[test] - centre - (sources[test] - middle) @ slopes
        share = 1 - float((left**2).mean()) / max(float(values[test].var()), 1e-300)
        if share < CLOSE:
            continue
        weight = np.array([np.abs(slopes[block]).max() for block in blocks])
        order = np.argsort(-weight, kind="stable")
        others = tuple(kept[i] for i in order if weight[i] >= SHARE * weight[order[0]])
        found[name] = Prediction(share, others, exact=share >= EXACT, mutual=True)
    return found


def _lossy(frame: pd.DataFrame, kept: Sequence[str], half: np.ndarray, dropped: Sequence[str]) -> dict[str, Prediction]:
    """Columns with few values that a tree tells right nearly everywhere, much better than their commonest value does."""
    from sklearn.tree import DecisionTreeClassifier

    found: dict[str, Prediction] = {}
    codes = np.column_stack([_codes(frame[name]) for name in kept])
    for name in dropped:
        levels, values = np.unique(_codes(frame[name]), return_inverse=True)
        if not 2 <= len(levels) <= LEVELS:
            continue
        other = values != np.bincount(values).argmax()
        if min(np.count_nonzero(other[half]), np.count_nonzero(other[~half])) < OTHERS:
            continue
        usual = float((values[~half] == np.bincount(values[half]).argmax()).mean())
        tree = DecisionTreeClassifier(max_leaf_nodes=32, random_state=0).fit(codes[half], values[half])
        right = float((tree.predict(codes[~half]) == values[~half]).mean())
        if right >= SURE and 1 - right <= 0.1 * (1 - usual):
            weight = tree.feature_importances_
            order = np.argsort(-weight, kind="stable")
            found[name] = Prediction(right, tuple(kept[i] for i in order if weight[i] >= SHARE), exact=True, mutual=False)
    return found


def _codes(column: pd.Series) -> np.ndarray:
    values: np.ndarray = column.cat.codes.to_numpy(dtype=float) if not _is_number(column) else column.to_numpy(dtype=float, copy=True)
    missing = np.isnan(values)
    if missing.any():
        values[missing] = -1.0 if missing.all() else np.nanmin(values) - 1
    return values
