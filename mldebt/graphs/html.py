"""The artifact graph as one HTML file that needs nothing else: a drawing from left to right, and a table of every artifact shown."""

from __future__ import annotations

import msgspec

from mldebt.graphs.bounded import Arrow, Picture, picture
from mldebt.graphs.model import End, GraphReport, Node
from mldebt.report.terminal import encodable, safe
from mldebt.report.words import count, place, unknown

_WIDE, _HIGH = 250, 30  # of a box
_GAP_X, _GAP_Y = 110, 12
_LETTERS = 38


class Box(msgspec.Struct, frozen=True):
    x: int
    y: int
    kind: str  # file, artifact
    text: str
    title: str


class Curve(msgspec.Struct, frozen=True):
    path: str
    state: str
    title: str


def render(report: GraphReport) -> str:
    """The page. Everything from the project is escaped; there is no script and no reference to another file or host."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    shown = picture(report)
    boxes, curves = _drawn(shown)
    environment = Environment(loader=PackageLoader("mldebt.graphs"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    seen = report.coverage
    links = report.links
    silent = sum(link.silent for link in links)
    text = environment.get_template("graph.html").render(
        project=safe(report.project),
        heading=f"{count(len(report.artifacts), 'artifact')}, {count(len(links), 'edge')}, {silent:,} of them silent",
        coverage=f"{seen.resolved:,} of {count(seen.total, 'place')} that read or write name an artifact that is known",
        unknown=unknown(seen),
        note=shown.note,
        boxes=boxes,
        curves=curves,
        wide=_WIDE,
        high=_HIGH,
        width=max((box.x for box in boxes), default=0) + _WIDE + 20,
        height=max((box.y for box in boxes), default=0) + _HIGH + 20,
        rows=[_row(node) for node in shown.artifacts],
    )
    return encodable(text) + "\n"


def _row(node: Node) -> dict[str, str | int | list[str]]:
    return {
        "name": safe(node.id),
        "store": node.store,
        "writers": _places(node.writers),
        "readers": _places(node.readers),
        "declared": sorted({f"{safe(one.system)} in {safe(one.path)}:{one.line}" for one in node.declarations}),
        "silent": node.silent,
    }


def _places(ends: tuple[End, ...]) -> list[str]:
    return list(dict.fromkeys(place(end.where) for end in ends))


def _drawn(shown: Picture) -> tuple[list[Box], list[Curve]]:
    """Boxes in columns: each stands to the right of all that leads to it; what goes round in a circle shares a column."""
    spots: dict[str, tuple[int, int]] = {}
    boxes: list[Box] = []
    names = {f"f{i}": path for i, path in enumerate(shown.files)} | {f"a{i}": node.id for i, node in enumerate(shown.artifacts)}
    for column, members in enumerate(_columns(shown)):
        for row, key in enumerate(members):
            spots[key] = (20 + column * (_WIDE + _GAP_X), 20 + row * (_HIGH + _GAP_Y))
            name = safe(names[key])
            text = name if len(name) <= _LETTERS else "\u2026" + name[-_LETTERS + 1 :]
            boxes.append(Box(*spots[key], "file" if key[0] == "f" else "artifact", text, name))
    return boxes, [_curve(arrow, spots, names) for arrow in shown.arrows]


def _columns(shown: Picture) -> list[list[str]]:
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from([*(f"f{i}" for i in range(len(shown.files))), *(f"a{i}" for i in range(len(shown.artifacts)))])
    graph.add_edges_from(_ends(arrow) for arrow in shown.arrows)
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


def _ends(arrow: Arrow) -> tuple[str, str]:
    file, artifact = f"f{arrow.file}", f"a{arrow.artifact}"
    return (file, artifact) if arrow.write else (artifact, file)


def _curve(arrow: Arrow, spots: dict[str, tuple[int, int]], names: dict[str, str]) -> Curve:
    start, end = _ends(arrow)
    x1, y1 = spots[start][0] + _WIDE, spots[start][1] + _HIGH // 2
    x2, y2 = spots[end][0], spots[end][1] + _HIGH // 2
    bend = max(abs(x2 - x1) // 2, 40)
    verb = "writes" if arrow.write else "is read by"
    title = safe(f"{names[start]} {verb} {names[end]}" + (f" ({arrow.state})" if arrow.state != "plain" else ""))
    return Curve(f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}", arrow.state, title)
