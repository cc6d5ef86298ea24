"""The models as one HTML file that needs nothing else: a drawing from left to right, and a table of every model."""

from __future__ import annotations

from mldebt.graphs import layout
from mldebt.graphs.html import page
from mldebt.graphs.models.model import ModelNode, ModelReport
from mldebt.graphs.models.picture import picture
from mldebt.graphs.models.text import heading, unknown
from mldebt.report.terminal import safe
from mldebt.report.words import place

KEY, LABEL = "models", "Models, what they learn from, and where their answers go"


def render(report: ModelReport) -> str:
    """The page. Everything from the project is escaped; there is no script and no reference to another file or host."""
    shown = picture(report)
    return page(
        "models.html",
        *layout.drawn(shown.things, shown.lines),
        KEY,
        LABEL,
        project=safe(report.project),
        heading=heading(report),
        unknown=unknown(report),
        note=shown.note,
        rows=[_row(report, node) for node in report.models],
    )


def _row(report: ModelReport, node: ModelNode) -> dict[str, str | int | list[str]]:
    learnt = [safe(f"{link.source or 'a model out of sight'} ({link.how})") for link in report.links if link.target == node.id]
    given = [safe(f"{link.target} ({link.how})") for link in report.links if link.source == node.id]
    return {
        "name": safe(node.name),
        "place": place(node.made[0]),
        "depth": node.depth,
        "sources": list(dict.fromkeys([*learnt, *(safe(f"{one.artifact} ({one.how})") for one in node.sources if one.direct)])),
        "calls": list(dict.fromkeys(place(call.where) for call in (*node.fits, *node.asked))),
        "held": [safe(name) for name in node.held],
        "goals": list(dict.fromkeys([*given, *(safe(one.name) for one in node.goals)])),
    }
