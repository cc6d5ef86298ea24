"""Boxes and curves: each box stands to the right of all that leads to it; what goes round in a circle shares a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mldebt.report.terminal import safe

WIDE, HIGH = 250, 30  # of a box
_GAP_X, _GAP_Y = 110, 12
_LETTERS = 38


class Box(msgspec.Struct, frozen=True):
    x: int
    y: int
    kind: str  # what it stands for: file, artifact, model, route
    text: str
    title: str


class Curve(msgspec.Struct, frozen=True):
    path: str
    state: str
    title: str


class Line(msgspec.Struct, frozen=True):
    """An arrow between two boxes, by their keys."""

    start: str
    end: str
    state: str
    title: str


def drawn(things: Mapping[str, tuple[str, str]], lines: Sequence[Line]) -> tuple[list[Box], list[Curve]]:
    """`things` are kinds and names by key: one letter and a number, which order them where nothing else does."""
    spots: dict[str, tuple[int, int]] = {}
    boxes: list[Box] = []
    for column, members in enumerate(_columns(things, lines)):
        for row, key in enumerate(members):
            spots[key] = (20 + column * (WIDE + _GAP_X), 20 + row * (HIGH + _GAP_Y))
            kind, name = things[key]
            name = safe(name)
            text = name if len(name) <= _LETTERS else "\u2026" + name[-_LETTERS + 1 :]
            boxes.append(Box(*spots[key], kind, text, name))
    return boxes, [_curve(line, spots) for line in lines]


def size(boxes: Iterable[Box]) -> tuple[int, int]:
    """Width and height of the drawing."""
    boxes = tuple(boxes)
    return max((box.x for box in boxes), default=0) + WIDE + 20, max((box.y for box in boxes), default=0) + HIGH + 20


def _columns(things: Iterable[str], lines: Iterable[Line]) -> list[list[str]]:
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(things)
    graph.add_edges_from((line.start, line.end) for line in lines)
    whole = nx.condensation(graph, scc=sorted((sorted(part) for part in nx.strongly_connected_components(graph)), key=lambda part: part[0]))
    columns: list[list[str]] = []
    height: dict[str, float] = {}
    for parts in nx.topological_generations(whole):
        members = sorted(key for part in parts for key in whole.nodes[part]["members"])
        weight = {key: _mean([height[other] for other in graph.predecessors(key) if other in height]) for key in members}
        members.sort(key=lambda key: (weight[key], key[0], int(key[1:])))
        height |= {key: float(row) for row, key in enumerate(members)}
        columns.append(members)
    return columns


def _mean(rows: list[float]) -> float:
    return sum(sorted(rows)) / len(rows) if rows else 0.0


def _curve(line: Line, spots: Mapping[str, tuple[int, int]]) -> Curve:
    x1, y1 = spots[line.start][0] + WIDE, spots[line.start][1] + HIGH // 2
    x2, y2 = spots[line.end][0], spots[line.end][1] + HIGH // 2
    bend = max(abs(x2 - x1) // 2, 40)
    return Curve(f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}", line.state, safe(line.title))
