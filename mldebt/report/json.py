"""JSON v1: the stable machine format. The output is pure ASCII and never holds NaN.

Within version 1 keys may be added, so readers must skip those that they do not know; none is removed or changes its meaning.
What needs that gets a new version.
"""

from __future__ import annotations

import json
import math

import msgspec

from mldebt import __version__
from mldebt.findings import BaselineState, Glue, Grade, Location, Ranked, Report
from mldebt.report.options import Options
from mldebt.report.terminal import encodable

VERSION = 1


class Tool(msgspec.Struct, frozen=True):
    name: str
    version: str


class Resolved(msgspec.Struct, frozen=True):
    resolved: int
    total: int


class UnreadFile(msgspec.Struct, frozen=True):
    path: str
    reason: str


class GradeV1(msgspec.Struct, frozen=True):
    """`letter` is empty when it is refused, and `why` says why."""

    ratio: float | None
    letter: str
    why: str
    code_lines: int


class BaselineV1(msgspec.Struct, frozen=True):
    origin: str
    known: int
    stale: tuple[str, ...]
    grown: int


class VendorV1(msgspec.Struct, frozen=True):
    package: str
    files: int
    calls: int
    conversion_lines: int
    medium: bool


class GlueV1(msgspec.Struct, frozen=True):
    """Of the files of a program: how many call ML packages that it is not written in, and how many lines convert data for such calls."""

    files: int
    touching: int
    lines: int
    conversion_lines: int
    packages: tuple[VendorV1, ...]


class SummaryV1(msgspec.Struct, frozen=True):
    """`ignored` are those taken out by comments, `filtered` those below the asked severity or confidence, or outside the focus."""

    files: int
    lines: int
    findings: int
    principal_minutes: float | None
    interest_minutes_per_quarter: float | None
    coverage: dict[str, Resolved]
    unread: tuple[UnreadFile, ...]
    known: int
    ignored: int
    accepted: int
    filtered: int
    grade: GradeV1 | None
    baseline: BaselineV1 | None
    notes: tuple[str, ...]
    glue: GlueV1


class EvidenceV1(msgspec.Struct, frozen=True):
    path: str
    line: int
    end_line: int
    message: str
    cell: int | msgspec.UnsetType = msgspec.UNSET
    cell_line: int | msgspec.UnsetType = msgspec.UNSET


class FindingV1(msgspec.Struct, frozen=True):
    """One finding. `fix` is reserved: always null in this version of mldebt.

    `reach`, `commits_90_days` and `age_days` are what drives the interest; the last two are null without history.
    """

    code: str
    name: str
    debt: str
    path: str
    line: int
    end_line: int
    column: int
    end_column: int
    message: str
    help: str
    severity: str
    confidence: float | None
    certainty: str
    principal_minutes: float | None
    interest_minutes_per_quarter: float | None
    rank: int
    evidence: tuple[EvidenceV1, ...]
    fingerprint: str
    fix: None
    exposure: str
    reach: float | None
    commits_90_days: int | None
    age_days: int | None
    owners: tuple[str, ...]
    accepted: bool
    cell: int | msgspec.UnsetType = msgspec.UNSET
    cell_line: int | msgspec.UnsetType = msgspec.UNSET


class ReportV1(msgspec.Struct, frozen=True):
    """`known` are the findings that the baseline has; they are not among `findings`."""

    version: int
    tool: Tool
    summary: SummaryV1
    findings: tuple[FindingV1, ...]
    known: tuple[FindingV1, ...]


def render(report: Report, options: Options) -> str:
    """The whole report as one indented object, findings in rank order."""
    summary = report.summary
    whole = ReportV1(
        version=VERSION,
        tool=Tool("mldebt", __version__),
        summary=SummaryV1(
            files=summary.files,
            lines=summary.lines,
            findings=summary.findings,
            principal_minutes=number(summary.principal_minutes),
            interest_minutes_per_quarter=number(summary.interest_minutes_per_quarter),
            coverage={encodable(name): Resolved(seen.resolved, seen.total) for name, seen in sorted(summary.coverage.items())},
            unread=tuple(UnreadFile(encodable(unread.path), encodable(unread.reason)) for unread in sorted(summary.unread)),
            known=summary.baseline.known if summary.baseline else len(report.known),
            ignored=summary.suppressed,
            accepted=summary.accepted,
            filtered=summary.filtered,
            grade=_grade(summary.grade) if summary.grade else None,
            baseline=_baseline(summary.baseline) if summary.baseline else None,
            notes=tuple(encodable(note) for note in summary.notes),
            glue=_glue(summary.glue),
        ),
        findings=tuple(finding_v1(ranked) for ranked in report.findings),
        known=tuple(finding_v1(ranked) for ranked in report.known),
    )
    return dumps(whole, indent=2)


def _glue(glue: Glue) -> GlueV1:
    packages = tuple(VendorV1(encodable(one.vendor), one.files, one.calls, one.conversions, one.medium) for one in glue.vendors)
    return GlueV1(glue.files, glue.touching, glue.lines, glue.conversions, packages)


def dumps(value: msgspec.Struct, *, indent: int | None = None) -> str:
    """The value as ASCII JSON that ends with a newline; unset fields are left out."""
    return json.dumps(msgspec.to_builtins(value), indent=indent, allow_nan=False) + "\n"


def finding_v1(ranked: Ranked) -> FindingV1:
    """The finding as JSON v1 says it."""
    finding = ranked.finding
    where = finding.location
    line, column = max(where.line, 1), max(where.column, 1)
    end_line = max(where.end_line, line)
    return FindingV1(
        code=ranked.code,
        name=ranked.name,
        debt=ranked.debt,
        path=encodable(where.path),
        line=line,
        end_line=end_line,
        column=column,
        end_column=max(where.end_column, 1 if end_line > line else column),
        message=encodable(finding.message),
        help=encodable(ranked.help),
        severity=ranked.severity.value,
        confidence=number(finding.confidence),
        certainty=ranked.certainty.value,
        principal_minutes=number(ranked.principal_minutes),
        interest_minutes_per_quarter=number(ranked.interest_minutes_per_quarter),
        rank=ranked.rank,
        evidence=tuple(_evidence(location) for location in finding.evidence),
        fingerprint=ranked.fingerprint,
        fix=None,
        exposure=encodable(ranked.exposure),
        reach=number(ranked.reach),
        commits_90_days=ranked.commits,
        age_days=ranked.age_days,
        owners=tuple(encodable(owner) for owner in ranked.owners),
        accepted=ranked.accepted,
        cell=_set(where.cell),
        cell_line=_set(where.cell_line),
    )


def _evidence(location: Location) -> EvidenceV1:
    line = max(location.line, 1)
    return EvidenceV1(
        path=encodable(location.path),
        line=line,
        end_line=max(location.end_line, line),
        message=encodable(location.message),
        cell=_set(location.cell),
        cell_line=_set(location.cell_line),
    )


def _grade(grade: Grade) -> GradeV1:
    return GradeV1(number(grade.ratio, 4), encodable(grade.letter), encodable(grade.why), grade.code_lines)


def _baseline(baseline: BaselineState) -> BaselineV1:
    return BaselineV1(encodable(baseline.origin), baseline.known, tuple(encodable(entry) for entry in baseline.stale), baseline.grown)


def _set(value: int | None) -> int | msgspec.UnsetType:
    return msgspec.UNSET if value is None else value


def number(value: float, places: int = 2) -> float | None:
    """Rounded; JSON has no word for a number that is not finite, so that is null."""
    return round(float(value), places) + 0.0 if math.isfinite(value) else None
