"""Data that a function of the project makes: module:function -> X, y[, groups[, weights]]."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.settings import FeatureSettings


def load_rows(settings: FeatureSettings, root: Path) -> tuple[object, ...]:
    """X, y, groups, weights (None where not given). Runs the project's code, so only with `allow_import`."""
    name = settings.data
    if not settings.allow_import:
        raise DataError(f"{name} runs code of the project; allow it with --allow-import")
    module, _, function = name.partition(":")
    before = list(sys.path)
    sys.path.insert(0, str(root))
    try:
        made: object = importlib.import_module(module)
        for part in function.split("."):
            made = getattr(made, part)
        rows = made()  # type: ignore[operator]
    except Exception as error:  # whatever the project's code raises
        text = " ".join(str(error).split())
        raise DataError(f"{name} failed: {type(error).__name__}{': ' if text else ''}{text}") from error
    finally:
        sys.path[:] = before
    if not isinstance(rows, tuple) or not 2 <= len(rows) <= 4:
        raise DataError(f"{name} must return X, y or X, y, groups or X, y, groups, weights; it returned {_shape(rows)}")
    return (*rows, None, None)[:4]


def _shape(rows: object) -> str:
    return f"a tuple of {len(rows)}" if isinstance(rows, tuple) else type(rows).__name__
