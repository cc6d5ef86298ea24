"""One page that needs nothing else: no network, no other file. Its own style and script are the only ones that may run.

Everything from the project is escaped by the template; the policy of the page would not run it either.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from mldebt.findings import Coverage, Grade, Ranked, Report, Severity
from mldebt.report import charts
from mldebt.report.entries import Entry, columns_of, entries, folders, words
from mldebt.report.options import Options
from mldebt.report.terminal import encodable, safe
from mldebt.report.words import by_severity, count, duration, percent, prose, unknown

if TYPE_CHECKING:
    from markupsafe import Markup

_LISTED = 50  # unread files, stale entries
_TREND_ROWS = 24


class Ledger(msgspec.Struct, frozen=True):
    """How many of the things of one kind were resolved."""

    name: str
    told: str
    width: float
    why: str


class Choice(msgspec.Struct, frozen=True):
    """One filter and what it offers, as (value, text)."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


def render(report: Report, options: Options) -> str:
    """The page. The same report gives the same bytes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("mldebt.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    listed, note = entries(report, options)
    columns = columns_of(listed)
    style = environment.get_template("report.css").render(columns=" ".join(column.width for column in columns))
    script = environment.get_template("report.js").render()
    page = environment.get_template("report.html").render(
        **_head(report, options),
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        families=charts.families(report.findings, report.known),
        map=charts.payback_map(report.findings, report.known),
        columns=columns,
        entries=listed,
        entries_note=note,
        choices=_choices(report, listed),
        drawings=[(safe(one.title), _ours(one.svg), words(prose(one.caption))) for one in report.drawings],
        **_trend(report),
    )
    return encodable(page) + "\n"


def _policy(style: str, script: str) -> str:
    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{nothing}; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'"


def _ours(svg: str) -> Markup:
    """A drawing, which mldebt made and whose texts are escaped (`mldebt.findings.Drawing`)."""
    from markupsafe import Markup

    return Markup(svg)


def _head(report: Report, options: Options) -> dict[str, object]:
    summary = report.summary
    total = max(summary.findings, len(report.findings))
    unread = sorted(summary.unread)
    stale = summary.baseline.stale if summary.baseline else ()
    most = None if options.verbose else _LISTED
    return {
        "project": safe(PurePath(report.root).name or report.root),
        "read": f"{count(summary.files, 'file')}, {count(summary.lines, 'line')} read, profile {safe(report.profile)}",
        "tiles": [
            (f"{total:,}", "finding" if total == 1 else "findings", by_severity(report.findings)),
            (duration(summary.interest_minutes_per_quarter), "interest per quarter", "what it costs to leave them"),
            (duration(summary.principal_minutes), "principal", "what it costs, once, to pay them"),
        ],
        "grade": summary.grade.letter if summary.grade else "",
        "grade_why": _grade(summary.grade),
        "baseline": _baseline(report),
        "stale": [prose(one) for one in stale[:most]],
        "stale_more": len(stale) - len(stale[:most]),
        "verdict": _verdict(report),
        "coverage": [_ledger(name, seen) for name, seen in sorted(summary.coverage.items()) if seen.total > 0],
        "unread": [(safe(one.path), prose(one.reason)) for one in unread[:most]],
        "unread_more": len(unread) - len(unread[:most]),
        "unread_total": len(unread),
        "notes": [prose(note) for note in summary.notes],
    }


def _grade(grade: Grade | None) -> str:
    if grade is None:
        return "No grade: only a part of the project or of its rules was asked for."
    if not grade.letter:
        return f"No grade: {prose(grade.why).rstrip('.') or 'it is refused'}."
    ratio = f"{charts.finite(grade.ratio) * 100:.1f} %"
    return f"Debt ratio {ratio}: the principal over what {count(grade.code_lines, 'line')} of code cost to write, at 30 minutes each."


def _baseline(report: Report) -> str:
    state = report.summary.baseline
    if state is None:
        return ""
    interest = sum(charts.finite(one.interest_minutes_per_quarter) for one in report.known)
    cost = f" ({duration(interest)} interest per quarter)" if report.known else ""
    gone = f" {count(len(state.stale), 'entry', 'entries')} of it no finding has any more." if state.stale else ""
    return f"Compared with {safe(state.origin)}: {count(state.known, 'known finding')}{cost}, not in the totals above.{gone}"


def _verdict(report: Report) -> list[str]:
    summary, told = report.summary, []
    reasons = (
        (summary.suppressed, "suppressed by ignore comments"),
        (summary.filtered, "filtered (severity, confidence or focus)"),
        (summary.hidden, "beyond --top"),
    )
    left_out = ", ".join(f"{number:,} {reason}" for number, reason in reasons if number)
    seen = any(one.total > 0 for one in summary.coverage.values())
    if not report.findings:
        nothing = "No finding outside the baseline" if report.known else "Nothing to show" if left_out else "No debt found"
        told.append(f"{nothing} among what was resolved{'' if seen else ': nothing, for no data, model or flag was recognised'}.")
    if seen:
        told.append("What was not resolved may hold more debt.")
    if left_out:
        told.append(f"Left out: {left_out}.")
    if summary.accepted:
        told.append(f"Accepted: {count(summary.accepted, 'finding')}, counted but not in the exit code.")
    return told


def _ledger(name: str, seen: Coverage) -> Ledger:
    share = seen.resolved / seen.total
    width = round(min(max(share, 0.0), 1.0) * 100, 2)
    return Ledger(safe(name), f"{seen.resolved:,} of {seen.total:,} ({percent(share)})", width, unknown(seen))


def _choices(report: Report, listed: Sequence[Entry]) -> list[Choice]:
    """The filters that can tell findings apart."""
    ranked: tuple[Ranked, ...] = (*report.findings, *report.known)
    new = "new (not in the baseline)" if report.summary.baseline else "open"
    states = {"new": new, "known": "known (in the baseline)", "accepted": "accepted by a comment"}
    found: list[tuple[str, str, Mapping[str, str]]] = [
        ("severity", "Severity", {one.value: one.value for one in Severity if any(r.severity is one for r in ranked)}),
        ("family", "Family", _same(one.family for one in listed)),
        ("owner", "Owner", _same(owner for one in listed for owner in one.owner_list)),
        ("folder", "Folder", {f"{folder}/": f"{folder}/" for folder in folders(listed)}),
        ("state", "State", {state: text for state, text in states.items() if any(state in one.state.split() for one in listed)}),
    ]
    return [Choice(name, label, tuple(offered.items())) for name, label, offered in found if len(offered) > 1]


def _same(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in sorted(set(values))}


def _trend(report: Report) -> dict[str, object]:
    trend = charts.oldest_first(report.trend)
    shown = trend[::-1][:_TREND_ROWS]
    rows = [
        (
            charts.day(point),
            safe(point.commit[:10]),
            f"{point.findings:,}",
            duration(point.interest_minutes_per_quarter),
            duration(point.principal_minutes),
            f"{point.lines:,}",
        )
        for point in shown
    ]
    return {"curves": charts.curves(trend), "trend": rows, "trend_more": len(trend) - len(shown)}
