"""A static linter for machine-learning technical debt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from mldebt.config import Config
    from mldebt.data_pass.result import Result
    from mldebt.findings import Report

__version__ = "0.1.0"
__all__ = ["__version__", "features", "scan"]


def scan(paths: Sequence[Path | str], config: Config | None = None) -> Report:
    """The debt in `paths`, with the project's own configuration unless `config` is given."""
    from mldebt.engine import scan_paths

    return scan_paths(paths, config)


def features(data: pd.DataFrame | Path | str, target: str | pd.Series | None = None, **settings: object) -> Result:
    """Which columns of `data` a model could lose together, confirmed as one set. Needs the extra `data`.

    `data` is a path as `mldebt features` takes it (relative to the working directory), or a data frame; of a data frame `target` is
    the name of a column, or the values as a Series in the order of the rows. `settings` are the options of `mldebt features` with
    underscores: `model`, `metric`, `tolerance`, `alpha`, `folds`, `repeats`, `groups`, `time`, `weights` (names of columns), `bundle`
    (a dict of name to pattern), `keep`, `drop` (lists), `budget`, `sample`, `seed`, `jobs`, `backend`, `scheduler`, `allow_import`,
    `structure_only`. Equal data, settings and seed give an equal result, the one that the command gives with `--no-code`: settings
    files are not read, no code is searched and nothing is stored.

        result = mldebt.features("credit.csv", target="default", metric="roc_auc", tolerance=0.002)
        if result.set.verdict == "confirmed":
            smaller = frame.drop(columns=list(result.drop))

    Raises ValueError, in one line, for data or settings that cannot be used. What the command warns of is warned of here.
    """
    from mldebt.data_pass.api import features as judged

    return judged(data, target, settings)
