"""Which code runs in one process: a function and whoever calls it, code that nothing runs, tables that an application defines."""

from __future__ import annotations

from functools import cached_property

from mldebt.facts.model import Const
from mldebt.project.artifacts.model import Access
from mldebt.project.events import argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_CALLS = 4
_MIGRATIONS = frozenset({"migrations", "alembic"})
_DDL = "create"  # a statement that makes an empty table


class Processes:
    """Answers about the code around accesses."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._above: dict[Defined, frozenset[str]] = {}

    def together(self, a: Access, b: Access) -> bool:
        """Whether one access runs because the other's file calls it: the file then knows of both."""
        here, there = a.place.path, b.place.path
        return there in self._callers(a) or here in self._callers(b) or (here, there) in self._started or (there, here) in self._started

    @cached_property
    def _started(self) -> frozenset[tuple[str, str]]:
        """(file, script) of the commands by which code runs scripts."""
        return frozenset((run.path, run.script) for run in self._project.artifact_runs.all)

    def is_idle(self, access: Access) -> bool:
        """Whether nothing runs the function around the access, in a project whose callers are all in sight."""
        function = self._function(access)
        if function is None or function.scope == 0:
            return False
        module = self._project.modules[function.path]
        return self._project.world.openness(module) != "library" and not self._project.reach.is_live(module, function.scope)

    def is_migration(self, access: Access) -> bool:
        return bool(_MIGRATIONS & set(access.place.path.split("/")[:-1]))

    def defines(self, access: Access) -> bool:
        """Whether the project itself defines the table: its schema is written down, so its users are no secret."""
        identity = access.identity
        if identity is None or identity.store != "table" or len(identity.name) != 1 or not isinstance(identity.name[0], str):
            return False
        return identity.name[0].rpartition(".")[2] in self._defined

    @cached_property
    def _defined(self) -> frozenset[str]:
        """Last parts of the names of tables with a definition: DDL in SQL files, mapped classes, calls that define one."""
        found: set[str] = set()
        for module in self._project.modules.values():
            for statement in module.facts.statements:
                if statement.kind == _DDL:
                    found.update(name.rpartition(".")[2].lower() for name, _ in statement.writes)
            for scope in module.facts.scopes:
                for binding in scope.bindings.get("__tablename__", ()) if scope.kind == "class" else ():
                    value = module.facts.values[binding.value]
                    if type(value) is Const and isinstance(value.value, str):
                        found.add(value.value.lower())
        for event in self._project.calls("define"):
            index = argument(event.call, event.entry.args.get("table"))
            name = None if index is None else self._project.evaluator.string(event.module, index)
            if name:
                found.add(name.rpartition(".")[2].lower())
        return frozenset(found)

    # calls -----------------------------------------------------------------------------------------------------------

    def _function(self, access: Access) -> Defined | None:
        module = self._project.modules.get(access.place.path)
        if module is None or not module.is_python:
            return None
        scope = _scope_at(module, access)
        while scope > 0 and module.facts.scopes[scope].kind == "lambda":
            scope = module.facts.scopes[scope].parent
        return Defined(module.path, scope)

    def _callers(self, access: Access) -> frozenset[str]:
        """Files with code that calls the function of the access, through at most a few others; module code runs when it is imported."""
        function = self._function(access)
        if function is None:
            return frozenset()
        if function not in self._above:
            self._above[function] = self._spread(function)
        return self._above[function]

    def _spread(self, function: Defined) -> frozenset[str]:
        files: set[str] = set()
        seen = {function}
        fresh = [function]
        for _ in range(_CALLS):
            above: list[Defined] = []
            for one in fresh:
                for caller, scope in self._called_from(one):
                    files.add(caller.path)
                    here = Defined(caller.path, scope)
                    if here not in seen:
                        seen.add(here)
                        above.append(here)
            fresh = above
        return frozenset(files - {function.path})

    def _called_from(self, function: Defined) -> list[tuple[Module, int]]:
        """Places that call a function, or make an object of the class whose method it is."""
        module, scope = self._project.resolver.scope(function)
        targets = [function]
        if scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "class":
            targets.append(Defined(function.path, scope.parent))
        callers = self._project.events.callers
        return [(m, site.scope) for target in targets for m, site, _ in callers.get(target, ()) if not m.is_test]


def _scope_at(module: Module, access: Access) -> int:
    """The innermost function around the place."""
    line, best = access.place.span.line, 0
    for index, scope in enumerate(module.facts.scopes):
        if scope.kind in ("function", "lambda") and scope.span.line <= line <= scope.span.end_line and scope.qualname == access.scope:
            best = index
    return best
