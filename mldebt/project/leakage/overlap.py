"""Closures over rows, and whether two values hold rows of each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cached_property

from mldebt.facts.model import Const, Def, Name
from mldebt.project.flow import Flow
from mldebt.project.flow.model import ALL, Calls, Node
from mldebt.project.leakage.edges import Edge
from mldebt.project.leakage.rows import Rows
from mldebt.project.project import Project

_LIMIT = 2500
_PARTS = frozenset({"same", "some", "copied"})
_ROWS = _PARTS | {"element"}
_SAME = frozenset({"same"})
_ANY = _ROWS | {"learned", "told"}
Key = tuple[str, int, Calls]


class Reach:
    """What is reached from a start over some kinds of edges: the nodes by number, each with the edge that led there."""

    def __init__(self, flow: Flow, before: dict[int, tuple[int, Edge] | None], edges: list[tuple[int, Edge]]) -> None:
        self._flow, self._edges, self._before = flow, edges, before

    @property
    def numbers(self) -> Iterable[int]:
        """The nodes by their numbers in the flow, nearest first."""
        return self._before

    @cached_property
    def nodes(self) -> dict[Key, Node]:
        """The first node of each key."""
        found: dict[Key, Node] = {}
        for number in self._before:
            node = self._flow.nodes[number]
            found.setdefault(_key(node), node)
        return found

    @cached_property
    def edges(self) -> list[tuple[Node, Edge]]:
        """Every edge that was met, with the node that it leaves."""
        return [(self._flow.nodes[number], edge) for number, edge in self._edges]

    def way(self, node: Node) -> list[tuple[Node, Edge]]:
        """The edges from the start to a node, nearest first."""
        found: list[tuple[Node, Edge]] = []
        reached = self._before.get(self._flow.number(node))
        while reached is not None:
            number, edge = reached
            found.append((self._flow.nodes[number], edge))
            reached = self._before[number]
        return found[::-1]


class Overlaps:
    """Answers of one project, remembered."""

    def __init__(self, project: Project, rows: Rows) -> None:
        self._project, self._rows = project, rows
        self._memo: dict[tuple[int, frozenset[str]], Reach] = {}
        self._edges: dict[int, tuple[tuple[int, Edge], ...]] = {}

    def same(self, node: Node) -> Reach:
        return self._reach(node, _SAME)

    def rows(self, node: Node) -> Reach:
        return self._reach(node, _ROWS)

    def all(self, node: Node) -> Reach:
        return self._reach(node, _ANY)

    def shared(self, left: Node, right: Node) -> Key | None:
        """The value whose rows one of both holds and from which the other one's were taken."""
        return self._common(self.same(left), self.rows(right)) or self._common(self.rows(left), self.same(right))

    def informs(self, source: Node, test: Node) -> bool:
        """Whether what is computed from the source tells of other rows of the evaluation: not of one row at a time."""
        if self._common(self.same(source), self.rows(test)) is not None:
            return True
        return self._common(self._reach(source, _PARTS), self.same(test)) is not None

    def copied(self, left: Node, right: Node) -> Node | None:
        """The call that copied rows, so that near copies stand on both sides although they were split."""
        mine, other = self.rows(left), self.rows(right)
        for _, edge in mine.edges:
            if edge.kind == "copied" and edge.at is not None:
                made = _key(edge.at)
                if made in other.nodes or self.shared(right, edge.node) is not None:
                    return edge.at
        for _, edge in other.edges:
            if edge.kind == "copied" and edge.at is not None and (_key(edge.at) in mine.nodes or self.shared(left, edge.node) is not None):
                return edge.at
        return None

    def _common(self, left: Reach, right: Reach) -> Key | None:
        small, large = (left.nodes, right.nodes) if len(left.nodes) <= len(right.nodes) else (right.nodes, left.nodes)
        return next((key for key in small if key in large and self.holds_rows(key)), None)

    def holds_rows(self, key: Key) -> bool:
        """Whether the value can be data: no constant, function or package."""
        return type(self._project.modules[key[0]].facts.values[key[1]]) not in (Const, Def, Name)

    def _reach(self, start: Node, kinds: frozenset[str]) -> Reach:
        flow = self._project.flow
        first = flow.number(start)
        result = self._memo.get((first, kinds))
        if result is not None:
            return result
        before: dict[int, tuple[int, Edge] | None] = {first: None}
        queue = deque(before)
        edges: list[tuple[int, Edge]] = []
        known = self._edges
        while queue and len(before) < _LIMIT:
            number = queue.popleft()
            found = known.get(number)
            if found is None:
                found = known[number] = tuple((flow.number(edge.node), edge) for edge in self._rows.back(flow.nodes[number]))
            for target, edge in found:
                if edge.kind in kinds:
                    edges.append((number, edge))
                    if target not in before:
                        before[target] = (number, edge)
                        queue.append(target)
        result = self._memo[first, kinds] = Reach(flow, before, edges)
        return result


def _key(node: Node) -> Key:
    return node.path, node.index, node.calls


__all__ = ["ALL", "Overlaps", "Reach"]
