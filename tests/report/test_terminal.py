from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.findings import Location, Report, Unread
from mldebt.report import FORMATS, Options, write, write_statistics
from mldebt.report.terminal import console, emit, safe, use_color, use_width

from .sample import only, ranked, rendered, sample

ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b[2J\x1b]8;;http://x\x07a\nb\rc\u202egpj.\u2066[red]d[/red] :boom: \x9b1m\udcff\u2028\t\0"


def hostile() -> Report:
    place = Location(HOSTILE, 3, 1, 3, 5, HOSTILE, cell=1, cell_line=1)
    finding = ranked(1, HOSTILE, place, HOSTILE, code=HOSTILE, debt=HOSTILE, evidence=(place,), help=HOSTILE, exposure=HOSTILE)
    report = only(finding, ranked(2, "other", place, HOSTILE, debt="other"), root=f"/srv/{HOSTILE}")
    summary = msgspec.structs.replace(
        report.summary,
        unread=(Unread(HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
        coverage={HOSTILE: next(iter(report.summary.coverage.values()))},
        timings={HOSTILE: 1.0},
        languages={HOSTILE: 1},
    )
    return msgspec.structs.replace(report, profile=HOSTILE, summary=summary)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_safe_makes_the_invisible_visible() -> None:
    assert safe("a\x1b[31m\n\t\r\x9b\u202e\udcff\ud800\u200b\U000e0041") == r"a\x1b[31m\n\t\r\x9b\u202e\xff\ud800\u200b\U000e0041"


def test_safe_keeps_what_people_write() -> None:
    for text in ("größe", "価格", "C:\\new", "[red]", "👩‍🔬", "a b\u00a0c"):
        assert safe(text) == text


@given(st.text())
def test_safe_leaves_no_control_characters_and_is_stable(text: str) -> None:
    shown = safe(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert len(shown.splitlines()) <= 1
    assert safe(shown) == shown


@pytest.mark.parametrize("format", FORMATS)
def test_no_hostile_name_reaches_the_terminal(format: str) -> None:
    text = rendered(hostile(), format, verbose=True)
    assert set(text) & set(HOSTILE) <= {"\n"} | {char for char in HOSTILE if " " <= char <= "~"}
    text.encode("utf-8")
    if format in ("text", "full", "concise"):
        assert "[red]d[/red] :boom:" in text


@pytest.mark.parametrize("format", ["text", "full"])
def test_color_adds_only_color_codes_to_hostile_names(format: str) -> None:
    plain, colored = (rendered(hostile(), format, verbose=True, color=color) for color in ("never", "always"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_one_line_stays_one_line() -> None:
    assert len(rendered(hostile(), "concise").splitlines()) == 2
    assert len(rendered(hostile(), "jsonl").splitlines()) == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("format", FORMATS)
def test_an_output_that_cannot_encode_the_text(format: str, encoding: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    write(only(ranked(1, "r", Location("größe/価格.py", 1), "価格")), format, out, options=Options(width=100))
    assert "\\u4fa1\\u683c" in raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("environment", "terminal", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
    ],
)
def test_color_by_environment(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], terminal: bool, color: bool) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Terminal() if terminal else io.StringIO()
    assert use_color(out, "auto") is color
    assert use_color(out, "always")
    assert not use_color(out, "never")
    write(sample(), "text", out, options=Options())
    assert ("\x1b[" in out.getvalue()) is color


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    assert use_width(io.StringIO(), None) == 100
    assert use_width(Terminal(), None) == 100  # has no file descriptor to ask
    monkeypatch.setenv("COLUMNS", "90")
    assert use_width(io.StringIO(), None) == 90
    assert use_width(io.StringIO(), 120) == 120
    monkeypatch.setenv("COLUMNS", "5")
    assert use_width(io.StringIO(), None) == 40
    monkeypatch.setenv("COLUMNS", "wide")
    assert use_width(io.StringIO(), None) == 100


def test_the_console_reads_no_markup() -> None:
    out = io.StringIO()
    console(out).print("[red]x[/red] :boom: http://a.b 12")
    assert out.getvalue() == "[red]x[/red] :boom: http://a.b 12\n"


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_closed_pipe_is_quiet(lines: int) -> None:
    program = f"""
import sys
from mldebt.report.terminal import emit
sys.stdin.read()
emit("line\\n" * {lines}, sys.stdout)
print("and more", flush=True)
"""
    end, start = os.pipe()
    os.close(end)
    with os.fdopen(start, "w") as closed:
        process = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=closed, stderr=subprocess.PIPE, text=True
        )
    assert (process.returncode, process.stderr) == (0, "")


def test_a_closed_pipe_without_a_descriptor_is_quiet() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    emit("text", Closed())


def test_other_write_errors_are_not_hidden() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        emit("text", Full())


def test_machine_formats_do_not_import_rich() -> None:
    program = """
import io, sys
from tests.report.sample import sample
from mldebt.report import Options, write
for name in ("json", "jsonl", "concise", "sarif", "github", "gitlab", "junit", "markdown"):
    write(sample(), name, io.StringIO(), options=Options())
print([name for name in sys.modules if name.split(".")[0] == "rich"])
"""
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(process.stdout) == []


def test_statistics_are_safe_too() -> None:
    out = io.StringIO()
    write_statistics(hostile(), out, options=Options(width=100))
    assert "\x1b" not in out.getvalue() and "\\x1b[2J" in out.getvalue()
    assert len(out.getvalue().splitlines()) == 4
