"""The code quality report of GitLab: a JSON list that a merge request shows beside its changes.

GitLab shows only the first of several entries with one fingerprint, and no check names, so those stand in the descriptions.
"""

from __future__ import annotations

import json
from collections import Counter

from mldebt.findings import Certainty, Location, Ranked, Report, Severity
from mldebt.report.code_host import rooted
from mldebt.report.options import Options
from mldebt.report.terminal import encodable
from mldebt.report.words import cell

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "minor", Severity.ADVISORY: "info"}


def render(report: Report, options: Options) -> str:
    """One entry per finding, in rank order."""
    seen: Counter[str] = Counter()
    entries: list[dict[str, object]] = []
    for ranked in rooted(report).findings:
        seen[ranked.fingerprint] += 1
        again = seen[ranked.fingerprint]
        entries.append(_entry(ranked, f"-{again}" if again > 1 else ""))
    return json.dumps(entries, indent=2) + "\n"


def _entry(ranked: Ranked, again: str) -> dict[str, object]:
    finding = ranked.finding
    mark = " (accepted)" if ranked.accepted else ""
    return {
        "description": encodable(f"{ranked.name}: {finding.message}{cell(finding.location)}{mark}"),
        "check_name": encodable(ranked.name),
        "fingerprint": encodable(ranked.fingerprint + again),
        "severity": _severity(ranked),
        "location": {"path": encodable(finding.location.path), "positions": _positions(finding.location)},
    }


def _severity(ranked: Ranked) -> str:
    """An error that is proved blocks; accepted debt is told and no more."""
    if ranked.accepted:
        return "info"
    if ranked.severity is Severity.ERROR and ranked.certainty is Certainty.PROVED:
        return "blocker"
    return _SEVERITIES[ranked.severity]


def _positions(location: Location) -> dict[str, dict[str, int]]:
    line, column = max(location.line, 1), max(location.column, 1)
    end = max(location.end_line, line)
    begin = {"line": line, "column": column}
    return {"begin": begin, "end": {"line": end, "column": max(location.end_column, column if end == line else 1)}}
