"""The code lines of a text, each as one number: what two files share can then be told without their texts."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence

LINE_SHIFT = 32  # the line number stands above the hash

_QUOTES = ('"""', "'''", 'r"""', "r'''")
_BESIDE = ("import ", "from ", "#", "else:", "try:", "finally:", "continue", "break", "@", *_QUOTES)


def outline(lines: Sequence[str], inside: Collection[int]) -> tuple[int, ...]:
    """Line number and hash of every line that does something; `inside` are the lines of strings of several lines.

    Blanks, the kind of quotes and trailing comments do not count. Imports, decorators, docstrings and bare keywords are left out.
    """
    found: list[int] = []
    crc, in_docstring = zlib.crc32, False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if inside and number in inside:
            if number - 1 not in inside or not in_docstring:
                in_docstring = text.startswith(_QUOTES)
            if in_docstring:
                continue
        else:
            in_docstring = False
        if len(text) < 5 or text.startswith(_BESIDE):
            continue
        if "  #" in text:
            text = text[: text.index("  #")]
        if '"' in text:
            text = text.replace('"', "'")
        found.append(number << LINE_SHIFT | crc("".join(text.split()).encode("utf8", "replace")))
    return tuple(found)
