"""What the commands that ask the linked project share: their common arguments, and the way to the project."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import msgspec

from mldebt import engine
from mldebt.config import Loaded, load
from mldebt.findings import Unread
from mldebt.progress import Bar
from mldebt.project import Project

Say = Callable[[str], None]


class LinkArguments(msgspec.Struct, frozen=True):
    """Which project is meant, and how much is said on the way."""

    paths: tuple[str, ...] = ()
    no_cache: bool = False
    no_progress: bool = False
    quiet: bool = False
    verbose: bool = False
    overrides: tuple[str, ...] = ()
    isolated: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> Self:
        """The arguments as click gives them."""
        return msgspec.convert(arguments, cls)

    def request(self, today: datetime.date | None = None) -> engine.Request:
        paths = tuple(Path(path) for path in self.paths) or (Path(),)
        return engine.Request(paths, cache=not self.no_cache, today=today)

    def warner(self, say: Say) -> Say:
        return (lambda text: None) if self.quiet else (lambda text: say(f"warning: {text}"))

    def load(self, warn: Say, settings: Mapping[str, object] | None = None) -> Loaded:
        """The settings in force; `settings` are those that the command line gives, by configuration key."""
        start = engine.start_of(self.request().paths)
        loaded = engine.placed(load(start, arguments=settings or {}, overrides=self.overrides, isolated=self.isolated))
        for warning in loaded.warnings:
            warn(warning)
        return loaded

    def link(self, loaded: Loaded, warn: Say, today: datetime.date | None = None) -> tuple[Project, tuple[Unread, ...]]:
        """The linked project, and the files that could not be read."""
        with Bar(not (self.no_progress or self.quiet)) as bar:
            return engine.link(loaded, self.request(today), warn=warn, progress=bar.update)
