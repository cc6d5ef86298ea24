"""What a data pass says: `Result` is the JSON of `mldebt features`, version 1. No pandas, no scikit-learn: a scan reads it too."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

Kind = Literal[
    # of dropped columns
    "constant",
    "duplicate",
    "legacy",
    "correlated",
    "bundled",
    "epsilon",
    "no-gain",
    # of columns that stay
    "needed",
    "one-of",
    "undecided",
    "unexamined",
]
Action = Literal["drop", "keep", "review"]
RULES: dict[str, str] = {
    "epsilon": "epsilon-feature",
    "no-gain": "epsilon-feature",
    "constant": "epsilon-feature",
    "duplicate": "duplicate-feature-data",
    "bundled": "bundled-feature",
    "legacy": "legacy-feature",
    "correlated": "correlated-feature",
}


class Interval(msgspec.Struct, frozen=True):
    """A change of the metric, positive when the metric falls: its mean over folds, and two one-sided bounds."""

    mean: float
    low: float
    high: float
    folds: int

    def words(self, places: int = 4) -> str:
        """`+0.0031 [-0.0004, +0.0066]`."""
        return f"{signed(self.mean, places)} [{signed(self.low, places)}, {signed(self.high, places)}]"


def signed(value: float, places: int) -> str:
    """`+0.0031`; zero has no sign, also when it is zero only after rounding."""
    if not math.isfinite(value):
        return "?"
    text = f"{value:+.{places}f}"
    return text[1:] if float(text) == 0 else text


class Evidence(msgspec.Struct, frozen=True):
    """Why a column got its kind. `value` is an association in [0, 1], a share or a count, as `message` says."""

    type: str  # equal, recoded, affine, monotone, missing-indicator, determined-by, predicted-by, association, bundle, constant, ...
    message: str  # one sentence
    others: tuple[str, ...] = ()  # the columns that keep the information
    value: float | None = None


class CodePlace(msgspec.Struct, frozen=True, order=True):
    """A line of the project that speaks of a column."""

    path: str
    line: int
    role: str  # "creates", "reads", "drops"


class Cost(msgspec.Struct, frozen=True):
    """What the column costs to carry."""

    bytes: int = 0  # of all rows, in memory
    null_share: float = 0.0
    code_lines: int = 0
    files: int = 0


class Column(msgspec.Struct, frozen=True):
    """One column. `gain_alone`: what it adds when it is put back beside the columns that stay; `delta_alone`: what its loss alone costs."""

    name: str
    type: str  # number, bool, category, date, text
    kind: Kind
    action: Action
    delta_alone: Interval | None = None
    gain_alone: Interval | None = None
    evidence: tuple[Evidence, ...] = ()
    cost: Cost = Cost()
    code: tuple[CodePlace, ...] = ()


class DropSet(msgspec.Struct, frozen=True):
    """The columns of `Result.drop` as one decision. `delta`: metric with all columns minus metric without them, with what the search
    made look too small added (`mldebt.data_pass.ablation.confirm`), so it may be more than `reference` minus `without`."""

    delta: float | None
    low: float | None
    high: float | None
    tolerance: float
    metric: str
    reference: float | None  # the metric with all columns, on the rows of the test
    verdict: Literal["confirmed", "nothing", "undecided", "no-model"]
    fits: int
    seconds: float | None  # only with --timings: equal runs give equal bytes
    seed: int
    splits: str  # how the folds were made, and how the set was tested
    without: float | None = None  # the metric without the set, on the rows of the test


class Bundle(msgspec.Struct, frozen=True):
    """Columns that belong together, and what the loss of all of them costs."""

    name: str
    origin: str  # "given", "prefix"
    columns: tuple[str, ...]
    kept: tuple[str, ...]
    delta: Interval | None = None


class Leak(msgspec.Struct, frozen=True):
    """A column that gives the target away."""

    column: str
    message: str
    value: float


class DataInfo(msgspec.Struct, frozen=True):
    """`fingerprint` depends on names and values of the columns, not on their order. `file_*`: of the bytes on disk, for staleness."""

    path: str
    rows: int
    columns: int
    fingerprint: str
    sampled_rows: int  # rows that models saw


class Result(msgspec.Struct, frozen=True):
    """One data pass."""

    version: int
    tool: dict[str, str]  # name, version
    data: DataInfo
    settings: dict[str, object]
    task: str  # regression, binary, multiclass
    model: str  # which model judged, in words
    drop: tuple[str, ...]
    set: DropSet
    columns: tuple[Column, ...]
    undecided: tuple[str, ...]
    bundles: tuple[Bundle, ...] = ()
    leaks: tuple[Leak, ...] = ()
    identifiers: tuple[str, ...] = ()
    unused_in_code: tuple[str, ...] = ()  # computed by code, absent from the data: they never reach the model
    notes: tuple[str, ...] = ()
