"""One line per finding, for editors and grep. Prints nothing else: the ledger of what was not resolved is in the other formats."""

from __future__ import annotations

from mldebt.findings import Ranked, Report
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import cell


def render(report: Report, options: Options) -> str:
    """`path:line:column: [severity] code name message` for each finding, by path and line unless another order is asked for."""
    ordered = report.findings if report.order else sorted(report.findings, key=_position)
    return "".join(f"{_line(ranked)}\n" for ranked in ordered)


def _position(ranked: Ranked) -> tuple[str, int, int, str, int]:
    location = ranked.finding.location
    return location.path, location.line, location.column, ranked.code, ranked.rank


def _line(ranked: Ranked) -> str:
    location = ranked.finding.location
    where = f"{safe(location.path)}:{max(location.line, 1)}:{max(location.column, 1)}"
    message = safe(ranked.finding.message)
    mark = " (accepted)" if ranked.accepted else ""
    return f"{where}: [{ranked.severity}] {safe(ranked.code)} {safe(ranked.name)} {message}{cell(location)}{mark}"
