"""Fits whose label is still one of the columns of their features."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Item, Name, Param, Store
from mldebt.project.events import argument
from mldebt.project.flow.demands import Names
from mldebt.project.flow.model import ALL, Node
from mldebt.project.leakage.operations import words
from mldebt.project.leakage.relations import Leakage, Placed
from mldebt.project.project import Module, Project

_STEPS = 40
# Methods that give the same columns, and attributes that give all of them in their order.
_WHOLE = words(
    "copy fillna dropna reset_index set_index sort_values sort_index sample head tail astype query drop_duplicates replace to_numpy"
)
_VALUES = frozenset({"values", "loc", "iloc"})


class Kept(msgspec.Struct, frozen=True):
    """A fit whose features hold the column of its label."""

    fit: Placed
    column: str


class _Columns(msgspec.Struct, frozen=True):
    """A frame, and which of its columns a value has: all but `without`, or exactly `names`."""

    frame: Node
    names: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def has(self, column: str) -> bool:
        return column not in self.without and (self.names is None or column in self.names)


class Targets:
    """Found by following features and label back to one frame, only through steps whose columns are known."""

    def __init__(self, project: Project, leakage: Leakage) -> None:
        self._project, self._leakage = project, leakage
        self._names = Names(project)

    def kept(self) -> Iterator[Kept]:
        for placed in self._leakage.placed:
            if placed.use.kind not in ("fit", "validate") or placed.features is None:
                continue
            label = self._label(placed)
            column = self._column(label) if label is not None else None
            if column is None:
                continue
            frame, name = column
            features = self._columns(placed.features)
            if features is not None and features.has(name) and features.frame == frame and not self._taken_out(frame, name):
                yield Kept(placed, name)

    def _label(self, placed: Placed) -> Node | None:
        module = self._project.modules[placed.use.path]
        call = module.facts.values[placed.use.value]
        assert type(call) is Call
        target = self._project.resolver.callee(module, call)
        for entry in self._project.flow.steps.entries(module, call, target):
            if (given := argument(call, entry.args.get("labels"))) is not None:
                return Node(module.path, given, placed.calls, ALL)
        given = next((v for k, v in call.keywords if k == "y"), call.args[1] if placed.use.kind == "fit" and len(call.args) > 1 else None)
        return None if given is None else Node(module.path, given, placed.calls, ALL)

    def _column(self, node: Node) -> tuple[Node, str] | None:
        """The frame and the one column of it that the label is."""
        names: frozenset[str] | None = None
        for _ in range(_STEPS):
            module = self._project.modules[node.path]
            value = module.facts.values[node.index]
            step: Node | None = None
            if type(value) is Item:
                taken = self._names.of(module, value.key)
                base = module.facts.values[value.base]
                if taken is not None and type(base) is not Attr and not self._leakage.sites.is_part(module, node.index):
                    names, step = taken, self._at(node, value.base)
                else:
                    step = self._part(node, module, value)
            elif type(value) is Attr and value.name not in _VALUES and type(module.facts.values[value.base]) in (Call, Store, Item):
                names, step = frozenset({value.name}), self._at(node, value.base)
            elif type(value) is Attr and value.name in _VALUES:
                step = self._at(node, value.base)
            elif type(value) is Call:
                func = module.facts.values[value.func]
                if type(func) is Attr and func.name in _WHOLE | {"ravel", "reshape", "map", "astype", "tolist"}:
                    step = self._at(node, func.base)
            else:
                step = self._single(node)
            if names is not None and step is not None:
                columns = self._columns(step)
                return (columns.frame, next(iter(names))) if columns is not None and len(names) == 1 else None
            if step is None:
                return None
            node = step
        return None

    def _columns(self, node: Node) -> _Columns | None:
        """Which columns of which frame a value has; None when a step on the way is not understood."""
        names: frozenset[str] | None = None
        without: frozenset[str] = frozenset()
        for _ in range(_STEPS):
            module = self._project.modules[node.path]
            value = module.facts.values[node.index]
            step: Node | None = None
            if type(value) is Item:
                base = module.facts.values[value.base]
                taken = self._names.of(module, value.key)
                if taken is not None and type(base) is not Attr:
                    names, step = (taken if names is None else names & taken), self._at(node, value.base)
                else:
                    step = self._part(node, module, value)
            elif type(value) is Attr and value.name == "values":
                step = self._at(node, value.base)
            elif type(value) is Store:
                column = self._names.of(module, value.key) if value.key >= 0 else None
                if value.how == "pop":
                    popped = module.facts.values[value.value]
                    if not (type(popped) is Const and isinstance(popped.value, str)):
                        return None
                    without |= {popped.value}
                elif column is None:
                    return None
                step = self._at(node, value.base)
            elif type(value) is Call:
                func = module.facts.values[value.func]
                if type(func) is not Attr:
                    return _Columns(_bare(node), names, without) if self._reads(module, node.index) else None
                if func.name == "drop":
                    dropped = self._names.dropped(module, value)
                    if not dropped:
                        return None
                    without |= dropped
                    step = self._at(node, func.base)
                elif func.name in _WHOLE:
                    step = self._at(node, func.base)
                elif self._reads(module, node.index):
                    return _Columns(_bare(node), names, without)
            elif type(value) is Param:
                step = self._single(node)
                if step is None:
                    return _Columns(_bare(node), names, without)
            elif type(value) is not Name:
                step = self._single(node)
            if step is None:
                return None
            node = step
        return None

    def _at(self, node: Node, index: int) -> Node:
        return Node(node.path, index, node.calls, ALL)

    def _part(self, node: Node, module: Module, value: Item) -> Node | None:
        """What a part of a split was split from."""
        if not self._leakage.sites.is_part(module, node.index):
            return None
        edges = self._leakage.rows.back(node)
        return edges[0].node._replace(demand=ALL) if len(edges) == 1 else None

    def _single(self, node: Node) -> Node | None:
        edges = [e for e in self._leakage.rows.back(node) if e.kind != "told"]
        return edges[0].node._replace(demand=ALL) if len(edges) == 1 and edges[0].kind == "same" else None

    def _reads(self, module: Module, index: int) -> bool:
        return "read" in self._leakage.sites.roles(module, index)

    def _taken_out(self, frame: Node, column: str) -> bool:
        """Whether the column may be taken out of the frame in place, or renamed."""
        module = self._project.modules[frame.path]
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            func = module.facts.values[call.func] if type(call) is Call else None
            if type(call) is Call and type(func) is Attr:
                inplace = any(k == "inplace" for k, _ in call.keywords)
                if func.name == "pop" or (inplace and func.name in ("drop", "rename")):
                    return True
        if any(w.name == "columns" for w in module.facts.writes):
            return True
        # A statement may only mention the column, as `del frame[column]` does: then it is read once more than for the label.
        items = [i for i, v in enumerate(module.facts.values) if type(v) is Item and module.facts.values[v.key] == Const(column)]
        same = {i for i in items if self._is_of(Node(module.path, i, frame.calls, ALL), frame)}
        return sum(u.value in same for u in module.facts.uses) > 1

    def _is_of(self, item: Node, frame: Node) -> bool:
        columns = self._columns(item)
        return columns is not None and columns.frame == frame


def _bare(node: Node) -> Node:
    return node._replace(demand=ALL)
