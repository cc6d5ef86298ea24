"""Small questions about control flow, answered from the syntax alone."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

import libcst as cst

FALLS = ""  # control falls through to the next statement


def all_leave(*ends: str) -> str:
    """How control leaves when no branch falls through, else ""."""
    return "" if not all(ends) else (ends[0] if len(set(ends)) == 1 else "return")


def exits(body: cst.CSTNode, kind: type[cst.CSTNode]) -> bool:
    """A `break` (or what `kind` names) of this loop, not of a loop inside it."""
    stack: list[cst.CSTNode] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, kind):
            return True
        if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            continue
        if isinstance(node, (cst.For, cst.While)):
            stack.extend([node.orelse] if node.orelse is not None else [])
            continue
        stack.extend(node.children)
    return False


def handler_names(handlers: Sequence[cst.CSTNode]) -> set[str]:
    """Exception names of `except` clauses, last part of dotted ones kept whole; `*` for a bare clause, `?` for any other expression."""
    found: set[str] = set()
    for handler in handlers:
        kind = handler.type  # type: ignore[attr-defined]
        if kind is None:
            found.add("*")
            continue
        parts = [e.value for e in kind.elements] if isinstance(kind, cst.Tuple) else [kind]
        for part in parts:
            name = ""
            while isinstance(part, cst.Attribute):
                name = f".{part.attr.value}{name}"
                part = part.value
            found.add(part.value + name if isinstance(part, cst.Name) else "?")
    return found


def is_caught(name: str, seen: set[str]) -> bool:
    """Whether an earlier clause with the names `seen` takes every exception of this name."""
    if name in seen or "*" in seen or "BaseException" in seen:
        return True
    kind = getattr(builtins, name, None)
    earlier = tuple(k for n in seen if isinstance(k := getattr(builtins, n, None), type))
    return isinstance(kind, type) and issubclass(kind, earlier)


def is_import_guard(test: cst.CSTNode) -> bool:
    """`TYPE_CHECKING`, `HAS_X`, `sys.version_info` and the like: what stands below may be absent at run time."""
    if isinstance(test, cst.UnaryOperation):
        test = test.expression
    if isinstance(test, cst.Comparison):
        test = test.left
    if isinstance(test, cst.Subscript):
        test = test.value
    name = test.attr.value if isinstance(test, cst.Attribute) else test.value if isinstance(test, cst.Name) else ""
    return name in ("TYPE_CHECKING", "version_info", "platform", "PY2", "PY3") or name.lower().startswith(("has_", "have_", "is_available"))


def stub_kind(body: cst.CSTNode) -> str:
    """What a body that does nothing consists of: docstring, pass, ..., raise (only an exception), or "" when it works."""
    kind = "pass"
    for line in body.body:  # type: ignore[attr-defined]
        parts = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
        for part in parts:
            if isinstance(part, cst.Pass):
                continue
            if isinstance(part, cst.Expr) and isinstance(part.value, (cst.SimpleString, cst.ConcatenatedString)):
                kind = "docstring" if kind == "pass" else kind
            elif isinstance(part, cst.Expr) and isinstance(part.value, cst.Ellipsis):
                kind = "..."
            elif isinstance(part, cst.Raise):
                kind = "raise"
            else:
                return ""
    return kind


def is_note(node: cst.CSTNode) -> bool:
    """A string that stands as a statement, often a comment."""
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)
