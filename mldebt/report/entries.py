"""The findings of a page as plain, safe text: what its columns show, what it sorts and filters by, and what a finding opens."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mldebt.findings import Location, Ranked, Report
from mldebt.report.charts import finite
from mldebt.report.excerpts import Line, excerpt
from mldebt.report.options import Options
from mldebt.report.snippets import Read, reader
from mldebt.report.terminal import safe
from mldebt.report.words import age, count, duration, exposed, percent, place, prose

EXCERPTS = 1_000  # in one page
_PLACES, _SOURCES = 12, 6  # of one finding: shown at all, and with their source
_FOLDERS = 2  # levels

Prose = tuple[tuple[bool, str], ...]  # parts of a message, and whether they are code


class Column(msgspec.Struct, frozen=True):
    """`key` names its attribute; `text`: sorted as text, else as a number, the largest first."""

    key: str
    label: str
    width: str
    text: bool = False
    rising: bool = False  # at the first click


class Cell(msgspec.Struct, frozen=True):
    """What a column shows; `value` is what it sorts by."""

    key: str
    label: str
    told: str
    value: str


class Spot(msgspec.Struct, frozen=True):
    """One end of a finding with its source."""

    place: str
    message: Prose
    lines: tuple[Line, ...]


class Entry(msgspec.Struct, frozen=True):
    """One finding. Everything in it is plain text, which the template escapes."""

    id: str
    state: str
    badges: tuple[str, ...]
    severity: str
    family: str
    path: str
    owner_list: tuple[str, ...]
    name: str
    code: str
    cells: tuple[Cell, ...]
    message: Prose
    help: Prose
    spots: tuple[Spot, ...]
    more: int  # places
    factors: tuple[tuple[str, str], ...]
    reason: str
    fingerprint: str
    comments: tuple[str, ...]
    comment_at: str


_COLUMNS = (
    Column("rank", "#", "3.2em", rising=True),
    Column("interest", "Interest", "6.2em"),
    Column("principal", "Principal", "6.2em"),
    Column("confidence", "Confidence", "7.6em"),
    Column("severity", "Severity", "6em"),
    Column("rule", "Rule", "minmax(9em, 2fr)", text=True, rising=True),
    Column("place", "Place", "minmax(10em, 3fr)", text=True, rising=True),
    Column("owners", "Owners", "minmax(6.5em, 1fr)", text=True, rising=True),
    Column("churn", "Commits", "5.2em"),
    Column("age", "Age", "4.4em"),
    Column("exposure", "Exposure", "6em", text=True, rising=True),
)


def entries(report: Report, options: Options) -> tuple[tuple[Entry, ...], str]:
    """All findings, then what the baseline has; and a sentence where their source is not shown to the end."""
    build = _Builder(report, options)
    found = [build.entry(one, known=False) for one in report.findings] + [build.entry(one, known=True) for one in report.known]
    shown = [column.key for column in columns_of(found)]
    kept = tuple(msgspec.structs.replace(one, cells=tuple(cell for cell in one.cells if cell.key in shown)) for one in found)
    note = f"The source is shown for the first {count(build.whole, 'finding')} only." if build.cut else ""
    return kept, note


def columns_of(found: Sequence[Entry]) -> tuple[Column, ...]:
    """The columns in which at least one finding has something to say."""
    filled = {cell.key for one in found for cell in one.cells if cell.told}
    return tuple(column for column in _COLUMNS if column.key in filled)


def folders(found: Sequence[Entry]) -> tuple[str, ...]:
    """The folders of the findings, two levels deep."""
    names: set[str] = set()
    for one in found:
        parts = one.path.split("/")[:-1]
        names.update("/".join(parts[:depth]) for depth in range(1, min(len(parts), _FOLDERS) + 1))
    return tuple(sorted(names))


class _Builder:
    def __init__(self, report: Report, options: Options) -> None:
        self._read: Read = reader(report)
        self._verbose = options.verbose
        self._left = EXCERPTS
        self._seen: set[str] = set()
        self._position = 0
        self.whole = 0  # findings with all the source that they are to show
        self.cut = False

    def entry(self, one: Ranked, *, known: bool) -> Entry:
        self._position += 1
        places = (one.finding.location, *one.finding.evidence)
        named = places if self._verbose else places[:_PLACES]
        spots = self._spots(named)
        fingerprint = safe(one.fingerprint)
        key = "" if fingerprint in self._seen else fingerprint  # an id stands once in a page
        self._seen.add(fingerprint)
        comments, at = _comments(one, places)
        states = [*(["known"] if known else []), *(["accepted"] if one.accepted else [])]
        return Entry(
            id=key,
            state=" ".join(states or ["new"]),
            badges=tuple(states),
            severity=one.severity.value,
            family=safe(one.debt),
            path=safe(one.finding.location.path),
            owner_list=tuple(safe(owner) for owner in one.owners),
            name=safe(one.name),
            code=safe(one.code),
            cells=self._cells(one, known),
            message=words(safe(one.finding.message)),
            help=words(prose(one.help)),
            spots=spots,
            more=len(places) - len(named),
            factors=_factors(one),
            reason=prose(one.reason),
            fingerprint=fingerprint,
            comments=comments,
            comment_at=at,
        )

    def _cells(self, one: Ranked, known: bool) -> tuple[Cell, ...]:
        where = one.finding.location
        owners = " ".join(safe(owner) for owner in one.owners)
        told = {
            "rank": ("" if known else f"{one.rank}", f"{self._position}"),
            "interest": (duration(one.interest_minutes_per_quarter), _number(one.interest_minutes_per_quarter)),
            "principal": (duration(one.principal_minutes), _number(one.principal_minutes)),
            "confidence": (f"{percent(one.finding.confidence)} {one.certainty}", _number(one.finding.confidence)),
            "severity": (one.severity.value, f"{one.severity.level}"),
            "rule": (safe(one.name), safe(one.name)),
            "place": (place(where), f"{safe(where.path)}:{max(where.line, 0):08}"),
            "owners": (owners, owners),
            "churn": ("" if one.commits is None else f"{one.commits:,}", "-1" if one.commits is None else f"{one.commits}"),
            "age": (_age(one.age_days), "-1" if one.age_days is None else f"{one.age_days}"),
            "exposure": (safe(one.exposure), safe(one.exposure)),
        }
        return tuple(Cell(column.key, column.label, *told[column.key]) for column in _COLUMNS)

    def _spots(self, places: Sequence[Location]) -> tuple[Spot, ...]:
        room = len(places) if self._verbose else min(_SOURCES, self._left)
        self.cut = self.cut or (not self._verbose and room < min(_SOURCES, len(places)))
        self.whole += not self.cut
        sources = [excerpt(where, self._read) if index < room else () for index, where in enumerate(places)]
        self._left -= sum(map(bool, sources))
        return tuple(Spot(place(w, column=True), words(safe(w.message)), lines) for w, lines in zip(places, sources, strict=True))


def words(text: str) -> Prose:
    """The text in parts; what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # the last one opens and does not close
        parts[-2:] = ["`".join(parts[-2:])]
    return tuple((index % 2 == 1, part) for index, part in enumerate(parts) if part)


