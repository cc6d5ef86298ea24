"""`--statistics`: one row per rule that has findings, dearest first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from mldebt.findings import Ranked, Report
from mldebt.report.layout import paint
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import duration

_HEADING = ("code", "name", "findings", "principal", "interest")
_NUMBERS_FROM = 2


def render(report: Report, options: Options) -> str:
    """A plain aligned table: code, name, findings, principal, interest per quarter; a last row adds them up."""
    return paint(_lines(report), options)


def _lines(report: Report) -> Iterator[Text]:
    if not report.findings:
        yield Text("No findings to count.")
        return
    rules: dict[tuple[str, str], list[Ranked]] = {}
    for ranked in report.findings:
        rules.setdefault((ranked.code, ranked.name), []).append(ranked)
    dearest = sorted(rules.items(), key=lambda item: (-_interest(item[1]), item[0]))
    rows = [_HEADING, *(_row(code, name, found) for (code, name), found in dearest), _row("", "total", list(report.findings))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING))]
    for index, row in enumerate(rows):
        cells = (_cell(text, widths[column], column) for column, text in enumerate(row))
        yield Text("  ".join(cells), "dim" if index == 0 else "bold" if index == len(rows) - 1 else "")


def _cell(text: str, width: int, column: int) -> str:
    return f"{text:>{width}}" if column >= _NUMBERS_FROM else f"{text:<{width}}"


def _row(code: str, name: str, found: list[Ranked]) -> tuple[str, str, str, str, str]:
    principal = sum(ranked.principal_minutes for ranked in found)
    return safe(code), safe(name), f"{len(found):,}", duration(principal), duration(_interest(found))


def _interest(found: list[Ranked]) -> float:
    return sum(ranked.interest_minutes_per_quarter for ranked in found)
