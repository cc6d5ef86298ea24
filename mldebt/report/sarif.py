"""SARIF 2.1.0, for code scanning and for viewers in editors.

Where the standard has a choice: columns count code points from 1 and the end column is exclusive, as everywhere in mldebt. Paths are
relative to the root of the repository, SRCROOT, whose address is left open, so that nothing of the machine is in the file. A finding that a
comment ignores is there, with its suppression. `rank` is a scale on which one working day of interest per quarter is 50.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from mldebt import __version__
from mldebt.cards import Card, explain, load_cards
from mldebt.findings import Certainty, Location, Ranked, Report, Severity
from mldebt.report import sarif_log as log
from mldebt.report.code_host import rooted
from mldebt.report.json import dumps, number
from mldebt.report.options import Options
from mldebt.report.terminal import encodable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "SRCROOT"
_DAY = 480.0  # minutes
_LONGEST = 1000  # characters; code scanning refuses descriptions of more than 1,024
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.ADVISORY: "none"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation", Severity.ADVISORY: "recommendation"}
_UNREAD = log.Descriptor(id="unread-file", short_description=log.Text(text="A file was not analysed, or not in full."))
_NOTE = log.Descriptor(id="note", short_description=log.Text(text="What limits the analysis or the list of results."))
_NOTHING = log.Descriptor(id="nothing-to-analyse", short_description=log.Text(text="No file could be analysed."))


def render(report: Report, options: Options) -> str:
    """One run: the findings, then those that the baseline has, then those that comments ignore."""
    report, cards = rooted(report), load_cards()
    everything = (*report.findings, *report.known, *report.ignored)
    first = {ranked.code: ranked for ranked in reversed(everything)}
    codes = sorted(first)
    places = {code: index for index, code in enumerate(codes)}
    told = tuple(_notifications(report))
    used = {notification.descriptor.id for notification in told}
    driver = log.Driver(
        name="mldebt",
        version=__version__,
        semantic_version=__version__,
        rules=tuple(_rule(first[code], cards.get(first[code].name)) for code in codes),
        notifications=tuple(one for one in (_NOTE, _NOTHING, _UNREAD) if one.id in used),
    )
    ran = log.Invocation(execution_successful=_NOTHING.id not in used, tool_execution_notifications=told)
    run = log.Run(
        tool=log.Tool(driver=driver),
        invocations=(ran,),
        original_uri_base_ids={
            _BASE: log.Base(description=log.Text(text="The root of the repository, or of the project if it is in none."))
        },
        column_kind="unicodeCodePoints",
        results=tuple(_results(report, places)),
        properties=_totals(report),
    )
    return dumps(log.Log(schema=SCHEMA, version="2.1.0", runs=(run,)), indent=2)


def _rule(ranked: Ranked, card: Card | None) -> log.Descriptor:
    if card is None:
        short = full = ranked.name
        help = log.Text(text=_text(ranked.help) or short)
    else:
        short, full = card.title, _first_paragraph(card.body) or card.title
        help = log.Text(text=_text(card.help), markdown=encodable(explain(card)))
    return log.Descriptor(
        id=_text(ranked.code),
        name=_text(ranked.name),
        short_description=log.Text(text=_text(short)),
        full_description=log.Text(text=_text(full)[:_LONGEST]),
        default_configuration=log.Configuration(level=_LEVELS[ranked.severity]),
        help=help,
        properties={"tags": [_text(ranked.debt)], "precision": _precision(ranked, card), "problem.severity": _PROBLEMS[ranked.severity]},
    )


def _precision(ranked: Ranked, card: Card | None) -> str:
    """As measured; a rule that was not is rated by how its findings come about."""
    if card is None or card.measured is None:
        return {Certainty.PROVED: "high", Certainty.INFERRED: "medium"}.get(ranked.certainty, "low")
    bounds = ((0.95, "very-high"), (0.8, "high"), (0.6, "medium"))
    return next((word for bound, word in bounds if card.measured.precision >= bound), "low")


def _first_paragraph(body: str) -> str:
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", body))
    return next((text for text in paragraphs if text and not text.startswith(("#", "`", "~"))), "")


def _results(report: Report, places: Mapping[str, int]) -> Iterator[log.Result]:
    """The standard wants baseline states and suppressions of all results or of none."""
    based = report.summary.baseline is not None
    for state, members, ignored in (("new", report.findings, False), ("unchanged", report.known, False), ("new", report.ignored, True)):
        for ranked in members:
            yield _result(ranked, places[ranked.code], state if based else None, ignored)


def _result(ranked: Ranked, index: int, state: str | None, ignored: bool) -> log.Result:
    finding = ranked.finding
    ends = (finding.location, *finding.evidence)
    suppression = log.Suppression(kind="inSource", justification=_text(ranked.reason) or None)
    return log.Result(
        rule_id=_text(ranked.code),
        rule_index=index,
        kind="review" if ranked.severity is Severity.ADVISORY else "fail",
        level=_LEVELS[ranked.severity],
        rank=_rank(ranked),
        message=log.Text(text=_message(ranked)),
        locations=(_location(finding.location),),
        related_locations=tuple(_location(place, position) for position, place in enumerate(finding.evidence, 1)),
        code_flows=(_flow(ends, _text(finding.message)),) if finding.evidence else (),
        partial_fingerprints={"mldebt/v1": _text(ranked.fingerprint)},
        baseline_state=state,
        suppressions=(suppression,) if ignored or ranked.accepted else (),
        properties=_properties(ranked),
    )


def _message(ranked: Ranked) -> str:
    """What the rule says of this place, and what to do."""
    said, help = _text(ranked.finding.message) or _text(ranked.name), _text(ranked.help)
    return f"{said}{'' if said.endswith(('.', '!', '?')) else '.'} {help}" if help else said


def _rank(ranked: Ranked) -> float | None:
    cost = ranked.finding.confidence * ranked.interest_minutes_per_quarter
    return round(100 * cost / (cost + _DAY), 2) if math.isfinite(cost) and cost >= 0 else None


def _flow(ends: Iterable[Location], message: str) -> log.CodeFlow:
    """The way from the first end to the last. A step says what is there; the first one, if it says nothing, what the finding says."""
    steps = [_location(place) for place in ends]
    if steps[0].message is None and message:
        steps[0] = _location(next(iter(ends)), message=message)
    return log.CodeFlow(thread_flows=(log.ThreadFlow(locations=tuple(log.Step(location=step) for step in steps)),))


def _location(place: Location, id: int | None = None, message: str = "") -> log.Place:
    said = _text(message or place.message)
    cell = {"cell": place.cell, "cellLine": place.cell_line}
    return log.Place(
        id=id,
        physical_location=log.Physical(artifact_location=_artifact(place.path), region=_region(place)),
        message=log.Text(text=said) if said else None,
        properties={key: value for key, value in cell.items() if value is not None},
    )


def _artifact(path: str) -> log.Artifact:
    return log.Artifact(uri=_uri(path), uri_base_id=_BASE)


def _uri(path: str) -> str:
    """The relative path as a URI reference; bytes of a name that is not UTF-8 are what they are on disk."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"), safe="/")
    except UnicodeEncodeError:
        return quote(encodable(path), safe="/")


