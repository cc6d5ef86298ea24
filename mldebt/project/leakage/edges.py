"""One step between rows."""

from __future__ import annotations

from typing import NamedTuple

from mldebt.project.flow.model import Node


class Edge(NamedTuple):
    """`kind` is same, some, copied, learned or told (see `rows`); `at` is the call that learns or copies."""

    kind: str
    node: Node
    at: Node | None = None
