"""Text of the scanned project in GitHub-flavoured Markdown, where it must stay text: no markup, link, image, mention or reference.

Mentions and references are made from the finished HTML, where an escape is no obstacle; a character without width behind the mark is one.
"""

from __future__ import annotations

import re

from mldebt.findings import Location
from mldebt.report.terminal import safe
from mldebt.report.words import place

_MARKUP = re.compile(r"[\\`*\[\]#~|]|(?<!\w)_|_(?!\w)|^[-+=](?=[\s=-]|$)|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})
_CODE = re.compile(r"`([^`]+)`")
_REFERENCE = re.compile(r"(?i)(?<=[@#!~$&^%:])(?=[\w/'\x22{\[-])|(?<=\bwww)(?=\.)|(?<=\bgh-)(?=\d)")
_NO_WIDTH = "\u200b"  # `safe` leaves none in, so all of them are ours


def prose(text: str) -> str:
    """The text on one line; what it has in backticks is code, all else has no markup."""
    pieces = _CODE.split(safe(" ".join(text.split())))
    return "".join(code(piece) if index % 2 else _plain(piece) for index, piece in enumerate(pieces))


def code(text: str) -> str:
    """The text as code, also in a cell of a table."""
    shown = safe(text)
    if not shown.strip():
        return _plain(shown)
    if "`" in shown or "|" in shown:  # neither can be escaped in a code span that may stand in a table
        return f"<code>{_plain(shown)}</code>"
    return f"`{shown}`"


def where(location: Location) -> str:
    """`path:line` as code, in a notebook with the cell."""
    return code(place(location))


def _plain(text: str) -> str:
    apart = _REFERENCE.sub(_NO_WIDTH, text)
    return _MARKUP.sub(r"\\\g<0>", apart).translate(_ENTITIES).replace(_NO_WIDTH, "&#8203;")
