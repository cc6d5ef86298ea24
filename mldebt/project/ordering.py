"""Collections without a defined order, and what their order decides."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Phi, Seq, Span, Store, Template, Value
from mldebt.project.events import Event, argument
from mldebt.project.flow.model import Node, Step
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_NODES = 200  # of one walk
_LEVELS = 4
# Words in the names of what sets an order of its own, or gives one value of many.
_ORDERS = re.compile(
    r"sort|^(?:len|max|min|sum|any|all|nlargest|nsmallest|groupby|pivot\w*|value_counts|crosstab|Counter|isin|dict|nunique|mean|std|count"
    r"|repr|print|exists|isdir|isfile|index|next|pop|getsize)$"
)
_LEARNT = frozenset({"transform", "fit_transform", "predict", "predict_proba", "encode"})
_COMBINES = frozenset({"append", "concat", "extend", "merge", "vstack", "hstack", "map", "imap", "starmap", "from_tensor_slices"}) | _LEARNT
_NAMED = re.compile(
    r"(^|_)(words?|tokens?|chars?|characters|texts?|sentences?|names?|label_?names?|class_?names?|col|cols|columns?|feats?|features?|keys|split"
    r"|vocab(ulary)?|lower|strip|listdir|paths?|files?|categories|genres|tags|strings?)$",
    re.IGNORECASE,
)
_SETS = frozenset({"builtins.set", "builtins.frozenset"})
_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
_ORDERED_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)
_SELECT = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)


class Source(msgspec.Struct, frozen=True):
    """A value in no defined order: `listing`, `completion`, `set` or `query`."""

    kind: str
    node: Node
    name: str
    sure: bool = True  # of a set: its items are seen to be texts, whose order differs from run to run


class Reached(msgspec.Struct, frozen=True):
    """A source whose order reaches a value: as the order of its rows or items, or of its columns."""

    source: Source
    columns: bool


class Orders:
    """Walks back from a collection to what its order comes from. A single element has no order; what is sorted has its own."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._listing = {(e.module.path, e.site.value): e for e in project.calls("unordered")}
        self._reads = frozenset((e.module.path, e.site.value) for e in project.calls("read"))
        self._queries = {(e.module.path, e.site.value): e for e in project.calls("read") if "query" in e.entry.args}

    @cached_property
    def files(self) -> frozenset[str]:
        """Files with a source in them."""
        sets = (m.path for m in self._project.python if not _SETS.isdisjoint(m.names))
        return frozenset({path for path, _ in self._listing} | {path for path, _ in self._queries} | set(sets))

    def reached(self, start: Node, *, columns: bool = False) -> tuple[Reached, ...]:
        """The sources whose order the value has, nearest first. With `columns`, those too that decide the order of its columns."""
        found: list[Reached] = []
        seen = {(start, 0, False)}
        queue = deque(seen)
        while queue and len(seen) < _NODES:
            node, level, aside = queue.popleft()
            source = self._source(node)
            if source is not None:
                if source.kind != "set" or level == 0:  # deeper, each item may be a set of its own
                    found.append(Reached(source, aside))
                continue
            beside = aside or self._stacks(node)
            if beside and not columns:
                continue
            following = [(step, level + change, beside) for step, change in self._steps(node)]
            if columns and not aside:
                following += [(Step(node._replace(index=key), "columns"), 0, True) for key in self._keys(node)]
            for step, deeper, across in following:
                state = (step.node, deeper, across)
                if 0 <= deeper <= _LEVELS and state not in seen:
                    seen.add(state)
                    queue.append(state)
        return tuple(found)

    def _stacks(self, node: Node) -> bool:
        """Whether a call puts what it is given side by side: its order is that of columns."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is not Call:
            return False
        func = module.facts.values[value.func]
        name = func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""  # type: ignore[union-attr]
        across = Const(1), Const("columns"), Const(-1)
        if name in ("concat", "concatenate"):
            return any(key == "axis" and module.facts.values[index] in across for key, index in value.keywords)
        return name in ("hstack", "column_stack")

    def span(self, node: Node) -> Span | None:
        """Where a source stands; of a difference of sets, the first of them."""
        span, value = self._project.flow.span(node.path, node.index), self._project.modules[node.path].facts.values[node.index]
        for _ in range(_LEVELS):
            if span is not None or type(value) is not Op:
                break
            span = self._project.flow.span(node.path, value.operands[0])
            value = self._project.modules[node.path].facts.values[value.operands[0]]
        return span

    def _source(self, node: Node) -> Source | None:
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        place = (node.path, node.index)
        if place in self._listing:
            event = self._listing[place]
            return Source("listing" if "list" in event.entry.roles else "completion", node, event.name)
        if place in self._queries:
            text = self._query(self._queries[place])
            return Source("query", node, self._queries[place].name) if text else None
        return Source("set", node, "set", _texts(module, node.index, 0)) if self._is_set(module, value, 0) else None

    def _query(self, event: Event) -> str:
        """The text of a query that asks for rows in no order."""
        index = argument(event.call, event.entry.args["query"])
        text = self._project.evaluator.string(event.module, index) if index is not None else None
        return text if text and _SELECT.match(text) and not _ORDERED_BY.search(text) else ""

    def _is_set(self, module: Module, value: Value, depth: int) -> bool:
        """Whether the value is a set of what need not be numbers."""
        values = module.facts.values
        if depth > 3:
            return False
        if type(value) is Call:
            func = values[value.func]
            if type(func) is Name and func.name in _SETS:
                return bool(value.args) and not _numbers(module, value.args[0])
            return type(func) is Attr and func.name in _SET_METHODS and self._is_set(module, values[func.base], depth + 1)
        if type(value) is Op and value.op in ("-", "|", "&", "^"):
            return any(self._is_set(module, values[o], depth + 1) for o in value.operands)
        return type(value) is Seq and value.kind == "set" and len(value.items) > 1 and not _numbers(module, value.items[0])

    def _steps(self, node: Node) -> Iterator[tuple[Step, int]]:
        """Steps back that keep the order, each with how much deeper inside the collection it leads."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        kind = type(value)
        if kind is Template or (kind in (Bound, Attr) and value.name in self._sorted(module.path)):  # type: ignore[union-attr]
            return
        if kind is Call:
            yield from ((step, 0) for step in self._of_call(node, module, value))  # type: ignore[arg-type]
            return
        if kind is Store:
            yield from self._of_store(node, value)  # type: ignore[arg-type]
            return
        change = 0
        if kind is Elem:
            change = -1
        elif kind is Item:
            change = 0 if self._keeps(module, value) else -1  # type: ignore[arg-type]
        elif kind is Map or (kind is Seq and value.kind == "comp"):  # type: ignore[union-attr]
            change = 1
        for step in self._project.flow.steps_from(node):
            if step.how not in ("file", "return") or (kind is Attr and step.how == "return"):
                yield step, change + (step.how == "column" and kind not in (Map, Store))

    def _of_store(self, node: Node, value: Store) -> Iterator[tuple[Step, int]]:
        if "sort" in value.how:
            return
        for step in self._project.flow.steps_from(node):
            if step.how == "value":
                yield step, 0
            elif value.how in ("append", "add", "insert", "appendleft"):
                yield step, 1
            elif value.how in ("extend", "update"):
                yield step, 0

    def _of_call(self, node: Node, module: Module, call: Call) -> Iterator[Step]:
        func = module.facts.values[call.func]
        name = func.name.rpartition(".")[2] if type(func) in (Name, Attr, Bound) else ""  # type: ignore[union-attr]
        if _ORDERS.search(name) or (name == "join" and type(func) is Attr and type(module.facts.values[func.base]) is Const):
            return
        target = self._project.resolver.callee(module, call)
        method = type(func) is Attr
        own = type(target) is Defined or (type(target) is Instance and type(target.of) is Defined)
        if (node.path, node.index) in self._reads:  # as many rows as there are in all that it is given
            yield from (Step(node._replace(index=index), "argument") for index in call.args[:1])
        for step in self._project.flow.steps_from(node):
            if step.how == "file" or (step.how == "return" and not own):
                continue
            if step.how == "argument" and not own and (step.node.index not in call.args or (method and name not in _COMBINES)):
                continue  # options, and what a method is given, do not order what it is called on
            if step.how == "part" and name in _LEARNT:
                continue  # of what a model or transformer gives, the rows are those that it is given
            yield step

    def _keeps(self, module: Module, value: Item) -> bool:
        """Whether a subscript takes a part in the same order, or columns; else it takes one item."""
        key = self._named_key(module, module.facts.values[value.key])
        if type(key) is Const:
            return isinstance(key.value, str)
        return type(key) in (Op, Seq, Call) or type(module.facts.values[value.base]) is Attr

    def _named_key(self, module: Module, key: Value) -> Value:
        """What a variable of the file, or one that it imports, stands for, where that is one value."""
        for _ in range(_LEVELS):
            if type(key) is Bound:
                found = [
                    (module, b.value) for b in module.facts.scopes[key.scope].bindings.get(key.name, ()) if b.how in ("=", "annotated")
                ]
            elif type(key) is Name:
                found = [(owner, index) for owner, index, _ in self._project.members.of_name(module, key.name)]
            else:
                break
            if len(found) != 1:
                break
            module, key = found[0][0], found[0][0].facts.values[found[0][1]]
        return key

    def _keys(self, node: Node) -> Iterator[int]:
        """What chooses the columns of a frame."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is Item and type(key := module.facts.values[value.key]) is not Const:
            if type(key) is Op and key.op in ("slice", "<", ">", "<=", ">=", "==", "!=", "in", "not", "not in"):
                return
            yield from key.items[1:2] if type(key) is Seq and key.kind == "tuple" else (value.key,)

    def _sorted(self, path: str) -> frozenset[str]:
        return self._sorting.get(path, frozenset())

    @cached_property
    def _sorting(self) -> dict[str, frozenset[str]]:
        """By file: names of variables and fields that are sorted in place."""
        found: dict[str, set[str]] = {}
        for module, _, call in self._project.called.get("sort", ()):
            func = module.facts.values[call.func]
            base = module.facts.values[func.base] if type(func) is Attr else None
            if type(base) in (Attr, Bound):
                found.setdefault(module.path, set()).add(base.name)  # type: ignore[union-attr]
        return {path: frozenset(names) for path, names in found.items()}


def _texts(module: Module, index: int, depth: int) -> bool:
    """Whether something in the expression of a set says that its items are texts."""
    if index < 0 or depth > 5:
        return False
    value = module.facts.values[index]
    if type(value) is Const:
        return isinstance(value.value, str)
    if type(value) in (Bound, Attr, Name, Param) and _NAMED.search(value.name.rpartition(".")[2]):  # type: ignore[union-attr]
        return True
    inner: tuple[int, ...] = ()
    if type(value) is Call:
        inner = (value.func, *value.args[:3])
    elif type(value) is Op:
        inner = value.operands[:3]
    elif type(value) is Seq:
        inner = value.items[:3]
    elif type(value) is Attr or type(value) is Item:
        inner = (value.base,)
    elif type(value) is Elem:
        inner = (value.of,)
    elif type(value) is Store:
        inner = (value.base, value.value)
    elif type(value) is Phi:
        inner = value.options[:3]
    return any(_texts(module, i, depth + 1) for i in inner)


def _numbers(module: Module, index: int, depth: int = 0) -> bool:
    """Whether the items are numbers, whose order in a set does not change from run to run."""
    value = module.facts.values[index]
    if type(value) is Const:
        return isinstance(value.value, (int, float))
    if type(value) is Call:
        func = module.facts.values[value.func]
        return type(func) is Name and func.name.rpartition(".")[2] in ("range", "arange", "randint", "permutation")
    return type(value) is Seq and bool(value.items) and value.kind != "comp" and depth < 3 and _numbers(module, value.items[0], depth + 1)
