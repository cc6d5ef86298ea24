"""The source line under a location, and where the marks go. What cannot be read is None, never an error."""

from __future__ import annotations

import functools
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import msgspec
from rich.cells import cell_len

from mldebt.findings import Location, Report
from mldebt.report.terminal import safe

_LARGEST = 20_000_000
_KEPT = 16  # files held at once
_TAB = 4
_STRING_LINE = re.compile(r'\s*+(?:"source"\s*+:\s*+(?:\[\s*+)?)?("(?:[^"\\]|\\.)*+")\s*+(?:\]\s*+)?(?:,\s*+)?')

Read = Callable[[Location, int], str | None]


class Row(msgspec.Struct, frozen=True):
    """One safe source line, its number, and the marked cells: `mark` of them from `start`."""

    number: int
    text: str
    start: int
    mark: int


def reader(report: Report) -> Read:
    """A function that returns the source line `offset` lines below the start of a location, without its line end and without secrets."""

    from mldebt.project.secrets import in_source

    @functools.lru_cache(maxsize=_KEPT)
    def lines(path: str) -> tuple[str, ...]:
        given = report.given.get(path)
        return _lines(Path(report.root), path) if given is None else tuple(given.decode("utf-8-sig", "replace").split("\n"))

    def read(location: Location, offset: int) -> str | None:
        known, index = lines(location.path), location.line + offset - 1
        if not 0 <= index < len(known):
            return None
        if location.path.endswith(".ipynb"):
            line = _decoded(known[index], (location.cell_line or 1) + offset)
            return None if line is None else in_source(line)
        return in_source(known[index].rstrip())

    return read


def rows(location: Location, read: Read, room: int) -> list[Row]:
    """The first and the last line of a location, clipped around the marks to `room` cells; empty if unreadable."""
    first = read(location, 0) if location.line > 0 else None
    if first is None:
        return []
    number = location.line if location.cell_line is None else location.cell_line
    begin = max(location.column, 1) - 1
    more = location.end_line - location.line
    if more <= 0:
        return [_row(number, first, begin, max(location.end_column - 1, begin + 1), room)]
    found = [_row(number, first, begin, max(len(first), begin + 1), room)]
    last = read(location, more)
    if last is not None and location.end_column > 1:
        indent = len(last) - len(last.lstrip())
        found.append(_row(number + more, last, min(indent, location.end_column - 2), location.end_column - 1, room))
    return found


def _row(number: int, line: str, begin: int, end: int, room: int) -> Row:
    before = after = ""
    if _cells(line) > room:
        low = max(0, min(begin - room // 3, len(line) - room + 6))
        before, after = "..." if low else "", "..." if low + room - 6 < len(line) else ""
        line, begin, end = line[low : low + room - 6], begin - low, end - low
    begin = min(begin, len(line))
    start = _cells(line[:begin])
    mark = max(_cells(line[: min(end, len(line))]) - start, 1)
    return Row(number, before + _shown(line) + after, len(before) + start, mark)


def _shown(line: str) -> str:
    return safe(line.expandtabs(_TAB))


def _cells(line: str) -> int:
    return cell_len(_shown(line))


def _lines(root: Path, path: str) -> tuple[str, ...]:
    relative = PurePosixPath(path)
    if relative.is_absolute() or ".." in relative.parts:
        return ()
    try:
        file = root / relative
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return ()
        text = file.read_text(encoding="utf-8-sig", errors="replace")
    except (OSError, ValueError):  # ValueError: a null character in the path
        return ()
    return tuple(text.split("\n"))


def _decoded(line: str, cell_line: int) -> str | None:
    """The source in one line of an .ipynb file, which is a JSON string; a string of many lines holds a whole cell."""
    found = _STRING_LINE.fullmatch(line)
    if found is None:
        return None
    try:
        source = json.loads(found[1], strict=False)
    except ValueError:
        return None
    if not isinstance(source, str):
        return None
    parts = source.removesuffix("\n").split("\n")
    index = 0 if len(parts) == 1 else cell_line - 1
    return parts[index].rstrip() if 0 <= index < len(parts) else None
