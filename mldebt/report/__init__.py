"""Writes a `Report` in one format. Each format is one module with `render(report, options) -> str`, imported only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from mldebt.report.options import Color, Options, meant
from mldebt.report.terminal import emit, use_color, use_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from mldebt.findings import Report

    Render = Callable[[Report, Options], str]

FORMATS: tuple[str, ...] = (
    *("text", "full", "concise", "json", "jsonl"),
    *("sarif", "github", "gitlab", "junit", "markdown", "html"),
)

__all__ = ["FORMATS", "Color", "Options", "write", "write_statistics"]


def write(report: Report, format: str, out: TextIO, *, options: Options) -> None:
    """Writes all of the report to `out` in the named format; an unknown format is a ValueError."""
    render = _render(format)
    emit(render(_top(report, options.top), _settled(options, out)), out)


def write_statistics(report: Report, out: TextIO, *, options: Options) -> None:
    """Writes one row per rule that has findings: how many, what they cost to pay, and to leave."""
    from mldebt.report.statistics import render

    emit(render(report, _settled(options, out)), out)


def _render(format: str) -> Render:
    match format:
        case "text":
            from mldebt.report.text import render
        case "full":
            from mldebt.report.full import render
        case "concise":
            from mldebt.report.concise import render
        case "json":
            from mldebt.report.json import render
        case "jsonl":
            from mldebt.report.jsonl import render
        case "sarif":
            from mldebt.report.sarif import render
        case "github":
            from mldebt.report.github import render
        case "gitlab":
            from mldebt.report.gitlab import render
        case "junit":
            from mldebt.report.junit import render
        case "markdown":
            from mldebt.report.markdown import render
        case "html":
            from mldebt.report.html import render
        case _:
            raise ValueError(f"unknown output format {format!r}{meant(format, FORMATS)}")
    return render


def _settled(options: Options, out: TextIO) -> Options:
    """Decides colour and width by the real output, because the formats render to memory."""
    color: Color = "always" if use_color(out, options.color) else "never"
    return Options(color=color, width=use_width(out, options.width), top=options.top, verbose=options.verbose)


def _top(report: Report, top: int | None) -> Report:
    if top is None or len(report.findings) <= top:
        return report
    from msgspec.structs import replace

    hidden = report.summary.hidden + len(report.findings) - top
    return replace(report, findings=report.findings[:top], summary=replace(report.summary, hidden=hidden))
