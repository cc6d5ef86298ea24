"""Markdown for a pull request, a wiki or the summary of a job: the ranked table, both ends of each finding, the ledger.

Nothing of the run itself (its time, its machine) is in it, so that the same debt is the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from mldebt.findings import Ranked, Report
from mldebt.report.gfm import code, prose, where
from mldebt.report.options import Options
from mldebt.report.words import by_severity, count, drivers, duration, percent, resolved, unknown

_SUMMARY_SHOWN = 20
_HEADING = ("| # | interest | principal | confidence | finding | place |", "| ---: | ---: | ---: | --- | --- | --- |")


def render(report: Report, options: Options) -> str:
    """The whole report."""
    details = [line for ranked in report.findings for line in _details(ranked)]
    return _text((*_head(report), *_table(report.findings), *details, *_foot(report)))


def summary(report: Report) -> str:
    """What belongs on the page of a CI job: the dearest findings, totals, ledger."""
    dearest = sorted(report.findings, key=lambda one: one.rank)[:_SUMMARY_SHOWN]
    more = len(report.findings) - len(dearest)
    rest = (f"{count(more, 'more finding')}, all of them cheaper.", "") if more else ()
    return _text((*_head(report), *_table(dearest), *rest, *_foot(report)))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(report: Report) -> Iterator[str]:
    totals = report.summary
    total = max(totals.findings, len(report.findings))
    yield f"## mldebt: {count(total, 'finding')} in {prose(PurePath(report.root).name or report.root)}"
    yield ""
    if report.findings:
        leave, pay = duration(totals.interest_minutes_per_quarter), duration(totals.principal_minutes)
        yield f"**{leave} interest per quarter, {pay} principal**: {by_severity(report.findings)}."
    elif not totals.files:
        yield "**Nothing was analysed: no file could be read.**"
    else:
        ledger = resolved(totals.coverage)
        left_out = any(_left_out_numbers(report).values()) or bool(totals.baseline and totals.baseline.known)
        yield f"{'Nothing to show' if left_out else 'No debt found'} among what was resolved: {prose(ledger) or 'nothing was recognised'}."
    yield f"Read {count(totals.files, 'file')}, {count(totals.lines, 'line')}, profile {code(report.profile)}."
    yield ""


def _table(findings: Iterable[Ranked]) -> Iterator[str]:
    rows = [_row(ranked) for ranked in findings]
    if rows:
        yield from (*_HEADING, *rows, "")


def _row(ranked: Ranked) -> str:
    finding = ranked.finding
    cells = (
        str(ranked.rank),
        duration(ranked.interest_minutes_per_quarter),
        duration(ranked.principal_minutes),
        f"{percent(finding.confidence)} {ranked.certainty}",
        f"{ranked.severity} {_name(ranked)}",
        where(finding.location),
    )
    return f"| {' | '.join(cells)} |"


def _name(ranked: Ranked) -> str:
    return f"{code(ranked.name)} {prose(ranked.code)}{' (accepted)' if ranked.accepted else ''}"


def _details(ranked: Ranked) -> Iterator[str]:
    finding = ranked.finding
    yield f"### {ranked.rank}. {_name(ranked)}"
    yield ""
    if said := prose(finding.message):
        yield from (said, "")
    for place in (finding.location, *finding.evidence):
        yield f"- {where(place)}" + (f": {prose(place.message)}" if place.message.strip() else "")
    yield ""
    if help := prose(ranked.help):
        yield from (f"**Help:** {help}", "")
    yield from (f"**From:** {prose(drivers(ranked))}", "")


def _foot(report: Report) -> Iterator[str]:
    summary = report.summary
    yield from ("### What the list covers", "")
    yield from _coverage(report)
    yield from _grade(report)
    if summary.baseline is not None:
        known, stale = summary.baseline.known, len(summary.baseline.stale)
        gone = f"; {count(stale, 'entry', 'entries')} of it that no finding has any more" if stale else ""
        more = summary.baseline.grown
        grown = f"; {count(more, 'finding')} of the list known in fewer files until now" if more else ""
        yield from (f"Baseline {code(summary.baseline.origin)}: {count(known, 'known finding')} not listed here{gone}{grown}.", "")
    left_out = [f"{number:,} {reason}" for reason, number in _left_out_numbers(report).items() if number]
    if left_out:
        yield from (f"Left out: {', '.join(left_out)}.", "")
    if summary.accepted:
        yield from (f"Accepted: {count(summary.accepted, 'finding')}, counted but not in the exit code.", "")
    if summary.unread:
        yield from (f"**{count(len(summary.unread), 'file')} not read, or not in full:**", "")
        yield from (f"- {code(file.path)}: {prose(file.reason)}" for file in sorted(summary.unread))
        yield ""
    for note in summary.notes:
        yield from (f"Note: {prose(note)}", "")


def _coverage(report: Report) -> Iterator[str]:
    present = [(name, seen) for name, seen in sorted(report.summary.coverage.items()) if seen.total > 0]
    if not present:
        return
    yield from ("What was not resolved may hold more debt:", "")
    yield from ("| | resolved | of | | not resolved |", "| --- | ---: | ---: | ---: | --- |")
    for name, seen in present:
        share = percent(seen.resolved / seen.total)
        yield f"| {prose(name)} | {seen.resolved:,} | {seen.total:,} | {share} | {prose(unknown(seen))} |".replace("|  |", "| |")
    yield ""


def _grade(report: Report) -> Iterator[str]:
    grade = report.summary.grade
    if grade is None:
        return
    if not grade.letter:
        yield from (f"No grade: {prose(grade.why) or 'it was refused'}.", "")
        return
    why = f" {prose(grade.why)}" if grade.why else ""
    formula = f"principal divided by what {count(grade.code_lines, 'line')} of code cost to write, at 30 minutes each"
    yield from (f"**Grade {prose(grade.letter)}**: debt ratio {100 * grade.ratio:.1f} % ({formula}).{why}", "")


def _left_out_numbers(report: Report) -> dict[str, int]:
    summary = report.summary
    return {
        "ignored by comments": summary.suppressed,
        "filtered (severity, confidence or focus)": summary.filtered,
        "beyond --top": summary.hidden,
    }
