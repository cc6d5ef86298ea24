"""The models for Graphviz: models are boxes, artifacts cylinders, routes ellipses; what one model gives another is bold."""

from __future__ import annotations

from mldebt.graphs.dot import quoted
from mldebt.graphs.models.model import ModelReport
from mldebt.graphs.models.picture import picture

_SHAPES = {"model": "box3d", "artifact": "cylinder", "route": "ellipse"}
_STYLES = {"chain": ' [style=bold, color="#6b4fb3"]', "plain": ""}


def render(report: ModelReport) -> str:
    """One `digraph`; what is left out of it is said in its label."""
    shown = picture(report)
    lines = ["digraph models {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10];']
    if shown.note:
        lines.append(f"  label={quoted(shown.note)};")
    lines += [f"  {key} [shape={_SHAPES[kind]}, label={quoted(name)}];" for key, (kind, name) in shown.things.items()]
    lines += [f"  {one.start} -> {one.end}{_STYLES[one.state]};" for one in shown.lines]
    return "\n".join([*lines, "}", ""])
