"""A forward cursor over JSON text that knows its line. Values that nobody asks for are skipped by the C decoder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

_SPACE = re.compile(r"[ \t\n\r]*")
_SPACE_OR_COMMENT = re.compile(r"[ \t\n\r]*(?:(?://[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/)[ \t\n\r]*)*+")
_DECODER = JSONDecoder()


class JsonCursor:
    """Reads JSON from front to back; JSONDecodeError where it is not JSON, RecursionError when nested too deeply.

    `lenient` also takes the comments and trailing commas that many tools allow in their configuration files.
    """

    def __init__(self, text: str, *, lenient: bool = False) -> None:
        self._text = text
        self._space = _SPACE_OR_COMMENT if lenient else _SPACE
        self._lenient = lenient
        self._at = 0
        self._counted, self._line = 0, 1

    def peek(self) -> str:
        """The first character of what comes next, or "" at the end."""
        match = self._space.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    @property
    def line(self) -> int:
        """The line of what `peek` has shown."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def value(self) -> object:
        """The whole value that comes next."""
        self.peek()
        found: object
        try:
            found, self._at = _DECODER.raw_decode(self._text, self._at)
        except JSONDecodeError:
            raise
        except ValueError:  # Python's own limit
            raise self._error("Number of too many digits") from None
        return found

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next. Take each value before asking for the next key."""
        for _ in self._items("{", "}"):
            if self.peek() != '"':
                raise self._error("Expecting property name enclosed in double quotes")
            key = self.value()
            self._expect(":")
            self.peek()
            yield str(key)

    def elements(self) -> Iterator[int]:
        """The positions of the array that comes next. Take each element before asking for the next one."""
        yield from self._items("[", "]")

    def end(self) -> None:
        """Nothing but space may follow."""
        if self.peek():
            raise self._error("Extra data")

    def _items(self, opening: str, closing: str) -> Iterator[int]:
        self._expect(opening)
        count = 0
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            self.peek()
            yield count
            count += 1
            char = self.peek()
            if char == ",":
                self._at += 1
                if not (self._lenient and self.peek() == closing):
                    continue
            elif char != closing:
                raise self._error("Expecting ',' delimiter")
            self._at += 1
            return

    def _expect(self, char: str) -> None:
        if self.peek() != char:
            raise self._error(f"Expecting {char!r}")
        self._at += 1

    def _error(self, message: str) -> JSONDecodeError:
        return JSONDecodeError(message, self._text, self._at)


def not_json(error: JSONDecodeError) -> str:
    """The one line that tells a reader where the text stops being JSON."""
    return f"not valid JSON: line {error.lineno} column {error.colno}: {error.msg}"


def without_surrogates(text: str) -> str:
    """`text` with `?` for every lone surrogate: JSON can escape them, nothing can encode them."""
    return text.encode("utf-8", "replace").decode()
