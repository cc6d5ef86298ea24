"""Simple statements: what they bind, write, import, raise."""

from __future__ import annotations

import libcst as cst

from mldebt.facts.control import FALLS
from mldebt.facts.expressions import OPERATOR, Expressions, Twin, part_of
from mldebt.facts.model import Binding, Elem, Guard, Import, Item, Name, Op, Raise, Seq, Span, Star, Store, Write


class SimpleStatements(Expressions):
    """The statements without a body. Each method returns how control leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Write] = []
        self.imports: list[Import] = []
        self.raises: list[Raise] = []
        self.optional = 0  # depth of blocks that may not run because something is not installed
        self.alone = False  # whether the statement at hand is all that its block does

    def _import(self, node: cst.Import, twin: Twin) -> str:
        for alias in node.names:
            dotted = _dotted(alias.name)
            name = alias.asname.name.value if alias.asname is not None else dotted.split(".")[0]  # type: ignore[union-attr]
            self._bind_import(dotted if alias.asname is not None else name, name, dotted, node, twin)
        return FALLS

    def _import_from(self, node: cst.ImportFrom, twin: Twin) -> str:
        module = "." * len(node.relative) + (_dotted(node.module) if node.module is not None else "")
        if isinstance(node.names, cst.ImportStar):
            self.open_names()
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
        value = self.expr(node.value, part_of(twin, "value"))
        targets = getattr(twin, "targets", None)
        first = node.targets[0].target
        if isinstance(first, cst.Name) and len(self.sites) > before and self.sites[-1].value == value:
            site = self.sites[-1]
            self.sites[-1] = type(site)(site.value, site.span, site.scope, site.block, False, first.value)
        for place, target in enumerate(node.targets):
            self._bind(target.target, value, targets[place] if targets else twin, "=")
        return FALLS

    def _annotated(self, node: cst.AnnAssign, twin: Twin) -> str:
        self._type(node.annotation, part_of(twin, "annotation"))
        value = self.values.unknown("annotated") if node.value is None else self.expr(node.value, part_of(twin, "value"))
        if node.value is not None or self.frame.kind == "class":
            self._bind(node.target, value, part_of(twin, "target"), "annotated")
        return FALLS

    def _augmented(self, node: cst.AugAssign, twin: Twin) -> str:
        old = self.expr(node.target, part_of(twin, "target"))
        value = self.expr(node.value, part_of(twin, "value"))
        self._bind(node.target, self.values.add(Op(OPERATOR[type(node.operator)], (old, value))), part_of(twin, "target"), "augmented")
        return FALLS

    def _bind(self, target: cst.CSTNode, value: int, twin: Twin, how: str) -> None:
        kind = type(target)
        if kind is cst.Name:
            self.bind_name(target.value, value, self.spans.of(target, twin), how)  # type: ignore[attr-defined]
        elif kind is cst.Tuple or kind is cst.List:
            self._bind_sequence(target, value, twin, how)  # type: ignore[arg-type]
        elif kind is cst.StarredElement:
            self._bind(target.value, self.values.fresh(Elem(value)), twin, how)  # type: ignore[attr-defined]
        elif kind is cst.Attribute:
            base = self._chain_base(target.value, part_of(twin, "value"))  # type: ignore[attr-defined]
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
                part = self.values.fresh(Elem(value))
            else:
                part = self.values.add(Item(value, self.values.const(place)))
            starred_element = isinstance(element, cst.StarredElement)
            self._bind(element.value, part, part_of(inner, "value") if starred_element else inner, how)

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
        value = self.expr(node.value, part_of(twin, "value"))
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
            self.frame.returns.append(self.expr(node.value, part_of(twin, "value")))
        return "return" if self.frame.function_like else FALLS  # a notebook cell may hold one, left over from a function

    def _raise(self, node: cst.Raise, twin: Twin) -> str:
        value = -1
        if node.exc is not None:
            value = self.expr(node.exc, part_of(twin, "exc"))
            if node.cause is not None:
                self.expr(node.cause.item, part_of(twin, "cause"))
        self.raises.append(Raise(value, self.spans.of(node, twin), self.frame.index, self.block, self.alone))
        return "raise"

    def _assert(self, node: cst.Assert, twin: Twin) -> str:
        test = self.expr(node.test, part_of(twin, "test"))
        span = self.spans.of(node.test, part_of(twin, "test"))
        self.guards.append(Guard(test, "assert", self.frame.index, self.block, span, span, text=self.source(span)))
        if node.msg is not None:
            self.expr(node.msg, part_of(twin, "msg"))
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


def _dotted(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)  # type: ignore[attr-defined]
    return ".".join(reversed(parts))
