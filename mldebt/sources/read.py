"""One file to text: encodings and newlines are settled here, so that every later stage sees the same lines."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from mldebt.findings import Unread
from mldebt.sources.model import Language, Source, Text
from mldebt.sources.notebook import NotebookError, notebook

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(root: Path, source: Source, raw: bytes | None = None) -> Text | Unread:
    """The text of a source with `\\n` newlines and no byte-order mark, or why there is none. Given its content, no file is opened."""
    if raw is None:
        found = content(root, source)
        if isinstance(found, Unread):
            return found
        raw = found
    try:
        text = decode(raw, python=source.language is Language.PYTHON)
        if source.language is Language.NOTEBOOK:
            return notebook(text)
    except (NotebookError, _Undecodable) as error:
        return Unread(source.path, str(error))
    return Text(text, line_count(text))


def content(root: Path, source: Source) -> bytes | Unread:
    """The bytes of the file, or why there are none."""
    try:
        return (root / source.path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return Unread(source.path, f"cannot be read: {reason or error}")


class _Undecodable(ValueError):
    pass


def decode(raw: bytes, *, python: bool) -> str:
    """The characters of `raw`; a ValueError names the first byte that is wrong, and the mend."""
    for mark, encoding in _WIDE:
        if raw.startswith(mark):
            return _newlines(_decoded(raw, encoding))
    marked = raw.startswith(codecs.BOM_UTF8)
    if marked:
        raw = raw[3:]
    if (at := raw.find(b"\0")) >= 0:
        raise _Undecodable(f"NUL byte at line {_line(raw, at)}: not a text file")
    return _newlines(_decoded(raw, "utf-8" if marked or not python else _cookie(raw) or "utf-8"))


def line_count(text: str) -> int:
    """The number of lines, the last one counted with or without its newline."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _cookie(raw: bytes) -> str:
    """The encoding of a PEP 263 line: in the first line, or in the second below a comment or blank line."""
    for line in re.split(rb"\r\n|\r|\n", raw[:4096], maxsplit=2)[:2]:
        if match := _COOKIE.match(line):
            return match[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            break
    return ""


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
        text.encode()  # some codecs let surrogates through, which nothing after this could write
        return text
    except LookupError:
        raise _Undecodable(f"unknown encoding {encoding!r} in the coding line") from None
    except UnicodeDecodeError as error:
        where = f"byte 0x{raw[error.start]:02x} at line {_line(raw, error.start)}"
        if encoding == "utf-8":
            raise _Undecodable(f"not UTF-8: {where}; add a coding line or convert the file") from None
        raise _Undecodable(f"not {encoding}, as its first bytes say: {where}; convert the file to UTF-8") from None
    except (ValueError, ArithmeticError):  # UnicodeError of the stranger codecs
        raise _Undecodable(f"not {encoding}; convert the file to UTF-8") from None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _line(raw: bytes, at: int) -> int:
    head = raw[:at]
    return head.count(b"\n") + head.count(b"\r") - head.count(b"\r\n") + 1
