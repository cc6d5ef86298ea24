"""Scopes while they are being walked: what a name means at this point of the text."""

from __future__ import annotations

import builtins
from collections.abc import Iterable

import libcst as cst

from mldebt.facts.model import Binding, Parameter, Span

BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__package__",
    "__spec__",
    "__path__",
    "__builtins__",
    "__annotations__",
    "__class__",
    "__module__",
    "__qualname__",
    "__dict__",
    "__loader__",
    "WindowsError",
    "reveal_type",
    "get_ipython",
    "display",
    "In",
    "Out",
    "_",
    "__",  # notebooks
}


class Frame:
    """A scope under construction. `env` holds the value that reaches this point for each name bound so far."""

    def __init__(self, index: int, kind: str, name: str, parent: Frame | None, block: int, span: Span) -> None:
        self.index, self.kind, self.name, self.parent, self.block, self.span = index, kind, name, parent, block, span
        self.qualname = name if parent is None or parent.kind == "module" else f"{parent.qualname}.{name}"
        self.env: dict[str, int] = {}
        self.locals: frozenset[str] = frozenset()
        self.outer_names: set[str] = set()  # global and nonlocal
        self.volatile: frozenset[str] = frozenset()  # own names that an inner function rebinds
        self.bindings: dict[str, list[Binding]] = {}
        self.loads: set[str] = set()
        self.names: set[str] = set()
        self.strings: set[str] = set()
        self.dotted: set[str] = set()
        self.qualified: set[str] = set()
        self.parameters: tuple[Parameter, ...] = ()
        self.decorators: tuple[int, ...] = ()
        self.bases: tuple[int, ...] = ()
        self.returns: list[int] = []
        self.generator = False
        self.stub = ""
        self.digest = ""
        self.reads_all = False  # locals(), eval, exec

    @property
    def function_like(self) -> bool:
        return self.kind in ("function", "lambda")


def bound_names(body: Iterable[cst.CSTNode]) -> set[str]:
    """Names that the statements bind in their own scope (nested functions and classes bind only their name)."""
    found: set[str] = set()
    stack = list(body)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is cst.SimpleStatementLine or kind is cst.SimpleStatementSuite:
            stack.extend(node.body)
        elif kind is cst.Assign:
            for target in node.targets:
                _targets(target.target, found)
        elif kind is cst.AnnAssign or kind is cst.AugAssign:
            _targets(node.target, found)
        elif kind is cst.FunctionDef or kind is cst.ClassDef:
            found.add(node.name.value)
        elif kind is cst.Import or kind is cst.ImportFrom:
            if not isinstance(node.names, cst.ImportStar):
                for alias in node.names:
                    if alias.asname is not None:
                        _targets(alias.asname.name, found)
                    else:
                        name = alias.name
                        while type(name) is cst.Attribute:
                            name = name.value
                        found.add(name.value)
        elif kind is cst.If or kind is cst.While:
            stack.append(node.body)
            if node.orelse is not None:
                stack.append(node.orelse)
        elif kind is cst.For:
            _targets(node.target, found)
            stack.append(node.body)
            if node.orelse is not None:
                stack.append(node.orelse)
        elif kind is cst.With:
            for item in node.items:
                if item.asname is not None:
                    _targets(item.asname.name, found)
            stack.append(node.body)
        elif kind is cst.Try or kind is cst.TryStar:
            stack.append(node.body)
            stack.extend(node.handlers)
            stack.extend(x for x in (node.orelse, node.finalbody) if x is not None)
        elif kind is cst.ExceptHandler or kind is cst.ExceptStarHandler:
            if node.name is not None:
                _targets(node.name.name, found)
            stack.append(node.body)
        elif kind is cst.Match:
            for case in node.cases:
                found.update(pattern_names(case.pattern))
                stack.append(case.body)
        elif kind is cst.TypeAlias:
            found.add(node.name.value)
        elif kind is cst.IndentedBlock:
            stack.extend(node.body)
        elif kind is cst.Else or kind is cst.Finally:
            stack.append(node.body)
    return found


def _targets(node: cst.CSTNode, found: set[str]) -> None:
    kind = type(node)
    if kind is cst.Name:
        found.add(node.value)
    elif kind is cst.Tuple or kind is cst.List:
        for element in node.elements:
            _targets(element.value, found)
    elif kind is cst.StarredElement:
        _targets(node.value, found)


def pattern_names(pattern: cst.CSTNode) -> set[str]:
    """Names that a match pattern captures."""
    found: set[str] = set()
    stack = [pattern]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in (cst.MatchAs, cst.MatchStar) and node.name is not None:
            found.add(node.name.value)
        if kind is cst.MatchMapping and node.rest is not None:
            found.add(node.rest.value)
        stack.extend(node.children)
    return found


def walrus_names(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Targets of `:=` below these nodes; those of comprehensions belong to the scope around, those of functions do not."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            continue
        if isinstance(node, cst.NamedExpr):
            _targets(node.target, found)
        stack.extend(node.children)
    return found
