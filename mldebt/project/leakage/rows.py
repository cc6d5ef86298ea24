"""Which rows a value holds: one step back, with what the step does to rows.

`same`: the rows one for one. `some`: rows taken from there. `element`: one of the rows. `copied`: rows made from those, near copies
included. `learned`: something that was computed from all of them (a fitted transformer, a mean). `told`: any other influence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Elem, Item, Map, Name, Op, Param, Phi, Seq, Site, Store
from mldebt.project.flow.demands import Names
from mldebt.project.flow.model import ALL, Calls, Demand, Node
from mldebt.project.leakage import operations
from mldebt.project.leakage.edges import Edge
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

if TYPE_CHECKING:
    from mldebt.project.leakage.sites import Sites

_NO_ROWS = frozenset({"shape", "columns", "index", "dtypes", "dtype", "size", "ndim", "empty", "name", "names"})
_OF_TWO = frozenset({"min", "max"})  # as functions: of their arguments

_SUMS = 40  # lists of columns that are joined one by one


class Rows:
    """Steps of one project, remembered."""

    def __init__(self, project: Project, sites: Sites) -> None:
        self._project, self._sites = project, sites
        self._names = Names(project)
        self._memo: dict[Node, tuple[Edge, ...]] = {}

    def back(self, node: Node) -> tuple[Edge, ...]:
        found = self._memo.get(node)
        if found is None:
            found = self._memo[node] = tuple(self._back(node))
        return found

    def _back(self, node: Node) -> Iterator[Edge]:
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is Call:
            yield from self._call(node, module, value)
        elif type(value) is Item:
            yield from self._item(node, module, value)
        elif type(value) is Attr:
            yield from self._attr(node, module, value)
        elif type(value) is Bound:
            yield from self._bound(node, module, value)
        elif type(value) is Store:
            for step in self._project.flow.steps_from(node):
                yield Edge("same" if step.how == "value" else "some", step.node)
        elif type(value) is Param and self._project.flow.steps.is_self(module, node.index):
            yield from self._receiver(node)
        elif type(value) is Param and self._is_element(node):
            yield from (Edge("element", s.node) for s in self._project.flow.steps_from(node))
        elif type(value) in (Phi, Param, Name):
            steps = [s for s in self._project.flow.steps_from(node) if not self._is_constant(s.node)]
            for step in steps:
                yield Edge("same" if len(steps) == 1 else "some", step.node)
        elif type(value) is Op:
            if value.op == "?:":
                yield Edge("told", self._at(node, value.operands[0], ALL))
                yield from (Edge("some", self._at(node, o)) for o in value.operands[1:])
            elif value.op in ("<", ">", "<=", ">="):
                yield from (Edge("told", self._at(node, o)) for o in value.operands)
            elif value.op not in ("slice", "in", "not in", "is", "is not"):
                yield from (Edge("some", self._at(node, o)) for o in value.operands)
        elif type(value) is Elem:
            kind = "some" if type(module.facts.values[value.of]) in (Seq, Map) else "element"
            yield from (Edge(kind, s.node) for s in self._project.flow.steps_from(node))
        elif type(value) in (Seq, Map):
            yield from (Edge("some", s.node) for s in self._project.flow.steps_from(node))
        yield from self._changed_in_place(node, module)

    def _at(self, node: Node, index: int, demand: Demand | None = None) -> Node:
        return Node(node.path, index, node.calls, node.demand if demand is None else demand)

    def _is_constant(self, node: Node) -> bool:
        return type(self._project.modules[node.path].facts.values[node.index]) in (Const, Def)

    def _is_element(self, node: Node) -> bool:
        """Whether a parameter is one row or one value at a time: of a function that is given to `map`, or to `apply` along the rows."""
        if not node.calls:
            return False
        path, index = node.calls[-1]
        module = self._project.modules[path]
        call = module.facts.values[index]
        func = module.facts.values[call.func] if type(call) is Call else None
        if type(call) is not Call or type(func) is not Attr or func.name not in ("apply", "map", "applymap", "transform"):
            return type(call) is Call and self._sites.called(module, call).rpartition(".")[2] in ("map", "filter", "sorted")
        if func.name in ("map", "applymap") or self._axis(module, call) == 1:
            return True
        base = module.facts.values[func.base]
        return type(base) is Attr or (type(base) is Item and type(module.facts.values[base.key]) is Const)

    def _receiver(self, node: Node) -> Iterator[Edge]:
        """For `self` in a method: the object that the method was called on."""
        if node.calls:
            path, index = node.calls[-1]
            values = self._project.modules[path].facts.values
            call = values[index]
            func = values[call.func] if type(call) is Call else None
            if type(func) is Attr:
                yield Edge("same", Node(path, func.base, node.calls[:-1], ALL))

    def _alternatives(self, node: Node) -> Iterator[Edge]:
        steps = self._project.flow.steps_from(node)
        for step in steps:
            yield Edge("same" if len(steps) == 1 else "some", step.node)

    # parts -----------------------------------------------------------------------------------------------------------

    def _attr(self, node: Node, module: Module, value: Attr) -> Iterator[Edge]:
        if value.name in _NO_ROWS:
            return
        if value.name.endswith("_") and not value.name.startswith("_"):  # what a fit left behind
            yield from self._sites.learned(self._at(node, value.base))
            return
        steps = self._project.flow.steps_from(node)
        whole = len(steps) == 1 and not (steps[0].how == "part" and operations.PART_NAMES.search(value.name))
        for step in steps:
            yield Edge("same" if whole else "some", step.node)

    def _item(self, node: Node, module: Module, value: Item) -> Iterator[Edge]:
        base, key = module.facts.values[value.base], module.facts.values[value.key]
        if type(base) is Call and type(key) is Const and isinstance(key.value, int):
            place = self._sites.split(module, value.base)
            if place is not None:
                args = place.args
                if args:
                    given = args[min(max(key.value, 0) // 2, len(args) - 1)]
                    yield Edge("some", self._at(node, given, ALL))
                return
            resampled = self._sites.resampled(module, value.base)
            if resampled:
                given = resampled[min(max(key.value, 0), len(resampled) - 1)]
                how = "copied" if self._sites.kind(module, value.base) == "resample" else "some"
                yield Edge(how, self._at(node, given, ALL), Node(node.path, value.base, node.calls))
                return
            for edge in self._alternatives(node):  # one of several results: not the rows of the others
                yield edge if edge.node.index != value.base or edge.node.path != node.path else edge._replace(kind="some")
            return
        kind = self._kind_of_key(module, base, value.key)
        steps = self._project.flow.steps_from(node)
        if len(steps) > 1 and kind == "same":
            kind = "some"
        for step in steps:
            yield Edge(kind, step.node)

    def _kind_of_key(self, module: Module, base: object, index: int, depth: int = 0) -> str:
        """Whether a subscript takes columns (same rows) or rows."""
        values = module.facts.values
        key = values[index]
        if type(key) is Const:
            return "same" if isinstance(key.value, str) and not operations.PART_NAMES.search(key.value) else "some"
        if type(base) is Attr and base.name in ("loc", "iloc", "ix"):
            if type(key) is Seq and len(key.items) == 2:
                return "same" if self._is_whole(module, key.items[0]) else "some"
            return "some"
        if type(key) is Seq:
            if key.kind == "tuple" and key.items:
                return "same" if self._is_whole(module, key.items[0]) else "some"
            return "same" if key.kind == "comp" or not key.items or type(values[key.items[0]]) is Const else "some"
        if type(key) is Op:
            return (
                "same"
                if key.op == "+" and depth < _SUMS and any(self._kind_of_key(module, base, o, depth + 1) == "same" for o in key.operands)
                else "some"
            )
        if self._names.of(module, index) is not None:
            return "same"
        if type(key) is Attr and key.name == "columns":
            return "same"
        if type(key) is Call:
            func = values[key.func]
            text = func.name if type(func) in (Attr, Name) else ""
            inner = values[func.base] if type(func) is Attr else None
            if type(inner) is Attr and inner.name == "columns":
                return "same"
            return "same" if operations.COLUMN_NAMES.search(text) else "some"
        if type(key) in (Param, Bound):
            return "same" if operations.COLUMN_NAMES.search(key.name) else "some"
        if type(key) is Elem and depth == 0 and self._counts(module, key.of):
            return "element"
        if type(key) in (Item, Elem, Attr, Phi, Store) and depth < 3:
            deeper = key.of if type(key) is Elem else key.options[0] if type(key) is Phi else key.base
            if type(key) is Attr and operations.COLUMN_NAMES.search(key.name):
                return "same"
            return self._kind_of_key(module, base, deeper, depth + 1)
        return "some"

    def _counts(self, module: Module, index: int) -> bool:
        """Whether it is a `range`."""
        value = module.facts.values[index]
        return type(value) is Call and module.facts.values[value.func] == Name("builtins.range")

    def _is_whole(self, module: Module, index: int) -> bool:
        """Whether it is `:`, all rows."""
        value = module.facts.values[index]
        if type(value) is not Op or value.op != "slice":
            return False
        return all(module.facts.values[o] == Const(None) for o in value.operands[:2])

    def _bound(self, node: Node, module: Module, value: Bound) -> Iterator[Edge]:
        """The last value of an outer variable before the call that leads here, where that call stands beside it."""
        bindings = [b for b in module.facts.scopes[value.scope].bindings.get(value.name, ()) if b.how != "del"]
        if not bindings:
            yield from self._alternatives(node)
            return
        line = self._line_of_call(node.calls, module.path, value.scope)
        before = [b for b in bindings if line is None or b.span.line < line] or bindings
        for binding in before[-1:]:
            yield Edge("same", self._at(node, binding.value))

    def _line_of_call(self, calls: Calls, path: str, scope: int) -> int | None:
        for at, index in calls:
            if at == path:
                site = self._site(self._project.modules[at], index)
                if site is not None and site.scope == scope:
                    return site.span.line
        return None

    def _site(self, module: Module, index: int) -> Site | None:
        return self._project.flow.steps.files.site(module, index)

    # calls -----------------------------------------------------------------------------------------------------------

    def _call(self, node: Node, module: Module, call: Call) -> Iterator[Edge]:
        target = self._project.resolver.callee(module, call)
        kind = self._sites.kind(module, node.index)
        if type(target) is Defined and kind not in ("split", "resample", "subsample"):
            if self._project.resolver.scope(target)[1].kind == "class":
                kind = "same" if self._is_dataset(target) else "told"
                yield from (Edge(kind, s.node) for s in self._project.flow.steps_from(node))
            else:
                yield from self._alternatives(node)
            return
        func = module.facts.values[call.func]
        name = func.name if type(func) is Attr else self._sites.called(module, call).rpartition(".")[2]
        base = func.base if type(func) is Attr else None
        given = [*call.args, *(v for k, v in call.keywords if k in ("X", "x", "data", "objs", "raw_documents", "features", "a", "arrays"))]
        first = given[0] if given else None
        if kind in ("fit", "learn"):
            if not self._sites.branches.runs(node, module):
                return
            if name == "fit_transform" or name == "fit_predict":
                yield from self._from(node, "same", first)
                if kind == "learn" and first is not None:
                    yield Edge("learned", self._at(node, first), Node(node.path, node.index, node.calls))
            elif base is not None:
                yield Edge("told", self._at(node, base, ALL))
        elif kind in ("transform", "predict"):
            yield from self._from(node, "same", first)
            if base is not None and kind == "transform":
                yield from self._sites.learned(self._at(node, base, ALL), node)
        elif kind in ("split", "subsample"):
            yield from (Edge("some", self._at(node, a)) for a in given)
        elif kind == "resample":
            yield from (Edge("copied", self._at(node, a), Node(node.path, node.index, node.calls)) for a in given)
        elif type(target) is Instance and type(target.of) is Defined:
            yield from self._alternatives(node)
        else:
            yield from self._by_name(node, module, call, name, base, given)

    def _is_dataset(self, owner: Defined) -> bool:
        """Whether objects of the class are indexed for their rows."""
        return "__getitem__" in self._project.resolver.scope(owner)[1].bindings

    def _from(self, node: Node, kind: str, index: int | None) -> Iterator[Edge]:
        if index is not None:
            yield Edge(kind, self._at(node, index))

    def _by_name(self, node: Node, module: Module, call: Call, name: str, base: int | None, given: list[int]) -> Iterator[Edge]:
        """A call of a package or of something unknown, by the last part of its name."""
        here = Node(node.path, node.index, node.calls)
        receiver = [base] if base is not None else given[:1]
        others = given if base is not None else given[1:]
        if (name in operations.STATISTICS or name in operations.WEAK_STATISTICS) and not (
            base is None and name in _OF_TWO and len(given) > 1
        ):
            rowwise = self._axis(module, call) == 1
            for index in receiver:
                if rowwise or name in operations.SAME:
                    yield Edge("same", self._at(node, index))
                if not rowwise:
                    yield Edge("learned", self._at(node, index), here)
            if name in ("agg", "groupby", "aggregate") and not rowwise:
                yield from (Edge("some", self._at(node, i)) for i in receiver)
            return
        if name in operations.SCALES or name in operations.BINS:
            for index in given[:1]:
                yield Edge("same", self._at(node, index))
                if name in operations.SCALES or name == "qcut" or self._is_count(module, call):
                    yield Edge("learned", self._at(node, index), here)
            return
        if name in operations.DESIGNS:
            yield from (Edge("same", self._at(node, i, ALL)) for i in call.args[1:2])
            return
        steps = {
            s.node.index: s.node for s in self._project.flow.steps_from(node) if s.node.path == node.path and s.node.calls == node.calls
        }
        if "read" in self._sites.roles(module, node.index):
            yield from (Edge("same", s.node) for s in self._project.flow.steps_from(node) if s.how == "file")
            return
        if name in operations.SAME and name not in ("get",):
            for index in receiver:
                yield Edge("same", steps.get(index, self._at(node, index)))
            if name in ("fillna", "where", "mask", "clip", "assign", "replace", "insert"):
                yield from (Edge("told", self._at(node, i, ALL)) for i in others)
                yield from (Edge("some", self._at(node, v, ALL)) for k, v in call.keywords if name == "assign" and node.demand.asks(k))
            if name in ("apply", "map", "applymap", "transform", "pipe"):
                passed = [s for s in self._project.flow.steps_from(node) if s.how == "return"]
                yield from (Edge("told", s.node) for s in passed)
            return
        if name in operations.SOME:
            sideways = name in operations.SIDEWAYS or (name in ("concat", "concatenate", "stack") and self._axis(module, call) == 1)
            whole = name == "drop" and (self._axis(module, call) == 1 or any(k == "columns" for k, _ in call.keywords))
            for index in receiver:
                if sideways and type(items := module.facts.values[index]) is Seq:
                    yield from (Edge("same", self._at(node, i)) for i in items.items)
                else:
                    yield Edge("same" if whole else "some", steps.get(index, self._at(node, index)))
            if name in operations.STACKS or (base is None and name not in operations.MATCHES):
                yield from (Edge("some", self._at(node, i)) for i in others)
            elif name in operations.MATCHES:
                yield from (Edge("told", self._at(node, i)) for i in others)
            return
        yield from (Edge("told", s.node) for s in self._project.flow.steps_from(node))

    def _axis(self, module: Module, call: Call) -> int:
        """0 when many rows go into one answer, 1 when each row has its own."""
        func = module.facts.values[call.func]
        name = func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""
        statistic = name in operations.STATISTICS or name in operations.WEAK_STATISTICS
        place = 0 if type(func) is Attr and statistic else 1
        index = next((v for k, v in call.keywords if k in ("axis", "dim")), call.args[place] if len(call.args) > place else None)
        value = module.facts.values[index] if index is not None else None
        if type(value) is Op and value.op == "-":
            return 1
        return 0 if type(value) is not Const or value.value in (None, 0, "index", False) or name == "quantile" else 1

    def _is_count(self, module: Module, call: Call) -> bool:
        """Whether `bins` is a number, so that the limits come from the data."""
        index = next((v for k, v in call.keywords if k == "bins"), call.args[1] if len(call.args) > 1 else None)
        return index is not None and type(v := module.facts.values[index]) is Const and isinstance(v.value, int)

    # changes in place ------------------------------------------------------------------------------------------------

    def _changed_in_place(self, node: Node, module: Module) -> Iterator[Edge]:
        """What `frame.fillna(value, inplace=True)` puts into the frame."""
        for column, index in self._sites.put_in_place(module).get(node.index, ()):
            if column is None or node.demand.asks(column):
                yield Edge("told", self._at(node, index, ALL))
