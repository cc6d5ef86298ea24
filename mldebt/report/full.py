"""Every finding with its source: a labelled snippet for each of its ends, then the help and the costs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from mldebt.findings import Location, Ranked, Report
from mldebt.report.layout import hang, message, paint, style_of, title, width_of
from mldebt.report.ledger import foot, head
from mldebt.report.options import Options
from mldebt.report.snippets import Read, reader, rows
from mldebt.report.terminal import safe
from mldebt.report.words import drivers, duration, percent, place, prose

_FRAME = "blue"


def render(report: Report, options: Options) -> str:
    """The report for a person who repairs: the findings in rank order with their source."""
    return paint(_lines(report, options), options)


def _lines(report: Report, options: Options) -> Iterator[Text]:
    read = reader(report)
    for ranked in report.findings:
        yield from _finding(ranked, read, options)
        yield Text()
    yield from head(report, options)
    yield Text()
    yield from foot(report, options, reasons=True)


def _finding(ranked: Ranked, read: Read, options: Options) -> Iterator[Text]:
    width, finding = width_of(options), ranked.finding
    places = (finding.location, *finding.evidence)
    digits = max(len(str(_last_number(location))) for location in places)
    first = Text.assemble(title(ranked.severity, safe(ranked.name), safe(ranked.code)), ": ")
    yield from hang(first, message(safe(finding.message), "bold"), width, 4)
    for index, location in enumerate(places):
        yield from _snippet(location, index == 0, digits, style_of(ranked.severity), read, width)
    leave, pay = duration(ranked.interest_minutes_per_quarter), duration(ranked.principal_minutes)
    facts = [
        ("help", prose(ranked.help)),
        ("cost", f"{leave} interest per quarter, {pay} principal; rank {ranked.rank}"),
        ("from", drivers(ranked)),
        ("confidence", f"{percent(finding.confidence)}, {ranked.certainty}"),
        ("note", "accepted: counted, but not in the exit code" if ranked.accepted else ""),
        ("id", safe(ranked.fingerprint) if options.verbose else ""),
    ]
    for name, text in facts:
        if text:
            lead = Text.assemble((" " * digits + " = ", _FRAME), (f"{name}: ", "bold"))
            yield from hang(lead, message(text), width)


def _snippet(location: Location, primary: bool, digits: int, style: str, read: Read, width: int) -> Iterator[Text]:
    blank = " " * digits
    arrow = Text.assemble((f"{blank}{'-->' if primary else ':::'} ", _FRAME), place(location, column=True))
    found = rows(location, read, max(width - digits - 3, 20))
    label = safe(location.message)
    if not found:
        yield from hang(arrow, Text(f"  {label}" if label else ""), width, digits + 4)
        return
    yield arrow
    bar = Text(f"{blank} |", _FRAME)
    yield bar.copy()
    char, style = ("^", style) if primary else ("-", _FRAME)
    previous = found[0].number
    for row in found:
        if row.number > previous + 1:
            yield Text("...", _FRAME)
        previous = row.number
        yield Text.assemble((f"{row.number:>{digits}} | ", _FRAME), row.text)
        marks = Text.assemble(bar, " " * (row.start + 1), (char * row.mark, style))
        beside = Text.assemble(marks, " ", (label, style))
        if row is not found[-1] or not label:
            yield marks
        elif beside.cell_len <= width:
            yield beside
        else:
            yield marks
            yield from _below(bar, Text(label, style), row.start + 1, width)
    yield bar


def _below(bar: Text, label: Text, indent: int, width: int) -> Iterator[Text]:
    """The label on lines of its own, beside the frame."""
    indent = min(indent, max(width - 40, 1))
    for line in hang(Text(), label, width - bar.cell_len - indent):
        yield Text.assemble(bar, " " * indent, line)


def _last_number(location: Location) -> int:
    first = location.line if location.cell_line is None else location.cell_line
    return first + max(location.end_line - location.line, 0)
