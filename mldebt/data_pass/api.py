"""One data pass from outside: what the command and `mldebt.features` call. Nothing heavy is imported before it runs."""

from __future__ import annotations

import importlib.util
import os
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mldebt.config import data_set, suggestion
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.result import Result
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str, int, int], None]
Warn = Callable[[str], None]
NOT_INSTALLED = "the data pass needs pandas and scikit-learn: pip install 'mldebt[data]'"


def need_extra() -> None:
    """Raises DataError when the extra `data` is not installed; imports nothing."""
    if any(importlib.util.find_spec(name) is None for name in ("pandas", "sklearn")):
        raise DataError(NOT_INSTALLED)


def judged(settings: FeatureSettings, root: Path, progress: Progress, warn: Warn, *, timings: bool = False) -> Result:
    """The result of one data set. `seconds` is None unless `timings`, so that equal runs give equal results."""
    need_extra()
    from mldebt.data_pass.run import run

    started = time.perf_counter()
    found = run(settings, root, progress=progress, warn=warn)
    return _timed(found, time.perf_counter() - started if timings else None)


def features(data: pd.DataFrame | Path | str, target: str | pd.Series | None, settings: Mapping[str, object]) -> Result:
    """What `mldebt.features` does; settings by the names of `FeatureSettings`. Raises ConfigError or DataError."""
    given = {name.replace("_", "-"): value for name, value in settings.items() if value is not None}
    given["target"] = target if isinstance(target, str) else ""
    if not isinstance(data, (str, os.PathLike)):
        return _of_frame(data, target, data_set(given, "features()"))
    if target is not None and not isinstance(target, str):
        raise DataError("target: with a path it is the name of a column")
    return judged(data_set({**given, "data": os.fspath(data)}, "features()"), Path.cwd(), _silent, _warn)


def _of_frame(data: pd.DataFrame, target: str | pd.Series | None, settings: FeatureSettings) -> Result:
    need_extra()
    from mldebt.data_pass.run import run_frame

    if isinstance(target, str):
        if target not in data.columns:
            raise DataError(f"the data frame has no column {target!r}{suggestion(target, map(str, data.columns))}")
        found = run_frame(data.drop(columns=[target]), data[target], settings, progress=_silent, warn=_warn)
    elif target is not None:
        found = run_frame(data, target, settings, progress=_silent, warn=_warn)
    else:
        raise DataError("target: name the column of the data frame that the model predicts, or give it as a Series")
    return _timed(found, None)


def _timed(result: Result, seconds: float | None) -> Result:
    return replace(result, set=replace(result.set, seconds=seconds))


def _silent(stage: str, done: int, expected: int) -> None:
    """No progress is shown."""


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=2)
