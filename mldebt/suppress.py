"""`# mldebt: ignore[rule] reason` and `# mldebt: accept[rule] until=DATE reason`, and mldebt's findings about its own comments."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from mldebt.config import suggestion
from mldebt.facts.model import Facts, Place, Suppression
from mldebt.findings import Finding, Heeded, Location

PARSE_ERROR = "parse-error"
WITHOUT_REASON = "suppression-without-reason"
EXPIRED = "expired-acceptance"
UNUSED = "unused-suppression"
NOWHERE = -1_000_000  # before the first line of every file


class Outcome(msgspec.Struct, frozen=True):
    """`heeded` are all findings, those that a comment takes out as well; `extra` speak of the comments themselves."""

    heeded: tuple[Heeded, ...]
    extra: tuple[Finding, ...]


class _Comment(msgspec.Struct, frozen=True):
    path: str
    number: tuple[int, int]  # of its file, and in it
    written: Suppression
    places: tuple[Place, ...]
    rules: frozenset[str]  # known ones, by name
    unknown: tuple[str, ...]
    until: datetime.date | None
    works: bool
    expired: bool


def apply(
    findings: Iterable[Finding],
    files: Iterable[tuple[str, Facts]],
    rules: Mapping[str, str],
    active: Collection[str],
    today: datetime.date,
) -> Outcome:
    """The findings after the comments of `files`, by reported path, have had their say. `rules` maps names to codes; `active` ran."""
    comments = [comment for number, (path, facts) in enumerate(files) for comment in _comments(number, path, facts, rules, today)]
    by_rule: dict[tuple[str, str], list[_Comment]] = {}
    for comment in comments:
        if comment.works:
            for rule in comment.rules:
                by_rule.setdefault((comment.path, rule), []).append(comment)
    used: set[tuple[tuple[int, int], str]] = set()
    heeded: list[Heeded] = []
    for finding in findings:
        hits = [
            comment
            for location in (finding.location, *finding.evidence)
            for comment in by_rule.get((location.path, finding.rule), ())
            if _covers(comment, location)
        ]
        used.update((comment.number, finding.rule) for comment in hits)
        ignoring = [comment for comment in hits if comment.written.kind == "ignore"]
        reason = (ignoring or hits)[0].written.reason if hits else ""
        heeded.append(Heeded(finding, accepted=bool(hits) and not ignoring, ignored=bool(ignoring), reason=reason))
    extra = [finding for comment in comments for finding in _about(comment, rules, active, used) if finding.rule in active]
    return Outcome(tuple(heeded), tuple(extra))


def parse_errors(files: Iterable[tuple[str, Facts]], active: Collection[str]) -> tuple[Finding, ...]:
    """One finding for each Python file that could not be read."""
    if PARSE_ERROR not in active:
        return ()
    broken = [(path, facts.unread) for path, facts in files if facts.unread and facts.language == "python"]
    return tuple(
        Finding(PARSE_ERROR, Location(path, _line_of(reason), end_line=_line_of(reason)), f"not analysed: {reason}", anchor="file")
        for path, reason in broken
    )


def _line_of(reason: str) -> int:
    named = re.search(r"\bline (\d{1,7})", reason)
    return max(1, int(named[1])) if named else 1


def _comments(file: int, path: str, facts: Facts, rules: Mapping[str, str], today: datetime.date) -> Iterator[_Comment]:
    names = {**{code.lower(): name for name, code in rules.items()}, **{name: name for name in rules}}
    for number, written in enumerate(facts.suppressions):
        known = frozenset(names[rule.lower()] for rule in written.rules if rule.lower() in names)
        unknown = tuple(rule for rule in written.rules if rule.lower() not in names)
        until = _date(written.until)
        expired = written.kind == "accept" and until is not None and today > until
        works = written.kind in ("ignore", "accept") and not expired and (not written.until or until is not None)
        yield _Comment(path, (file, number), written, facts.places, known, unknown, until, works, expired)


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _covers(comment: _Comment, location: Location) -> bool:
    first, last = _lines(location, comment.places)
    span = comment.written.span
    return (span.line <= last and first <= span.end_line) or first <= comment.written.line <= last


def _lines(location: Location, places: Sequence[Place]) -> tuple[int, int]:
    """The location's lines as its file's facts count them: in a notebook, those of the joined cells."""
    extent = max(0, location.end_line - location.line)
    first = location.line
    if location.cell is not None:
        wanted = (location.cell, location.cell_line)
        first = next((line for line, place in enumerate(places, 1) if (place.cell, place.cell_line) == wanted), NOWHERE)
    return first, first + extent


def _about(
    comment: _Comment, rules: Mapping[str, str], active: Collection[str], used: set[tuple[tuple[int, int], str]]
) -> Iterator[Finding]:
    written = comment.written
    for problem in _problems(comment, rules):
        yield _finding(WITHOUT_REASON, comment, problem)
    if comment.expired:
        yield _finding(EXPIRED, comment, f"the debt accepted here was to be paid by {written.until}")
    idle = sorted(rule for rule in comment.rules if rule in active and (comment.number, rule) not in used)
    if comment.works and idle:
        yield _finding(UNUSED, comment, f"{written.kind}[{', '.join(idle)}] meets no finding")


def _problems(comment: _Comment, rules: Mapping[str, str]) -> Iterator[str]:
    written = comment.written
    if written.kind not in ("ignore", "accept"):
        yield "this comment is not understood; write `# mldebt: ignore[rule] reason` or `# mldebt: accept[rule] until=YYYY-MM-DD reason`"
        return
    for rule in comment.unknown:
        yield f"{written.kind}[{rule}]: no such rule{suggestion(rule, (*rules, *rules.values()))}"
    if written.kind == "accept" and comment.until is None:
        yield f"until={written.until} is not a date" if written.until else "accept[...] names no date; add until=YYYY-MM-DD"
    if not written.reason.strip():
        yield f"{written.kind}[{', '.join(written.rules)}] gives no reason; write it after the bracket"


def _finding(rule: str, comment: _Comment, message: str) -> Finding:
    written = comment.written
    line, cell, cell_line = written.line, None, None
    if 0 < written.line <= len(comment.places):
        place = comment.places[written.line - 1]
        line, cell, cell_line = place.line, place.cell, place.cell_line
    location = Location(comment.path, line, written.column, line, cell=cell, cell_line=cell_line)
    return Finding(rule, location, message, anchor=f"{written.kind}[{','.join(written.rules)}]")
