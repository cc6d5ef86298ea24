"""Positions of syntax nodes: lines and columns from 1, columns counted in characters."""

from __future__ import annotations

import ast

import libcst as cst

from mldebt.facts.model import Span
from mldebt.facts.parse import Trees

NOWHERE = Span(1, 1, 1, 1)


class Spans:
    """Answers where a node stands. `ast` counts bytes, so lines with other than ASCII are converted."""

    def __init__(self, text: str, trees: Trees) -> None:
        self._ranges = trees.ranges
        self._lines = None if text.isascii() else [line.encode("utf8", "surrogatepass") for line in text.split("\n")]

    def of(self, node: cst.CSTNode, twin: ast.AST | None) -> Span:
        """The span of a libcst node whose `ast` twin (or nearest known ancestor's twin) is given."""
        if self._ranges is not None:
            found = self._ranges.get(node)
            return NOWHERE if found is None else Span(found.start.line, found.start.column + 1, found.end.line, found.end.column + 1)
        line = getattr(twin, "lineno", None)
        if line is None:
            return NOWHERE
        start, end, end_line = twin.col_offset, twin.end_col_offset, twin.end_lineno  # type: ignore[union-attr]
        if self._lines is not None:
            start, end = self._characters(line, start), self._characters(end_line, end)
        return Span(line, start + 1, end_line, end + 1)

    def _characters(self, line: int, offset: int) -> int:
        assert self._lines is not None
        if line > len(self._lines):
            return offset
        raw = self._lines[line - 1]
        return offset if raw.isascii() else len(raw[:offset].decode("utf8", "replace"))
