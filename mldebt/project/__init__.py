"""Facts of all files -> Project: modules, resolution, values, flags, configuration, reachability."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mldebt.project.project import Module, Project

if TYPE_CHECKING:
    from mldebt.catalogue import Catalogue
    from mldebt.config import Config
    from mldebt.facts.model import Facts
    from mldebt.history import History
    from mldebt.project.foreign import Foreign
    from mldebt.sources.model import Source

__all__ = ["Module", "Project", "link"]


def link(
    root: Path,
    files: Mapping[str, tuple[Source, Facts]],
    catalogue: Catalogue,
    config: Config,
    *,
    partial: bool = False,
    foreign: Foreign | None = None,
    today: datetime.date | None = None,
    history: History | None = None,
) -> Project:
    """The linked project. The same for any order of `files`; `partial` when they are only a part of it."""
    return Project(root, files, catalogue, config, partial=partial, foreign=foreign, today=today, history=history)
