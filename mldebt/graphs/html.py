"""The artifact graph as one HTML file that needs nothing else: a drawing from left to right, and a table of every artifact shown."""

from __future__ import annotations

from mldebt.graphs import layout
from mldebt.graphs.bounded import Arrow, Picture, picture
from mldebt.graphs.layout import Box, Curve, Line
from mldebt.graphs.model import End, GraphReport, Node
from mldebt.report.terminal import encodable, safe
from mldebt.report.words import count, place, unknown

KEY, LABEL = "artifacts", "Files and artifacts"


def render(report: GraphReport) -> str:
    """The page. Everything from the project is escaped; there is no script and no reference to another file or host."""
    shown = picture(report)
    boxes, curves = drawn(shown)
    seen = report.coverage
    silent = sum(link.silent for link in report.links)
    return page(
        "graph.html",
        boxes,
        curves,
        KEY,
        LABEL,
        project=safe(report.project),
        heading=f"{count(len(report.artifacts), 'artifact')}, {count(len(report.links), 'edge')}, {silent:,} of them silent",
        coverage=f"{seen.resolved:,} of {count(seen.total, 'place')} that read or write name an artifact that is known",
        unknown=unknown(seen),
        note=shown.note,
        rows=[_row(node) for node in shown.artifacts],
    )


def page(template: str, boxes: list[Box], curves: list[Curve], key: str, label: str, **values: object) -> str:
    """A template of this package with its drawing; every value is escaped. `key` makes the ids of the drawing unique in a page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("mldebt.graphs"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    width, height = layout.size(boxes)
    drawing = {"boxes": boxes, "curves": curves, "wide": layout.WIDE, "high": layout.HIGH, "width": width, "height": height}
    return encodable(environment.get_template(template).render(**values, **drawing, key=key, label=label)) + "\n"


def svg(boxes: list[Box], curves: list[Curve], key: str, label: str) -> str:
    """The drawing alone, to stand in another page, which has to bring the colours."""
    return page("drawing.svg", boxes, curves, key, label)


def drawn(shown: Picture) -> tuple[list[Box], list[Curve]]:
    """The boxes and curves of a picture."""
    files = {f"f{i}": ("file", path) for i, path in enumerate(shown.files)}
    artifacts = {f"a{i}": ("artifact", node.id) for i, node in enumerate(shown.artifacts)}
    return layout.drawn({**files, **artifacts}, [_line(arrow, shown) for arrow in shown.arrows])


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


def _line(arrow: Arrow, shown: Picture) -> Line:
    file, artifact = shown.files[arrow.file], shown.artifacts[arrow.artifact].id
    told = f" ({arrow.state})" if arrow.state != "plain" else ""
    if arrow.write:
        return Line(f"f{arrow.file}", f"a{arrow.artifact}", arrow.state, f"{file} writes {artifact}{told}")
    return Line(f"a{arrow.artifact}", f"f{arrow.file}", arrow.state, f"{artifact} is read by {file}{told}")
