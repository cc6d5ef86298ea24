"""The result for a person at a terminal: the answer, how it was found, what may go and why, what stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from mldebt.data_pass.report import words
from mldebt.data_pass.report.words import named
from mldebt.data_pass.result import CodePlace, Column, Result
from mldebt.report.layout import hang, message, paint, width_of
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import count, prose

_DROPPED_SHOWN = 50  # of each list, unless all are wanted
_SHOWN = 10
_PLACES_SHOWN = 3
_ROOMY = 32  # less room than this beside the table, and the reason goes below the row
_NAME = 32  # longer names push their own row out, not the table


def render(results: Sequence[Result], options: Options) -> str:
    """One report after the other, with an empty line between."""
    return "\n".join(paint(_lines(result, options), options) for result in results)


def _lines(result: Result, options: Options) -> Iterator[Text]:
    width = width_of(options)
    yield from hang(Text(), Text.assemble((safe(words.title(result)), "bold"), f": {safe(words.headline(result))}"), width, 2)
    yield from hang(Text(), Text(safe(words.judged(result)), "dim"), width, 2)
    yield from _warnings(result, options)
    for section in (_dropped, _bundles, _reviewed, _undecided, _staying, _beside):
        lines = list(section(result, options))
        if lines:
            yield Text()
            yield from lines
    yield from _foot(result, width)


def _warnings(result: Result, options: Options) -> Iterator[Text]:
    width = width_of(options)
    for leak in sorted(result.leaks, key=lambda one: (-one.value, one.column)):
        said = f"{named(leak.column)} gives the target away: {prose(leak.message)}"
        yield from hang(Text("warning[leak] ", "bold red"), Text(said), width, 2)
    if result.identifiers:
        names = _names(result.identifiers, options)
        verb = "looks like an identifier" if len(result.identifiers) == 1 else "look like identifiers"
        said = f"{names} {verb}: from such values a model can only learn these rows by heart"
        yield from hang(Text("warning[identifier] ", "bold yellow"), Text(said), width, 2)


def _dropped(result: Result, options: Options) -> Iterator[Text]:
    going = words.dropped(result)
    if not going:
        return
    places = words.digits(result.set.tolerance)
    yield Text.assemble((words.going(result), "bold"), (", dearest to carry first:", "dim"))
    heads: tuple[str, ...] = ("column", "kind", "size")
    rows: list[tuple[str, ...]] = [(named(one.name), one.kind, words.size(one.cost.bytes)) for one in going]
    if any(one.gain_alone for one in going):
        heads = (*heads, "gain when put back")
        rows = [(*row, words.interval(one.gain_alone, places)) for row, one in zip(rows, going, strict=True)]
    table = _Table(heads, rows, "why", width_of(options))
    yield from table.heading()
    shown = len(going) if options.verbose else _DROPPED_SHOWN
    for row, column in zip(rows[:shown], going[:shown], strict=True):
        yield from table.row(row, _reason(column))
        yield from _places(column.code, table.below, options)
    yield from _more(going, shown)
    for told in words.shared(going):
        yield from hang(Text("  "), message(prose(told)), width_of(options), 4)
    for kind in words.kinds(going):
        yield from hang(Text(f"  {kind}: ", "dim"), Text(words.MEANING[kind], "dim"), width_of(options), 4)


def _reason(column: Column) -> Text:
    told, carried = words.told(column), words.carried(column)  # what its kind means stands below the table
    why = message(prose(told))
    if carried:
        why.append(f" ({carried})" if told else carried, "dim")
    return why


def _places(code: Iterable[CodePlace], below: int, options: Options) -> Iterator[Text]:
    found = sorted(code)
    shown = found if options.verbose else found[:_PLACES_SHOWN]
    if not shown:
        return
    body = Text(", ".join(safe(words.code(place)) for place in shown))
    if len(shown) < len(found):
        body.append(f", + {len(found) - len(shown)} more", "dim")
    yield from hang(Text(f"{'':{below}}code  ", "dim"), body, width_of(options), below + 6)


def _bundles(result: Result, options: Options) -> Iterator[Text]:
    if not result.bundles:
        return
    places = words.digits(result.set.tolerance)
    yield Text("Bundles:", "bold")
    bundles = sorted(result.bundles, key=lambda one: (len(one.kept) - len(one.columns), one.name))
    shown = len(bundles) if options.verbose else _SHOWN
    for one in bundles[:shown]:
        told = words.bundle(one, places)
        kept = f" ({_names(one.kept, options)})" if one.kept else ""
        first, _, rest = told.partition(";")
        said = f"{first}{kept}{';' + rest if rest else ''}"
        yield from hang(Text(f"  {named(one.name)}: "), Text(said), width_of(options), 4)
        if options.verbose:
            names = ", ".join(named(name) for name in one.columns)
            yield from hang(Text("    all of them: ", "dim"), Text(names, "dim"), width_of(options), 6)
    yield from _more(bundles, shown)


def _reviewed(result: Result, options: Options) -> Iterator[Text]:
    columns = words.reviewed(result)
    if not columns:
        return
    yield Text.assemble(("Worth a look", "bold"), (", they stay:", "dim"))
    for one in columns:
        yield from hang(Text(f"  {named(one.name)} ({one.kind}): "), Text(prose(words.why(one))), width_of(options), 4)
        yield from _places(one.code, 4, options)


def _undecided(result: Result, options: Options) -> Iterator[Text]:
    columns = words.undecided(result)
    if not columns:
        return
    places = words.digits(result.set.tolerance)
    yield Text.assemble(("Undecided", "bold"), (", they stay:", "dim"))
    rows = [(named(one.name), words.interval(one.delta_alone or one.gain_alone, places)) for one in columns]
    table = _Table(("column", "loss when it goes"), rows, "why", width_of(options))
    yield from table.heading()
    shown = len(columns) if options.verbose else _SHOWN
    for row, column in zip(rows[:shown], columns[:shown], strict=True):
        yield from table.row(row, message(prose(words.why_undecided(column, result.set.tolerance))))
    yield from _more(columns, shown)


def _staying(result: Result, options: Options) -> Iterator[Text]:
    columns = words.staying(result)
    if not columns or not (any(one.delta_alone for one in columns) or options.verbose):
        return
    places = words.digits(result.set.tolerance)
    shown = columns if options.verbose else columns[:_SHOWN]
    yield Text.assemble(("Stays", "bold"), (", dearest to lose first:", "dim"))
    rows = [(named(one.name), one.kind, words.interval(one.delta_alone, places)) for one in shown]
    table = _Table(("column", "kind", "loss when it alone goes"), rows, "", width_of(options))
    yield from table.heading()
    for row, column in zip(rows, shown, strict=True):
        told = words.told(column) if options.verbose or column.kind == "one-of" else ""
        yield from table.row(row, message(prose(told)))
    yield from _more(columns, len(shown))


def _beside(result: Result, options: Options) -> Iterator[Text]:
    if not result.unused_in_code:
        return
    names = _names(result.unused_in_code, options)
    lead = f"{count(len(result.unused_in_code), 'column')} made by code, absent from the data: "
    yield from hang(Text(), Text.assemble((lead, "bold"), names), width_of(options), 2)


def _names(names: Sequence[str], options: Options) -> str:
    shown = len(names) if options.verbose else _SHOWN
    rest = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(named(name) for name in sorted(names)[:shown]) + rest


def _more(all_of_them: Sequence[object], shown: int) -> Iterator[Text]:
    if len(all_of_them) > shown:
        yield Text(f"  and {len(all_of_them) - shown:,} more (-v lists them)")


def _foot(result: Result, width: int) -> Iterator[Text]:
    caveat = words.caveat(result)
    if caveat or result.notes:
        yield Text()
    if caveat:
        yield from hang(Text(), Text(caveat), width, 2)
    for note in result.notes:
        yield from hang(Text("Note: "), Text(prose(note)), width, 2)
    told = words.hints(result)
    if told:
        yield Text()
    for index, hint in enumerate(told):
        yield from hang(Text("Next: " if index == 0 else "      "), message(hint), width, 6)


class _Table:
    """Aligned cells, the last of them prose that hangs beside the table, or below the row where there is no room."""

    def __init__(self, heads: Sequence[str], rows: Sequence[Sequence[str]], last: str, width: int) -> None:
        self.width, self.heads, self.last = width, heads, last
        self.sizes = [max(len(head), *(cell_len(row[place]) for row in rows)) for place, head in enumerate(heads)]
        self.sizes[0] = min(self.sizes[0], max(_NAME, len(heads[0])))
        self.end = 2 + sum(size + 2 for size in self.sizes)
        self.roomy = width - self.end >= _ROOMY
        self.below = 4 if not self.roomy else self.end

    def heading(self) -> Iterator[Text]:
        yield Text(f"  {self._cells(self.heads)}{self.last if self.roomy else ''}", "dim")

    def row(self, cells: Sequence[str], last: Text) -> Iterator[Text]:
        first, rest = self._cells(cells[:1]), self._cells(cells[1:], 1)
        line = Text.assemble("  ", (first, "bold"), rest)
        if not last.plain:
            yield line
        elif self.roomy:
            yield from hang(line, last, self.width, self.end)
        else:
            yield line
            yield from hang(Text("    "), last, self.width, 4)

    def _cells(self, cells: Sequence[str], start: int = 0) -> str:
        padded = (cell + " " * max(0, size - cell_len(cell)) for cell, size in zip(cells, self.sizes[start:], strict=False))
        return "".join(f"{cell}  " for cell in padded)
