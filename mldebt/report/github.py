"""Annotations of a GitHub workflow: one workflow command per finding, dearest first.

GitHub shows ten annotations of a kind for each step and drops the rest silently, so no more are written, and the last one says how many are
not shown. A line that is not a workflow command could be made one by the scanned project, so there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Location, Ranked, Report, Severity
from mldebt.report.code_host import rooted
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import cell, count, duration, place, prose

_SHOWN = 10
_EVIDENCE_SHOWN = 3
_UNREAD_SHOWN = 5
_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.ADVISORY: "notice"}


def render(report: Report, options: Options) -> str:
    """The commands: trouble of the run first, then the findings by rank, then what is not shown."""
    report = rooted(report)
    left = {"error": _SHOWN, "warning": _SHOWN, "notice": _SHOWN - 1}  # one notice is for the last line
    lines: list[str] = []
    for kind, text in _trouble(report):
        left[kind] -= 1
        lines.append(_command(kind, {"title": "mldebt"}, text))
    hidden = report.summary.hidden
    for ranked in sorted(report.findings, key=lambda one: one.rank):
        kind = _kind(ranked)
        if left[kind]:
            left[kind] -= 1
            lines.append(_annotation(kind, ranked))
        else:
            hidden += 1
    if hidden:
        text = f"{count(hidden, 'more finding')} not shown here: GitHub shows {_SHOWN} annotations of a kind. Other formats list them all."
        lines.append(_command("notice", {"title": "mldebt"}, text))
    return "".join(f"{line}\n" for line in lines)


def _kind(ranked: Ranked) -> str:
    """Accepted debt does not fail the run, so it is not shown as if it did."""
    return "notice" if ranked.accepted else _KINDS[ranked.severity]


def _trouble(report: Report) -> Iterator[tuple[str, str]]:
    summary = report.summary
    if not summary.files:
        yield "error", "Nothing was analysed: no file could be read."
    if summary.unread:
        unread = [f"{safe(file.path)}: {prose(file.reason)}" for file in sorted(summary.unread)]
        rest = [f"and {len(unread) - _UNREAD_SHOWN:,} more"] if len(unread) > _UNREAD_SHOWN else []
        head = f"{count(len(unread), 'file')} not read, or not in full:"
        yield "warning", "\n".join((head, *unread[:_UNREAD_SHOWN], *rest))


def _annotation(kind: str, ranked: Ranked) -> str:
    finding = ranked.finding
    mark = ", accepted" if ranked.accepted else ""
    title = f"{safe(ranked.name)} ({safe(ranked.code)}{mark}): {duration(ranked.interest_minutes_per_quarter)} interest per quarter"
    lines = [safe(finding.message) + cell(finding.location)]
    for location in finding.evidence[:_EVIDENCE_SHOWN]:
        lines.append(f"also {place(location)}" + (f": {safe(location.message)}" if location.message else ""))
    if len(finding.evidence) > _EVIDENCE_SHOWN:
        lines.append(f"and {len(finding.evidence) - _EVIDENCE_SHOWN} more places")
    if ranked.help:
        lines.append(prose(ranked.help))
    return _command(kind, {**_where(finding.location), "title": title}, "\n".join(lines))


def _where(location: Location) -> dict[str, str]:
    """GitHub ignores an annotation with columns that spans lines."""
    where = {"file": safe(location.path)}
    if location.line < 1:
        return where
    where["line"] = str(location.line)
    if location.end_line > location.line:
        return {**where, "endLine": str(location.end_line)}
    start = max(location.column, 1)
    where |= {"endLine": str(location.line), "col": str(start)}
    return {**where, "endColumn": str(location.end_column)} if location.end_column > start else where


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{name}={_data(value).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
