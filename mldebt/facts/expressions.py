"""Expressions to symbolic values, with every call, read and conditional noted on the way.

Each method takes a libcst node and its `ast` twin, which serves for the position only. Where the shapes differ (inside f-strings)
the twin of the nearest enclosing expression is passed down, so a position is at worst that of the whole string.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst

from mldebt.facts.frames import BUILTINS, Frame
from mldebt.facts.literals import Literals, Twin
from mldebt.facts.model import (
    Bound,
    Compare,
    Const,
    Def,
    Elem,
    Guard,
    Item,
    Map,
    Name,
    Op,
    Param,
    Seq,
    Site,
    Span,
    Star,
    Store,
    Undefined,
    Use,
)

_MUTATORS = frozenset(
    {"append", "extend", "insert", "add", "update", "setdefault", "pop", "remove", "discard", "clear", "sort", "appendleft"}
)
_BINARY = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.And: "and",
    cst.Or: "or",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Not: "not",
    cst.Minus: "neg",
    cst.Plus: "pos",
    cst.BitInvert: "~",
}
_ORDERS = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)
OPERATOR = {**_BINARY, **{getattr(cst, f"{k.__name__}Assign"): v for k, v in _BINARY.items() if hasattr(cst, f"{k.__name__}Assign")}}


class Expressions(Literals):
    """The expression half of a file's walk; `Lowering` adds statements."""

    def __init__(self) -> None:
        super().__init__()
        self.guards: list[Guard] = []
        self.sites: list[Site] = []
        self.uses: list[Use] = []
        self.compares: list[Compare] = []
        self.undefined: list[Undefined] = []
        self.star_import = False
        self.opened = False  # names of the module may have been set as a whole
        self.annotations = 0  # depth of the annotation that is being read
        self._handlers: dict[type, Callable[..., int]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Call: self._call,
            cst.Subscript: self._subscript,
            cst.SimpleString: self._string,
            cst.ConcatenatedString: self._concatenated,
            cst.FormattedString: self._formatted,
            cst.Integer: self._number,
            cst.Float: self._number,
            cst.Imaginary: self._opaque,
            cst.Ellipsis: self._opaque,
            cst.BinaryOperation: self._binary,
            cst.BooleanOperation: self._boolean,
            cst.UnaryOperation: self._unary,
            cst.Comparison: self._comparison,
            cst.IfExp: self._ifexp,
            cst.Lambda: self._lambda,
            cst.Tuple: self._sequence,
            cst.List: self._sequence,
            cst.Set: self._sequence,
            cst.Dict: self._dict,
            cst.ListComp: self._comprehension,
            cst.SetComp: self._comprehension,
            cst.GeneratorExp: self._comprehension,
            cst.DictComp: self._comprehension,
            cst.Await: self._await,
            cst.Yield: self._yield,
            cst.NamedExpr: self._walrus,
            cst.From: self._from,
        }

    def expr(self, node: cst.CSTNode, twin: Twin) -> int:
        """The value of an expression."""
        handler = self._handlers.get(type(node))
        return self.values.unknown(type(node).__name__) if handler is None else handler(node, twin)

    def open_names(self) -> None:
        """From here on names of the module may come from anywhere: a star import, `exec`, `globals()`."""
        self.star_import = self.opened = True

    def source(self, span: Span) -> str:
        """The text of a span, blanks folded, at most 120 characters."""
        lines = self.lines[span.line - 1 : span.end_line][:6]
        if not lines:
            return ""
        if span.end_line - span.line < 6:
            lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return " ".join(" ".join(lines).split())[:120]

    # names -----------------------------------------------------------------------------------------------------------

    def _name(self, node: cst.Name, twin: Twin, outer: bool = True) -> int:
        name = node.value
        if name in ("True", "False", "None"):
            return self.values.const({"True": True, "False": False, "None": None}[name])
        value = self.lookup(name, node, twin)
        if outer and type(self.values.items[value]) in (Bound, Name, Param, Def):
            self.uses.append(Use(value, self.spans.of(node, twin), self.frame.index, self.block))
        return value

    def lookup(self, name: str, node: cst.CSTNode, twin: Twin) -> int:
        """What `name` stands for here: the reaching value in its own scope, `Bound` when it belongs to an outer one."""
        value = self._meaning(name, node, twin)
        item = self.values.items[value]
        if type(item) is Name:
            self.frame.qualified.add(item.name)  # under its own name, whatever it is called here
        else:
            self.frame.names.add(name)
        return value

    def _meaning(self, name: str, node: cst.CSTNode, twin: Twin) -> int:
        frame = self.frame
        frame.loads.add(name)
        if name in frame.env and name not in frame.outer_names:
            value = frame.env[name]
            overwritten = self.opened and frame.kind == "module" and type(self.values.items[value]) is Const
            return self.values.add(Bound(frame.index, name)) if name in frame.volatile or overwritten else value
        if name in frame.locals and name not in frame.outer_names:
            return self.values.add(Bound(frame.index, name))
        outer = frame.parent
        while outer is not None:
            if outer.kind != "class" or frame.kind == "comprehension":
                if outer.kind == "module" and frame.kind == "class" and name in outer.env:
                    outer.loads.add(name)
                    return outer.env[name]
                if name in outer.locals or name in outer.env or name in outer.bindings:
                    outer.loads.add(name)
                    return self._outer(outer, name)
            outer = outer.parent
        if name in BUILTINS:
            return self.values.add(Name(f"builtins.{name}"))
        if not self.star_import and not self.annotations:
            self.undefined.append(Undefined(name, self.spans.of(node, twin), frame.index, self.block))
        return self.values.add(Name(f"?.{name}"))

    def _outer(self, outer: Frame, name: str) -> int:
        """A variable of an enclosing scope: directly what it is when one import or definition binds it."""
        found = outer.bindings.get(name, ())
        if len(found) == 1 and found[0].how in ("import", "def", "class", "parameter"):
            return found[0].value
        return self.values.add(Bound(outer.index, name))

    def _attribute(self, node: cst.Attribute, twin: Twin, outer: bool = True) -> int:
        name = node.attr.value
        value = self.values.attr(self._chain_base(node.value, part_of(twin, "value")), name)
        self._note_attribute(value, name)
        if outer:
            self.uses.append(Use(value, self.spans.of(node, twin), self.frame.index, self.block))
        return value

    def _note_attribute(self, value: int, name: str) -> None:
        """An attribute of an import is that object; any other may be of anything."""
        item = self.values.items[value]
        if type(item) is Name:
            self.frame.qualified.add(item.name)
        else:
            self.frame.names.add(name)

    def _chain_base(self, node: cst.CSTNode, twin: Twin) -> int:
        kind = type(node)
        if kind is cst.Attribute:
            return self._attribute(node, twin, outer=False)
        if kind is cst.Subscript:
            return self._subscript(node, twin, outer=False)
        if kind is cst.Name:
            return self._name(node, twin, outer=False)
        return self.expr(node, twin)

    def _subscript(self, node: cst.Subscript, twin: Twin, outer: bool = True) -> int:
        base = self._chain_base(node.value, part_of(twin, "value"))
        index = part_of(twin, "slice")
        if len(node.slice) == 1 and not (type(index) is ast.Tuple and len(index.elts) == 1 and type(node.slice[0].slice) is cst.Slice):
            key = self._index(node.slice[0].slice, index)
        else:
            twins = index.elts if type(index) is ast.Tuple and len(index.elts) == len(node.slice) else [index] * len(node.slice)
            key = self.values.add(Seq("tuple", tuple(self._index(e.slice, t) for e, t in zip(node.slice, twins, strict=True))))
        value = self.values.add(Item(base, key))
        if outer:
            self.uses.append(Use(value, self.spans.of(node, twin), self.frame.index, self.block))
        return value

    def _index(self, node: cst.BaseSlice, twin: Twin) -> int:
        if type(node) is cst.Index:
            return self.expr(node.value, twin)
        none = self.values.const(None)
        parts = [
            none if part is None else self.expr(part, part_of(twin, field))
            for part, field in ((node.lower, "lower"), (node.upper, "upper"), (node.step, "step"))
        ]
        return self.values.add(Op("slice", tuple(parts)))

    # calls -----------------------------------------------------------------------------------------------------------

    def _call(self, node: cst.Call, twin: Twin) -> int:
        is_call = type(twin) is ast.Call
        callee, func_twin = node.func, (twin.func if is_call else twin)
        if type(callee) is cst.Attribute:
            base_twin = part_of(func_twin, "value")
            base_node = callee.value
            if type(base_node) is cst.Name and base_node.value not in ("True", "False", "None"):
                base = self._name(base_node, base_twin, outer=False)
            else:
                base = self.expr(base_node, base_twin)
            func = self.values.attr(base, callee.attr.value)
            self._note_attribute(func, callee.attr.value)
        else:
            func = self._chain_base(callee, func_twin)
        args: list[int] = []
        keywords: list[tuple[str, int]] = []
        at = [0, 0]
        for arg in node.args:
            if arg.keyword is None and arg.star != "**":
                arg_twin = twin.args[at[0]] if is_call and at[0] < len(twin.args) else twin
                at[0] += 1
                if arg.star == "*":
                    value = self.expr(arg.value, arg_twin.value if type(arg_twin) is ast.Starred else arg_twin)
                    args.append(self.values.add(Star(value)))
                else:
                    args.append(self.expr(arg.value, arg_twin))
            else:
                arg_twin = twin.keywords[at[1]].value if is_call and at[1] < len(twin.keywords) else twin
                at[1] += 1
                keywords.append(("**" if arg.keyword is None else arg.keyword.value, self.expr(arg.value, arg_twin)))
        value = self.values.call(func, tuple(args), tuple(keywords))
        self.sites.append(Site(value, self.spans.of(node, twin), self.frame.index, self.block))
        if type(callee) is cst.Attribute and type(callee.value) is cst.Name and callee.attr.value in _MUTATORS:
            self._mutate(callee.value.value, callee.attr.value, args)
        elif type(callee) is cst.Name and callee.value in ("locals", "globals", "vars", "eval", "exec", "dir"):
            frame: Frame | None = self.frame
            while frame is not None:
                frame.reads_all = True
                frame = frame.parent
            if callee.value in ("exec", "globals") or (callee.value in ("vars", "locals") and not node.args):
                self.open_names()
        return value

    def _mutate(self, name: str, how: str, args: list[int]) -> None:
        frame = self.frame
        if name in frame.env and type(self.values.items[frame.env[name]]) is not Name:
            value = args[-1] if args else self.values.const(None)
            frame.env[name] = self.values.add(Store(frame.env[name], how, -1, value))

    # operators -------------------------------------------------------------------------------------------------------

    def _binary(self, node: cst.BinaryOperation, twin: Twin) -> int:
        # Left-deep chains are long in real code (string building): unrolled, so that depth costs no stack.
        chain: list[tuple[cst.BinaryOperation, Twin]] = []
        left: cst.CSTNode = node
        left_twin = twin
        while type(left) is cst.BinaryOperation:
            chain.append((left, left_twin))
            left, left_twin = left.left, part_of(left_twin, "left")
        value = self.expr(left, left_twin)
        for part, part_twin in reversed(chain):
            right = self.expr(part.right, part_of(part_twin, "right"))
            value = self.values.add(Op(OPERATOR[type(part.operator)], (value, right)))
        return value

    def _boolean(self, node: cst.BooleanOperation, twin: Twin) -> int:
        kind = type(node.operator)
        parts = [node.right]
        left = node.left
        while type(left) is cst.BooleanOperation and type(left.operator) is kind and not left.lpar:
            parts.append(left.right)
            left = left.left
        parts.append(left)
        parts.reverse()
        twins = twin.values if type(twin) is ast.BoolOp and len(twin.values) == len(parts) else [twin] * len(parts)
        return self.values.add(Op(OPERATOR[kind], tuple(self.expr(p, t) for p, t in zip(parts, twins, strict=True))))

    def _unary(self, node: cst.UnaryOperation, twin: Twin) -> int:
        inner = self.expr(node.expression, part_of(twin, "operand"))
        item = self.values.items[inner]
        if type(node.operator) is cst.Minus and type(item) is Const and type(item.value) in (int, float):
            return self.values.const(-item.value)  # type: ignore[operator]
        return self.values.add(Op(OPERATOR[type(node.operator)], (inner,)))

    def _comparison(self, node: cst.Comparison, twin: Twin) -> int:
        known = type(twin) is ast.Compare
        left = self.expr(node.left, twin.left if known else twin)
        tests: list[int] = []
        for place, target in enumerate(node.comparisons):
            right = self.expr(target.comparator, twin.comparators[place] if known and place < len(twin.comparators) else twin)
            tests.append(self.values.add(Op(OPERATOR.get(type(target.operator), "?"), (left, right))))
            if type(target.operator) in _ORDERS:
                span = self.spans.of(node, twin)
                self.compares.append(Compare(tests[-1], span, self.frame.index, self.block, self.source(span)))
            left = right
        return tests[0] if len(tests) == 1 else self.values.add(Op("and", tuple(tests)))

    def _ifexp(self, node: cst.IfExp, twin: Twin) -> int:
        test = self.expr(node.test, part_of(twin, "test"))
        body = self.expr(node.body, part_of(twin, "body"))
        orelse = self.expr(node.orelse, part_of(twin, "orelse"))
        if type(twin) is ast.IfExp or twin is None:
            self.guards.append(
                Guard(
                    test,
                    "ifexp",
                    self.frame.index,
                    self.block,
                    self.spans.of(node.test, part_of(twin, "test")),
                    self.spans.of(node.body, part_of(twin, "body")),
                    self.spans.of(node.orelse, part_of(twin, "orelse")),
                    text=self.source(self.spans.of(node.test, part_of(twin, "test"))),
                )
            )
        return self.values.add(Op("?:", (test, body, orelse)))

    # containers ------------------------------------------------------------------------------------------------------

    def _sequence(self, node: cst.Tuple | cst.List | cst.Set, twin: Twin) -> int:
        elts = getattr(twin, "elts", None)
        items: list[int] = []
        for place, element in enumerate(node.elements):
            inner = elts[place] if elts is not None and place < len(elts) else twin
            if type(element) is cst.StarredElement:
                items.append(self.values.add(Star(self.expr(element.value, part_of(inner, "value")))))
            else:
                items.append(self.expr(element.value, inner))
        kind = {cst.Tuple: "tuple", cst.List: "list", cst.Set: "set"}[type(node)]
        return self.values.add(Seq(kind, tuple(items)))

    def _dict(self, node: cst.Dict, twin: Twin) -> int:
        known = type(twin) is ast.Dict and len(twin.values) == len(node.elements)
        keys: list[int] = []
        values: list[int] = []
        for place, element in enumerate(node.elements):
            value_twin = twin.values[place] if known else twin
            if type(element) is cst.DictElement:
                keys.append(self.expr(element.key, (twin.keys[place] or twin) if known else twin))
            else:
                keys.append(-1)
            values.append(self.expr(element.value, value_twin))
        return self.values.add(Map(tuple(keys), tuple(values)))

    def _comprehension(self, node: cst.BaseComp, twin: Twin) -> int:
        saved, bound = dict(self.frame.env), {n: len(b) for n, b in self.frame.bindings.items()}
        generators = getattr(twin, "generators", None)
        loop: cst.CompFor | None = node.for_in
        depth = 0
        while loop is not None:
            inner = generators[depth] if generators is not None and depth < len(generators) else twin
            source = self.expr(loop.iter, part_of(inner, "iter"))
            self.bind_shadow(loop.target, self.values.fresh(Elem(source)))
            ifs = getattr(inner, "ifs", None)
            for place, test in enumerate(loop.ifs):
                self.expr(test.test, ifs[place] if ifs is not None and place < len(ifs) else twin)
            loop, depth = loop.inner_for_in, depth + 1
        if type(node) is cst.DictComp:
            key = self.expr(node.key, part_of(twin, "key"))
            value = self.values.add(Map((key,), (self.expr(node.value, part_of(twin, "value")),)))
        else:
            value = self.values.add(Seq("comp", (self.expr(node.elt, part_of(twin, "elt")),)))
        for name, bindings in self.frame.bindings.items():
            if len(bindings) > bound.get(name, 0):  # `:=` binds outside the comprehension, if it runs at all
                options = [b.value for b in bindings[bound.get(name, 0) :]]
                saved[name] = self.values.phi(options + ([saved[name]] if name in saved else []))
        self.frame.env = saved
        return value

    def bind_shadow(self, target: cst.CSTNode, value: int) -> None:
        """Binds a comprehension's or lambda's own variable: visible in `env` only."""
        kind = type(target)
        if kind is cst.Name:
            self.frame.env[target.value] = value
        elif kind is cst.Tuple or kind is cst.List:
            for place, element in enumerate(target.elements):
                self.bind_shadow(element.value, self.values.add(Item(value, self.values.const(place))))
        elif kind is cst.StarredElement:
            self.bind_shadow(target.value, value)

    # the rest --------------------------------------------------------------------------------------------------------

    def _lambda(self, node: cst.Lambda, twin: Twin) -> int:
        raise NotImplementedError  # in Lowering: a lambda opens a scope

    def _await(self, node: cst.Await, twin: Twin) -> int:
        return self.expr(node.expression, part_of(twin, "value"))

    def _yield(self, node: cst.Yield, twin: Twin) -> int:
        self.frame.generator = True
        if node.value is not None:
            self.frame.returns.append(self.expr(node.value, part_of(twin, "value")))
        return self.values.unknown("yield")

    def _from(self, node: cst.From, twin: Twin) -> int:
        return self.expr(node.item, twin)

    def _walrus(self, node: cst.NamedExpr, twin: Twin) -> int:
        value = self.expr(node.value, part_of(twin, "value"))
        self.bind_name(node.target.value, value, self.spans.of(node, twin), "=")  # type: ignore[attr-defined]
        return value

    def bind_name(self, name: str, value: int, span: Span, how: str) -> None:
        raise NotImplementedError  # in Lowering


def part_of(twin: Twin, field: str) -> Twin:
    """The twin's part, or the twin itself where it has none: then its position stands for the part's."""
    found = getattr(twin, field, None)
    return found if isinstance(found, ast.AST) else twin
