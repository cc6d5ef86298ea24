"""The vocabulary of value flow: a value as it is seen from a chain of calls, and which of its columns are asked for."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from mldebt.facts.model import Span

Site = tuple[str, int]  # a call: the file, and the index of its value there
Calls = tuple[Site, ...]  # the calls through which a function was entered, outermost first; empty: any caller


PLACE = "\0"  # before the number of an item that is asked for by its place


class Demand(NamedTuple):
    """Columns or keys of a container that are asked for, or one item of a sequence."""

    names: frozenset[str] | None = None  # None: all
    without: frozenset[str] = frozenset()

    def asks(self, name: str) -> bool:
        return name not in self.without and (self.names is None or name in self.names or self.place is not None)

    @property
    def place(self) -> int | None:
        """The place of the item that is asked for, when it is one item of a sequence."""
        if self.names is None or len(self.names) != 1:
            return None
        (only,) = self.names
        return int(only[1:]) if only.startswith(PLACE) else None


ALL = Demand()


class Node(NamedTuple):
    """A value of one file, seen from a chain of calls."""

    path: str
    index: int
    calls: Calls = ()
    demand: Demand = ALL


class Step(NamedTuple):
    """One step back from a node. `how` says along what: value part column element operand argument field return parameter file held."""

    node: Node
    how: str
    note: str = ""  # of `file`: the artifact; of `column`: its name


class Hop(msgspec.Struct, frozen=True):
    """A place on the way that a reader wants to see."""

    path: str
    span: Span
    how: str
    note: str = ""
