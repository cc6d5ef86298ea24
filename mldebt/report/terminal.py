"""Text that people see: hostile names made harmless, colour and width decided, a closed pipe survived.

Names, messages and source lines come from the scanned project and may hold anything. Whoever prints them passes them through
`safe` first. A reader that goes away (`mldebt scan | head`) is handled in `emit`, and nowhere else.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OF_FILES = 100
_NARROWEST, _WIDEST = 40, 200
# C0, DEL, C1; marks that reorder or hide text; line separators; lone surrogates; tag characters
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def safe(text: str) -> str:
    """The text on one line, with every character that could move the cursor, reorder or hide text written as an escape."""
    return _UNSAFE.sub(lambda found: _visible(found[0]), text)


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding accepts, written as escapes; all else is kept."""
    return _SURROGATE.sub(lambda found: _visible(found[0]), text)


def _visible(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def use_color(out: TextIO, color: Literal["auto", "always", "never"]) -> bool:
    """Whether to colour: as asked, else by NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM and whether `out` is a terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return os.environ.get("TERM") != "dumb" and out.isatty()


def use_width(out: TextIO, width: int | None) -> int:
    """The width asked for, else COLUMNS, else that of the terminal, else 100 for files and pipes."""
    if width is not None:
        return width
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return _bounded(int(columns))
    if out.isatty():
        try:
            return _bounded(os.get_terminal_size(out.fileno()).columns or _WIDTH_OF_FILES)
        except (OSError, ValueError):
            pass
    return _WIDTH_OF_FILES


def _bounded(width: int) -> int:
    return max(_NARROWEST, min(width, _WIDEST))


def console(out: TextIO, color: Literal["auto", "always", "never"] = "auto", width: int | None = None) -> Console:
    """A rich console that reads no markup, emoji or highlights into what it prints, and is plain unless `use_color`."""
    from rich.console import Console

    colored = use_color(out, color)
    return Console(
        file=out,
        width=use_width(out, width),
        force_terminal=colored,
        color_system="standard" if colored else None,
        no_color=not colored,
        force_interactive=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def emit(text: str, out: TextIO) -> None:
    """Writes and flushes all of the text; what `out` cannot encode is escaped, and a closed pipe ends the output quietly."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        out.write(text)
        out.flush()
    except BrokenPipeError:
        _discard(out)


def _discard(out: TextIO) -> None:
    """Lets what is still buffered, or written later, go to the null device: the flush at exit must not fail once more."""
    try:
        target = out.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return
    os.dup2(null, target)
    os.close(null)
