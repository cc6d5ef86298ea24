"""The default format: one ranked list of debts, each with its costs on an aligned line and both of its ends below."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from mldebt.findings import Location, Ranked, Report
from mldebt.report.layout import hang, message, paint, title, width_of
from mldebt.report.ledger import foot, head
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import count, drivers, duration, first_sentence, percent, place, prose

_EVIDENCE_SHOWN = 3
_ROOMY = 96  # narrower than this, durations are written compact
_RANKED = "Ranked by confidence x interest."
_LEGEND = (
    "Interest is what a debt costs per quarter while it stays; "
    "principal is what it costs, once, to pay it. `mldebt explain ranking` tells how both are reckoned."
)
_WAYS_OUT = (
    "`mldebt explain {0}` says more. Debt that has to wait: `# mldebt: accept[{0}] until=DATE why` on one of the lines, "
    "or a baseline (`mldebt explain baseline`). Left out here: the debt of other files; `mldebt scan` shows it, and what was not resolved."
)


def render(report: Report, options: Options) -> str:
    """The report for a person who plans: head, ranked findings, totals and ledger."""
    return paint(_lines(report, options), options)


def _lines(report: Report, options: Options) -> Iterator[Text]:
    width = width_of(options)
    brief = report.focused and bool(report.findings) and not options.verbose  # somebody wants to commit
    yield from head(report, options)
    yield Text()
    if report.findings:
        if not brief:
            order = f"Sorted by {report.order}; # is the rank by confidence x interest." if report.order else _RANKED
            yield from hang(Text(), Text(f"{order} {_LEGEND}", "dim"), width)
            yield Text()
        gutter = _Gutter(report, width)
        yield gutter.heading()
        for ranked in report.findings:
            yield from _block(ranked, gutter, options)
            yield Text()
    if brief:
        if report.summary.baseline and report.summary.baseline.grown:
            yield Text(f"Known in fewer files until now: {count(report.summary.baseline.grown, 'finding')}.")
        yield from hang(Text(), message(_WAYS_OUT.format(safe(report.findings[0].name))), width)
        return
    yield from foot(report, options)
    if report.findings:
        yield Text()
        example = safe(report.findings[0].name)
        hint = f"Next: `mldebt explain {example}` says more of a rule, `--output-format full` shows the source."
        yield from hang(Text(), message(hint), width)


class _Gutter:
    """The columns before the title of a finding."""

    def __init__(self, report: Report, width: int) -> None:
        self.rank = max(len(str(ranked.rank)) for ranked in report.findings)
        self.compact = width < _ROOMY
        self.cost = 8 if self.compact else 10
        self.indent = self.rank + 2

    def heading(self) -> Text:
        columns = f"{'interest':>{self.cost}}  {'principal':>{max(self.cost, 9)}}  {'confidence':<14}"
        return Text(f"{'#':>{self.rank}}  {columns}  finding", "dim")

    def row(self, ranked: Ranked) -> Text:
        interest = duration(ranked.interest_minutes_per_quarter, compact=self.compact)
        principal = duration(ranked.principal_minutes, compact=self.compact)
        sure = f"{percent(ranked.finding.confidence):>5} {ranked.certainty}"
        return Text.assemble(
            (f"{ranked.rank:>{self.rank}}", "bold"),
            (f"  {interest:>{self.cost}}", "bold"),
            f"  {principal:>{max(self.cost, 9)}}  {sure:<14}  ",
            title(ranked.severity, safe(ranked.name), safe(ranked.code)),
        )


def _block(ranked: Ranked, gutter: _Gutter, options: Options) -> Iterator[Text]:
    width, margin = width_of(options), Text(" " * gutter.indent)
    finding = ranked.finding
    yield gutter.row(ranked)
    yield from _where(margin, finding.location, width, " (accepted)" if ranked.accepted else "")
    yield from hang(margin, message(safe(finding.message)), width)
    shown = finding.evidence if options.verbose else finding.evidence[:_EVIDENCE_SHOWN]
    for index, location in enumerate(shown):
        label = Text.assemble(margin, ("also  " if index == 0 else "      ", "dim"))
        yield from _where(label, location, width)
    if len(shown) < len(finding.evidence):
        yield Text.assemble(margin, (f"      + {len(finding.evidence) - len(shown)} more", "dim"))
    advice = prose(ranked.help) if options.verbose else first_sentence(ranked.help)
    if advice:
        yield from hang(Text.assemble(margin, ("help  ", "green")), message(advice), width)
    yield from hang(Text.assemble(margin, ("from  ", "dim")), Text(drivers(ranked), "dim"), width)
    if options.verbose:
        yield Text.assemble(margin, (f"id    {safe(ranked.fingerprint)}", "dim"))


def _where(lead: Text, location: Location, width: int, mark: str = "") -> Iterator[Text]:
    said = f"  {safe(location.message)}" if location.message else ""
    yield from hang(lead, Text.assemble((place(location), "bold"), (mark, "dim"), said), width, lead.cell_len + 2)
