"""Statements to facts: one walk in execution order, with the definitions that reach each point.

Reaching definitions: branches run on copies of the environment and are joined; a branch that leaves (return, raise, ...) does not
take part in the join. At a loop head and at the entry of an `except` clause a name may hold any value bound in the loop or `try`.
Function bodies are walked after the scope that holds them, so that they see all its names.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from mldebt.facts.control import FALLS, all_leave, exits, handler_names, is_caught, is_import_guard, is_note
from mldebt.facts.definitions import Definitions, rebound
from mldebt.facts.expressions import Twin, part_of
from mldebt.facts.frames import Frame, pattern_names
from mldebt.facts.model import Call, Const, Dead, Elem, Guard, Handler, Name, Span
from mldebt.facts.spans import Spans
from mldebt.facts.values import ValueTable

_Statement = tuple[cst.CSTNode, Twin]


class Lowering(Definitions):
    """Walks one module. Afterwards its lists hold the facts and `frames` the scopes."""

    def __init__(self, module: cst.Module, tree: ast.Module | None, spans: Spans, lines: list[str]) -> None:
        super().__init__()
        self.values, self.spans, self.lines = ValueTable(), spans, lines
        self.dead: list[Dead] = []
        self.handlers: list[Handler] = []
        self.block = 0
        self.frame = Frame(0, "module", "", None, 0, Span(1, 1, max(len(lines), 1), 1))
        self.frames = [self.frame]
        self.walrus = any(":=" in line for line in lines)
        self.frame.locals = frozenset(self.bound(module.body))
        self.rebinds = any("global " in line or "nonlocal " in line for line in lines)
        self.frame.volatile = frozenset(rebound(module.body, cst.Global)) if self.rebinds else frozenset()
        self.body(module.body, tree.body if tree is not None else ())
        while self._deferred:
            self._function_body(*self._deferred.popleft())

    # blocks ----------------------------------------------------------------------------------------------------------

    def body(self, nodes: Sequence[cst.CSTNode], twins: Sequence[ast.AST]) -> str:
        """Walks statements; returns how control leaves them: "" when it falls through."""
        left, after, dead, generator = "", Span(1, 1, 1, 1), None, False
        pairs = _paired(nodes, twins)
        for node, twin in pairs:
            self.alone = len(pairs) == 1
            kind = type(node)
            span = self.spans.of(node, twin) if kind in _SIMPLE or left else None
            if left and not is_note(node):
                if dead is None:
                    self.block = self.open_block("dead")
                    dead, generator = span, self.frame.generator
                dead = Span(dead.line, dead.column, span.end_line, span.end_column)  # type: ignore[union-attr]
            if kind in _SIMPLE:
                self.statements.append((span.line, span.end_line))  # type: ignore[union-attr]
            handler = _STATEMENTS.get(kind)
            leaves = handler(self, node, twin) if handler is not None else FALLS
            if leaves and not left:
                left, after = leaves, span or self.spans.of(node, twin)
        if dead is not None and generator == self.frame.generator:  # a `yield` that cannot run makes a generator
            self.dead.append(Dead(dead, self.frame.index, left, after))
        return left

    def _join(self, *ends: tuple[dict[str, int], str]) -> None:
        """Sets the environment to what any of the branch ends that go on may hold."""
        live = [env for env, leaves in ends if not leaves] or [env for env, _ in ends]
        first, *others = live
        if others:
            joined = dict(first)
            for name in dict.fromkeys(n for env in live for n in env):
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
        test_span = self.spans.of(node.test, part_of(twin, "test"))
        self.statements.append((where.line, test_span.end_line))
        test = self.expr(node.test, part_of(twin, "test"))
        index = len(self.guards)
        then_block, else_block = self.open_block("if", index), self.open_block("else", index)
        body = self._suite_span(node.body.body, getattr(twin, "body", None), test_span)
        orelse, is_elif = None, isinstance(node.orelse, cst.If)
        else_twins = getattr(twin, "orelse", None)
        if is_elif:
            orelse = self.spans.of(node.orelse, else_twins[0] if else_twins else None)
        elif node.orelse is not None:
            orelse = self._suite_span(node.orelse.body.body, else_twins, test_span)
        guard = Guard(
            test,
            "elif" if chain else "if",
            self.frame.index,
            self.block,
            test_span,
            body,
            orelse,
            then_block,
            else_block,
            is_elif,
            self.source(test_span),
            chain,
        )
        self.guards.append(guard)
        optional = is_import_guard(node.test)
        self.optional += optional
        start = self.frame.env
        self.frame.env = dict(start)
        left = self.suite(node.body, getattr(twin, "body", None), then_block)
        self.optional -= optional
        then_env, self.frame.env = self.frame.env, dict(start)
        else_left = ""
        if is_elif:
            before, self.block = self.block, else_block
            else_left = self._if(node.orelse, else_twins[0] if else_twins else None, (*chain, index))
            self.block = before
        elif node.orelse is not None:
            else_left = self.suite(node.orelse.body, else_twins, else_block)
        self._join((then_env, left), (self.frame.env, else_left))
        return all_leave(left, else_left)

    def _match(self, node: cst.Match, twin: Twin) -> str:
        self.statements.append((self.spans.of(node, twin).line,) * 2)
        self.expr(node.subject, part_of(twin, "subject"))
        start, ends, cases = self.frame.env, [], getattr(twin, "cases", None)
        for place, case in enumerate(node.cases):
            self.frame.env = dict(start)
            inner = cases[place] if cases else None
            for name in sorted(pattern_names(case.pattern)):
                self.bind_name(name, self.values.unknown("match"), self.spans.of(node, twin), "for")
            self._pattern_values(case.pattern, twin)
            if case.guard is not None:
                self.expr(case.guard, getattr(inner, "guard", None))
            left = self.suite(case.body, getattr(inner, "body", None), self.open_block("case"))
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
        heads = {name: self.values.open_phi() for name in sorted(names)}
        starts = {name: env.get(name) for name in names}
        counts = {name: len(self.frame.bindings.get(name, ())) for name in names}
        env.update(heads)
        if isinstance(node, cst.For):
            self._bind(node.target, self._element, getattr(twin, "target", twin), "for")
        left = self.suite(node.body, getattr(twin, "body", None), block)
        for name, head in heads.items():
            options = [b.value for b in self.frame.bindings.get(name, ())[counts[name] :]]
            first = starts[name]
            if name in self.frame.env:
                options.append(self.frame.env[name])
            self.values.close_phi(head, ([first] if first is not None else []) + options)
        after = {**self.frame.env, **heads}
        self.frame.env = dict(after)
        if node.orelse is not None:
            gone = self.suite(node.orelse.body, getattr(twin, "orelse", None), self.open_block("loop-else"))
            if exits(node.body, cst.Break):  # then the else part is passed by
                self._join((after, ""), (self.frame.env, gone))
        return left

    def _for(self, node: cst.For, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        self._element = self.values.fresh(Elem(self.expr(node.iter, part_of(twin, "iter"))))
        self.statements.append((where.line, self.spans.of(node.iter, part_of(twin, "iter")).end_line))
        self._loop(node, twin, self.open_block("for", loop=True), self.bound([node]))
        return FALLS

    def _while(self, node: cst.While, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        names = self.bound([node.body, node.test])
        heads = dict(self.frame.env)
        # The test is evaluated again after the body: what the body binds is not constant in it.
        for name in sorted(names & set(heads)):
            self.frame.env[name] = self.values.unknown("loop")
        test_span = self.spans.of(node.test, part_of(twin, "test"))
        self.statements.append((where.line, test_span.end_line))
        test = self.expr(node.test, part_of(twin, "test"))
        self.frame.env.update({n: heads[n] for n in names if n in heads})
        index = len(self.guards)
        block = self.open_block("while", index, loop=True)
        body = self._suite_span(node.body.body, getattr(twin, "body", None), test_span)
        self.guards.append(Guard(test, "while", self.frame.index, self.block, test_span, body, None, block, text=self.source(test_span)))
        self._loop(node, twin, block, self.bound([node.body]))  # what only the test binds has its value
        item = self.values.items[test]
        endless = type(item) is Const and bool(item.value) and not exits(node.body, cst.Break)
        return "loop" if endless else FALLS

    # try, with -------------------------------------------------------------------------------------------------------

    def _try(self, node: cst.Try | cst.TryStar, twin: Twin) -> str:
        self.statements.append((self.spans.of(node, twin).line,) * 2)
        mark = self._mark(node.body)
        optional = bool(handler_names(node.handlers) & {"ImportError", "ModuleNotFoundError", "Exception", "*"})
        self.optional += optional
        tried = self.open_block("try")
        left = self.suite(node.body, getattr(twin, "body", None), tried)
        body_env = self.frame.env
        ends = []
        thrown = self._interrupted(mark)
        twins = getattr(twin, "handlers", None)
        self._except_clauses(node, twins)
        for place, handler in enumerate(node.handlers):
            inner = twins[place] if twins else None
            self.frame.env = dict(thrown)
            if handler.type is not None:
                self.expr(handler.type, part_of(inner, "type"))
            if handler.name is not None:
                self.bind_name(handler.name.name.value, self.values.unknown("exception"), self.spans.of(handler, inner), "except")
            block, returned = self.open_block("except"), len(self.frame.returns)
            gone = self.suite(handler.body, getattr(inner, "body", None), block)
            broad = bool(handler_names([handler]) & {"*", "Exception", "BaseException"})
            span, values = self.spans.of(handler, inner), tuple(self.frame.returns[returned:])
            self.handlers.append(Handler(block, tried, self.frame.index, span, broad, gone, values))
            ends.append((self.frame.env, gone))
        self.optional -= optional
        self.frame.env = body_env
        if node.orelse is not None and not left:
            left = self.suite(node.orelse.body, getattr(twin, "orelse", None), self.open_block("else"))
        body_end = (self.frame.env, left)
        self._join(body_end, *ends)
        if node.finalbody is not None:
            final = self._finally(node.finalbody, twin, [thrown, body_end[0], *(env for env, _ in ends)])
            if final:
                return final
        return all_leave(left, *(gone for _, gone in ends))

    def _finally(self, node: cst.Finally, twin: Twin, ways: list[dict[str, int]]) -> str:
        """Walks a `finally` part, which runs whichever way the others end; what falls through keeps its own values."""
        falls = self.frame.env
        self._join(*((env, "") for env in ways))
        before = dict(self.frame.env)
        final = self.suite(node.body, getattr(twin, "finalbody", None), self.open_block("finally"))
        self.frame.env = {**falls, **{n: v for n, v in self.frame.env.items() if before.get(n) != v}}
        return final

    def _mark(self, body: cst.CSTNode) -> tuple[dict[str, int], dict[str, int]]:
        """The values before a body that may stop anywhere, and how often each name that it binds is bound by then."""
        return dict(self.frame.env), {name: len(self.frame.bindings.get(name, ())) for name in sorted(self.bound([body]))}

    def _interrupted(self, mark: tuple[dict[str, int], dict[str, int]]) -> dict[str, int]:
        """What names may hold when the body stopped somewhere: the value before, after, or any that it bound."""
        start, counts = mark
        stopped = dict(start)
        for name, count in counts.items():
            bound = [b.value for b in self.frame.bindings.get(name, ())[count:]]
            options = [env[name] for env in (start, self.frame.env) if name in env] + bound
            if options:
                stopped[name] = self.values.phi(options)
        return stopped

    def _except_clauses(self, node: cst.Try | cst.TryStar, twins: Sequence[ast.AST] | None) -> None:
        """Notes clauses that an earlier clause of the same names, or a bare one, always takes."""
        seen: set[str] = set()
        first: Span | None = None
        for place, handler in enumerate(node.handlers):
            span = self.spans.of(handler, twins[place] if twins else None)
            names = handler_names([handler])
            if first is not None and names and "?" not in names and all(name in seen or self._is_caught(name, seen) for name in names):
                self.dead.append(Dead(span, self.frame.index, "except", first))
            seen |= names
            first = first or span

    def _is_caught(self, name: str, seen: set[str]) -> bool:
        """By the hierarchy of the built-in exceptions, unless the file gives one of the names a meaning of its own."""
        return not ({name, *seen} & self.frames[0].locals) and is_caught(name, seen)

    def _with(self, node: cst.With, twin: Twin) -> str:
        where = self.spans.of(node, twin)
        items = getattr(twin, "items", None)
        end, entered = where.line, []
        for place, item in enumerate(node.items):
            inner = items[place] if items else None
            value = self.expr(item.item, part_of(inner, "context_expr") if inner is not None else twin)
            entered.append(value)
            end = self.spans.of(item.item, part_of(inner, "context_expr") if inner is not None else twin).end_line
            if item.asname is not None:
                self._bind(item.asname.name, value, part_of(inner, "optional_vars") if inner is not None else twin, "with")
        self.statements.append((where.line, end))
        mark = self._mark(node.body)
        optional = any(self._suppresses(v) for v in entered)
        self.optional += optional
        left = self.suite(node.body, getattr(twin, "body", None), self.open_block("with"))
        self.optional -= optional
        if all(self._is_open(v) for v in entered):
            return left
        # Any other manager may swallow an exception, and the body then stops anywhere.
        self._join((self.frame.env, left), (self._interrupted(mark), ""))
        return FALLS

    def _suppresses(self, value: int) -> bool:
        call = self.values.items[value]
        return type(call) is Call and self.values.items[call.func] == Name("contextlib.suppress")

    def _is_open(self, value: int) -> bool:
        call = self.values.items[value]
        func = self.values.items[call.func] if type(call) is Call else None
        return type(func) is Name and func.name in ("builtins.open", "io.open", "gzip.open", "zipfile.ZipFile", "tarfile.open")


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


_SIMPLE = frozenset(
    {
        cst.Assign,
        cst.AnnAssign,
        cst.AugAssign,
        cst.Expr,
        cst.Return,
        cst.Raise,
        cst.Assert,
        cst.Del,
        cst.Import,
        cst.ImportFrom,
        cst.Break,
        cst.Continue,
        cst.Pass,
        cst.Global,
        cst.Nonlocal,
    }
)
_STATEMENTS = {
    cst.If: Lowering._if,
    cst.For: Lowering._for,
    cst.While: Lowering._while,
    cst.Try: Lowering._try,
    cst.TryStar: Lowering._try,
    cst.With: Lowering._with,
    cst.Match: Lowering._match,
    cst.FunctionDef: Lowering._function,
    cst.ClassDef: Lowering._class,
    cst.Import: Lowering._import,
    cst.ImportFrom: Lowering._import_from,
    cst.Assign: Lowering._assign,
    cst.AnnAssign: Lowering._annotated,
    cst.AugAssign: Lowering._augmented,
    cst.Expr: Lowering._expression,
    cst.Return: Lowering._return,
    cst.Raise: Lowering._raise,
    cst.Assert: Lowering._assert,
    cst.Del: Lowering._delete,
    cst.Break: lambda self, node, twin: "break",
    cst.Continue: lambda self, node, twin: "continue",
}
