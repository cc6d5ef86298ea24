"""What the columns say about each other, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

CopyHow = Literal["equal", "recoded", "affine", "monotone", "missing-indicator"]


class Copy(msgspec.Struct, frozen=True, order=True):
    """`column` and `of` say the same: one can be computed from the other. `exact`: checked on all rows, not on the sample alone."""

    column: str
    of: str
    how: CopyHow
    detail: str  # for example "= 1.8 x other + 32"
    exact: bool


class Dependence(msgspec.Struct, frozen=True, order=True):
    """`column` is a function of `on`, which has more distinct values: what it says is known without it."""

    column: str
    on: str
    exact: bool


class Association(msgspec.Struct, frozen=True, order=True):
    """Strength in [0, 1]: |Spearman|, bias-corrected Cramer's V, or the correlation ratio (eta). `first` < `second`."""

    first: str
    second: str
    measure: Literal["spearman", "cramers-v", "correlation-ratio"]
    value: float


class TargetLeak(msgspec.Struct, frozen=True, order=True):
    column: str
    how: Literal["copy", "determines", "association"]
    message: str
    value: float


class Structure(msgspec.Struct, frozen=True):
    """Names are sorted everywhere. `copies` joins each class of equal columns as a star around its first-choice member (`of`)."""

    constants: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]  # columns that are copies of each other, first choice first
    copies: tuple[Copy, ...]
    dependences: tuple[Dependence, ...]
    associations: tuple[Association, ...]  # at or above `structure.association.LEAST`
    identifiers: tuple[str, ...]
    leaks: tuple[TargetLeak, ...]
    distinct: Mapping[str, int]  # distinct values; at least, when the count was capped
    missing: Mapping[str, float]  # share of the rows
    bytes: Mapping[str, int]  # of all rows
