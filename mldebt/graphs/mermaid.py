"""The artifact graph as a Mermaid flowchart, for a README or a pull request; bounded, because hosts refuse large ones."""

from __future__ import annotations

from mldebt.graphs.bounded import Arrow, legend, picture
from mldebt.graphs.model import GraphReport
from mldebt.report.terminal import safe

_LARGEST = 40  # artifacts; GitHub renders at most 500 edges and 50,000 characters
_PLAIN = frozenset(" ./_-:*+,=@")


def render(report: GraphReport) -> str:
    """One `flowchart`; what is left out of it is said in a box of its own. A dotted read is one that nobody declared."""
    shown = picture(report, _LARGEST)
    lines = ["flowchart LR"]
    lines += [f'  f{index}["{escaped(path)}"]' for index, path in enumerate(shown.files)]
    lines += [f'  a{index}[("{escaped(node.id)}")]' for index, node in enumerate(shown.artifacts)]
    lines += [f"  {_arrow(arrow)}" for arrow in shown.arrows]
    silent = [str(index) for index, arrow in enumerate(shown.arrows) if arrow.state == "silent"]
    if "silent" in legend(shown.arrows):
        lines.append(f"  linkStyle {','.join(silent)} stroke:#c0392b")
    if shown.note:
        lines.append(f'  note["{escaped(shown.note)}"]')
    return "\n".join([*lines, ""])


def _arrow(arrow: Arrow) -> str:
    if arrow.write:
        return f"f{arrow.file} --> a{arrow.artifact}"
    middle = {"silent": "-.->|undeclared|", "declared": "-->|declared|"}.get(arrow.state, "-->")
    return f"a{arrow.artifact} {middle} f{arrow.file}"


def escaped(name: str) -> str:
    """Letters, digits and a few marks; every other character as Mermaid's numbered entity, so that none can end the label."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in safe(name))
