"""What the project's own code makes: data from module:function, models from module:factory."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from mldebt.data_pass.errors import DataError, one_line
from mldebt.data_pass.settings import FeatureSettings

PARTS = range(2, 5)  # X, y[, groups[, weights]]


def load_rows(settings: FeatureSettings, root: Path) -> tuple[object, object, object, object]:
    """X, y, groups, weights (None where not given) of the function that `settings.data` names."""
    name = settings.data
    function = load_function(name, root, allowed=settings.allow_import)
    try:
        rows = function()
    except (Exception, SystemExit) as error:  # whatever the project's code raises
        raise DataError(f"{name} failed: {_words(error)}") from error
    if not isinstance(rows, tuple) or len(rows) not in PARTS:
        shape = f"a tuple of {len(rows)}" if isinstance(rows, tuple) else type(rows).__name__
        raise DataError(f"{name} must return X, y or X, y, groups or X, y, groups, weights; it returned {shape}")
    features, target, *rest = rows
    groups, weights = (*rest, None, None)[:2]
    return features, target, groups, weights


def load_function(name: str, root: Path, *, allowed: bool) -> Callable[[], object]:
    """The function that `module:function` names. Importing runs the project's code, so only where that is allowed; `root` then stays on
    sys.path, since the function may import more when it is called."""
    if not allowed:
        raise DataError(f"{name} runs code of the project; allow it with --allow-import")
    module, _, path = name.partition(":")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        found: object = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:
        raise DataError(f"{name} cannot be imported: {_words(error)}") from error
    if not callable(found):
        raise DataError(f"{name} is no function, but {type(found).__name__}")
    return found


def _words(error: BaseException) -> str:
    kind, text = type(error).__name__, one_line(error)
    return kind if text == kind else f"{kind}: {text}"
