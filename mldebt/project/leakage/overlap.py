"""Closures over rows, and whether two values hold rows of each other."""

from __future__ import annotations

from collections import deque

from mldebt.facts.model import Const, Def, Name
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
    """What is reached from a start over some kinds of edges: by key, the node and the edge that led there."""

    def __init__(self, nodes: dict[Key, Node], edges: list[tuple[Node, Edge]], before: dict[Node, tuple[Node, Edge]]) -> None:
        self.nodes, self.edges, self._before = nodes, edges, before

    def way(self, node: Node) -> list[tuple[Node, Edge]]:
        """The edges from the start to a node, nearest first."""
        found: list[tuple[Node, Edge]] = []
        while node in self._before:
            found.append(self._before[node])
            node = self._before[node][0]
        return found[::-1]


class Overlaps:
    """Answers of one project, remembered."""

    def __init__(self, project: Project, rows: Rows) -> None:
        self._project, self._rows = project, rows
        self._memo: dict[tuple[Node, frozenset[str]], Reach] = {}

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
        found = self._memo.get((start, kinds))
        if found is not None:
            return found
        nodes: dict[Key, Node] = {_key(start): start}
        seen, queue = {start}, deque([start])
        edges: list[tuple[Node, Edge]] = []
        before: dict[Node, tuple[Node, Edge]] = {}
        while queue and len(seen) < _LIMIT:
            node = queue.popleft()
            for edge in self._rows.back(node):
                if edge.kind not in kinds:
                    continue
                edges.append((node, edge))
                if edge.node not in seen:
                    seen.add(edge.node)
                    nodes.setdefault(_key(edge.node), edge.node)
                    before[edge.node] = (node, edge)
                    queue.append(edge.node)
        result = self._memo[start, kinds] = Reach(nodes, edges, before)
        return result


def _key(node: Node) -> Key:
    return node.path, node.index, node.calls


__all__ = ["ALL", "Overlaps", "Reach"]
