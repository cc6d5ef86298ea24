"""Writes the results of data passes in one format. Each format is a module with `render(results, options) -> str`, imported late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from mldebt.data_pass.result import Result
from mldebt.report.options import Color, Options, meant
from mldebt.report.terminal import emit, use_color, use_width

FORMATS: tuple[str, ...] = ("text", "json", "markdown", "html")

__all__ = ["FORMATS", "render", "write"]


def write(results: Sequence[Result], format: str, out: TextIO, *, options: Options) -> None:
    """Writes the results to `out` in the named format; an unknown format is a ValueError."""
    color: Color = "always" if use_color(out, options.color) else "never"
    settled = Options(color=color, width=use_width(out, options.width), verbose=options.verbose)
    emit(render(results, format, settled), out)


def render(results: Sequence[Result], format: str, options: Options) -> str:
    """The results as text of that format, in the order given."""
    rendering: Callable[[Sequence[Result], Options], str]
    match format:
        case "text":
            from mldebt.data_pass.report.text import render as rendering
        case "json":
            from mldebt.data_pass.report.json import render as rendering
        case "markdown":
            from mldebt.data_pass.report.markdown import render as rendering
        case "html":
            from mldebt.data_pass.report.html import render as rendering
        case _:
            raise ValueError(f"unknown output format {format!r}{meant(format, FORMATS)}")
    return rendering(results, options)
