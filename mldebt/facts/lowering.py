"""Statements to facts: one walk in execution order, with the definitions that reach each point.

Reaching definitions: branches run on copies of the environment and are joined; a branch that leaves (return, raise, ...) does not
take part in the join. At a loop head and at the entry of an `except` clause a name may hold any value bound in the loop or `try`.
Function bodies are walked after the scope that holds them, so that they see all its names.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Sequence

import libcst as cst

from mldebt.facts.control import FALLS, all_leave, exits, handler_names, is_caught, is_import_guard, stub_kind
from mldebt.facts.expressions import OPERATOR, Expressions, Twin, _part
from mldebt.facts.frames import Frame, bound_names, pattern_names
from mldebt.facts.model import (
    Binding, Block, Const, Dead, Def, Elem, Guard, Import, Item, Name, Op, Param, Parameter, Raise, Seq, Span, Star, Store, Write,
)  # fmt: skip
from mldebt.facts.spans import Spans
from mldebt.facts.values import ValueTable

_Statement = tuple[cst.CSTNode, Twin]


class Lowering(Expressions):
    """Walks one module. Afterwards its lists hold the facts and `frames` the scopes."""

    def __init__(self, module: cst.Module, tree: ast.Module | None, spans: Spans, lines: list[str]) -> None:
        super().__init__()
        self.values, self.spans, self.lines = ValueTable(), spans, lines
        self.blocks: list[Block] = [Block(-1, "module", 0)]
        self.writes: list[Write] = []
        self.imports: list[Import] = []
        self.dead: list[Dead] = []
        self.raises: list[Raise] = []
        self.statements: list[tuple[int, int]] = []  # first and last line of simple statements and of compound headers
        self.optional = 0
        self.alone = False
        self.block = 0
        self.frame = Frame(0, "module", "", None, 0, Span(1, 1, max(len(lines), 1), 1))
        self.frames = [self.frame]
        self._deferred: deque[tuple[Frame, cst.CSTNode, Twin, Sequence[cst.CSTNode], Sequence[ast.AST]]] = deque()
        self.frame.locals = frozenset(bound_names(module.body))
        self.frame.volatile = frozenset(_rebound(module.body, cst.Global))
        self.body(module.body, tree.body if tree is not None else ())
        while self._deferred:
            self._function_body(*self._deferred.popleft())

    # blocks ----------------------------------------------------------------------------------------------------------

    def body(self, nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> str:
        """Walks statements; returns how control leaves them: "" when it falls through."""
        left, after, dead = "", Span(1, 1, 1, 1), None
        pairs = _paired(nodes, twins)
        for node, twin in pairs:
            self.alone = len(pairs) == 1
            kind = type(node)
            span = self.spans.of(node, twin) if kind in _SIMPLE or left else None
            if left:
                if dead is None:
                    self.block = self._open("dead")
                    dead = span
                dead = Span(dead.line, dead.column, span.end_line, span.end_column)  # type: ignore[union-attr]
            if kind in _SIMPLE:
                self.statements.append((span.line, span.end_line))  # type: ignore[union-attr]
            handler = _STATEMENTS.get(kind)
            leaves = handler(self, node, twin) if handler is not None else FALLS
            if leaves and not left:
                left, after = leaves, span or self.spans.of(node, twin)
        if dead is not None and not (left == "raise" and self.frame.generator):  # `raise` then `yield` makes a generator
            self.dead.append(Dead(dead, self.frame.index, left, after))
        return left

    def _open(self, kind: str, guard: int = -1, loop: bool = False) -> int:
        self.blocks.append(Block(self.block, kind, self.frame.index, guard, loop))
        return len(self.blocks) - 1

    def _suite(self, node: cst.CSTNode, twins: object, block: int) -> str:
        """Walks an indented block (or the statements after a colon) inside `block`."""
        before, self.block = self.block, block
        leaves = self.body(node.body, twins if isinstance(twins, list) else ())  # type: ignore[attr-defined]
        self.block = before
        return leaves

    def _join(self, *ends: tuple[dict[str, int], str]) -> None:
        """Sets the environment to what any of the branch ends that go on may hold."""
        live = [env for env, leaves in ends if not leaves] or [env for env, _ in ends]
        first, *others = live
        if others:
            joined = dict(first)
            for name in {n for env in live for n in env}:
                options = [env[name] for env in live if name in env]
                if len(options) < len(live) or any(o != options[0] for o in options):
                    joined[name] = self.values.phi(options)
            first = joined
        self.frame.env = first

    def _suite_span(self, nodes: Sequence[cst.CSTNode], twins: object, fallback: Span) -> Span:
        pairs = list(_paired(nodes, twins if isinstance(twins, list) else ()))
        if not pairs:
            return fallback
        first, last = self.spans.of(*pairs[0]), self.spans.of(*pairs[-1])
        return Span(first.line, first.column, last.end_line, last.end_column)

    # branches --------------------------------------------------------------------------------------------------------

    def _if(self, node: cst.If, twin: Twin, chain: tuple[int, ...] = ()) -> str:
        where = self.spans.of(node, twin)
        test_span = self.spans.of(node.test, _part(twin, "test"))
        self.statements.append((where.line, test_span.end_line))
        test = self.expr(node.test, _part(twin, "test"))
        index = len(self.guards)
        then_block, else_block = self._open("if", index), self._open("else", index)
        body = self._suite_span(node.body.body, getattr(twin, "body", None), test_span)
        orelse, is_elif = None, isinstance(node.orelse, cst.If)
        else_twins = getattr(twin, "orelse", None)
        if is_elif:
            orelse = self.spans.of(node.orelse, else_twins[0] if else_twins else None)
        elif node.orelse is not None:
            orelse = self._suite_span(node.orelse.body.body, else_twins, test_span)
        guard = Guard(test, "elif" if chain else "if", self.frame.index, self.block, test_span, body, orelse, then_block, else_block, is_elif, self.source(test_span), chain)
        self.guards.append(guard)
        optional = is_import_guard(node.test)
        self.optional += optional
        start = self.frame.env
        self.frame.env = dict(start)
        left = self._suite(node.body, getattr(twin, "body", None), then_block)
        self.optional -= optional
        then_env, self.frame.env = self.frame.env, dict(start)
        else_left = ""
        if is_elif:
            before, self.block = self.block, else_block
            else_left = self._if(node.orelse, else_twins[0] if else_twins else None, (*chain, index))
            self.block = before
        elif node.orelse is not None:
            else_left = self._suite(node.orelse.body, else_twins, else_block)
        self._join((then_env, left), (self.frame.env, else_left))
        return all_leave(left, else_left)

    def _match(self, node: cst.Match, twin: Twin) -> str:
        self.statements.append((self.spans.of(node, twin).line,) * 2)
        self.expr(node.subject, _part(twin, "subject"))
        start, ends, cases = self.frame.env, [], getattr(twin, "cases", None)
        for place, case in enumerate(node.cases):
            self.frame.env = dict(start)
            inner = cases[place] if cases else None
            for name in sorted(pattern_names(case.pattern)):
                self.bind_name(name, self.values.unknown("match"), self.spans.of(node, twin), "for")
            self._pattern_values(case.pattern, twin)
            if case.guard is not None:
                self.expr(case.guard, getattr(inner, "guard", None))
            left = self._suite(case.body, getattr(inner, "body", None), self._open("case"))
            ends.append((self.frame.env, left))
        self._join((start, ""), *ends)
        return FALLS

    def _pattern_values(self, pattern: cst.CSTNode, twin: Twin) -> None:
        stack = [pattern]
        while stack:
            part = stack.pop()
            if isinstance(part, cst.MatchValue):
                self.expr(part.value, twin)
            elif isinstance(part, cst.MatchClass):
                self.expr(part.cls, twin)
            stack.extend(part.children)

    # loops -----------------------------------------------------------------------------------------------------------

    def _loop(self, node: cst.For | cst.While, twin: Twin, block: int, names: set[str]) -> str:
        """Body and else of a loop. Returns how the body leaves."""
        env = self.frame.env
        heads = {name: self.values.open_phi() for name in names}
        starts = {name: env.get(name) for name in names}
        counts = {name: len(self.frame.bindings.get(name, ())) for name in names}
        env.update(heads)
        if isinstance(node, cst.For):
            self._bind(node.target, self._element, getattr(twin, "target", twin), "for")
        left = self._suite(node.body, getattr(twin, "body", None), block)
        for name, head in heads.items():
            options = [b.value for b in self.frame.bindings.get(name, ())[counts[name] :]]
            first = starts[name]
            if name in self.frame.env:
                options.append(self.frame.env[name])
            self.values.close_phi(head, ([first] if first is not None else []) + options)
        self.frame.env = {**self.frame.env, **heads}
        if node.orelse is not None:
            self._suite(node.orelse.body, getattr(twin, "orelse", None), self._open("loop-else"))
        return left

    def _for(self, node: cst.For, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        self._element = self.values.add(Elem(self.expr(node.iter, _part(twin, "iter"))))
        self.statements.append((where.line, self.spans.of(node.iter, _part(twin, "iter")).end_line))
        self._loop(node, twin, self._open("for", loop=True), bound_names([node]))
        return FALLS

    def _while(self, node: cst.While, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        names = bound_names([node.body])
        heads = dict(self.frame.env)
        # The test is evaluated again after the body: what the body binds is not constant in it.
        for name in names & set(heads):
            self.frame.env[name] = self.values.unknown("loop")
        test_span = self.spans.of(node.test, _part(twin, "test"))
        self.statements.append((where.line, test_span.end_line))
        test = self.expr(node.test, _part(twin, "test"))
        self.frame.env.update({n: heads[n] for n in names if n in heads})
        index = len(self.guards)
        block = self._open("while", index, loop=True)
        body = self._suite_span(node.body.body, getattr(twin, "body", None), test_span)
        self.guards.append(Guard(test, "while", self.frame.index, self.block, test_span, body, None, block, text=self.source(test_span)))
        self._loop(node, twin, block, names)
        item = self.values.items[test]
        endless = type(item) is Const and bool(item.value) and not exits(node.body, cst.Break)
        return "loop" if endless else FALLS

    # try, with -------------------------------------------------------------------------------------------------------

    def _try(self, node: cst.Try | cst.TryStar, twin: Twin) -> str:
        self.statements.append((self.spans.of(node, twin).line,) * 2)
        names = bound_names([node.body])
        start = dict(self.frame.env)
        counts = {name: len(self.frame.bindings.get(name, ())) for name in names}
        optional = bool(handler_names(node.handlers) & {"ImportError", "ModuleNotFoundError", "Exception", "*"})
        self.optional += optional
        left = self._suite(node.body, getattr(twin, "body", None), self._open("try"))
        body_env = self.frame.env
        ends = []
        thrown = dict(start)
        for name in names:
            bound = [b.value for b in self.frame.bindings.get(name, ())[counts[name] :]]
            options = [env[name] for env in (start, body_env) if name in env] + bound
            if options:
                thrown[name] = self.values.phi(options)
        twins = getattr(twin, "handlers", None)
        self._except_clauses(node, twins)
        for place, handler in enumerate(node.handlers):
            inner = twins[place] if twins else None
            self.frame.env = dict(thrown)
            if handler.type is not None:
                self.expr(handler.type, _part(inner, "type"))
            if handler.name is not None:
                self.bind_name(handler.name.name.value, self.values.unknown("exception"), self.spans.of(handler, inner), "except")
            gone = self._suite(handler.body, getattr(inner, "body", None), self._open("except"))
            ends.append((self.frame.env, gone))
        self.optional -= optional
        self.frame.env = body_env
        if node.orelse is not None and not left:
            left = self._suite(node.orelse.body, getattr(twin, "orelse", None), self._open("else"))
        body_end = (self.frame.env, left)
        self._join(body_end, *ends)
        if node.finalbody is not None:
            if left or any(gone for _, gone in ends):
                self.frame.env = {**thrown, **self.frame.env}
            final = self._suite(node.finalbody.body, getattr(twin, "finalbody", None), self._open("finally"))
            if final:
                return final
        return all_leave(left, *(gone for _, gone in ends))

    def _except_clauses(self, node: cst.Try | cst.TryStar, twins: Sequence[ast.AST] | None) -> None:
        """Notes clauses that an earlier clause of the same names, or a bare one, always takes."""
        seen: set[str] = set()
        first: Span | None = None
        for place, handler in enumerate(node.handlers):
            span = self.spans.of(handler, twins[place] if twins else None)
            names = handler_names([handler])
            if first is not None and names and "?" not in names and all(is_caught(name, seen) for name in names):
                self.dead.append(Dead(span, self.frame.index, "except", first))
            seen |= names
            first = first or span

    def _with(self, node: cst.With, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        items = getattr(twin, "items", None)
        end = where.line
        for place, item in enumerate(node.items):
            inner = items[place] if items else None
            value = self.expr(item.item, _part(inner, "context_expr") if inner is not None else twin)
            end = self.spans.of(item.item, _part(inner, "context_expr") if inner is not None else twin).end_line
            if item.asname is not None:
                self._bind(item.asname.name, value, _part(inner, "optional_vars") if inner is not None else twin, "with")
        self.statements.append((where.line, end))
        left = self._suite(node.body, getattr(twin, "body", None), self._open("with"))
        return left if left in ("return", "continue", "break") else FALLS  # a context manager may swallow an exception

    # definitions -----------------------------------------------------------------------------------------------------

    def _scope(self, kind: str, name: str, node: cst.CSTNode, twin: Twin) -> Frame:
        frame = Frame(len(self.frames), kind, name, self.frame, self.block, self.spans.of(node, twin))
        self.frames.append(frame)
        return frame

    def _function(self, node: cst.FunctionDef, twin: Twin) -> str:
        frame = self._scope("function", node.name.value, node, twin)
        body_twins = getattr(twin, "body", ())
        head_end = self.spans.of(node.params, getattr(twin, "args", None)) if self.frames else frame.span
        self.statements.append((frame.span.line, max(frame.span.line, head_end.end_line)))
        decorators = getattr(twin, "decorator_list", ())
        frame.decorators = tuple(
            self.expr(d.decorator, decorators[i] if i < len(decorators) else twin) for i, d in enumerate(node.decorators)
        )
        frame.parameters = self._parameters(node.params, getattr(twin, "args", None), twin)
        frame.stub = stub_kind(node.body)
        if node.returns is not None:
            self._type(node.returns, _part(twin, "returns"))
        self.bind_name(node.name.value, self.values.add(Def(frame.index)), frame.span, "def")
        self._deferred.append((frame, node.params, twin, (node.body,), body_twins))
        return FALLS

    def _function_body(self, frame: Frame, params: cst.CSTNode, twin: Twin, nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> None:
        self.frame = frame
        self.block = frame.block
        self.block = self._open("function")
        bound = bound_names(nodes)
        outer = frame.outer_names = _own_outer_names(nodes)
        frame.volatile = frozenset(_rebound(nodes, cst.Nonlocal))
        frame.locals = frozenset((bound - outer) | {p.name for p in frame.parameters})
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
        return -1 if param.annotation is None else self._type(param.annotation, _part(twin, "annotation"))

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
        frame.env = dict(outer.env) if outer.function_like else {}
        self.block = self._open("function")
        self._bind_parameters(frame)
        frame.returns.append(self.expr(node.body, _part(twin, "body")))
        outer.loads |= frame.loads
        self.frame, self.block = outer, before
        return self.values.add(Def(frame.index))

    def _class(self, node: cst.ClassDef, twin: Twin) -> str:
        frame = self._scope("class", node.name.value, node, twin)
        self.statements.append((frame.span.line, frame.span.line))
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
        frame.locals = frozenset(bound_names([node.body]))
        block = self._open("class")
        self._suite(node.body, getattr(twin, "body", None), block)
        self.frame, self.block = outer, before
        self.bind_name(node.name.value, self.values.add(Def(frame.index)), frame.span, "class")
        return FALLS

    # simple statements -----------------------------------------------------------------------------------------------

    def _import(self, node: cst.Import, twin: Twin) -> str:
        for alias in node.names:
            dotted = _dotted(alias.name)
            name = alias.asname.name.value if alias.asname is not None else dotted.split(".")[0]  # type: ignore[union-attr]
            self._bind_import(dotted if alias.asname is not None else name, name, dotted, node, twin)
        return FALLS

    def _import_from(self, node: cst.ImportFrom, twin: Twin) -> str:
        module = "." * len(node.relative) + (_dotted(node.module) if node.module is not None else "")
        if isinstance(node.names, cst.ImportStar):
            self.star_import = True
            self.imports.append(Import(module, "*", module, self.spans.of(node, twin), self.frame.index, self.block, self.optional > 0))
            return FALLS
        joint = module if module.endswith(".") else f"{module}."
        for alias in node.names:
            what = _dotted(alias.name)
            name = alias.asname.name.value if alias.asname is not None else what  # type: ignore[union-attr]
            self._bind_import(joint + what, name, module, node, twin)
        return FALLS

    def _bind_import(self, target: str, name: str, module: str, node: cst.CSTNode, twin: Twin) -> None:
        span = self.spans.of(node, twin)
        self.imports.append(Import(target, name, module, span, self.frame.index, self.block, self.optional > 0))
        self.bind_name(name, self.values.add(Name(target)), span, "import")

    def _assign(self, node: cst.Assign, twin: Twin) -> str:
        before = len(self.sites)
        value = self.expr(node.value, _part(twin, "value"))
        targets = getattr(twin, "targets", None)
        first = node.targets[0].target
        if isinstance(first, cst.Name) and len(self.sites) > before and self.sites[-1].value == value:
            site = self.sites[-1]
            self.sites[-1] = type(site)(site.value, site.span, site.scope, site.block, False, first.value)
        for place, target in enumerate(node.targets):
            self._bind(target.target, value, targets[place] if targets else twin, "=")
        return FALLS

    def _annotated(self, node: cst.AnnAssign, twin: Twin) -> str:
        self._type(node.annotation, _part(twin, "annotation"))
        value = self.values.unknown("annotated") if node.value is None else self.expr(node.value, _part(twin, "value"))
        if node.value is not None or self.frame.kind == "class":
            self._bind(node.target, value, _part(twin, "target"), "annotated")
        return FALLS

    def _augmented(self, node: cst.AugAssign, twin: Twin) -> str:
        old = self.expr(node.target, _part(twin, "target"))
        value = self.expr(node.value, _part(twin, "value"))
        self._bind(node.target, self.values.add(Op(OPERATOR[type(node.operator)], (old, value))), _part(twin, "target"), "augmented")
        return FALLS

    def _bind(self, target: cst.CSTNode, value: int, twin: Twin, how: str) -> None:
        kind = type(target)
        if kind is cst.Name:
            self.bind_name(target.value, value, self.spans.of(target, twin), how)  # type: ignore[attr-defined]
        elif kind is cst.Tuple or kind is cst.List:
            self._bind_sequence(target, value, twin, how)  # type: ignore[arg-type]
        elif kind is cst.StarredElement:
            self._bind(target.value, self.values.add(Elem(value)), twin, how)  # type: ignore[attr-defined]
        elif kind is cst.Attribute:
            base = self._chain_base(target.value, _part(twin, "value"))  # type: ignore[attr-defined]
            self._write(base, target.attr.value, -1, value, target, twin)  # type: ignore[attr-defined]
        elif kind is cst.Subscript:
            reached = self._subscript(target, twin, outer=False)  # type: ignore[arg-type]
            item = self.values.items[reached]
            base, key = (item.base, item.key) if type(item) is Item else (reached, -1)
            self._write(base, "", key, value, target, twin)
            root = target.value  # type: ignore[attr-defined]
            if type(root) is cst.Attribute and root.attr.value in ("loc", "iloc", "at"):
                root = root.value
            if type(root) is cst.Name and root.value in self.frame.env:
                self.frame.env[root.value] = self.values.add(Store(self.frame.env[root.value], "[]", key, value))

    def _bind_sequence(self, target: cst.Tuple | cst.List, value: int, twin: Twin, how: str) -> None:
        item = self.values.items[value]
        elts = getattr(twin, "elts", None)
        starred = any(isinstance(e, cst.StarredElement) for e in target.elements)
        exact = type(item) is Seq and item.kind != "comp" and len(item.items) == len(target.elements) and not starred
        exact = exact and not any(type(self.values.items[i]) is Star for i in item.items)  # type: ignore[union-attr]
        for place, element in enumerate(target.elements):
            inner = elts[place] if elts is not None and place < len(elts) else twin
            if exact:
                part = item.items[place]  # type: ignore[union-attr]
            elif starred:
                part = self.values.add(Elem(value))
            else:
                part = self.values.add(Item(value, self.values.const(place)))
            starred_element = isinstance(element, cst.StarredElement)
            self._bind(element.value, part, _part(inner, "value") if starred_element else inner, how)

    def bind_name(self, name: str, value: int, span: Span, how: str) -> None:
        """Records a binding; the value reaches what follows, unless the name belongs to an outer scope."""
        frame = self.frame
        owner = frame
        if name in frame.outer_names:
            owner = frame.parent or frame
            while owner.parent is not None and (owner.kind == "class" or name not in owner.locals):
                owner = owner.parent
        else:
            frame.env[name] = value
        owner.bindings.setdefault(name, []).append(Binding(value, span, self.block, how))

    def _write(self, base: int, name: str, key: int, value: int, node: cst.CSTNode, twin: Twin) -> None:
        self.writes.append(Write(base, name, key, value, self.spans.of(node, twin), self.frame.index, self.block))

    def _expression(self, node: cst.Expr, twin: Twin) -> str:
        value = self.expr(node.value, _part(twin, "value"))
        if self.sites and self.sites[-1].value == value:
            site = self.sites[-1]
            self.sites[-1] = type(site)(site.value, site.span, site.scope, site.block, True)
            call = self.values.items[value]
            func = self.values.items[call.func]  # type: ignore[union-attr]
            if type(func) is Name and func.name in ("sys.exit", "os._exit", "builtins.exit", "builtins.quit"):
                return "exit"
        return FALLS

    def _return(self, node: cst.Return, twin: Twin) -> str:
        if node.value is not None:
            self.frame.returns.append(self.expr(node.value, _part(twin, "value")))
        return "return"

    def _raise(self, node: cst.Raise, twin: Twin) -> str:
        value = -1
        if node.exc is not None:
            value = self.expr(node.exc, _part(twin, "exc"))
            if node.cause is not None:
                self.expr(node.cause.item, _part(twin, "cause"))
        self.raises.append(Raise(value, self.spans.of(node, twin), self.frame.index, self.block, self.alone))
        return "raise"

    def _assert(self, node: cst.Assert, twin: Twin) -> str:
        test = self.expr(node.test, _part(twin, "test"))
        span = self.spans.of(node.test, _part(twin, "test"))
        self.guards.append(Guard(test, "assert", self.frame.index, self.block, span, span, text=self.source(span)))
        if node.msg is not None:
            self.expr(node.msg, _part(twin, "msg"))
        return FALLS

    def _delete(self, node: cst.Del, twin: Twin) -> str:
        targets = node.target.elements if isinstance(node.target, cst.Tuple) else [node.target]
        for part in targets:
            target = part.value if isinstance(part, cst.Element) else part
            if isinstance(target, cst.Name):
                self.frame.env.pop(target.value, None)
                self.frame.loads.add(target.value)
            else:
                self.expr(target, twin)
        return FALLS


def _own_outer_names(nodes: Sequence[cst.CSTNode]) -> set[str]:
    """Names that this body declares global or nonlocal."""
    return {n.name.value for s in _statements(nodes, inner=False) if isinstance(s, (cst.Global, cst.Nonlocal)) for n in s.names}


def _rebound(nodes: Sequence[cst.CSTNode], kind: type[cst.Global] | type[cst.Nonlocal]) -> set[str]:
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


def _paired(nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> list[_Statement]:
    """Each statement with its twin: libcst groups the statements of one line, `ast` does not."""
    flat: list[cst.CSTNode] = []
    for node in nodes:
        if type(node) is cst.SimpleStatementLine:
            flat.extend(node.body)
        else:
            flat.append(node)
    if len(twins) == len(flat):
        return list(zip(flat, twins, strict=True))
    return [(node, None) for node in flat]


def _dotted(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)  # type: ignore[attr-defined]
    return ".".join(reversed(parts))


_SIMPLE = frozenset({
    cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Expr, cst.Return, cst.Raise, cst.Assert, cst.Del, cst.Import, cst.ImportFrom,
    cst.Break, cst.Continue, cst.Pass, cst.Global, cst.Nonlocal,
})  # fmt: skip
_STATEMENTS = {
    cst.If: Lowering._if, cst.For: Lowering._for, cst.While: Lowering._while, cst.Try: Lowering._try, cst.TryStar: Lowering._try,
    cst.With: Lowering._with, cst.Match: Lowering._match, cst.FunctionDef: Lowering._function, cst.ClassDef: Lowering._class,
    cst.Import: Lowering._import, cst.ImportFrom: Lowering._import_from, cst.Assign: Lowering._assign,
    cst.AnnAssign: Lowering._annotated, cst.AugAssign: Lowering._augmented, cst.Expr: Lowering._expression,
    cst.Return: Lowering._return, cst.Raise: Lowering._raise, cst.Assert: Lowering._assert, cst.Del: Lowering._delete,
    cst.Break: lambda self, node, twin: "break", cst.Continue: lambda self, node, twin: "continue",
}  # fmt: skip
