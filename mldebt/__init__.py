"""A static linter for machine-learning technical debt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mldebt.config import Config
    from mldebt.findings import Report

__version__ = "0.1.0"
__all__ = ["__version__", "scan"]


def scan(paths: Sequence[Path | str], config: Config | None = None) -> Report:
    """The debt in `paths`, with the project's own configuration unless `config` is given."""
    from mldebt.engine import scan_paths

    return scan_paths(paths, config)
