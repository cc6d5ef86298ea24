"""Where a whole data frame goes from one point on: nowhere, or to code that may use any of its columns."""

from __future__ import annotations

from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Item, Map, Name, Op, Param, Phi, Seq, Store, Template
from mldebt.project.callers import callers, passed_to
from mldebt.project.columns_file import FileColumns
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

# Attributes that say nothing of the columns, and those of which any may be meant.
_SIZE = frozenset({"shape", "index", "empty", "size", "ndim", "__len__", "dtypes", "memory_usage", "info", "describe"})
_OPENS = frozenset({
    "columns", "values", "to_numpy", "as_matrix", "T", "iterrows", "itertuples", "items", "iteritems", "keys", "to_dict", "to_records",
    "select_dtypes", "corr", "cov", "pipe", "style", "to_json", "to_html", "to_string", "to_markdown", "to_latex", "collect", "toPandas",
    "rdd", "foreach", "schema", "plot", "hist", "boxplot", "to_clipboard", "_data", "dtype", "eval", "filter", "iat", "rows",
})  # fmt: skip
_COUNTS = frozenset({"size", "ngroup", "ngroups", "cumcount", "count", "len", "nunique", "indices", "groups"})
_WRITES = ("to_", "write", "save")
_TEXT = frozenset({"to_csv", "to_excel", "to_json", "to_html", "to_sql", "to_gbq", "to_markdown", "to_latex", "to_string"})
_SHOWS = frozenset({"print", "display"})
_GLANCES = frozenset({"head", "tail", "sample", "describe", "info", "show", "isnull", "isna", "sum", "any", "all", "count"})
_SILENT = frozenset({"len", "id", "type", "isinstance"})
_MERGES = frozenset(
    {"merge", "concat", "merge_asof", "merge_ordered", "get_dummies", "join", "DataFrame", "from_pandas", "copy", "deepcopy"}
)
_ROWS = frozenset({"loc", "iloc", "ix"})
_ROWWISE = frozenset({"dropna", "drop_duplicates", "duplicated", "dropDuplicates", "distinct"})  # rows go by all columns
_MASKS = frozenset({"==", "!=", "<", "<=", ">", ">=", "&", "|", "~", "not", "in", "not in", "is", "is not", "slice"})
_STEPS = 400
_DEPTH = 3


class Way(msgspec.Struct, frozen=True, order=True):
    """How a frame gets away. `kind`: returned, written, text (written for readers), passed, all (any column may be meant), kept."""

    kind: str
    what: str = ""