def _number(value: float) -> str:
    return f"{finite(value):.4g}"


def _age(days: int | None) -> str:
    if days is None:
        return ""
    if days < 60:
        return f"{days} d"
    return f"{days / 30.44:.0f} mo" if days < 365 else "1 y +"


def _factors(one: Ranked) -> tuple[tuple[str, str], ...]:
    """What its interest is made of, as far as a report knows."""
    weight = finite(one.finding.confidence) * finite(one.interest_minutes_per_quarter)
    facts = [
        ("order", f"{percent(one.finding.confidence)} of {duration(one.interest_minutes_per_quarter)} per quarter: {duration(weight)}"),
        ("size", f"{one.finding.size:,}" if one.finding.size != 1 else ""),
        ("reach", f"\u00d7 {finite(one.reach):.2f} for what lies downstream" if one.reach != 1 else ""),
        ("exposure", exposed(one)),
        ("churn", "" if one.commits is None else f"{count(one.commits, 'commit')} in 90 days, of the busiest file that drives it"),
        ("age", "" if one.age_days is None else f"{age(one.age_days)}, and the interest compounds"),
        ("softened", f"\u00d7 {finite(one.finding.share):.2f}, for something in the code softens it" if one.finding.share != 1 else ""),
    ]
    return tuple((name, text) for name, text in facts if text)


def _comments(one: Ranked, places: Sequence[Location]) -> tuple[tuple[str, ...], str]:
    """Comments that settle the finding and where to write one; only Python and notebooks have them."""
    for where in places:
        if where.line > 0 and where.path.endswith((".py", ".ipynb")):
            rule = safe(one.name)
            return (f"# mldebt: ignore[{rule}] reason", f"# mldebt: accept[{rule}] until=YYYY-MM-DD reason"), place(where)
    return (), ""
