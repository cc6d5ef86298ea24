"""Literals to values: strings, with the names that they may mention, and numbers."""

from __future__ import annotations

import ast
import re

import libcst as cst

from mldebt.facts.frames import Frame
from mldebt.facts.model import Const, Template
from mldebt.facts.spans import Spans
from mldebt.facts.values import ValueTable

Twin = ast.AST | None
_IDENTIFIERS = re.compile(r"[A-Za-z_][\w.:\-/]{1,80}\Z")
_PARTS = re.compile(r"[A-Za-z_]\w+")


class Literals:
    """The state of a walk, and what literals add to it."""

    values: ValueTable
    spans: Spans
    frame: Frame
    frames: list[Frame]
    block: int
    lines: list[str]

    def __init__(self) -> None:
        self.string_lines: set[int] = set()  # lines that lie inside a multi-line string: a `#` there is text

    def expr(self, node: cst.CSTNode, twin: Twin) -> int:
        raise NotImplementedError  # in Expressions

    def text(self, value: str) -> int:
        """A string literal; the identifiers in it may name functions, columns or options."""
        if len(value) <= 80 and _IDENTIFIERS.match(value):
            parts = _PARTS.findall(value)
            (self.frame.strings if len(parts) == 1 else self.frame.dotted).update(parts[-2:])
        elif ">>>" in value:  # an example of use
            self.frame.strings.update(p for line in value.split("\n") if ">>>" in line for p in _PARTS.findall(line))
        return self.values.const(value if len(value) <= 20_000 else value[:20_000])

    def _string(self, node: cst.SimpleString, twin: Twin) -> int:
        if "\n" in node.value:
            self._note_lines(node, twin)
        if type(twin) is ast.Constant:
            value = twin.value  # evaluated once already, by the other parser
        else:
            try:
                value = node.evaluated_value
            except (ValueError, SyntaxError):
                return self.values.unknown("string")
        return self.text(value) if type(value) is str and _encodable(value) else self.values.unknown("bytes")

    def _note_lines(self, node: cst.CSTNode, twin: Twin) -> None:
        span = self.spans.of(node, twin)
        self.string_lines.update(range(span.line, span.end_line + 1))

    def _note_concatenated(self, node: cst.ConcatenatedString, twin: Twin) -> None:
        """Notes the lines when a part spans several; comments may stand between the parts of others."""
        rest: cst.CSTNode = node
        while type(rest) is cst.ConcatenatedString:
            if type(rest.left) is cst.SimpleString and "\n" in rest.left.value:
                self._note_lines(node, twin)
            rest = rest.right
        if type(rest) is cst.SimpleString and "\n" in rest.value:
            self._note_lines(node, twin)

    def _concatenated(self, node: cst.ConcatenatedString, twin: Twin) -> int:
        if type(twin) is ast.Constant:
            self._note_concatenated(node, twin)
            return self.text(twin.value) if type(twin.value) is str and _encodable(twin.value) else self.values.unknown("bytes")
        parts: list[int] = []
        rest: cst.CSTNode = node
        while type(rest) is cst.ConcatenatedString:
            parts.append(self.expr(rest.left, twin))
            rest = rest.right
        parts.append(self.expr(rest, twin))
        items = [self.values.items[p] for p in parts]
        if all(type(i) is Const and type(i.value) is str for i in items):
            return self.text("".join(i.value for i in items))  # type: ignore[union-attr,misc]
        return self.values.add(Template(tuple(parts)))

    def _formatted(self, node: cst.FormattedString, twin: Twin) -> int:
        parts: list[int] = []
        if node.start.endswith(('"""', "'''")):
            self._note_lines(node, twin)
        for part in node.parts:
            if type(part) is cst.FormattedStringText:
                parts.append(self.values.const(part.value))
            else:
                parts.append(self.expr(part.expression, twin))
                for inner in part.format_spec or ():
                    if type(inner) is cst.FormattedStringExpression:
                        self.expr(inner.expression, twin)
        return self.values.add(Template(tuple(parts)))

    def _number(self, node: cst.Integer | cst.Float, twin: Twin) -> int:
        if type(twin) is ast.Constant and type(twin.value) in (int, float):
            return self.values.const(twin.value)
        try:
            return self.values.const(node.evaluated_value)
        except (ValueError, OverflowError, SyntaxError):  # more digits than Python converts
            return self.values.unknown("number")

    def _opaque(self, node: cst.CSTNode, twin: Twin) -> int:
        return self.values.unknown(type(node).__name__.lower())


def _encodable(value: str) -> bool:
    try:
        value.encode("utf8")
    except UnicodeEncodeError:
        return False
    return True