class Flow:
    """Follows frames forward through assignments, methods, and functions of the project."""

    def __init__(self, project: Project, files: dict[str, FileColumns]) -> None:
        self._project, self._files = project, files

    def ways(self, module: Module, index: int, without: str = "") -> frozenset[Way]:
        """Every way by which the frame leaves, from this value on; a way that drops or does not select `without` ends there."""
        found: set[Way] = set()
        seen: set[tuple[str, int]] = set()
        self._follow(module, index, without, found, seen, 0)
        if module.path in self._files:
            self._origin(self._files[module.path], index, without, found, seen, 0)
        return frozenset(found)

    def _origin(self, file: FileColumns, index: int, column: str, found: set[Way], seen: set[tuple[str, int]], depth: int) -> None:
        """What else holds the same frame: a caller that passed it, a container that it was taken from."""
        root = file.root(index)
        value = file.values[root]
        if type(value) is Phi and depth < _DEPTH:
            for option in value.options:
                if option != root:
                    self._origin(file, option, column, found, seen, depth + 1)
        elif type(value) is Param:
            calls = callers(self._project, Defined(file.module.path, value.scope))
            if not calls or depth >= _DEPTH:
                found.add(Way("kept", "argument"))
            for caller, _, call in calls:
                passed = passed_to(self._project, Defined(file.module.path, value.scope), call, value.name)
                if passed is None or caller.path not in self._files:
                    found.add(Way("kept", "argument"))
                else:
                    self._follow(caller, passed, column, found, seen, depth + 1)
                    self._origin(self._files[caller.path], passed, column, found, seen, depth + 1)
        elif type(value) is Item:
            if file.names(value.key) and type(file.values[value.key]) is not Seq:
                found.add(Way("kept", "item"))
        elif type(value) not in (Call, Op):
            found.add(Way("kept", "shared"))

    def _follow(self, module: Module, index: int, column: str, found: set[Way], seen: set[tuple[str, int]], depth: int) -> None:
        file = self._files.get(module.path)
        if file is None:
            found.add(Way("passed", module.path))
            return
        stack = [index]
        while stack:
            one = stack.pop()
            if (module.path, one) in seen:
                continue
            seen.add((module.path, one))
            if len(seen) > _STEPS:
                found.add(Way("kept", "too far"))
                return
            self._outside(file, one, found, stack)
            for parent in file.parents.get(one, ()):
                self._step(file, one, parent, column, found, stack, seen, depth)

    def _outside(self, file: FileColumns, index: int, found: set[Way], stack: list[int]) -> None:
        """A frame that is returned, put in an attribute, or read under its name from another scope."""
        if index in file.returned:
            found.add(Way("returned", file.returned[index]))
        if index in file.written:
            found.add(Way("kept", "attribute"))
        if index in file.tested:
            found.add(Way("kept", "condition"))
        changed = type(file.values[index]) is Store  # in place: other scopes see it under the name of the frame before
        for scope, name in file.bound.get(file.root(index) if changed else index, ()):
            other = file.outer.get((scope, name))
            if other is not None:
                stack.append(other)
            if scope == 0 and self._imported(file.module.path, name):
                found.add(Way("kept", name))

    def _imported(self, path: str, name: str) -> bool:
        return not self._importing.get(path, frozenset()).isdisjoint((name, "*"))

    @cached_property
    def _importing(self) -> dict[str, frozenset[str]]:
        """For each file, the names that the files which import it import, from wherever."""
        found: dict[str, frozenset[str]] = {}
        for other, targets in self._project.imported_by_file.items():
            names = frozenset(i.name for i in self._project.modules[other].facts.imports)
            for path in targets:
                found[path] = found.get(path, frozenset()) | names
        return found

    def _step(
        self,
        file: FileColumns,
        index: int,
        parent: int,
        column: str,
        found: set[Way],
        stack: list[int],
        seen: set[tuple[str, int]],
        depth: int,
    ) -> None:
        value = file.values[parent]
        if type(value) in (Phi, Bound):
            stack.append(parent)
        elif type(value) is Store:
            if value.base == index:
                stack.append(parent)
            elif value.value == index:
                found.add(Way("kept", "item"))
        elif type(value) is Item:
            self._item(file, value, index, parent, column, found, stack)
        elif type(value) is Attr:
            self._attribute(file, value, parent, column, found, stack, seen, depth)
        elif type(value) is Call:
            self._argument(file, value, index, parent, column, found, stack, seen, depth)
        elif type(value) is Seq and value.kind in ("list", "tuple", "comp"):
            self._together(file, parent, found, stack)
        elif type(value) is Op:
            if value.op not in _MASKS or value.op in ("==", "!="):
                stack.append(parent)
        elif type(value) in (Map, Template):
            found.add(Way("kept", "display"))
        else:
            found.add(Way("kept", type(value).__name__))

    def _together(self, file: FileColumns, parent: int, found: set[Way], stack: list[int]) -> None:
        """A list of frames: what is made of it goes on when it is one frame again."""
        if parent in file.returned or parent in file.written or parent in file.bound:
            found.add(Way("kept", "list"))
        for above in file.parents.get(parent, ()):
            call = file.values[above]
            if type(call) is Call and _name(file, call.func) in _MERGES:
                stack.append(above)
            else:
                found.add(Way("kept", "list"))

    def _item(self, file: FileColumns, value: Item, index: int, parent: int, column: str, found: set[Way], stack: list[int]) -> None:
        if value.key == index:
            return  # a mask
        key = file.values[value.key]
        names = file.names(value.key)
        if names and not (type(key) is Seq and key.kind == "tuple" and len(key.items) == 1):
            if column and column in names and type(key) is Seq:
                stack.append(parent)
            return
        if type(key) is Const:
            if isinstance(key.value, int):
                found.add(Way("all", "by position"))
            return
        if type(key) in (Op, Attr, Item, Call) and not (type(key) is Op and key.op == "+"):
            stack.append(parent)  # rows by a mask
            return
        chosen = file.chosen(value.key)
        if chosen is None:
            found.add(Way("all", "by a variable"))
        elif column and column in chosen:
            stack.append(parent)

    def _attribute(
        self,
        file: FileColumns,
        value: Attr,
        parent: int,
        column: str,
        found: set[Way],
        stack: list[int],
        seen: set[tuple[str, int]],
        depth: int,
    ) -> None:
        name = value.name
        if name in _SIZE:
            return
        if name in _ROWS:
            stack.extend(p for p in file.parents.get(parent, ()) if type(file.values[p]) is Item and self._rows(file, p, column, found))
            return
        calls = [p for p in file.parents.get(parent, ()) if type(c := file.values[p]) is Call and c.func == parent]
        if name in _OPENS:
            found.add(Way("text" if name in _TEXT else "all", name))
            return
        if not calls:
            if name in ("write", "na", "stat"):
                found.add(Way("written", name))
            return  # a column by its attribute
        for one in calls:
            call = file.values[one]
            assert type(call) is Call
            if name in _ROWWISE and not any(key == "subset" for key, _ in call.keywords) and not call.args:
                found.add(Way("all", name))
            if name.startswith(_WRITES):
                columns = next((v for k, v in call.keywords if k == "columns"), None)
                if columns is None or (chosen := file.chosen(columns)) is None or column in chosen:
                    found.add(Way("text" if name in _TEXT else "written", name))
                if name in ("to_frame", "to_pandas"):
                    found.discard(Way("written", name))
                    stack.append(one)
            elif name == "drop" and column and any(column in file.names(a) for a in (*call.args, *(v for _, v in call.keywords))):
                continue
            elif name == "select" and call.args and all(file.names(a) for a in call.args):
                if column and any(column in file.names(a) for a in call.args):
                    stack.append(one)
            elif name in ("apply", "map", "transform", "agg", "applymap", "pipe") and call.args:
                self._function(file, call, call.args[0], column, found, seen, depth)
                stack.append(one)
            elif name not in _COUNTS:
                stack.append(one)

    def _rows(self, file: FileColumns, index: int, column: str, found: set[Way]) -> bool:
        """Whether `loc[...]` keeps the column: it picks rows alone, or names the column."""
        value = file.values[index]
        assert type(value) is Item
        key = file.values[value.key]
        if not (type(key) is Seq and key.kind == "tuple" and len(key.items) > 1):
            return True
        last = file.values[key.items[-1]]
        if type(last) is Op and last.op == "slice":
            return True
        if type(last) is Const:
            if isinstance(last.value, int):
                found.add(Way("all", "by position"))
            return False
        chosen = file.chosen(key.items[-1])
        if chosen is None:
            found.add(Way("all", "by a variable"))
        return bool(chosen and column in chosen)

    def _function(
        self, file: FileColumns, call: Call, func: int, column: str, found: set[Way], seen: set[tuple[str, int]], depth: int
    ) -> None:
        """A function that gets rows or columns one by one: one of this project is followed, any other is taken to read nothing by name."""
        target = self._project.resolver.target(file.module, func)
        if type(target) is Defined and depth < _DEPTH:
            owner, scope = self._project.resolver.scope(target)
            if scope.parameters:
                self._enter(owner, target.scope, scope.parameters[0].name, column, found, seen, depth)

    def _enter(self, owner: Module, scope: int, name: str, column: str, found: set[Way], seen: set[tuple[str, int]], depth: int) -> None:
        file = self._files.get(owner.path)
        index = file.parameter(scope, name) if file is not None else None
        if index is None:
            return
        inner: set[Way] = set()
        self._follow(owner, index, column, inner, seen, depth + 1)
        found.update(w for w in inner if w.kind != "returned")

    def _argument(
        self,
        file: FileColumns,
        call: Call,
        index: int,
        parent: int,
        column: str,
        found: set[Way],
        stack: list[int],
        seen: set[tuple[str, int]],
        depth: int,
    ) -> None:
        if call.func == index:
            found.add(Way("kept", "called"))
            return
        name = _name(file, call.func)
        if name in _SHOWS:
            shown = file.values[index]
            glance = type(shown) is Call and _name(file, shown.func) in _GLANCES
            if not glance:
                found.add(Way("text", name))
            return
        if name in _SILENT:
            return
        func = file.values[call.func]
        if name in _MERGES:
            stack.append(parent)
            return
        target = self._project.resolver.callee(file.module, call)
        if type(target) is Defined and depth < _DEPTH:
            owner, scope = self._project.resolver.scope(target)
            given = next((p.name for p in scope.parameters if passed_to(self._project, target, call, p.name) == index), None)
            if scope.kind == "function" and given is not None:
                self._enter(owner, target.scope, given, column, found, seen, depth)
                stack.append(parent)
                return
        if type(func) is Attr and name in ("append", "add") and type(func.base) is not Name:
            found.add(Way("kept", name))
            return
        found.add(Way("passed", name or "?"))


def _name(file: FileColumns, index: int) -> str:
    """The last part of what is called."""
    func = file.values[index]
    if type(func) is Def:
        return file.module.facts.scopes[func.scope].name
    return func.name.rpartition(".")[2] if type(func) in (Name, Attr, Param, Bound) else ""
