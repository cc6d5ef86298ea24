"""JSON lines: one finding of JSON v1 per line, for jq, log shippers and data frames."""

from __future__ import annotations

from mldebt.findings import Report
from mldebt.report.json import dumps, finding_v1
from mldebt.report.options import Options


def render(report: Report, options: Options) -> str:
    """Each finding on a line of its own, in rank order."""
    return "".join(dumps(finding_v1(ranked)) for ranked in report.findings)
