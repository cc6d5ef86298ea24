from __future__ import annotations

import io

import msgspec
import pytest

from mldebt.report import FORMATS, Options, write

from .sample import empty, rendered, sample


@pytest.mark.parametrize(
    ("format", "message"),
    [
        ("jsno", "unknown output format 'jsno' - did you mean 'json'?"),
        ("TEXT", "unknown output format 'TEXT' - did you mean 'text'?"),
        ("xyz", "unknown output format 'xyz' - choose from text, full,"),
    ],
)
def test_an_unknown_format_names_the_nearest(format: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        write(empty(), format, io.StringIO(), options=Options())
    assert str(caught.value).startswith(message)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown color 'allways' - did you mean 'always'\?"):
        Options(color="allways")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="width must be at least 40, not 3"):
        Options(width=3)
    with pytest.raises(ValueError, match="top must not be negative"):
        Options(top=-1)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_the_same_twice_and_ends_its_last_line(format: str) -> None:
    text = rendered(sample(), format)
    assert text == rendered(sample(), format)
    assert text.endswith("\n") and not text.endswith("\n\n")


@pytest.mark.parametrize("format", FORMATS)
def test_the_order_of_the_ledger_does_not_matter(format: str) -> None:
    report = sample()
    summary = msgspec.structs.replace(
        report.summary,
        coverage=dict(reversed(report.summary.coverage.items())),
        unread=report.summary.unread[::-1],
        timings=dict(reversed(report.summary.timings.items())),
        languages=dict(reversed(report.summary.languages.items())),
    )
    turned = msgspec.structs.replace(report, summary=summary)
    assert rendered(turned, format, verbose=True) == rendered(report, format, verbose=True)


@pytest.mark.parametrize("format", FORMATS)
def test_top_keeps_the_first(format: str) -> None:
    text = rendered(sample(), format, top=1)
    assert "unsafe-load-remote" in text
    assert "fixed-threshold" not in text
    assert rendered(sample(), format, top=8) == rendered(sample(), format)


@pytest.mark.parametrize("format", FORMATS)
def test_lines_have_no_trailing_spaces(format: str) -> None:
    assert [line for line in rendered(sample(), format).splitlines() if line != line.rstrip()] == []
