"""The artifact graph for people: each artifact with the places that write it, those that read it, and what ties them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from mldebt.findings import Location
from mldebt.graphs.model import End, GraphReport, Link, Node
from mldebt.report.layout import hang, paint, width_of
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import count, percent, place, prose, unknown

if TYPE_CHECKING:
    from mldebt.graphs.models.model import ModelReport

_ENDS_SHOWN = 12


def render(report: GraphReport, options: Options) -> str:
    """One block per artifact, the most telling ones first: those with silent edges, then with edges, then by name."""
    return paint(_lines(report, options), options)


def _lines(report: GraphReport, options: Options) -> Iterator[Text]:
    width = width_of(options)
    links = report.links
    silent = sum(link.silent for link in links)
    line = Text(safe(report.project), "bold")
    told = f": {count(len(report.artifacts), 'artifact')}, {count(len(links), 'edge')}, {silent:,} of them silent"
    line.append(told, "not bold")
    yield from hang(Text(), line, width)
    yield Text()
    for node in sorted(report.artifacts, key=lambda one: (-bool(one.silent), -bool(one.links), one.id)):
        yield from _block(node, options)
        yield Text()
    yield from foot(report, "artifact", width)


def _block(node: Node, options: Options) -> Iterator[Text]:
    width = width_of(options)
    yield from hang(Text(), Text.assemble((safe(node.id), "bold"), (f"  {node.store}", "dim")), width, 2)
    outside = tuple({link.writer: None for link in node.links if link.writer not in set(node.writers)})
    yield from _ends("written", node.writers, options)
    yield from _ends("as a part", outside, options)
    by_reader = {end: [link for link in node.links if link.reader == end] for end in node.readers}
    made = bool(outside or node.writers or any(one.role != "consumes" for one in node.declarations))
    yield from _ends("read", node.readers, options, {end: _tie(links, made) for end, links in by_reader.items()})
    shown = {(end.where.path, end.where.line) for end in (*node.writers, *node.readers)}
    for one in node.declarations:
        if (one.path, one.line) in shown:
            continue
        said = f"{safe(one.path)}:{one.line}  {one.system}: {safe(one.who)} {one.role}"
        yield from hang(Text("  declared   ", "dim"), Text(said), width, 15)


def _ends(word: str, ends: tuple[End, ...], options: Options, ties: dict[End, Text] | None = None) -> Iterator[Text]:
    ends = tuple({(end.where, end.api): end for end in reversed(ends)}.values())[::-1]  # one place may act on a name in several ways
    shown = ends if options.verbose else ends[:_ENDS_SHOWN]
    for index, end in enumerate(shown):
        lead = Text(f"  {word if index == 0 else '':<11}", "dim")
        body = Text.assemble((place(end.where), "bold"), (f"  {safe(end.api)}" if end.api else "", "dim"))
        if ties and end in ties:
            body.append_text(ties[end])
        yield from hang(lead, body, width_of(options), 15)
        if options.verbose:
            for step in end.via:
                yield from hang(Text(" " * 15), Text(f"via {place(step)}", "dim"), width_of(options))
    if len(shown) < len(ends):
        yield Text(f"  {'':<11}+ {len(ends) - len(shown)} more (-v lists them)", "dim")


def _tie(links: list[Link], written: bool) -> Text:
    """What is known of the ties between a reader and the writers."""
    if links and all(link.origin == "declaration" for link in links):
        return Text("  declared", "green")
    declared = next((link.declared for link in links if link.declared is not None), None)
    if not links:
        return Text("" if written else "  nothing here writes it", "dim")
    if any(link.silent for link in links):
        return Text("  undeclared", "yellow")
    if declared is not None:
        return Text(f"  declared by {declared.system} in {safe(declared.path)}:{declared.line}", "green")
    if any(link.shared for link in links):
        return Text(f"  name shared: {safe(_short(links))}", "green")
    return Text("  in the same file" if all(_same_file(link) for link in links) else "")


def _short(links: list[Link]) -> str:
    return ", ".join(sorted({name.rpartition("::")[2] for link in links for name in link.shared}))


def _same_file(link: Link) -> bool:
    here: Location = link.reader.where
    return here.path == link.writer.where.path


def foot(report: GraphReport | ModelReport, noun: str, width: int) -> Iterator[Text]:
    """How much was resolved, and what is not shown or was not read."""
    seen = report.coverage
    if seen.total:
        does = "that read or write" if noun == "artifact" else "where models learn or are asked"
        told = f"Resolved: {seen.resolved:,} of {count(seen.total, 'place')} {does} ({percent(seen.resolved / seen.total)})."
        yield from hang(Text(), Text(told + (f" Not resolved: {unknown(seen)}." if seen.unknown else "")), width, 2)
    else:
        does = "that reads or writes an artifact" if noun == "artifact" else "where a model learns or is asked"
        yield Text(f"Nothing was recognised {does}.")
    if report.left_out:
        yield Text(f"Left out by the filters: {count(report.left_out, noun)}.")
    if report.unread:
        yield Text(f"{count(len(report.unread), 'file')} not read, or not in full:")
        for one in report.unread[:3]:
            yield from hang(Text("  "), Text(f"{safe(one.path)}: {prose(one.reason)}"), width, 4)