def _region(place: Location) -> log.Region | None:
    """None for a finding about a whole file; an end only where it is behind the start."""
    if place.line < 1:
        return None
    start = max(place.column, 1)
    if place.end_line > place.line:
        end = place.end_column if place.end_column > 0 else None
        return log.Region(start_line=place.line, start_column=start, end_line=place.end_line, end_column=end)
    return log.Region(start_line=place.line, start_column=start, end_column=place.end_column if place.end_column > start else None)


def _properties(ranked: Ranked) -> dict[str, object]:
    values: dict[str, object] = {
        "tags": [_text(ranked.debt)],
        "position": ranked.rank,
        "confidence": number(ranked.finding.confidence),
        "certainty": ranked.certainty.value,
        "principalMinutes": number(ranked.principal_minutes),
        "interestMinutesPerQuarter": number(ranked.interest_minutes_per_quarter),
        "exposure": _text(ranked.exposure),
        "reach": number(ranked.reach),
        "commits90Days": ranked.commits,
        "ageDays": ranked.age_days,
        "owners": [_text(owner) for owner in ranked.owners] or None,
        "accepted": ranked.accepted or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _notifications(report: Report) -> Iterator[log.Notification]:
    """Trouble and limits of the run, so that an empty list of results is not read as a clean project."""
    summary = report.summary
    if not summary.files:
        yield _notification(_NOTHING, "error", "No file could be analysed: there is nothing of which a result could speak.")
    for unread in sorted(summary.unread):
        yield _notification(_UNREAD, "warning", f"{unread.path}: {unread.reason}", unread.path)
    for note in summary.notes:
        yield _notification(_NOTE, "note", note)
    if summary.hidden:
        yield _notification(_NOTE, "note", f"{summary.hidden} findings beyond --top are left out of the results.")
    if summary.filtered:
        yield _notification(_NOTE, "note", f"{summary.filtered} findings are left out of the results by severity, confidence or focus.")


def _notification(descriptor: log.Descriptor, level: str, text: str, path: str = "") -> log.Notification:
    places = (log.Place(physical_location=log.Physical(artifact_location=_artifact(path))),) if path else ()
    return log.Notification(descriptor=log.Reference(id=descriptor.id), level=level, message=log.Text(text=_text(text)), locations=places)


def _totals(report: Report) -> dict[str, object]:
    summary = report.summary
    covered = {encodable(name): {"resolved": seen.resolved, "total": seen.total} for name, seen in sorted(summary.coverage.items())}
    values: dict[str, object] = {
        "profile": encodable(report.profile),
        "files": summary.files,
        "lines": summary.lines,
        "principalMinutes": number(summary.principal_minutes),
        "interestMinutesPerQuarter": number(summary.interest_minutes_per_quarter),
        "coverage": covered,
    }
    if summary.grade is not None:
        grade = summary.grade
        values["grade"] = {"ratio": number(grade.ratio, 4), "letter": _text(grade.letter), "why": _text(grade.why)}
    if summary.baseline is not None:
        stale = [_text(entry) for entry in summary.baseline.stale]
        values["baseline"] = {"origin": _text(summary.baseline.origin), "known": summary.baseline.known, "stale": stale}
    return values


def _text(text: str) -> str:
    """Text of the scanned project as a plain message: a link in it stays text."""
    return encodable(text).replace("](", "] (")
