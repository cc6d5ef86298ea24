"""The models for people: each with what it learns from, where it learns and is asked, and where its answers go."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from mldebt.graphs.models.model import Call, Goal, ModelLink, ModelNode, ModelReport, Source
from mldebt.graphs.text import foot
from mldebt.report.layout import hang, paint, width_of
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import count, place

_SHOWN = 8
_INDENT = 17


def render(report: ModelReport, options: Options) -> str:
    """One block per model, those at the end of the longest chains first, then by place."""
    return paint(_lines(report, options), options)


def heading(report: ModelReport) -> str:
    told = f"{count(len(report.models), 'model')}, {count(len(report.links), 'edge')} between models"
    return told + (f", the longest chain {report.depth + 1} models long" if report.depth else "")


def unknown(report: ModelReport) -> str:
    """Calls that ask a model which no maker is in sight of; empty where there are none."""
    calls = f"{count(report.unknown, 'call')} {'asks' if report.unknown == 1 else 'ask'}"
    return f"{calls} a model that is not known" if report.unknown else ""


def _lines(report: ModelReport, options: Options) -> Iterator[Text]:
    width = width_of(options)
    line = Text(safe(report.project), "bold")
    line.append(f": {heading(report)}", "not bold")
    yield from hang(Text(), line, width)
    yield Text()
    for node in sorted(report.models, key=lambda one: -one.depth):
        yield from _block(report, node, options)
        yield Text()
    if not report.models:
        yield Text("No model was recognised that learns or is asked here.")
    if report.unknown:
        yield from hang(Text(), Text(f"{unknown(report)}: nothing in sight makes or loads it."), width, 2)
    yield from foot(report, "model", width)


def _block(report: ModelReport, node: ModelNode, options: Options) -> Iterator[Text]:
    behind = f"  behind {count(node.depth, 'other model')}" if node.depth else ""
    title = Text.assemble((safe(node.name), "bold"), (f"  {place(node.made[0])}", ""), (behind, "yellow"))
    yield from hang(Text(), title, width_of(options), 2)
    yield from _rows("also made", [Text(place(where)) for where in node.made[1:]], options)
    yield from _rows("learns at", [_call(call) for call in node.fits], options)
    links = [link for link in report.links if link.target == node.id]
    yield from _rows("learns from", [*_sources(node, options), *(_from(link) for link in links if link.how != "input")], options)
    yield from _rows("kept in", [Text(safe(name)) for name in node.held], options)
    yield from _rows("asked at", [_call(call) for call in node.asked], options)
    yield from _rows("asked about", [_from(link) for link in links if link.how == "input"], options)
    goals = [*map(_goal, node.goals), *(_given(link) for link in report.links if link.source == node.id)]
    yield from _rows("answers go to", goals, options)


def _rows(word: str, rows: list[Text], options: Options) -> Iterator[Text]:
    rows = list({row.plain: row for row in rows}.values())
    shown = rows if options.verbose else rows[:_SHOWN]
    for index, row in enumerate(shown):
        lead = Text(f"  {word if index == 0 else '':<{_INDENT - 2}}", "dim")
        yield from hang(lead, row, width_of(options), _INDENT + 2)
    if len(shown) < len(rows):
        yield Text(f"{'':<{_INDENT}}+ {len(rows) - len(shown)} more (-v lists them)", "dim")


def _call(call: Call) -> Text:
    return Text.assemble(place(call.where), (f"  {safe(call.api)}", "dim"))


def _sources(node: ModelNode, options: Options) -> Iterator[Text]:
    """What is read for it, one row for each read; behind other artifacts with -v only."""
    groups: dict[tuple[object, ...], list[Source]] = {}
    for one in node.sources:
        if one.direct or options.verbose:
            groups.setdefault((one.artifact, one.where), []).append(one)
    for group in groups.values():
        words = ", ".join(_asked(one) for one in group)
        far = "" if any(one.direct for one in group) else "  through another artifact"
        yield Text.assemble((safe(group[0].artifact), "bold"), f"  {place(group[0].where)}", (f"  {words}{far}", "dim"))


def _asked(one: Source) -> str:
    if one.columns:
        few = ", ".join(map(safe, one.columns[:4])) + (f" and {len(one.columns) - 4} more" if len(one.columns) > 4 else "")
        return f"{one.how} ({few})"
    return f"{one.how} (without {', '.join(map(safe, one.without[:4]))})" if one.without else one.how


def _from(link: ModelLink) -> Text:
    model = safe(link.source) if link.source else f"a model out of sight, {place(link.at)}"
    return Text.assemble("answers of ", (model, "bold"), (f"  as {link.how}{_through(link)}", "yellow"))


def _given(link: ModelLink) -> Text:
    return Text.assemble(("model ", "dim"), (safe(link.target), "bold"), (f"  as {link.how}{_through(link)}", "yellow"))


def _through(link: ModelLink) -> str:
    return f", through {', '.join(map(safe, link.artifacts))}" if link.artifacts else ""


def _goal(goal: Goal) -> Text:
    return Text.assemble((f"{goal.kind} " if goal.kind == "route" else "", "dim"), (safe(goal.name), "bold"), f"  {place(goal.where)}")
