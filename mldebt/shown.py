"""One run -> its report: what the baseline knows is set apart, the filters of the report are applied, the rest is numbered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt.findings import BaselineState, Ranked, Report, Summary
from mldebt.runs import Scanned
from mldebt.sources.discover import Discovery, SourceError

if TYPE_CHECKING:
    from mldebt.baseline import Entry, Match
    from mldebt.findings import Grade


class Known(msgspec.Struct, frozen=True):
    """Debt that is not news, and where that stands: a file, or a commit. What a commit has and the files have not is not stale."""

    origin: str
    entries: tuple[Entry, ...]
    stale_counts: bool = True


def debts(scanned: Scanned) -> tuple[Ranked, ...]:
    """All findings of a run but those that a comment ignores."""
    return tuple(one for one in scanned.stored.ranked if not one.ignored)


def could_find(scanned: Scanned) -> Callable[[Entry], bool]:
    """Whether the run would have found what a baseline entry tells of, if it were still there."""
    active, root = scanned.stored.active, scanned.loaded.root
    unread = {one.path for one in (*scanned.found.unread, *scanned.stored.unread)}
    read = {source.path for source in scanned.found.sources} - unread

    def looked(path: str) -> bool:
        return path in read or not os.path.lexists(root / path)

    return lambda entry: not scanned.partial and entry.name in active and all(map(looked, (entry.path, *entry.also)))


def vanished(scanned: Scanned) -> Callable[[str], bool]:
    """Whether the project has no file of that path any more."""
    return lambda path: not os.path.lexists(scanned.loaded.root / path)


def report(scanned: Scanned, known: Known | None = None) -> Report:
    """The report of a run."""
    stored, config, request = scanned.stored, scanned.loaded.config, scanned.request
    heard = debts(scanned)
    found = _matched(scanned, heard, known)
    within = inside(scanned)

    def wanted(one: Ranked) -> bool:
        places = (one.finding.location, *one.finding.evidence)
        return (
            one.severity.level >= config.min_severity.level
            and one.finding.confidence >= config.min_confidence
            and any(within(place.path) for place in places)
        )

    kept = tuple(one for one in found.known if wanted(one))
    shown = _numbered(one for one in found.new if wanted(one))
    ignored = tuple(one for one in stored.ranked if one.ignored and wanted(one))
    summary = Summary(
        files=stored.files,
        lines=stored.lines,
        seconds=sum(scanned.timings.values()),
        findings=len(shown),
        principal_minutes=sum(one.principal_minutes for one in shown),
        interest_minutes_per_quarter=sum(one.interest_minutes_per_quarter for one in shown),
        coverage=stored.coverage,
        unread=tuple(sorted((*scanned.found.unread, *stored.unread))),
        suppressed=stored.left_out + len(stored.ranked) - len(heard),
        accepted=sum(one.accepted for one in shown),
        filtered=len(found.new) - len(shown),
        notes=(*stored.notes, *_left_out(scanned.found)),
        timings=scanned.timings,
        languages=stored.languages,
        grade=_grade(scanned, heard),
        glue=stored.glue,
        baseline=known and BaselineState(known.origin, len(kept), _stale(scanned, known, found), sum(map(wanted, found.grown))),
    )
    root, given = str(scanned.loaded.root), dict(request.given)
    return Report(root, config.profile, summary, shown, known=kept, ignored=ignored, given=given, focused=request.focus)


def _matched(scanned: Scanned, heard: Sequence[Ranked], known: Known | None) -> Match:
    from mldebt.baseline import Match, match

    if known is None:
        return Match(new=tuple(heard), known=(), stale=())
    return match(heard, known.entries, seen=could_find(scanned), gone=vanished(scanned))


def _stale(scanned: Scanned, known: Known, found: Match) -> tuple[str, ...]:
    from mldebt.baseline import describe

    return tuple(describe(entry) for entry in found.stale) if known.stale_counts and not scanned.request.focus else ()


def _grade(scanned: Scanned, heard: Iterable[Ranked]) -> Grade | None:
    """Of the whole project by the rules of its profile, whatever the report is narrowed to."""
    if scanned.partial or scanned.loaded.config.select:
        return None
    from mldebt.ranking import grade

    stored = scanned.stored
    return grade(sum(one.principal_minutes for one in heard), stored.code_lines, stored.coverage)


def _numbered(findings: Iterable[Ranked]) -> tuple[Ranked, ...]:
    return tuple(msgspec.structs.replace(one, rank=position) for position, one in enumerate(findings, 1))


def _left_out(found: Discovery) -> tuple[str, ...]:
    if not found.ignored:
        return ()
    return (f"left out by .gitignore: {found.ignored} files and folders; --no-respect-gitignore reads those that git tracks all the same",)


def _relative(root: Path, paths: Iterable[Path]) -> tuple[str, ...]:
    """The paths as the report writes them."""
    found: list[str] = []
    for path in paths:
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute, root)
        if relative.startswith(".."):
            relative = os.path.relpath(os.path.realpath(absolute), os.path.realpath(root))
        if relative.startswith(".."):
            raise SourceError(str(path), f"outside the project root {root}; name a path inside it")
        found.append(relative.replace(os.sep, "/"))
    return tuple(found)


def inside(scanned: Scanned) -> Callable[[str], bool]:
    """Whether a file is among those that the report is narrowed to."""
    request = scanned.request
    if not request.focus:
        return lambda path: True
    focus = _relative(scanned.loaded.root, request.paths)
    return lambda path: any(path == one or one == "." or path.startswith(f"{one}/") for one in focus)
