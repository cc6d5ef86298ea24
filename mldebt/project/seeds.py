"""Which random generators are seeded before a file draws from them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Name, Site
from mldebt.project.events import Event, argument, splats
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_SEEDER = re.compile(
    r"(set|fix|init|make|apply|reset|worker|global|ensure|enable)\w*(seed|determin|reproducib)\w*|(manual_)?seeds?(_?(all|everything|everywhere|torch|numpy|worker))?",
    re.IGNORECASE,
)
_ALL = frozenset({"python", "numpy", "torch", "tensorflow"})
_DEPTH = 4


class Seeds:
    """Generous on purpose: what may be seeded counts as seeded.

    A seed covers its own file, the files below a script that sets it, and the files that import a module whose top level sets it.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._anywhere: dict[str, set[str]] = defaultdict(set)  # by file
        self._at_import: dict[str, set[str]] = defaultdict(set)
        self._functions: dict[Defined, set[str]] = defaultdict(set)
        for event in project.calls("seed"):
            if not event.module.is_test and not _is_none(event):
                self._add(event.module, event.site, set(event.entry.generator.split(",")))
        for name, calls in project.called.items():
            if _SEEDER.fullmatch(name) is not None:
                for module, site, call in calls:
                    if not module.is_test and self._named_so(module, call, name):
                        self._add(module, site, set(_ALL))
        self._spread()
        self._imports: dict[str, set[str]] = defaultdict(set)
        self._users: dict[str, set[str]] = defaultdict(set)
        for module in (m for m in project.python if not m.is_test):
            for other in self._imported(module):
                self._imports[module.path].add(other)
                self._users[other].add(module.path)
        self._memo: dict[str, frozenset[str]] = {}

    def covers(self, event: Event) -> bool:
        """Whether the generators that the event draws from are seeded around its file."""
        if event.entry.generator == "own":
            return False
        wanted = set(event.entry.generator.split(",")) - {""}
        return bool(wanted) and wanted <= self.around(event.module.path)

    def around(self, path: str) -> frozenset[str]:
        """The generators that are seeded in a file, by what it imports, or by what imports it."""
        if path not in self._memo:
            found = set(self._anywhere.get(path, ()))
            for user in _closure(path, self._users):
                found |= self._anywhere.get(user, set())
            for other in _closure(path, self._imports):
                found |= self._at_import.get(other, set())
            self._memo[path] = frozenset(found)
        return self._memo[path]

    def _add(self, module: Module, site: Site, generators: set[str]) -> None:
        self._anywhere[module.path] |= generators
        scope = site.scope
        if scope == 0:
            self._at_import[module.path] |= generators
        while scope > 0:
            if module.facts.scopes[scope].kind == "function":
                self._functions[Defined(module.path, scope)] |= generators
            scope = module.facts.scopes[scope].parent

    def _spread(self) -> None:
        """A call of a function that seeds is a seed."""
        fresh = set(self._functions)
        for _ in range(_DEPTH):
            known = {f: set(g) for f, g in self._functions.items()}
            for function in sorted(fresh, key=lambda f: (f.path, f.scope)):
                module, scope = self._project.resolver.scope(function)
                called = [function]
                if scope.name == "__init__" and scope.parent > 0:
                    called.append(Defined(module.path, scope.parent))
                for target in called:
                    for caller, site, _ in self._project.events.callers.get(target, ()):
                        if not caller.is_test:
                            self._add(caller, site, known[function])
            fresh = {f for f, g in self._functions.items() if known.get(f) != g}
            if not fresh:
                return

    def _imported(self, module: Module) -> Iterator[str]:
        for imported in module.facts.imports:
            split = self._project.index.split(module.path, imported.target)
            if split is not None and split[0] != module.path and split[0] in self._project.modules:
                yield split[0]

    def _named_so(self, module: Module, call: Call, name: str) -> bool:
        """Whether a call whose name says that it seeds is one of a function that can be read neither here nor in the catalogue."""
        func = module.facts.values[call.func]
        if type(func) not in (Name, Attr) or (not call.args and not call.keywords and name.endswith("seed")):
            return False
        target = self._project.resolver.callee(module, call)
        catalogued = type(func) is Name and bool(self._project.resolver.entries(func.name))
        return not catalogued and type(target) is not Defined and not splats(module, call)


def _is_none(event: Event) -> bool:
    index = argument(event.call, event.entry.args.get("seed"))
    if index is None:
        return True
    value = event.module.facts.values[index]
    return type(value) is Const and value.value is None


def _closure(path: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    stack = [path]
    while stack:
        for other in edges.get(stack.pop(), ()):
            if other not in found:
                found.add(other)
                stack.append(other)
    return found
