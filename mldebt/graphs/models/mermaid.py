"""The models as a Mermaid flowchart; a thick arrow is what one model gives another."""

from __future__ import annotations

from mldebt.graphs.mermaid import escaped
from mldebt.graphs.models.model import ModelReport
from mldebt.graphs.models.picture import picture

_LARGEST = 25
_SHAPES = {"model": ("[[", "]]"), "artifact": ("[(", ")]"), "route": ("([", "])")}


def render(report: ModelReport) -> str:
    """One `flowchart`; what is left out of it is said in a box of its own."""
    shown = picture(report, _LARGEST)
    lines = ["flowchart LR"]
    for key, (kind, name) in shown.things.items():
        left, right = _SHAPES[kind]
        lines.append(f'  {key}{left}"{escaped(name)}"{right}')
    lines += [f"  {one.start} {'==>' if one.state == 'chain' else '-->'} {one.end}" for one in shown.lines]
    if shown.note:
        lines.append(f'  note["{escaped(shown.note)}"]')
    return "\n".join([*lines, ""])
