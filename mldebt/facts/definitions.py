"""Functions, lambdas and classes: the scopes that they open."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Sequence

import libcst as cst

from mldebt.facts.control import FALLS, stub_kind
from mldebt.facts.expressions import Twin, part_of
from mldebt.facts.frames import Frame, bound_names, walrus_names
from mldebt.facts.model import Binding, Block, Def, Param, Parameter, Span
from mldebt.facts.simple_statements import SimpleStatements


class Definitions(SimpleStatements):
    """What `def`, `lambda` and `class` say. Bodies of functions wait until the scope that holds them is done."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = [Block(-1, "module", 0)]
        self.statements: list[tuple[int, int]] = []  # first and last line of simple statements and of compound headers
        self.walrus = True  # whether the file has `:=` at all
        self.rebinds = True  # whether the file has `global` or `nonlocal` at all
        self._deferred: deque[tuple[Frame, cst.CSTNode, Twin, Sequence[cst.CSTNode], Sequence[ast.AST]]] = deque()

    def bound(self, nodes: Sequence[cst.CSTNode]) -> set[str]:
        """Names that statements (or expressions) bind in their own scope."""
        found = bound_names(nodes)
        return found | walrus_names(nodes) if self.walrus else found

    def body(self, nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> str:
        raise NotImplementedError  # in Lowering

    def open_block(self, kind: str, guard: int = -1, loop: bool = False) -> int:
        self.blocks.append(Block(self.block, kind, self.frame.index, guard, loop))
        return len(self.blocks) - 1

    def suite(self, node: cst.CSTNode, twins: object, block: int) -> str:
        """Walks an indented block (or the statements after a colon) inside `block`."""
        before, self.block = self.block, block
        leaves = self.body(node.body, twins if isinstance(twins, list) else ())  # type: ignore[attr-defined]
        self.block = before
        return leaves

    def _scope(self, kind: str, name: str, node: cst.CSTNode, twin: Twin) -> Frame:
        frame = Frame(len(self.frames), kind, name, self.frame, self.block, self.spans.of(node, twin))
        self.frames.append(frame)
        return frame

    def _function(self, node: cst.FunctionDef, twin: Twin) -> str:
        frame = self._scope("function", node.name.value, node, twin)
        body_twins = getattr(twin, "body", ())
        self.statements.append((frame.span.line, _header_end(frame.span, body_twins)))
        self._type_parameters(node)
        decorators = getattr(twin, "decorator_list", ())
        frame.decorators = tuple(
            self.expr(d.decorator, decorators[i] if i < len(decorators) else twin) for i, d in enumerate(node.decorators)
        )
        frame.parameters = self._parameters(node.params, getattr(twin, "args", None), twin)
        frame.stub = stub_kind(node.body)
        if node.returns is not None:
            self._type(node.returns, part_of(twin, "returns"))
        self.bind_name(node.name.value, self.values.add(Def(frame.index)), frame.span, "def")
        self._deferred.append((frame, node.params, twin, (node.body,), body_twins))
        return FALLS

    def _function_body(self, frame: Frame, params: cst.CSTNode, twin: Twin, nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> None:
        self.frame = frame
        self.block = frame.block
        self.block = self.open_block("function")
        bound = self.bound(nodes)
        if self.rebinds:
            frame.outer_names = _own_outer_names(nodes)
            frame.volatile = frozenset(rebound(nodes, cst.Nonlocal))
        frame.locals = frozenset((bound - frame.outer_names) | {p.name for p in frame.parameters})
        self._bind_parameters(frame)
        first = nodes[0]
        self.body(first.body, list(twins))  # type: ignore[attr-defined]

    def _bind_parameters(self, frame: Frame) -> None:
        for parameter in frame.parameters:
            value = self.values.add(Param(frame.index, parameter.name))
            frame.env[parameter.name] = value
            frame.bindings[parameter.name] = [Binding(value, parameter.span or frame.span, self.block, "parameter")]

    def _parameters(self, params: cst.Parameters, args: Twin, owner: Twin) -> tuple[Parameter, ...]:
        groups = [
            ("posonly", params.posonly_params, getattr(args, "posonlyargs", ())),
            ("pos", params.params, getattr(args, "args", ())),
            ("kw", params.kwonly_params, getattr(args, "kwonlyargs", ())),
        ]
        defaults = list(getattr(args, "defaults", ()))
        positional = len(params.posonly_params) + len(params.params)
        kw_defaults = list(getattr(args, "kw_defaults", ()))
        found: list[Parameter] = []
        place = 0
        for kind, nodes, twins in groups:
            for number, param in enumerate(nodes):
                twin = twins[number] if number < len(twins) else owner
                default = -1
                if param.default is not None:
                    if kind == "kw":
                        inner = kw_defaults[number] if number < len(kw_defaults) else None
                    else:
                        at = place - (positional - len(defaults))
                        inner = defaults[at] if 0 <= at < len(defaults) else None
                    default = self.expr(param.default, inner or twin)
                if kind != "kw":
                    place += 1
                found.append(Parameter(param.name.value, default, kind, self._annotation(param, twin), self.spans.of(param, twin)))
        for kind, star, field in (("*", params.star_arg, "vararg"), ("**", params.star_kwarg, "kwarg")):
            if isinstance(star, cst.Param):
                twin = getattr(args, field, None) or owner
                found.append(Parameter(star.name.value, -1, kind, self._annotation(star, twin), self.spans.of(star, twin)))
        return tuple(found)

    def _annotation(self, param: cst.Param, twin: Twin) -> int:
        return -1 if param.annotation is None else self._type(param.annotation, part_of(twin, "annotation"))

    def _type(self, node: cst.Annotation, twin: Twin) -> int:
        """An annotation: names in it may be unknown at run time."""
        self.annotations += 1
        value = self.expr(node.annotation, twin)
        self.annotations -= 1
        return value

    def _lambda(self, node: cst.Lambda, twin: Twin) -> int:
        frame = self._scope("lambda", "<lambda>", node, twin)
        frame.parameters = self._parameters(node.params, getattr(twin, "args", None), twin)
        frame.locals = frozenset(p.name for p in frame.parameters)
        outer, before = self.frame, self.block
        self.frame = frame
        self.block = self.open_block("function")
        self._bind_parameters(frame)
        frame.returns.append(self.expr(node.body, part_of(twin, "body")))
        outer.loads |= frame.loads
        self.frame, self.block = outer, before
        return self.values.add(Def(frame.index))

    def _type_parameters(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        """`[T]`: names of their own, of which nothing is known; undefined names cannot be told from them any more."""
        if node.type_parameters is not None:
            self.star_import = True

    def _class(self, node: cst.ClassDef, twin: Twin) -> str:
        frame = self._scope("class", node.name.value, node, twin)
        self.statements.append((frame.span.line, _header_end(frame.span, getattr(twin, "body", ()))))
        self._type_parameters(node)
        decorators, bases = getattr(twin, "decorator_list", ()), getattr(twin, "bases", ())
        frame.decorators = tuple(
            self.expr(d.decorator, decorators[i] if i < len(decorators) else twin) for i, d in enumerate(node.decorators)
        )
        frame.bases = tuple(self.expr(b.value, bases[i] if i < len(bases) else twin) for i, b in enumerate(node.bases))
        keywords = getattr(twin, "keywords", ())
        for i, k in enumerate(node.keywords):
            self.expr(k.value, keywords[i].value if i < len(keywords) else twin)
        outer, before = self.frame, self.block
        self.frame = frame
        frame.locals = frozenset(self.bound([node.body]))
        block = self.open_block("class")
        self.suite(node.body, getattr(twin, "body", None), block)
        self.frame, self.block = outer, before
        self.bind_name(node.name.value, self.values.add(Def(frame.index)), frame.span, "class")
        return FALLS


def _header_end(span: Span, body: Sequence[ast.AST]) -> int:
    """The last line before the body of a definition begins; its first line when the body stands on it."""
    first = min((getattr(body[0], "lineno", 0), *(d.lineno for d in getattr(body[0], "decorator_list", ())))) if body else 0
    return max(span.line, first - 1)


def _own_outer_names(nodes: Sequence[cst.CSTNode]) -> set[str]:
    """Names that this body declares global or nonlocal."""
    return {n.name.value for s in _statements(nodes, inner=False) if isinstance(s, (cst.Global, cst.Nonlocal)) for n in s.names}


def rebound(nodes: Sequence[cst.CSTNode], kind: type[cst.Global] | type[cst.Nonlocal]) -> set[str]:
    """Names that functions inside these statements declare global (or nonlocal)."""
    inner = [s for s in _statements(nodes, inner=True) if isinstance(s, kind)]
    own = {id(s) for s in _statements(nodes, inner=False)}
    return {n.name.value for s in inner if id(s) not in own for n in s.names}


def _statements(nodes: Sequence[cst.CSTNode], *, inner: bool) -> list[cst.CSTNode]:
    """`global` and `nonlocal` statements below these nodes, those of inner definitions only with `inner`."""
    found, stack = [], list(nodes)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is cst.SimpleStatementLine or kind is cst.SimpleStatementSuite:
            found.extend(s for s in node.body if type(s) is cst.Global or type(s) is cst.Nonlocal)
        elif kind is cst.IndentedBlock:
            stack.extend(node.body)
        elif kind is cst.FunctionDef or kind is cst.ClassDef:
            if inner:
                stack.append(node.body)
        else:
            stack.extend(x for field in ("body", "orelse", "finalbody") if (x := getattr(node, field, None)) is not None)
            stack.extend(x for field in ("handlers", "cases") for x in getattr(node, field, ()))
    return found
