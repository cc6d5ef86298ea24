"""The source around a location, for pages: two lines of context and the marked columns. Empty where it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.cells import cell_len

from mldebt.findings import Location
from mldebt.report.snippets import Read, Row, rows

_CONTEXT = 2
_LONGEST = 8  # marked lines; of more, the first and the last are shown
_ROOM = 160  # cells of a line


class Line(msgspec.Struct, frozen=True):
    """One source line in three parts, the second of them marked. Number 0: lines are left out here."""

    number: int
    before: str = ""
    marked: str = ""
    after: str = ""


def excerpt(location: Location, read: Read) -> tuple[Line, ...]:
    """The lines of a location with their context; in a notebook those of its cell."""
    ends = rows(location, read, _ROOM)
    if not ends:
        return ()
    last = max(location.end_line - location.line, 0)
    return (*_above(location, read), _cut(ends[0]), *_between(location, last, read), *map(_cut, ends[1:]), *_below(location, last, read))


def _above(location: Location, read: Read) -> Iterator[Line]:
    found: list[Line] = []
    for offset in range(1, _CONTEXT + 1):
        line = _context(location, -offset, read)
        if line is None:
            break
        found.append(line)
    yield from reversed(found)


def _below(location: Location, last: int, read: Read) -> Iterator[Line]:
    for offset in range(1, _CONTEXT + 1):
        line = _context(location, last + offset, read)
        if line is None:
            return
        yield line


def _between(location: Location, last: int, read: Read) -> Iterator[Line]:
    left_out = False
    for offset in range(1, last):
        if last >= _LONGEST and _CONTEXT < offset < last - _CONTEXT:
            if not left_out:
                yield Line(0)
            left_out = True
            continue
        text = read(location, offset)
        if text:
            begin = len(text) - len(text.lstrip()) + 1
            place = _moved(location, offset)
            yield from map(_cut, rows(msgspec.structs.replace(place, column=begin, end_column=len(text) + 1), read, _ROOM))


def _context(location: Location, offset: int, read: Read) -> Line | None:
    if location.line + offset < 1 or (location.cell_line is not None and location.cell_line + offset < 1):
        return None
    found = rows(_moved(location, offset), read, _ROOM)
    return Line(found[0].number, found[0].text) if found else None


def _moved(location: Location, offset: int) -> Location:
    line = location.line + offset
    cell_line = None if location.cell_line is None else location.cell_line + offset
    return msgspec.structs.replace(location, line=line, end_line=line, column=1, end_column=2, cell_line=cell_line)


def _cut(row: Row) -> Line:
    begin = _index(row.text, row.start)
    end = begin + _index(row.text[begin:], row.mark)
    return Line(row.number, row.text[:begin], row.text[begin:end], row.text[end:])


def _index(text: str, cells: int) -> int:
    """How many letters fill so many cells."""
    if text[:cells].isascii():
        return min(cells, len(text))
    used = 0
    for index, letter in enumerate(text):
        if used >= cells:
            return index
        used += cell_len(letter)
    return len(text)
