"""The vocabulary of the configuration-key graph over files."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Span
from mldebt.project.artifacts.fold import Frames
from mldebt.project.project import Module

Keys = tuple[str, ...]


class Root(msgspec.Struct, frozen=True):
    """What one call loads, seen from the calls of the helpers around it, the innermost first."""

    path: str  # of the file with the call
    value: int  # of the call
    frames: Frames = ()
    kind: str = "load"  # load: of a file; entry: of a folder of layers that an entry point is given


class Read(msgspec.Struct, frozen=True):
    """A place that reads a key of what was loaded."""

    keys: Keys
    module: Module
    span: Span
    scope: int
    block: int
    default: bool  # what is absent does not matter here
    sure: bool  # False: it only runs under a condition, or the object is known by the name of its attribute alone


class Loaded:
    """All that is known of what one call loads."""

    __slots__ = ("modules", "open", "reader", "reads", "root", "whole", "within", "written")

    def __init__(self, root: Root) -> None:
        self.root = root
        self.reads: list[Read] = []
        self.whole: dict[Keys, None] = {}  # passed on to where it cannot be followed
        self.written: dict[Keys, None] = {}
        self.open = False  # other layers lie over it
        self.reader = -1  # the call that names the file, of an object that was made empty
        self.modules: dict[str, None] = {}  # the files that hold it or a part of it
        self.within: Loaded | None = None  # the same inside the helper that loads it
