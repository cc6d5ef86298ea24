"""What stands around the findings: what was read, what could not be, what was resolved, what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from rich.text import Text

from mldebt.findings import Ranked, Report
from mldebt.report.layout import hang, width_of
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import by_severity, count, duration, percent, prose, resolved, unknown

_UNREAD_SHOWN = 3


def head(report: Report, options: Options) -> Iterator[Text]:
    """The project and its debt in one line, what was read, and what could not be."""
    summary, width = report.summary, width_of(options)
    line = Text(safe(PurePath(report.root).name or report.root), style="bold")
    if report.findings:
        total = max(summary.findings, len(report.findings))
        interest, principal = duration(summary.interest_minutes_per_quarter), duration(summary.principal_minutes)
        line.append(f": {count(total, 'finding')}, {interest} interest per quarter, {principal} principal", "not bold")
    yield from hang(Text(), line, width)
    read = f"Read {count(summary.files, 'file')}, {count(summary.lines, 'line')} in {summary.seconds:.1f} s"
    yield from hang(Text(), Text(f"{read}, profile {safe(report.profile)}.", "dim"), width)
    if options.verbose and summary.languages:
        known = ", ".join(f"{safe(name)} {number:,}" for name, number in sorted(summary.languages.items()))
        yield from hang(Text(), Text(f"Languages: {known}.", "dim"), width)
    yield from _unread(report, options)


def _unread(report: Report, options: Options) -> Iterator[Text]:
    unread = sorted(report.summary.unread)
    if not unread:
        return
    yield Text(f"{count(len(unread), 'file')} not read, or not in full:", "yellow")
    shown = unread if options.verbose else unread[:_UNREAD_SHOWN]
    for file in shown:
        yield from hang(Text("  "), Text(f"{safe(file.path)}: {prose(file.reason)}"), width_of(options), 4)
    if len(shown) < len(unread):
        yield Text(f"  and {len(unread) - len(shown):,} more (-v lists them)")


def foot(report: Report, options: Options, *, reasons: bool = False) -> Iterator[Text]:
    """Totals, the debt by family, the ledger, and what is left out of the list. `reasons`: also why things were not resolved."""
    width = width_of(options)
    if report.findings:
        yield from _totals(report, width)
        yield Text()
    for line in (*_sentences(report), *_glue(report), *_standing(report)):
        yield from hang(Text(), Text(line), width, 2)
    for name, seen in sorted(report.summary.coverage.items()) if reasons or options.verbose else ():
        if seen.unknown:
            yield from hang(Text(), Text(f"Not resolved, {safe(name)}: {unknown(seen)}."), width, 2)
    for note in report.summary.notes:
        yield from hang(Text("Note: "), Text(prose(note)), width, 2)
    if options.verbose and report.summary.timings:
        spent = ", ".join(f"{safe(stage)} {seconds:.2f} s" for stage, seconds in sorted(report.summary.timings.items()))
        yield from hang(Text("Time: "), Text(spent), width, 2)


def _totals(report: Report, width: int) -> Iterator[Text]:
    summary = report.summary
    total = max(summary.findings, len(report.findings))
    line = Text(f"{count(total, 'finding')}", "bold")
    if len(report.findings) < total:
        line.append(f", {len(report.findings):,} of them above", "not bold")
    line.append(f": {by_severity(report.findings)}", "not bold")
    yield from hang(Text(), line, width, 2)
    interest, principal = duration(summary.interest_minutes_per_quarter), duration(summary.principal_minutes)
    them = "it" if total == 1 else "them"
    told = f"To leave {them} costs {interest} per quarter (interest), to pay {them} {principal} (principal)."
    yield from hang(Text(), Text(told), width, 2)
    families: dict[str, list[Ranked]] = {}
    for ranked in report.findings:
        families.setdefault(ranked.debt, []).append(ranked)
    if len(families) > 1:
        yield Text()
        yield from _families(families)


def _families(families: dict[str, list[Ranked]]) -> Iterator[Text]:
    rows: list[tuple[float, str, int, str, str]] = []
    for debt, members in families.items():
        interest = sum(ranked.interest_minutes_per_quarter for ranked in members)
        principal = sum(ranked.principal_minutes for ranked in members)
        rows.append((-interest, safe(debt), len(members), duration(interest), duration(principal)))
    wide = max(len("debt"), *(len(row[1]) for row in rows))
    yield Text(f"{'debt':<{wide}}  findings    interest   principal", "dim")
    for _, debt, number, leave, pay in sorted(rows):
        yield Text(f"{debt:<{wide}}  {number:>8,}  {leave:>10}  {pay:>10}")


def _sentences(report: Report) -> Iterator[str]:
    summary = report.summary
    ledger = resolved(summary.coverage)
    left_out = _left_out(report)
    new = "new " if summary.baseline is not None else ""
    nothing = "Nothing to show" if left_out else f"No {new}debt found"
    if report.findings and ledger:
        yield f"Resolved: {ledger}. What was not resolved may hold more debt."
    elif ledger:
        yield f"{nothing} among what was resolved: {ledger}."
    elif not report.findings:
        yield f"{nothing} among what was resolved: nothing, for no data, model or flag was recognised."
    if summary.unread:
        yield f"Not read, or not in full: {count(len(summary.unread), 'file')}."
    if left_out:
        yield f"Left out: {', '.join(left_out)}."
    if summary.accepted:
        yield f"Accepted: {count(summary.accepted, 'finding')}, counted but not in the exit code."


def _standing(report: Report) -> Iterator[str]:
    """What a baseline knows, and the grade of the whole."""
    state, grade = report.summary.baseline, report.summary.grade
    if state is not None:
        yield f"Known: {count(state.known, 'finding')} by {safe(state.origin)}, not shown."
        if state.grown:
            yield f"Known in fewer files until now: {count(state.grown, 'finding')}."
        if state.stale:
            stale = count(len(state.stale), "entry", "entries")
            yield f"Stale: {stale} of it met no finding, the first: {prose(state.stale[0])}. `--prune-baseline` takes out what is paid."
    if grade is not None and grade.letter:
        lines = count(grade.code_lines, "line")
        yield f"Debt ratio: {grade.ratio:.1%}, grade {grade.letter}: principal over what {lines} of code cost to write, 30 minutes each."
    elif grade is not None:
        yield f"No grade: {prose(grade.why)}."


def _glue(report: Report) -> Iterator[str]:
    """How much of the project is glue around ML packages (Sculley et al., section 5)."""
    glue = report.summary.glue
    called = [f"{safe(one.vendor)} {one.files:,}" for one in glue.vendors if not one.medium]
    if called:
        medium = [safe(one.vendor) for one in glue.vendors if one.medium]
        written = f"; written in {', '.join(medium)}" if medium else ""
        yield (
            f"Glue: {percent(glue.share_of_files)} of {count(glue.files, 'file')} call ML packages themselves ({', '.join(called[:5])}), "
            f"{glue.share_of_lines * 100:.1f} % of the lines convert data for such calls{written}."
        )


def _left_out(report: Report) -> list[str]:
    summary = report.summary
    reasons = (
        (summary.suppressed, "suppressed by ignore comments"),
        (summary.filtered, "filtered (severity, confidence or focus)"),
        (summary.hidden, "beyond --top"),
    )
    return [f"{number:,} {reason}" for number, reason in reasons if number]
