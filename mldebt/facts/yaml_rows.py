"""On which lines of a file the lines of its values stand: a quoted or folded value breaks elsewhere than its text does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from mldebt.facts.model import Command, Setting

FAR = 1_000_000  # lines between two values, so that a line tells which value it is of
_WORDS = 3  # by which a line is known again
_LONGEST = 400  # lines of a value that are looked for


class Rows:
    """The lines of the values of one file; without its text, values are taken to be written line by line."""

    def __init__(self, settings: Sequence[Setting], text: str) -> None:
        self._lines = text.split("\n") if text else []
        self._starts = sorted({leaf.line for leaf in settings}) if text else []
        self._known: dict[Setting, tuple[int, ...]] = {}

    def seated(self, command: Command, leaves: Sequence[Setting]) -> Command:
        """A command whose line counts from n * FAR, in the n-th of the values, with its line in the file."""
        number, row = divmod(command.line, FAR)
        leaf = leaves[number]
        rows = self._of(leaf)
        return msgspec.structs.replace(command, line=rows[row] if row < len(rows) else leaf.line + row)

    def _of(self, leaf: Setting) -> tuple[int, ...]:
        """The line of each line of the value; empty when one follows the other."""
        if not self._lines or not isinstance(leaf.value, str) or "\n" not in leaf.value:
            return ()
        if leaf not in self._known:
            wanted = [line.strip() for line in leaf.value.split("\n")[:_LONGEST]]
            written = [line.strip() for line in self._lines[leaf.line - 1 : leaf.line - 1 + len(wanted)]]
            plain = len(written) == len(wanted) and all(not one or one == other for one, other in zip(wanted, written, strict=True))
            self._known[leaf] = () if plain else tuple(self._found(leaf, wanted))
        return self._known[leaf]

    def _found(self, leaf: Setting, wanted: list[str]) -> list[int]:
        after = bisect_right(self._starts, leaf.line)
        end = self._starts[after] - 1 if after < len(self._starts) else len(self._lines)
        written = [line.replace('\\"', '"') for line in self._lines[leaf.line - 1 : max(end, leaf.line)]]
        at, found = 0, list[int]()
        for line in wanted:
            words = line.split()[:_WORDS]
            start = " ".join(words)
            broken = tuple(" ".join(words[:count]) for count in range(1, len(words)))  # the rest is on the next line
            if words:
                at = next((n for n in range(at, len(written)) if start in written[n] or written[n].endswith(broken)), at)
            found.append(leaf.line + at)
        return found
