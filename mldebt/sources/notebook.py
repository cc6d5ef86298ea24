"""A notebook's code cells as one Python text, with the place of every line in the .ipynb file.

Read with the standard library alone: nbformat validates and upgrades, which takes longer than all the rest, and neither it
nor json.loads says on which line of the file a piece of source stands. nbformat 2 to 4 are understood.
"""

from __future__ import annotations

from collections.abc import Callable
from json import JSONDecodeError

import msgspec

from mldebt.facts.model import Command, Place
from mldebt.sources.json_lines import JsonCursor, not_json, without_surrogates
from mldebt.sources.magics import mask, parses
from mldebt.sources.model import Text

_PYTHON = frozenset({"", "python", "ipython", "pyspark", "sage"})
_KERNEL_NAMES = {"ir": "R", "iruby": "ruby", "bash": "bash", "javascript": "javascript"}


class NotebookError(ValueError):
    """The notebook has no Python to read; the text says why."""


class _Cell(msgspec.Struct, frozen=True):
    kind: str
    language: str
    pieces: tuple[tuple[str, int], ...]  # of source, with the line of the file that each stands on


def notebook(text: str) -> Text:
    """The code of a notebook; NotebookError when it is broken, or in another language than Python."""
    try:
        cells, language = _cells(text)
    except JSONDecodeError as error:
        raise NotebookError(not_json(error)) from None
    except RecursionError:
        raise NotebookError("not valid JSON: nested too deeply") from None
    if cells is None:
        raise NotebookError('not a notebook: it has no list "cells"')
    if not _is_python(language):
        raise NotebookError(f"kernel language is {language}")
    return _joined(cells)


def without_broken_cells(text: Text, mend: Callable[[str], str]) -> tuple[Text, tuple[int, ...], bool]:
    """The same notebook with the cells that are not Python blanked, and their numbers: one such cell would cost all the others.

    A cell that is Python once it is mended costs nothing; the last value says whether there is one.
    """
    lines = text.text.split("\n")
    spans: dict[int, list[int]] = {}
    for index, place in enumerate(text.places):
        spans.setdefault(place.cell, []).append(index)
    broken: list[int] = []
    mended = False
    for cell, rows in spans.items():
        source = lines[rows[0] : rows[-1] + 1]
        if parses("\n".join(source)):
            continue
        other = mend("\n".join(source))
        if parses(other):
            lines[rows[0] : rows[-1] + 1] = other.split("\n")
            mended = True
        else:
            broken.append(cell)
    for cell in broken:
        for index in spans[cell]:
            lines[index] = ""
    return msgspec.structs.replace(text, text="\n".join(lines)), tuple(broken), mended


def _joined(cells: list[_Cell]) -> Text:
    lines: list[str] = []
    places: list[Place] = []
    commands: list[Command] = []
    written: dict[str, tuple[str, tuple[Place, ...]]] = {}
    cwd = ""
    for number, cell in enumerate(cells, start=1):
        if cell.kind != "code" or not _is_python(cell.language):
            continue
        source, file_lines = _lines(cell.pieces)
        if not source:
            continue
        own = [Place(line, number, index) for index, line in enumerate(file_lines, start=1)]
        masked = mask(source, cwd)
        cwd = masked.cwd
        commands.extend(msgspec.structs.replace(command, line=len(lines) + command.line) for command in masked.commands)
        if masked.written:
            name, appended = masked.written
            start = next(i for i, line in enumerate(source) if line.strip()) + 1
            before, places_before = written.get(name, ("", ())) if appended else ("", ())
            written[name] = (before + "".join(line + "\n" for line in source[start:]), (*places_before, *own[start:]))
        lines.extend((*masked.lines, ""))
        places.extend((*own, own[-1]))
    text = "".join(line + "\n" for line in lines)
    return Text(text, len(lines), tuple(places), tuple(commands), tuple((name, *found) for name, found in written.items()))


def _lines(pieces: tuple[tuple[str, int], ...]) -> tuple[list[str], list[int]]:
    """The lines of a cell, and the line of the file that each begins on."""
    lines: list[list[str]] = []
    starts: list[int] = []
    fresh = True
    for piece, line in pieces:
        clean = without_surrogates(piece).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "?")
        for part in clean.removesuffix("\n").split("\n") if clean else ():
            if fresh:
                lines.append([])
                starts.append(line)
            lines[-1].append(part)
            fresh = True
        fresh = clean.endswith("\n") if clean else fresh
    return ["".join(parts) for parts in lines], starts


def _is_python(language: str) -> bool:
    return language.lower().rstrip("0123456789.") in _PYTHON


def _cells(text: str) -> tuple[list[_Cell] | None, str]:
    """All cells and the kernel's language. Outputs are skipped, not kept."""
    cursor = JsonCursor(text)
    if cursor.peek() != "{":
        cursor.value()
        cursor.end()
        return None, ""
    cells: list[_Cell] | None = None
    metadata: object = None
    for key in cursor.members():
        if key == "cells" and cursor.peek() == "[":
            cells = _cell_list(cursor)
        elif key == "worksheets" and cursor.peek() == "[":
            cells = cells or []
            for _ in cursor.elements():
                cells.extend(_worksheet(cursor))
        elif key == "metadata":
            metadata = cursor.value()
        else:
            cursor.value()
    cursor.end()
    return cells, _language(metadata)


def _worksheet(cursor: JsonCursor) -> list[_Cell]:
    found: list[_Cell] = []
    if cursor.peek() != "{":
        cursor.value()
        return found
    for key in cursor.members():
        if key == "cells" and cursor.peek() == "[":
            found = _cell_list(cursor)
        else:
            cursor.value()
    return found


def _cell_list(cursor: JsonCursor) -> list[_Cell]:
    cells: list[_Cell] = []
    for _ in cursor.elements():
        kind = language = ""
        pieces: tuple[tuple[str, int], ...] = ()
        if cursor.peek() != "{":
            cursor.value()
        else:
            for key in cursor.members():
                if key in ("source", "input"):
                    pieces = _pieces(cursor)
                else:
                    value = cursor.value()
                    kind = str(value) if key == "cell_type" else kind
                    language = value if key == "language" and isinstance(value, str) else language
        cells.append(_Cell(kind, language, pieces))
    return cells


def _pieces(cursor: JsonCursor) -> tuple[tuple[str, int], ...]:
    if cursor.peek() != "[":
        line, value = cursor.line, cursor.value()
        return ((value, line),) if isinstance(value, str) else ()
    found: list[tuple[str, int]] = []
    for _ in cursor.elements():
        line, value = cursor.line, cursor.value()
        if isinstance(value, str):
            found.append((value, line))
    return tuple(found)


def _language(metadata: object) -> str:
    """The kernel's language by the notebook's metadata; "" when nothing is said, which is Python."""
    info, spec = _member(metadata, "language_info"), _member(metadata, "kernelspec")
    for found in (_member(info, "name"), _member(spec, "language"), _member(metadata, "language")):
        if isinstance(found, str) and found:
            return found
    name = _member(spec, "name")
    if not isinstance(name, str):
        return ""
    return "julia" if name.startswith("julia") else _KERNEL_NAMES.get(name, "")


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
