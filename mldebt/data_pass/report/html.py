"""The result as one HTML page that needs nothing else: no script, no style sheet, no picture from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from mldebt.data_pass.report import words
from mldebt.data_pass.report.words import named
from mldebt.data_pass.result import Column, Interval, Result
from mldebt.report.options import Options
from mldebt.report.terminal import encodable, safe
from mldebt.report.words import prose

Prose = tuple[tuple[bool, str], ...]  # parts of a message, and whether they are names

_WIDE = 160  # of a drawn interval, in pixels


class Drawing(msgspec.Struct, frozen=True):
    """An interval on the scale of its table, in pixels from the left."""

    low: float
    mean: float
    high: float
    zero: float
    tolerance: float


class Row(msgspec.Struct, frozen=True):
    name: str
    kind: str
    meaning: str
    numbers: str
    why: Prose
    cost: str
    code: tuple[str, ...]
    drawing: Drawing | None


class Section(msgspec.Struct, frozen=True):
    title: str
    measured: str
    rows: tuple[Row, ...]
    shared: tuple[Prose, ...]


class Page(msgspec.Struct, frozen=True):
    """One result; everything in it is plain text, which the template escapes."""

    title: str
    headline: str
    verdict: str
    judged: str
    leaks: tuple[tuple[str, Prose], ...]
    identifiers: tuple[str, ...]
    sections: tuple[Section, ...]
    bundles: tuple[tuple[str, str, tuple[str, ...]], ...]
    unused: tuple[str, ...]
    notes: tuple[Prose, ...]


def render(results: Sequence[Result], options: Options) -> str:
    """One page with a part for each result; long lists are whole."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("mldebt.data_pass.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    pages = [_page(result) for result in results]
    return encodable(environment.get_template("features.html").render(pages=pages, wide=_WIDE)) + "\n"


def _page(result: Result) -> Page:
    going, staying = words.dropped(result), words.staying(result)
    caveat = words.caveat(result)
    sections = (
        _section(result, f"{words.going(result)}, dearest to carry first", "gain when put back", going, [one.gain_alone for one in going]),
        _either(result, "Worth a look, they stay", words.reviewed(result)),
        _either(result, "Undecided, they stay", words.undecided(result)),
        _section(result, "Stays, dearest to lose first", "loss when it alone goes", staying, [one.delta_alone for one in staying]),
    )
    places = words.digits(result.set.tolerance)
    return Page(
        title=safe(words.title(result)),
        headline=safe(words.headline(result)),
        verdict=result.set.verdict,
        judged=safe(words.judged(result)),
        leaks=tuple((_name(one.column), _prose(one.message)) for one in sorted(result.leaks, key=lambda one: (-one.value, one.column))),
        identifiers=tuple(_name(name) for name in sorted(result.identifiers)),
        sections=tuple(section for section in sections if section.rows),
        bundles=tuple(
            (_name(one.name), safe(words.bundle(one, places)), tuple(_name(name) for name in one.kept))
            for one in sorted(result.bundles, key=lambda one: one.name)
        ),
        unused=tuple(_name(name) for name in sorted(result.unused_in_code)),
        notes=tuple(_prose(note) for note in (caveat, *result.notes) if note),
    )


def _either(result: Result, title: str, columns: Sequence[Column]) -> Section:
    return _section(result, title, "loss when it goes", columns, [one.delta_alone or one.gain_alone for one in columns])


def _section(result: Result, title: str, measured: str, columns: Sequence[Column], values: Sequence[Interval | None]) -> Section:
    places, tolerance = words.digits(result.set.tolerance), result.set.tolerance
    low, high = _scale(values, tolerance)
    rows = (
        Row(
            name=_name(column.name),
            kind=column.kind,
            meaning=words.MEANING[column.kind],
            numbers=words.interval(value, places),
            why=_prose(words.why_undecided(column, tolerance) if column.kind == "undecided" else words.why(column)),
            cost=safe(", ".join(part for part in (words.size(column.cost.bytes), words.carried(column)) if part)),
            code=tuple(safe(words.code(place)) for place in sorted(column.code)),
            drawing=_drawn(value, low, high, tolerance),
        )
        for column, value in zip(columns, values, strict=True)
    )
    return Section(title, measured, tuple(rows), tuple(_prose(told) for told in words.shared(columns)))


def _name(name: str) -> str:
    return named(name, longest=120)


def _prose(said: str) -> Prose:
    return words.segments(prose(said))


def _scale(values: Iterable[Interval | None], tolerance: float) -> tuple[float, float]:
    ends = [end for one in values if one is not None for end in (one.low, one.high) if math.isfinite(end)]
    return min([0.0, *ends]), max([tolerance, *ends])


def _drawn(value: Interval | None, low: float, high: float, tolerance: float) -> Drawing | None:
    if value is None or not all(math.isfinite(end) for end in (value.low, value.mean, value.high)) or high <= low:
        return None

    def at(number: float) -> float:
        return round((number - low) / (high - low) * (_WIDE - 8) + 4, 1)

    return Drawing(at(value.low), at(value.mean), at(value.high), at(0.0), at(tolerance))
