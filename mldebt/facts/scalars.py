"""The scalars of configuration files: what text means as a value, and values that would not survive the cache."""

from __future__ import annotations

import math
import re

from mldebt.sources.json_lines import without_surrogates

Scalar = None | bool | int | float | str

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_BASED = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+|o?[0-7_]+)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_LONGEST = 20_000  # characters of a value that is kept: embedded scripts fit, embedded images do not


def typed(text: str) -> Scalar:
    """The value of an unquoted scalar. Times and versions with colons or two dots stay text; so do numbers beyond 64 bits.

    `1e-3` is a number, as the readers that people use for learning rates (OmegaConf, YAML 1.2) take it.
    """
    low = text.lower()
    if low in ("", "~", "null"):
        return None
    if low in _TRUE or low in _FALSE:
        return low in _TRUE
    if len(text) > 40:
        return bounded(text)
    if _INT.fullmatch(text):
        number = int(text.replace("_", ""))
        return number if -(2**63) <= number < 2**63 else text
    if _BASED.fullmatch(text):
        return _based(text)
    if _FLOAT.fullmatch(text):
        real = float(text.replace("_", ""))
        return real if math.isfinite(real) else text
    return bounded(text)


def plain(value: object) -> Scalar:
    """A parsed value as a scalar: dates and whatever else is not one become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else _digits(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return bounded(value)
    return None if isinstance(value, (dict, list)) else str(value)


def bounded(text: str) -> str:
    """`text` as it can be stored: encodable, and cut when it is too long to be a setting."""
    return without_surrogates(text[:_LONGEST])


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python converts
        return hex(value)[:_LONGEST]


def _based(text: str) -> Scalar:
    digits = text.lstrip("+-").replace("_", "").lower()
    base = 16 if digits.startswith("0x") else 2 if digits.startswith("0b") else 8
    try:
        number = int(digits.removeprefix("0o") if base == 8 else digits, base)
    except ValueError:
        return text
    number = -number if text.startswith("-") else number
    return number if -(2**63) <= number < 2**63 else text
