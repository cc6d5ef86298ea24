"""Paths as a code host knows them: from the root of the repository, of which the project may be a part."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from mldebt.findings import Ranked, Report
from mldebt.repository import repository


def rooted(report: Report) -> Report:
    """The report with the paths of its findings and of the unread files from the root of the repository."""
    before = _prefix(report.root)
    if not before:
        return report
    return replace(
        report,
        findings=tuple(_moved(ranked, before) for ranked in report.findings),
        known=tuple(_moved(ranked, before) for ranked in report.known),
        ignored=tuple(_moved(ranked, before) for ranked in report.ignored),
        summary=replace(report.summary, unread=tuple(replace(file, path=before + file.path) for file in report.summary.unread)),
    )


def _prefix(root: str) -> str:
    top = None if "\0" in root else repository(Path(root))
    if top is None:
        return ""
    inside = os.path.relpath(os.path.realpath(root), os.path.realpath(top)).replace(os.sep, "/")
    return "" if inside == "." or inside.startswith("..") else f"{inside}/"


def _moved(ranked: Ranked, before: str) -> Ranked:
    finding = ranked.finding
    location = replace(finding.location, path=before + finding.location.path)
    evidence = tuple(replace(place, path=before + place.path) for place in finding.evidence)
    return replace(ranked, finding=replace(finding, location=location, evidence=evidence))
