"""What a picture of the models shows: models, the artifacts that they learn from, and where their answers go."""

from __future__ import annotations

import msgspec

from mldebt.graphs.layout import Line
from mldebt.graphs.models.model import ModelReport

LARGEST = 40  # models: a picture of more is a carpet


class Picture(msgspec.Struct, frozen=True):
    """`things` are (kind, name) by key: model m0, artifact a0, route r0. A line's title is what it means."""

    things: dict[str, tuple[str, str]]
    lines: tuple[Line, ...]
    left_out: int  # models

    @property
    def note(self) -> str:
        """What is not in the picture, in words; empty where all is."""
        if not self.left_out:
            return ""
        rest = "1 more model is" if self.left_out == 1 else f"{self.left_out} more models are"
        return f"{rest} left out; --artifact and --path choose, --format json has all"


def picture(report: ModelReport, limit: int = LARGEST) -> Picture:
    """Models of chains first, the deepest before the others, then those with answers that go somewhere; in the order of their places."""
    chained = {key for link in report.links for key in (link.source, link.target)}
    order = sorted(report.models, key=lambda n: (n.id not in chained, -n.depth, -len(n.goals), -len(n.sources), n.id))
    chosen = {node.id for node in order[:limit]}
    models = [node for node in report.models if node.id in chosen]
    names = {kind: sorted({g.name for n in models for g in n.goals if g.kind == kind}) for kind in ("artifact", "route")}
    read = {s.artifact for n in models for s in n.sources if s.direct}
    foreign = {name for link in report.links if not link.source and link.target in chosen for name in link.artifacts[:1]}
    names["artifact"] = sorted({*names["artifact"], *read, *foreign})
    keys = {("model", node.id): f"m{i}" for i, node in enumerate(models)}
    keys |= {(kind, name): f"{kind[0]}{i}" for kind, found in names.items() for i, name in enumerate(found)}
    lines: dict[tuple[str, str], Line] = {}

    def tie(start: tuple[str, str], end: tuple[str, str], state: str, verb: str) -> None:
        if start in keys and end in keys:
            line = Line(keys[start], keys[end], state, f"{start[1]} {verb} {end[1]}")
            lines.setdefault((line.start, line.end), line)

    for link in report.links:
        if link.source or link.artifacts:
            start = ("model", link.source) if link.source else ("artifact", link.artifacts[0])
            tie(start, ("model", link.target), "chain", f"gives a {link.how} to")
    for node in models:
        for source in node.sources:
            if source.direct:
                tie(("artifact", source.artifact), ("model", node.id), "plain", "trains")
        for goal in node.goals:
            tie(("model", node.id), (goal.kind, goal.name), "plain", "answers" if goal.kind == "route" else "predicts into")
    things = {key: (kind, name) for (kind, name), key in keys.items()}
    return Picture(things, tuple(lines[key] for key in sorted(lines)), len(report.models) - len(models))
