"""Lines of styled text with a hanging indent. Words are never cut, so a path stays whole whatever the width."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.text import Text

from mldebt.findings import Severity
from mldebt.report.options import Options
from mldebt.report.terminal import console

_PROSE = 110  # longer lines are hard to read, however wide the terminal
_STYLES = ("cyan", "bold cyan", "bold yellow", "bold red")  # by severity level
_CODE = r"`[^`]+`"


def width_of(options: Options) -> int:
    """The settled width."""
    return options.width or 100


def paint(lines: Iterable[Text], options: Options) -> str:
    """The lines as a string, with colour codes only if the options say always."""
    if options.color != "always":  # much faster, and the same text
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    out = io.StringIO()
    screen = console(out, options.color, width_of(options))
    for line in lines:
        line.rstrip()
        screen.print(line, soft_wrap=True)
    return out.getvalue()


def style_of(severity: Severity) -> str:
    """The colour of a severity."""
    return _STYLES[severity.level]


def title(severity: Severity, name: str, code: str) -> Text:
    """`warning[name] code`; both words are safe already."""
    return Text.assemble((f"{severity}[{name}]", style_of(severity)), (f" {code}", "dim"))


def message(text: str, style: str = "") -> Text:
    """A safe message, with what stands in backticks set off."""
    styled = Text(text, style=style)
    styled.highlight_regex(_CODE, "bold")
    return styled


def hang(first: Text, body: Text, width: int, indent: int | None = None) -> Iterator[Text]:
    """`first`, then the body wrapped at spaces; its further lines start at `indent`, else where the body began."""
    start = first.cell_len
    later = start if indent is None else indent
    width = min(width, max(start, later) + _PROSE)
    lead = first
    for part in body.divide(_breaks(body.plain, width - start, width - later)):
        part.rstrip()
        yield Text.assemble(lead, part)
        lead = Text(" " * later)


def _breaks(text: str, room: int, later: int) -> list[int]:
    breaks: list[int] = []
    used = start = 0
    for word in text.split(" "):
        size = cell_len(word)
        if used and used + size > room:
            breaks.append(start)
            room, used = later, 0
        used += size + 1
        start += len(word) + 1
    return breaks
