"""The columns of data frames in one file: where it computes them, and how it mentions their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import (
    Attr,
    Bound,
    Call,
    Const,
    Def,
    Elem,
    Item,
    Map,
    Name,
    Op,
    Param,
    Phi,
    Seq,
    Span,
    Star,
    Store,
    Template,
    Unknown,
    Value,
    Write,
)
from mldebt.project.columns_selected import Selections
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Instance
from mldebt.sources.model import Language

# Methods that tell a data frame, or one of its columns, from a dict.
FRAME_METHODS = frozenset({
    "loc", "iloc", "groupby", "merge", "fillna", "dropna", "to_csv", "to_parquet", "to_pickle", "to_feather", "columns", "shape", "drop",
    "sort_values", "reset_index", "set_index", "isnull", "isna", "head", "astype", "drop_duplicates", "rename", "describe", "query",
    "iterrows", "corr", "nunique", "dtypes", "select_dtypes", "pivot_table", "join", "assign", "melt",
})  # fmt: skip
SERIES_METHODS = frozenset({
    "fillna", "astype", "map", "apply", "shift", "rolling", "str", "dt", "isnull", "isna", "isin", "mean", "cumsum", "rank", "diff",
    "notnull", "notna", "value_counts", "transform", "clip", "pct_change", "ewm", "where", "abs", "std", "median", "between", "cat",
})  # fmt: skip
EXCLUDES = re.compile(
    r"(^|_)(drop(ped|s)?|exclude[ds]?|ignored?|unused|useless|remove[ds]?|skip(ped)?|not_used|blacklist)(_|$)", re.IGNORECASE
)
_PREDICTS = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function"})
_DROPS = frozenset({"drop"})
_IN_PLACE = frozenset({"loc", "iloc", "at", "iat"})
_CLIMB = 40
_LOOKS = frozenset({"head", "tail", "describe", "info", "value_counts", "nunique", "sample"})  # statements that show something
_LOOKED = 2


_PLAIN = frozenset({Const, Name, Bound, Param, Def, Unknown})  # values that are made of no other


class Definition(msgspec.Struct, frozen=True):
    """One place that computes a column: `frame[name] = value`, `frame.assign(name=value)`, `frame.withColumn(name, value)`."""

    name: str
    module: Module
    span: Span
    scope: int
    block: int
    value: int
    version: int  # the frame after it, or -1 when the frame is not a plain variable


def children(value: Value) -> tuple[int, ...]:
    """The values that a value is made of."""
    if type(value) is Attr:
        return (value.base,)
    if type(value) in _PLAIN:
        return ()
    if type(value) is Item:
        return (value.base, value.key)
    if type(value) is Call:
        return (value.func, *value.args, *(v for _, v in value.keywords))
    if type(value) is Op:
        return value.operands
    if type(value) is Store:
        return (value.base, value.value) if value.key < 0 else (value.base, value.key, value.value)
    if type(value) is Seq:
        return value.items
    if type(value) is Phi:
        return value.options
    if type(value) is Template:
        return value.parts
    if type(value) is Map:
        return (*(k for k in value.keys if k >= 0), *value.values)
    return (value.of,) if type(value) is Elem else (value.value,) if type(value) is Star else ()


class FileColumns:
    """The columns of one file, and what refers to each of its values."""

    def __init__(self, project: Project, module: Module, selections: Selections) -> None:
        self._project, self.module, self.selections = project, module, selections
        self._roots: dict[int, int] = {}
        self.values = module.facts.values

    @cached_property
    def explores(self) -> bool:
        """Whether people look at frames in it as they go: a notebook, or a script that was one."""
        if self.module.source.language is Language.NOTEBOOK or f"{self.module.path.removesuffix('.py')}.ipynb" in self._project.modules:
            return True
        shown = 0
        for site in self.module.facts.sites:
            call = self.values[site.value]
            func = self.values[call.func] if site.statement and type(call) is Call else None
            shown += type(func) is Attr and func.name in _LOOKS
        return shown >= _LOOKED

    @cached_property
    def parents(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for index, value in enumerate(self.values):
            if type(value) not in _PLAIN:
                for child in children(value):
                    found[child].append(index)
        return found

    @cached_property
    def kept(self) -> frozenset[int]:
        """Values that something outside expressions takes: a variable, a result, an attribute, a condition."""
        facts = self.module.facts
        bound = (b.value for s in facts.scopes for found in s.bindings.values() for b in found)
        returned = (r for s in facts.scopes for r in s.returns)
        written = (w.value for w in facts.writes)
        return frozenset({*bound, *returned, *written, *(g.test for g in facts.guards), *(r.value for r in facts.raises)})

    @cached_property
    def returned(self) -> dict[int, str]:
        """Results of functions, with the function's name."""
        return {r: s.name for s in self.module.facts.scopes for r in s.returns if s.kind == "function"}

    @cached_property
    def written(self) -> frozenset[int]:
        """Values that are put in an attribute or in an item of what is not a plain variable."""
        stored = {(v.key, v.value) for v in map(self.values.__getitem__, self.module.of_kind(Store)) if type(v) is Store}
        return frozenset(w.value for w in self.module.facts.writes if (w.key, w.value) not in stored)

    @cached_property
    def tested(self) -> frozenset[int]:
        return frozenset(g.test for g in self.module.facts.guards)

    @cached_property
    def bound(self) -> dict[int, list[tuple[int, str]]]:
        """Variables that a value is bound to: (scope, name)."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for number, scope in enumerate(self.module.facts.scopes):
            for name, bindings in scope.bindings.items():
                for binding in bindings:
                    found[binding.value].append((number, name))
        return found

    @cached_property
    def outer(self) -> dict[tuple[int, str], int]:
        """Variables that are read from another scope."""
        return {(v.scope, v.name): i for i in self.module.of_kind(Bound) if type(v := self.values[i]) is Bound}

    def parameter(self, scope: int, name: str) -> int | None:
        return self._parameters.get((scope, name))

    @cached_property
    def _parameters(self) -> dict[tuple[int, str], int]:
        return {(v.scope, v.name): i for i in self.module.of_kind(Param) if type(v := self.values[i]) is Param}

    def chosen(self, index: int) -> frozenset[str] | None:
        """Every column that a key selects; None when that cannot be told."""
        return self.selections.chosen(self.module, index)

    @cached_property
    def read(self) -> frozenset[int]:
        """Chains that the text reads, not only writes."""
        return frozenset(use.value for use in self.module.facts.uses)

    @cached_property
    def strings(self) -> dict[str, int]:
        return {v.value: i for i in self.module.of_kind(Const) if type(v := self.values[i]) is Const and isinstance(v.value, str)}

    def names(self, index: int) -> tuple[str, ...]:
        """Column names that a key spells: one string, a list of them, or the last part of `[rows, columns]`."""
        value = self.values[index]
        if type(value) is Const:
            return (value.value,) if isinstance(value.value, str) else ()
        if type(value) is Seq and value.items:
            if value.kind == "tuple":
                return self.names(value.items[-1])
            return tuple(name for item in value.items for name in self.names(item)) if value.kind == "list" else ()
        return ()

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Columns that the file computes, in text order. Stores into what is not known to be a frame are left out."""
        found: list[Definition] = []
        writes = [(w, names) for w in self.module.facts.writes if w.key >= 0 and (names := self.names(w.key))]
        stores = {(v.key, v.value): i for i, v in enumerate(self.values) if type(v) is Store and v.how == "[]"} if writes else {}
        for write, names in writes:
            if not self._is_frame(write):
                continue
            place = (self.module, write.span, write.scope, write.block, write.value, stores.get((write.key, write.value), -1))
            found.extend(Definition(name, *place) for name in names)
        for site, _, func in self.module.calls:
            if type(func) is Attr and func.name in ("assign", "withColumn"):
                for name, value in self.added(site.value):
                    found.append(Definition(name, self.module, site.span, site.scope, site.block, value, site.value))
        return tuple(sorted(found, key=lambda d: (d.span.line, d.span.column)))

    def added(self, index: int) -> tuple[tuple[str, int], ...]:
        """The columns that a method returns beside those of its frame: (name, value)."""
        call = self.values[index]
        func = self.values[call.func] if type(call) is Call else None
        if type(call) is not Call or type(func) is not Attr:
            return ()
        if func.name == "assign":
            return tuple((name, value) for name, value in call.keywords if name != "**")
        if func.name == "withColumn" and len(call.args) == 2:
            return tuple((name, call.args[1]) for name in self.names(call.args[0]))
        return ()

    def root(self, index: int) -> int:
        """The frame before anything was stored in it."""
        way = []
        while index not in self._roots and (before := self._before(index)) is not None:
            way.append(index)
            self._roots[index] = index  # a loop ends where it began
            index = before
        found = self._roots.get(index, index)
        self._roots.update(dict.fromkeys(way, found))
        return found

    def _before(self, index: int) -> int | None:
        value = self.values[index]
        if type(value) is Store and value.how == "[]":
            return value.base
        if type(value) is Call and self.added(index):
            return self.values[value.func].base  # type: ignore[union-attr]
        if type(value) is Attr and value.name in _IN_PLACE:
            return value.base
        if type(value) is Phi and value.options:
            return min(value.options)
        return None

    @cached_property
    def _frames(self) -> frozenset[int]:
        """Roots of values that are used as frames."""
        found: set[int] = set()
        for index in self.module.of_kind(Attr):
            value = self.values[index]
            assert type(value) is Attr
            if value.name in FRAME_METHODS:
                found.add(self.root(value.base))
            if value.name in SERIES_METHODS and type(base := self.values[value.base]) is Item:
                found.add(self.root(base.base))
        return frozenset(found)

    def _is_frame(self, write: Write) -> bool:
        base = self.values[write.base]
        if type(base) is Attr and base.name in ("loc", "iloc", "at", "iat"):
            key = self.values[write.key]
            return type(key) is Seq and key.kind == "tuple" and len(key.items) > 1  # else rows
        return self.is_frame(write.base)

    def is_frame(self, index: int) -> bool:
        """Whether the value is used as a data frame, or made by a call that returns one."""
        root = self.root(index)
        return root in self._frames or self.is_frame_call(root)

    def is_frame_call(self, index: int) -> bool:
        """Whether the value is the result of a call that the catalogue knows to return a data frame."""
        if type(self.values[index]) is not Call:
            return False
        target = self._project.resolver.target(self.module, index)
        return type(target) is Instance and target.kind == "dataframe"

    def predicts(self, index: int, depth: int = 0) -> bool:
        """Whether a value is made of a prediction."""
        value = self.values[index]
        if type(value) is Attr and value.name in _PREDICTS:
            return True
        return depth < 8 and any(self.predicts(c, depth + 1) for c in children(value) if c < index)

    # mentions --------------------------------------------------------------------------------------------------------

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Names read as attributes or passed as keywords: `frame.name`, `agg(name=...)`."""
        keywords = (key for site, call, _ in self.module.calls if call.keywords and not self.added(site.value) for key, _ in call.keywords)
        attributes = (v.name for i in self.module.of_kind(Attr) if type(v := self.values[i]) is Attr)
        return frozenset({*attributes, *keywords})

    @cached_property
    def text(self) -> str:
        """Every distinct string of the file."""
        return "\0".join(("", *sorted(self.strings), ""))

    def uses(self, name: str) -> bool:
        """Whether the file does anything with the name but to store, to drop or to change that column in place."""
        return any(kind == "use" for kind, _ in self.mentions(name))

    def mentions(self, name: str) -> Iterator[tuple[str, int]]:
        """`use`, `drop` or `exclude`, and the value that mentions the string."""
        index = self.strings.get(name)
        if index is None:
            return
        if index in self.kept:
            yield "use", index
        for parent in self.parents.get(index, ()):
            kind = self._mention(index, parent, name)
            if kind:
                yield kind, parent

    def _mention(self, index: int, parent: int, name: str) -> str:
        value = self.values[parent]
        if type(value) is Store:
            return "" if value.key == index else "use"
        if type(value) is Item:
            return self._item(parent, name)
        if type(value) is Call:
            return self._argument(value, index)
        if type(value) is Seq:
            return self._listed(parent, name)
        return "use"

    def _item(self, index: int, name: str) -> str:
        """`frame[name]`: nothing when it is only stored to or changed in place, a drop when it is deleted."""
        above = self.parents.get(index, ())
        if not above and index not in self.kept:
            if index not in self.read:
                return ""
            # Read, and nothing done with it: `del`, or shown.
            return "use" if self.explores or type(self.values[self.values[index].base]) is Attr else "drop"  # type: ignore[union-attr]
        return "" if self._only_changes(index, name) else "use"

    def _only_changes(self, index: int, name: str) -> bool:
        """Whether all that is made of the value is stored in the column of that name again."""
        stack, seen = [index], {index}
        while stack:
            one = stack.pop()
            above = self.parents.get(one, ())
            final = [p for p in above if type(self.values[p]) is Store and self.values[p].value == one]  # type: ignore[union-attr]
            if any(name not in self.names(self.values[p].key) for p in final if self.values[p].key >= 0):  # type: ignore[union-attr]
                return False
            if any(self.values[p].key < 0 for p in final):  # type: ignore[union-attr]
                return False
            more = [p for p in above if p not in final and p not in seen]
            if not final and (one in self.kept or not more):
                return False
            if len(seen) > _CLIMB or any(type(self.values[p]) in (Seq, Map, Phi, Template) for p in more):
                return False
            seen.update(more)
            stack.extend(more)
        return True

    def _argument(self, call: Call, index: int) -> str:
        func = self.values[call.func]
        if type(func) is not Attr:
            return "use"
        if func.name in _DROPS:
            return "drop"
        if func.name in ("insert", "withColumn") and index in call.args[:2]:
            return ""
        return "use"

    def _listed(self, index: int, name: str) -> str:
        """A list with the name: of columns to drop, of columns to store, or of columns that are used."""
        above = self.parents.get(index, ())
        kinds = {self._list_in(index, parent, name) for parent in above} - {""}
        names = self.variables.get(index, ())
        if names and all(EXCLUDES.search(n) for n in names):
            return "exclude"
        if not names and (index in self.kept or not above):
            return "use"
        if names and not kinds:
            return "use"
        return "" if not kinds else "drop" if kinds == {"drop"} else "use"

    def _list_in(self, index: int, parent: int, name: str) -> str:
        value = self.values[parent]
        if type(value) is Store and value.key == index:
            return ""
        if type(value) is Item and value.key == index:
            return self._item(parent, name)
        if type(value) is Call:
            return self._argument(value, index)
        if type(value) is Seq:
            return self._listed(parent, name)
        return "use"

    @cached_property
    def variables(self) -> dict[int, tuple[str, ...]]:
        """Names that a value is bound to."""
        found: dict[int, list[str]] = defaultdict(list)
        for scope in self.module.facts.scopes:
            for name, bindings in scope.bindings.items():
                for binding in bindings:
                    found[binding.value].append(name)
        return {index: tuple(names) for index, names in found.items()}
