"""Samples and folds for the tests of what fits models."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.reading.model import Sample


def sample_of(
    frame: pd.DataFrame,
    target: np.ndarray,
    *,
    classes: int = 0,
    groups: np.ndarray | None = None,
    time: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Sample:
    types = {name: "category" if isinstance(frame[name].dtype, pd.CategoricalDtype) else "number" for name in frame.columns}
    return Sample(
        frame=frame,
        types=types,
        target=np.asarray(target, dtype=float),
        classes=tuple(str(i) for i in range(classes)),
        groups=groups,
        time=time,
        weights=weights,
        rows=len(frame),
        fingerprint="",
    )


def halves(rows: int, number: int = 0) -> Fold:
    """Even rows to fit on, odd ones to score; the other way round for odd numbers."""
    first, second = np.arange(0, rows, 2), np.arange(1, rows, 2)
    return Fold((0, number), *((first, second) if number % 2 == 0 else (second, first)))


def mixed(rows: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers, two categories between them, holes; and a target that three of the columns make."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": draw.normal(40, 10, rows),
            "city": pd.Categorical.from_codes(draw.integers(0, 4, rows), categories=list("abcd")),
            "income": draw.normal(size=rows),
            "noise": draw.normal(size=rows),
            "plan": pd.Categorical.from_codes(draw.integers(-1, 3, rows), categories=["x", "y", "z"]),
            "score": np.where(draw.random(rows) < 0.2, np.nan, draw.normal(size=rows)),
        }
    )
    effect = np.array([-1.0, 0.0, 0.5, 2.0])[frame["city"].cat.codes]
    return frame, frame["income"].to_numpy() + effect + np.nan_to_num(frame["score"].to_numpy()) + draw.normal(scale=0.3, size=rows)
