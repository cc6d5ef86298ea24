"""Bytes to text: encodings, newlines, and files that are not text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.findings import Unread
from mldebt.sources.model import Language, Role, Source, Text
from mldebt.sources.read import decode, line_count, read


def outcome(tmp_path: Path, raw: bytes, name: str = "a.py", language: Language = Language.PYTHON) -> Text | Unread:
    (tmp_path / name).write_bytes(raw)
    return read(tmp_path, Source(name, language, Role.CODE))


def reason(result: Text | Unread) -> str:
    assert isinstance(result, Unread)
    return result.reason


@pytest.mark.parametrize(
    ("raw", "text", "lines"),
    [
        (b"", "", 0),
        (b"x = 1", "x = 1", 1),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", 1),
        (b"a\r\nb\rc\n", "a\nb\nc\n", 3),
        ("s = 'é'\n".encode(), "s = 'é'\n", 1),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n", "# -*- coding: latin-1 -*-\ns = 'é'\n", 2),
        (
            b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\ns = '\x80'\n",
            "#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\ns = '€'\n",
            3,
        ),
        ("x = 1\n".encode("utf-16"), "x = 1\n", 1),
    ],
)
def test_text_and_lines(tmp_path: Path, raw: bytes, text: str, lines: int) -> None:
    assert outcome(tmp_path, raw) == Text(text, lines)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"a = 1\nb = 2\ns = '\xe9'\n", "not UTF-8: byte 0xe9 at line 3; add a coding line or convert the file"),
        (b"a\r\nb\rs = '\xe9'\n", "not UTF-8: byte 0xe9 at line 3; add a coding line or convert the file"),
        (b"a = 1\n\0\n", "NUL byte at line 2: not a text file"),
        (b"# coding: klingon\n", "unknown encoding 'klingon' in the coding line"),
        (b"# coding: base64\nx\n", "unknown encoding 'base64' in the coding line"),
        (b"# coding: ascii\ns = '\xe9'\n", "not ascii, as its first bytes say: byte 0xe9 at line 2; convert the file to UTF-8"),
        (b"\xff\xfea", "not utf-16, as its first bytes say: byte 0x61 at line 1; convert the file to UTF-8"),
        (b"# coding: undefined\n", "not undefined; convert the file to UTF-8"),
    ],
)
def test_why_it_is_not_text(tmp_path: Path, raw: bytes, why: str) -> None:
    assert reason(outcome(tmp_path, raw)) == why


def test_a_coding_line_counts_only_where_python_looks(tmp_path: Path) -> None:
    assert "not UTF-8" in reason(outcome(tmp_path, b"x = 1\n# coding: latin-1\ns = '\xe9'\n"))
    assert "not UTF-8" in reason(outcome(tmp_path, b"# coding: latin-1\nkey: \xe9\n", "a.yaml", Language.YAML))


def test_a_file_that_vanished(tmp_path: Path) -> None:
    assert reason(read(tmp_path, Source("gone.py", Language.PYTHON, Role.CODE))) == "cannot be read: No such file or directory"


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert reason(read(tmp_path, Source("a.py", Language.PYTHON, Role.CODE))) == "cannot be read: Permission denied"


def test_a_notebook_is_read_as_its_cells(tmp_path: Path) -> None:
    raw = b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}'
    result = outcome(tmp_path, raw, "n.ipynb", Language.NOTEBOOK)
    assert isinstance(result, Text)
    assert (result.text, result.lines) == ("x = 1\n\n", 2)
    assert reason(outcome(tmp_path, b"", "n.ipynb", Language.NOTEBOOK)) == "not valid JSON: line 1 column 1: Expecting value"


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_clean_text_or_one_line(raw: bytes, python: bool) -> None:
    try:
        text = decode(raw, python=python)
    except ValueError as error:
        assert "\n" not in str(error)
        return
    assert "\r" not in text
    text.encode()
    assert line_count(text) == len(text.split("\n")) - (text == "" or text.endswith("\n"))
