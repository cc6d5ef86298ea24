"""Data that a function of the project makes: module:function -> X, y[, groups[, weights]]."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.settings import FeatureSettings


def load_rows(settings: FeatureSettings, root: Path) -> tuple[object, ...]:
    """X, y, groups, weights (None where not given). Runs the project's code, so only with `allow_import`."""
    name = settings.data
    rows = _asked(name, load_function(name, root, allowed=settings.allow_import), root)
    if not isinstance(rows, tuple) or not 2 <= len(rows) <= 4:
        raise DataError(f"{name} must return X, y or X, y, groups or X, y, groups, weights; it returned {_shape(rows)}")
    return (*rows, None, None)[:4]


def load_function(name: str, root: Path, *, allowed: bool) -> Callable[[], object]:
    """The function `module:function`, imported from the project."""
    if not allowed:
        raise DataError(f"{name} runs code of the project; allow it with --allow-import")
    module, _, function = name.partition(":")

    def found() -> object:
        made: object = importlib.import_module(module)
        for part in function.split("."):
            made = getattr(made, part)
        return made

    made = _asked(name, found, root)
    if not callable(made):
        raise DataError(f"{name} is no function: it is {type(made).__name__}")
    return made


def _asked(name: str, call: Callable[[], object], root: Path) -> object:
    """What the project's code gives, with the project root first on the path."""
    before = list(sys.path)
    sys.path.insert(0, str(root))
    try:
        return call()
    except Exception as error:  # whatever the project's code raises
        text = " ".join(str(error).split())
        raise DataError(f"{name} failed: {type(error).__name__}{': ' if text else ''}{text}") from error
    finally:
        sys.path[:] = before


def _shape(rows: object) -> str:
    return f"a tuple of {len(rows)}" if isinstance(rows, tuple) else type(rows).__name__
