"""What one data pass is asked for: the options of `mldebt features`, and of one table of `[tool.mldebt.features]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

HUGE = 1e9
MOST = 2**63 - 1  # JSON and random numbers take no more
MANY = 1_000


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One data set and how it is judged. Paths are relative to the project root when they come from a file."""

    data: Annotated[str, Meta(description="CSV, Parquet or Feather file, a folder of them, or module:function")] = ""
    target: Annotated[str, Meta(description="the column that the model predicts")] = ""
    model: Annotated[str, Meta(description="auto, ridge, logistic, hgb, or module:factory")] = "auto"
    metric: Annotated[str, Meta(description="a scorer of scikit-learn; auto: r2, roc_auc or roc_auc_ovr")] = "auto"
    tolerance: Annotated[float, Meta(gt=0, le=HUGE, description="how much of the metric the whole set may cost")] = 0.005
    alpha: Annotated[float, Meta(gt=0, lt=0.5, description="error rate of the one-sided bounds")] = 0.05
    folds: Annotated[int, Meta(ge=2, le=MANY, description="folds of one repeat")] = 5
    repeats: Annotated[int, Meta(ge=1, le=MANY, description="most repeats of the folds")] = 3
    groups: Annotated[str, Meta(description="column whose rows must stay in one fold")] = ""
    time: Annotated[str, Meta(description="column that orders the rows; folds never train on what comes later")] = ""
    weights: Annotated[str, Meta(description="column with the weights of the rows")] = ""
    bundle: Annotated[dict[str, str], Meta(description="bundle name -> pattern of its columns, as in a shell")] = {}
    keep: Annotated[tuple[str, ...], Meta(description="columns that are never proposed")] = ()
    drop: Annotated[tuple[str, ...], Meta(description="columns that are no features at all")] = ()
    budget: Annotated[
        Annotated[float, Meta(gt=0, le=HUGE)] | None, Meta(description="seconds after which the search stops with what it has proved")
    ] = None
    sample: Annotated[int, Meta(ge=10, le=MOST, description="most rows that models are fitted on")] = 200_000
    seed: Annotated[int, Meta(ge=0, le=MOST)] = 0
    jobs: Annotated[int, Meta(ge=0, le=MANY, description="processes; 0: more than one only where the fits are worth it")] = 0
    backend: Annotated[Literal["local", "dask"], Meta(description="where the fits run")] = "local"
    scheduler: Annotated[str, Meta(description="address of a running Dask scheduler")] = ""
    allow_import: Annotated[bool, Meta(description="import module:function and module:factory: runs that code")] = False
    structure_only: Annotated[bool, Meta(description="no model: constants, copies, dependences, identifiers, leaks")] = False
