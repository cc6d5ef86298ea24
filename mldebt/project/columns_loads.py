"""Loads of tables: what each one is asked for, and whether anything uses it."""

from __future__ import annotations

from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Const, Item, Map, Name, Op, Param, Phi, Seq, Site, Store
from mldebt.project.callers import passed_to
from mldebt.project.columns import Columns
from mldebt.project.columns_file import FileColumns
from mldebt.project.columns_flow import Flow
from mldebt.project.events import argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_EFFECTS = ("write", "train", "copy", "track")
_MERGES = frozenset({"concat", "merge"})
_KEEPS = frozenset({
    "head", "tail", "copy", "drop", "dropna", "fillna", "sort_values", "sort_index", "reset_index", "set_index", "rename", "astype",
    "merge", "join", "query", "drop_duplicates", "assign", "to_pandas", "sample", "replace", "repartition", "persist", "compute",
})  # fmt: skip
_DEPTH = 4


class _Step(msgspec.Struct, frozen=True):
    """One step into a function."""

    module: Module
    call: Call
    function: Defined
    outer: _Step | None


class Loads:
    """The calls that read tables, themselves or in functions of the project."""

    def __init__(self, project: Project, columns: Columns) -> None:
        self._project, self._columns, self._flow = project, columns, Flow(project, columns.files)
        self._reads = {(e.module.path, e.site.value): e for e in project.calls("read") if e.entry.returns == "dataframe"}
        self._effects = {(e.module.path, e.site.scope) for role in _EFFECTS for e in project.calls(role)}

    def is_unused(self, module: Module, site: Site) -> bool:
        """Whether the call brings a table into a variable that nothing reads, and does nothing else."""
        name = site.target
        return bool(name) and name[0] != "_" and self._is_unread(module, site, name) and self._is_load(module, site)

    def is_merge(self, module: Module, site: Site) -> bool:
        """Whether the table is put together from others."""
        call = module.facts.values[site.value]
        func = module.facts.values[call.func] if type(call) is Call else None
        return type(func) is Name and func.name.rpartition(".")[2] in _MERGES

    def _is_unread(self, module: Module, site: Site, name: str) -> bool:
        scope = module.facts.scopes[site.scope]
        if scope.kind == "function":
            return name in scope.unread
        file = self._columns.files[module.path]
        alone = not file.parents.get(site.value) and site.value not in file.read and site.value not in file.written
        if scope.kind != "module" or module.facts.open_names or not alone or (site.scope, name) in file.outer:
            return False
        return module.path not in self._imported and name not in scope.names

    @cached_property
    def _imported(self) -> frozenset[str]:
        return frozenset().union(*self._project.imported_by_file.values())

    def _is_load(self, module: Module, site: Site) -> bool:
        """Whether the call reads a table, itself or in functions that do nothing else."""
        found = self._columns.selections.of(module, site.value)
        if not any(read in self._reads for read in found.reads) or not self._is_table(module, site.value, None, 0):
            return False
        call = module.facts.values[site.value]
        return type(call) is Call and self._is_harmless(module, call, 0)

    def _is_table(self, module: Module, index: int, caller: _Step | None, depth: int) -> bool:
        """Whether the value is a table that this very expression reads; `caller` is the call whose function is looked at."""
        value = module.facts.values[index]
        if depth > 2 * _DEPTH:
            return False
        if type(value) is Phi:
            return any(self._is_table(module, option, caller, depth + 1) for option in value.options if option != index)
        if type(value) is Store:
            return self._is_table(module, value.base, caller, depth + 1)
        if type(value) is Item:
            chosen = bool(self._columns.files[module.path].names(value.key))
            return (chosen and caller is not None) or self._is_table(module, value.base, caller, depth + 1)
        if type(value) is Param and caller is not None:
            passed = passed_to(self._project, caller.function, caller.call, value.name)
            return passed is not None and self._is_table(caller.module, passed, caller.outer, depth + 1)
        if type(value) is not Call or (caller is None and depth and index in self._named[module.path]):
            return False
        if (module.path, index) in self._reads:
            return True
        target = self._project.resolver.callee(module, value)
        if type(target) is Defined:
            owner, scope = self._project.resolver.scope(target)
            here = _Step(module, value, target, caller)
            inside = scope.kind == "function" and owner.path in self._columns.files
            return inside and any(self._is_table(owner, r, here, depth + 1) for r in scope.returns)
        func = module.facts.values[value.func]
        if type(func) is Name and func.name.rpartition(".")[2] in _MERGES:
            return True
        return type(func) is Attr and func.name in _KEEPS and self._is_table(module, func.base, caller, depth + 1)

    @cached_property
    def _named(self) -> dict[str, frozenset[int]]:
        """The calls of each file whose results have a name."""
        return {m.path: frozenset(s.value for s in m.facts.sites if s.target) for m in self._project.python}

    def _is_harmless(self, module: Module, call: Call, depth: int) -> bool:
        target = self._project.resolver.callee(module, call)
        if type(target) is not Defined:
            return True
        if depth > _DEPTH or (target.path, target.scope) in self._effects:
            return False
        owner = self._project.modules[target.path]
        inside = [s for s in owner.facts.sites if s.scope == target.scope]
        return all(self._is_harmless(owner, c, depth + 1) for s in inside if type(c := owner.facts.values[s.value]) is Call)

    # columns ---------------------------------------------------------------------------------------------------------

    def unused_columns(self, module: Module, site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns that the list or query of a load names, and those of them that nothing else in the file uses."""
        call = module.facts.values[site.value]
        listed = self._listed(module, site, call) if type(call) is Call else None
        if listed is None:
            return (), ()
        file, (index, names) = self._columns.files[module.path], listed
        again = _used_again(file, index, names, site.value)
        unused = [name for name in names if name not in again and not self._mentioned(file, name, index, site.value)]
        return names, tuple(name for name in unused if not self._flow.ways(module, site.value, name))

    def _listed(self, module: Module, site: Site, call: Call) -> tuple[int, tuple[str, ...]] | None:
        """The list of columns that a load is given, by its value: to a read, in a query, or to a function that selects by it."""
        event = self._reads.get((module.path, site.value))
        if event is not None:
            place = argument(call, event.entry.args.get("columns"))
            query = argument(call, event.entry.args.get("query"))
            if query is not None and type(text := module.facts.values[query]) is Const and isinstance(text.value, str):
                return query, _selected(text.value)
            candidates = [] if place is None else [place]
        elif type(self._project.resolver.callee(module, call)) is Defined and not site.statement:
            candidates = [*call.args, *(value for _, value in call.keywords)]
        else:
            return None
        file = self._columns.files[module.path]
        for one in candidates:
            value = file.values[one]
            names = file.names(one) if type(value) is Seq and value.kind == "list" else ()
            if len(names) < 2 or type(value) is not Seq or len(names) != len(value.items):
                continue
            if event is not None:
                return one, names
            found = self._columns.selections.of(module, site.value)
            if found.names == frozenset(names) and any(read in self._reads for read in found.reads):
                return one, names
        return None

    def _mentioned(self, file: FileColumns, name: str, listed: int, load: int) -> bool:
        if name in file.attributes or any(name in text and text != name and index != listed for text, index in file.strings.items()):
            return True
        for kind, index in file.mentions(name):
            value = file.values[index]
            types = type(value) is Map and all(p == load for p in file.parents.get(index, ()))
            if kind == "use" and index != listed and not types:
                return True
        return any(p.fullmatch(name) for p in self._columns.patterns)


def _used_again(file: FileColumns, index: int, names: tuple[str, ...], load: int) -> frozenset[str]:
    """Names of the list that are used through the list itself: all, or those of a slice."""
    if type(file.values[index]) is Const:
        return frozenset()
    if any(place in file.outer for place in file.bound.get(index, ())):
        return frozenset(names)
    found: set[str] = set()
    for parent in file.parents.get(index, ()):
        value = file.values[parent]
        ends = _slice(file, value.key) if type(value) is Item and value.base == index else None
        if ends is not None:
            found.update(names[slice(*ends)])
        elif parent != load and not _same_load(file, parent, load):
            return frozenset(names)
    return frozenset(found)


def _same_load(file: FileColumns, parent: int, load: int) -> bool:
    """Whether another call loads by the same list into a variable of the same kind: the list of two reads."""
    one, other = file.values[parent], file.values[load]
    return type(one) is Call and type(other) is Call and one.func == other.func


def _slice(file: FileColumns, index: int) -> tuple[int | None, ...] | None:
    value = file.values[index]
    if type(value) is not Op or value.op != "slice":
        return None
    ends = [v.value if type(v := file.values[o]) is Const else "" for o in value.operands]
    return tuple(ends) if all(e is None or isinstance(e, int) for e in ends) else None  # type: ignore[arg-type]


def _selected(query: str) -> tuple[str, ...]:
    """The output columns of a query that names them all."""
    from mldebt.facts.sql import statements

    found = statements(query)
    return found[0].columns if len(found) == 1 and not found[0].star else ()
