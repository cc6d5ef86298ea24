"""The artifact graph for Graphviz: files are boxes, artifacts are cylinders, a read that nobody declared is dashed and red."""

from __future__ import annotations

from mldebt.graphs.bounded import Arrow, picture
from mldebt.graphs.model import GraphReport
from mldebt.report.terminal import safe

_STYLES = {"silent": ' [color="#c0392b", style=dashed]', "declared": ' [color="#27803b"]', "plain": ""}


def render(report: GraphReport) -> str:
    """One `digraph`; what is left out of it is said in its label."""
    shown = picture(report)
    lines = ["digraph artifacts {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10];']
    if shown.note:
        lines.append(f"  label={quoted(shown.note)};")
    lines += [f"  f{index} [shape=box, label={quoted(path)}];" for index, path in enumerate(shown.files)]
    lines += [f"  a{index} [shape=cylinder, label={quoted(node.id)}];" for index, node in enumerate(shown.artifacts)]
    lines += [f"  {_ends(arrow)}{_STYLES[arrow.state]};" for arrow in shown.arrows]
    return "\n".join([*lines, "}", ""])


def _ends(arrow: Arrow) -> str:
    return f"f{arrow.file} -> a{arrow.artifact}" if arrow.write else f"a{arrow.artifact} -> f{arrow.file}"


def quoted(name: str) -> str:
    """A quoted string in which no character is special: a backslash stands for itself."""
    return '"' + safe(name).replace("\\", "\\\\").replace('"', '\\"') + '"'
