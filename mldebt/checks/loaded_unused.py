"""Data that is loaded and not used: whole tables that nothing reads, and columns that a list asks for and nothing mentions."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Item, Map, Name, Param, Phi, Scope, Seq, Site, Store
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.columns import Columns, FileColumns
from mldebt.project.columns_flow import Flow
from mldebt.project.events import argument
from mldebt.project.resolve import Defined, Instance
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language

RULE = "loaded-unused-column"
_EFFECTS = ("write", "train", "copy", "track")
_KEEPS = frozenset({
    "head", "tail", "copy", "drop", "dropna", "fillna", "sort_values", "sort_index", "reset_index", "set_index", "rename", "astype",
    "merge", "join", "query", "drop_duplicates", "assign", "to_pandas", "sample", "replace", "repartition", "persist", "compute",
})  # fmt: skip
_DEPTH = 4


def check(project: Project) -> Iterator[Finding]:
    """Yields loaded-unused-column for tables, for columns of a list, and for tables that a function asks for."""
    columns = Columns(project)
    loads = _Loads(project, columns)
    for module in project.python:
        if is_demonstration(module) or module.path not in columns.files:
            continue
        for site in module.facts.sites:
            yield from loads.unread(module, site)
            yield from loads.unmentioned(module, site)
    yield from _parameters(project)


class _Loads:
    def __init__(self, project: Project, columns: Columns) -> None:
        self._project, self._columns, self._flow = project, columns, Flow(project, columns.files)
        self._reads = {(e.module.path, e.site.value): e for e in project.calls("read") if e.entry.returns == "dataframe"}
        self._effects = {(e.module.path, e.site.scope) for role in _EFFECTS for e in project.calls(role)}

    def unread(self, module: Module, site: Site) -> Iterator[Finding]:
        """A table that is read into a variable that nothing reads."""
        name = site.target
        if not name or name.startswith("_") or not self._is_unread(module, site, name) or not self._is_load(module, site):
            return
        yield Finding(
            rule=RULE,
            location=self._project.location(module, site.span),
            message=f"`{name}` is loaded, and nothing uses it",
            anchor=name,
            scope=module.qualname(site.scope),
            confidence=0.6 if module.source.language is Language.NOTEBOOK else 0.9,
            help="Delete the load, and what prepares the data for it.",
        )

    def _is_unread(self, module: Module, site: Site, name: str) -> bool:
        scope = module.facts.scopes[site.scope]
        if scope.kind == "function":
            return name in scope.unread
        file = self._columns.files[module.path]
        alone = not file.parents.get(site.value) and site.value not in file.read and site.value not in file.written
        if scope.kind != "module" or module.facts.open_names or not alone or (site.scope, name) in file.outer:
            return False
        return module.path not in self._imported and name not in scope.names

    @property
    def _imported(self) -> frozenset[str]:
        return frozenset().union(*self._project.imported_by_file.values())

    def _is_load(self, module: Module, site: Site) -> bool:
        """Whether the call reads a table, itself or in functions that do nothing else."""
        found = self._columns.selections.of(module, site.value)
        if not any(read in self._reads for read in found.reads) or not self._is_table(module, site.value, 0):
            return False
        call = module.facts.values[site.value]
        return isinstance(call, Call) and self._is_harmless(module, call, 0)

    def _is_table(self, module: Module, index: int, depth: int) -> bool:
        """Whether the value is the table itself, not a number or a list that is made of it."""
        value = module.facts.values[index]
        if depth > 2 * _DEPTH:
            return False
        if isinstance(value, Phi):
            return any(self._is_table(module, option, depth + 1) for option in value.options if option != index)
        if isinstance(value, Store):
            return self._is_table(module, value.base, depth + 1)
        if isinstance(value, Item):
            return bool(self._columns.files[module.path].names(value.key)) or self._is_table(module, value.base, depth + 1)
        if not isinstance(value, Call):
            return isinstance(value, Param)
        if (module.path, index) in self._reads:
            return True
        target = self._project.resolver.callee(module, value)
        if isinstance(target, Defined):
            owner, scope = self._project.resolver.scope(target)
            return scope.kind == "function" and any(self._is_table(owner, r, depth + 1) for r in scope.returns)
        func = module.facts.values[value.func]
        if isinstance(func, Name) and func.name.rpartition(".")[2] in ("concat", "merge"):
            return True
        return isinstance(func, Attr) and func.name in _KEEPS and self._is_table(module, func.base, depth + 1)

    def _is_harmless(self, module: Module, call: Call, depth: int) -> bool:
        target = self._project.resolver.callee(module, call)
        if not isinstance(target, Defined):
            return True
        if depth > _DEPTH or (target.path, target.scope) in self._effects:
            return False
        owner = self._project.modules[target.path]
        inside = [s for s in owner.facts.sites if s.scope == target.scope]
        return all(self._is_harmless(owner, c, depth + 1) for s in inside if isinstance(c := owner.facts.values[s.value], Call))

    # columns ---------------------------------------------------------------------------------------------------------

    def unmentioned(self, module: Module, site: Site) -> Iterator[Finding]:
        """Columns that the list of a load names, and that nothing else in the file mentions while the table stays in it."""
        call = module.facts.values[site.value]
        listed = self._listed(module, site, call) if isinstance(call, Call) else None
        if listed is None:
            return
        file, (index, names) = self._columns.files[module.path], listed
        unused = [name for name in names if not self._mentioned(file, name, index, site.value)]
        unused = [name for name in unused if not self._flow.ways(module, site.value, name)]
        if not unused or len(unused) == len(names):
            return
        shown = ", ".join(f"`{name}`" for name in unused[:3]) + (f" and {len(unused) - 3} more" if len(unused) > 3 else "")
        yield Finding(
            rule=RULE,
            location=self._project.location(module, site.span),
            message=f"{len(unused)} of {len(names)} loaded columns are never used: {shown}",
            anchor=f"{site.target}: {', '.join(unused)}",
            scope=module.qualname(site.scope),
            confidence=0.85,
            size=len(unused),
        )

    def _listed(self, module: Module, site: Site, call: Call) -> tuple[int, tuple[str, ...]] | None:
        """The list of columns that a load is given, by its value: to a read, in a query, or to a function that selects by it."""
        event = self._reads.get((module.path, site.value))
        if event is not None:
            place = argument(call, event.entry.args.get("columns"))
            query = argument(call, event.entry.args.get("query"))
            if query is not None and isinstance(text := module.facts.values[query], Const) and isinstance(text.value, str):
                return query, _selected(text.value)
            candidates = [] if place is None else [place]
        elif isinstance(self._project.resolver.callee(module, call), Defined):
            candidates = [*call.args, *(value for _, value in call.keywords)]
        else:
            return None
        file = self._columns.files[module.path]
        for one in candidates:
            value = file.values[one]
            names = file.names(one) if isinstance(value, Seq) and value.kind == "list" else ()
            if len(names) < 2 or not isinstance(value, Seq) or len(names) != len(value.items):
                continue
            if event is not None or self._columns.selections.of(module, site.value).names == frozenset(names):
                return one, names
        return None

    def _mentioned(self, file: FileColumns, name: str, listed: int, load: int) -> bool:
        if name in file.attributes or any(name in text and text != name and index != listed for text, index in file.strings.items()):
            return True
        for kind, index in file.mentions(name):
            value = file.values[index]
            types = isinstance(value, Map) and all(p == load for p in file.parents.get(index, ()))
            if kind == "use" and index != listed and not types:
                return True
        return any(p.fullmatch(name) for p in self._columns.patterns)


def _selected(query: str) -> tuple[str, ...]:
    """The output columns of a query that names them all."""
    from mldebt.facts.sql import statements

    found = statements(query)
    return found[0].columns if len(found) == 1 and not found[0].star else ()


def _parameters(project: Project) -> Iterator[Finding]:
    """Functions that ask for a data frame and do not read it."""
    for module, scope in project.scopes("function"):
        if is_demonstration(module) or not scope.unread or scope.stub or module.facts.scopes[scope.parent].kind != "module":
            continue
        shared = [s for s in module.facts.scopes if s.kind == "function" and s is not scope and _names(s) == _names(scope)]
        for parameter in scope.parameters:
            if parameter.name not in scope.unread or parameter.annotation < 0 or parameter.name.startswith("_") or shared:
                continue
            if parameter.span is not None and _is_table(project, module, parameter.annotation):
                yield Finding(
                    rule=RULE,
                    location=project.location(module, parameter.span),
                    message=f"`{scope.name}` asks for the table `{parameter.name}` and does not use it",
                    anchor=parameter.name,
                    scope=scope.qualname,
                    confidence=0.75,
                    help="Take the parameter away, and the load that feeds it.",
                )


def _names(scope: Scope) -> tuple[str, ...]:
    return tuple(p.name for p in scope.parameters)


def _is_table(project: Project, module: Module, annotation: int) -> bool:
    target = project.resolver.target(module, annotation)
    name = getattr(target, "name", "")
    return project.catalogue.kind_of(name) == "dataframe" if name and not isinstance(target, Instance) else False
