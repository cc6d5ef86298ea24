"""The result as Markdown, for a pull request or a wiki: names of columns cannot break a table, start markup or link anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mldebt.data_pass.report import words
from mldebt.data_pass.report.words import named
from mldebt.data_pass.result import Column, Result
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import prose

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!$@])")
_PIPE = re.compile(r"(?<!\\)\|")  # tables split at pipes before code spans are seen
_STAYING_SHOWN = 10


def render(results: Sequence[Result], options: Options) -> str:
    """One section of level 2 per result."""
    return "\n".join("".join(f"{line}\n" for line in _lines(result, options)) for result in results)


def _lines(result: Result, options: Options) -> Iterator[str]:
    places = words.digits(result.set.tolerance)
    yield f"## {text(words.title(result))}"
    yield ""
    yield f"**{text(words.headline(result))}**"
    yield ""
    yield text(words.judged(result))
    yield from _warnings(result)
    going = words.dropped(result)
    if going:
        yield from _heading(f"{words.going(result)}, dearest to carry first")
        yield from _table(("column", "kind", "size", "gain when put back", "why", "code"), (_going(one, places) for one in going))
        yield ""
        yield from (f"- {told(one)}" for one in words.shared(going))
        yield from (f"- *{kind}*: {text(words.MEANING[kind])}" for kind in words.kinds(going))
    if result.bundles:
        yield from _heading("Bundles")
        for bundle in sorted(result.bundles, key=lambda one: one.name):
            kept = f" ({', '.join(code(name) for name in bundle.kept)})" if bundle.kept else ""
            yield f"- {code(bundle.name)}: {text(words.bundle(bundle, places))}{kept}"
    tolerance = result.set.tolerance
    reviewed = [(one, words.why(one)) for one in words.reviewed(result)]
    undecided = [(one, words.why_undecided(one, tolerance)) for one in words.undecided(result)]
    for heading, columns in (("Worth a look, they stay", reviewed), ("Undecided, they stay", undecided)):
        if columns:
            yield from _heading(heading)
            yield from _table(
                ("column", "loss when it goes", "why"),
                ((code(one.name), words.interval(one.delta_alone or one.gain_alone, places), told(why)) for one, why in columns),
            )
    yield from _staying(result, options, places)
    if result.unused_in_code:
        yield from _heading("Made by code, absent from the data")
        yield from (f"- {code(name)}" for name in sorted(result.unused_in_code))
    parts = [part for part in (words.caveat(result), *(f"Note: {note}" for note in result.notes)) if part]
    for part in parts:
        yield ""
        yield told(part)


def _warnings(result: Result) -> Iterator[str]:
    for leak in sorted(result.leaks, key=lambda one: (-one.value, one.column)):
        yield ""
        yield f"> **Leak:** {code(leak.column)} gives the target away: {told(leak.message)}"
    if result.identifiers:
        yield ""
        yield f"> **Identifiers:** {', '.join(code(name) for name in sorted(result.identifiers))}"


def _staying(result: Result, options: Options, places: int) -> Iterator[str]:
    columns = words.staying(result)
    if not columns:
        return
    shown = columns if options.verbose else columns[:_STAYING_SHOWN]
    yield from _heading("Stays, dearest to lose first")
    yield from _table(
        ("column", "kind", "loss when it alone goes"),
        ((code(one.name), one.kind, words.interval(one.delta_alone, places)) for one in shown),
    )
    if len(shown) < len(columns):
        yield ""
        yield f"and {len(columns) - len(shown):,} more"


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join(' --- ' for _ in heads)}|"
    for row in rows:
        yield f"| {' | '.join(_PIPE.sub(lambda found: chr(92) + found[0], cell) for cell in row)} |"


def _going(column: Column, places: int) -> tuple[str, ...]:
    gain = words.interval(column.gain_alone, places)
    return code(column.name), column.kind, words.size(column.cost.bytes), gain, told(_why(column)), _places(column)


def _why(column: Column) -> str:
    carried = words.carried(column)
    return words.why(column) + (f" ({carried})" if carried else "")


def _places(column: Column) -> str:
    return "<br>".join(f"{code(f'{place.path}:{place.line}', 240)} {text(place.role)}" for place in sorted(column.code))


def text(said: str) -> str:
    """Text that is only text: every character that could be markup is escaped."""
    return _MARKUP.sub(r"\\\1", safe(said))


def told(said: str) -> str:
    """A message on one line; what it has in backticks are code spans."""
    return "".join(code(part, 240) if quoted else text(part) for quoted, part in words.segments(prose(said)))


def code(name: str, longest: int = 48) -> str:
    """A name in a code span that holds whatever the name holds."""
    shown = named(name, longest)
    ticks = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (ticks + 1)
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"
