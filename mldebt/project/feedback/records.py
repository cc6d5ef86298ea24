"""Records that the project keeps of its own acts: rows that are made where orders are placed, posts are sent, labels are set."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Call, Item, Name, Store, Value
from mldebt.project.feedback.model import WorldSite
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance, Target

_LEVELS = 2  # calls between the function that makes the record and the act
_ROWS = ("Model", "Document", "SQLModel", "DeclarativeBase")  # last names of classes whose subclasses are rows of a table


class Records:
    """Classes of rows, the acts that they record, and where rows are read."""

    def __init__(self, project: Project, acts: list[WorldSite]) -> None:
        self._project = project
        self._read: dict[str, dict[int, Defined | None]] = {}
        self._acts: dict[tuple[str, int], WorldSite] = {}
        for act in acts:
            self._acts.setdefault((act.path, act.scope), act)

    @cached_property
    def of_acts(self) -> dict[Defined, tuple[WorldSite, WorldSite]]:
        """By class of rows: an act, and the place that makes a row in the same run of a function."""
        found: dict[Defined, tuple[WorldSite, WorldSite]] = {}
        if not self._acts:
            return found
        for owner, sites in self._project.events.callers.items():
            if not self._is_rows(owner):
                continue
            name = self._project.resolver.scope(owner)[1].name
            for module, site, call in sites:
                act = None if module.is_test else self._act_in(module, site.scope, _LEVELS)
                if act is not None and owner not in found:
                    given = (*call.args, *(v for _, v in call.keywords))
                    made = WorldSite("act", f"own.{name}", module.path, site.span, site.scope, site.value, name, given)
                    found[owner] = (act, made)
        return found

    def read_by(self, module: Module, index: int) -> Defined | None:
        """The class whose rows a call reads: `Trade.open_trades()`, `session.query(Trade)`, `Trade.objects.filter()`."""
        if not self.of_acts:
            return None
        known = self._read.setdefault(module.path, {})
        if index not in known:
            known[index] = self._read_by(module, index)
        return known[index]

    def _read_by(self, module: Module, index: int) -> Defined | None:
        value = module.facts.values[index]
        if type(value) is not Call:
            return None
        classes = [*self._roots(module, value.func), *(self._class(module, argument) for argument in value.args)]
        found = next((c for c in classes if c in self.of_acts), None)
        return None if found is None or found.path == module.path else found  # the rows' own methods are no readers

    def _roots(self, module: Module, index: int) -> Iterator[Defined | None]:
        value: Value = module.facts.values[index]
        while type(value) in (Attr, Item, Store):
            yield self._class(module, value.base)
            value = module.facts.values[value.base]
        if type(value) is Name:  # `package.models.Trade.open_trades`
            split = self._project.index.split(module.path, value.name)
            if split is not None and len(split[1]) > 1 and split[0] in self._project.modules:
                target = self._project.resolver.member(Defined(split[0], 0), split[1][0])
                yield target if type(target) is Defined else None

    def _class(self, module: Module, index: int) -> Defined | None:
        target = self._project.resolver.target(module, index)
        if type(target) is Defined and self._project.resolver.scope(target)[1].kind == "class":
            return target
        return None

    def _is_rows(self, owner: Defined, depth: int = 0) -> bool:
        """Whether objects of a class are rows of a table of the project."""
        if depth > 4:
            return False
        module, scope = self._project.resolver.scope(owner)
        if scope.kind != "class":
            return False
        if "__tablename__" in scope.bindings or "__table__" in scope.bindings:
            return True
        for base in scope.bases:
            target = self._project.resolver.target(module, base)
            if type(target) is External and target.name.rpartition(".")[2] in _ROWS and "nn" not in target.name.split("."):
                return True
            if type(target) is Defined and target != owner and self._is_rows(target, depth + 1):
                return True
        return False

    def _act_in(self, module: Module, scope: int, levels: int) -> WorldSite | None:
        """An act in the function, or in a function of the project that it calls."""
        found = self._acts.get((module.path, scope))
        if found is not None or levels == 0 or scope == 0:
            return found
        for site in module.facts.sites:
            if site.scope != scope:
                continue
            call = module.facts.values[site.value]
            target: Target | None = self._project.resolver.callee(module, call) if type(call) is Call else None
            if type(target) is Instance and type(target.of) is Defined:
                continue
            if type(target) is Defined and self._project.resolver.scope(target)[1].kind == "function":
                inner = self._act_in(self._project.modules[target.path], target.scope, levels - 1)
                if inner is not None:
                    return inner
        return None
