"""Methods of objects that a function is given: which class of the project they belong to, as its callers tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Call, Name, Param, Scope
from mldebt.project.flow.model import ALL, Node, Step
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_LIMIT = 40
_NESTED = 8  # questions inside each other
_ALIKE = 3  # classes of one file that have a method of one name
# Names that objects of packages have as well.
_PROTOCOLS = frozenset(
    (
        *("fit", "predict", "transform", "fit_transform", "predict_proba", "forward", "score", "get", "items", "keys", "values", "update"),
        *(
            "read",
            "write",
            "open",
            "close",
            "load",
            "save",
            "run",
            "start",
            "stop",
            "append",
            "add",
            "pop",
            "remove",
            "copy",
            "next",
            "send",
        ),
        *(
            "step",
            "reset",
            "train",
            "eval",
            "evaluate",
            "to",
            "split",
            "join",
            "format",
            "apply",
            "map",
            "filter",
            "sample",
            "count",
            "name",
        ),
    )
)
_SAME = frozenset({"value", "field", "return", "parameter", "operand"})


class Receivers:
    """Looks for the makers of receivers, a few steps back."""

    def __init__(self, project: Project, back: Callable[[Node], Iterator[Step]]) -> None:
        self._project, self._back = project, back
        self._memo: dict[Node, list[Defined]] = {}
        self._open: set[Node] = set()  # questions that are being answered
        self._is_cut = False  # whether the answer at hand rests on one of them

    def methods(self, node: Node, module: Module, call: Call) -> list[Defined]:
        """The methods of classes of the project that a call on a passed object may mean."""
        func = module.facts.values[call.func]
        if type(func) is not Attr or func.name not in self._names:
            return []
        owner = self.own_class(module, func.base)
        found: list[Defined] = []
        for cls in self.heirs(owner) if owner is not None else self._classes(Node(node.path, func.base, node.calls)):
            member = self._project.resolver.member(cls, func.name)
            if type(member) is Defined and member not in found:
                found.append(member)
        return found or list(self.unique.get(func.name, ()))

    def own_class(self, module: Module, index: int) -> Defined | None:
        """The class of a method whose `self` the value is."""
        value = module.facts.values[index]
        if type(value) is not Param:
            return None
        scope = module.facts.scopes[value.scope]
        inside = scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "class"
        first = inside and bool(scope.parameters) and scope.parameters[0].name == value.name and not self._is_static(module, scope)
        return Defined(module.path, scope.parent) if first else None

    def _is_static(self, module: Module, scope: Scope) -> bool:
        return any(module.facts.values[decorator] == Name("builtins.staticmethod") for decorator in scope.decorators)

    def heirs(self, cls: Defined) -> list[Defined]:
        """The classes of the project that are made from a class, at any depth."""
        found, queue = [], [cls]
        while queue:
            for heir in self._project.resolver.subclasses(queue.pop()):
                if heir not in found and len(found) < _LIMIT:
                    found.append(heir)
                    queue.append(heir)
        return found

    def is_method(self, module: Module, call: Call) -> bool:
        """Whether the call is of a method that some class of the project has."""
        func = module.facts.values[call.func]
        return type(func) is Attr and func.name in self._names

    def calls(self, module: Module, call: Call, function: Defined) -> bool:
        """Whether the call has the name of the function, a method of the project."""
        func = module.facts.values[call.func]
        scope = self._project.resolver.scope(function)[1]
        return type(func) is Attr and func.name == scope.name and func.name in self._names

    def _classes(self, start: Node) -> list[Defined]:
        if start in self._memo:
            return self._memo[start]
        if start in self._open or len(self._open) >= _NESTED:
            self._is_cut = True
            return []
        outer, self._is_cut = self._is_cut, False
        self._open.add(start)
        found = self._makers(start)
        self._open.discard(start)
        if not self._is_cut or not self._open:  # what was cut short inside another question is asked again
            self._memo[start] = found
        self._is_cut = outer or (self._is_cut and bool(self._open))
        return found

    def _makers(self, start: Node) -> list[Defined]:
        """The classes that calls a few steps back make."""
        found: list[Defined] = []
        seen, queue = {start}, deque([start])
        while queue and len(seen) < _LIMIT:
            node = queue.popleft()
            module = self._project.modules[node.path]
            if type(module.facts.values[node.index]) is Call:
                target = self._project.resolver.target(module, node.index)
                if type(target) is Instance and type(target.of) is Defined:
                    if target.of not in found:
                        found.append(target.of)
                    continue
            for step in self._back(node._replace(demand=ALL)):
                if step.how in _SAME and step.node not in seen:
                    seen.add(step.node)
                    queue.append(step.node)
        return found

    @cached_property
    def unique(self) -> dict[str, tuple[Defined, ...]]:
        """By name: methods that one family of classes has, or a few classes of one file; they are taken for what unknown objects have."""
        found: dict[str, set[Defined]] = {}
        for module in self._project.python:
            for index, scope in enumerate(module.facts.scopes):
                if scope.kind == "function" and scope.name in self._names and not module.is_test:
                    if module.facts.scopes[scope.parent].kind == "class":
                        found.setdefault(scope.name, set()).add(self._root(Defined(module.path, index), scope.name))
        return {
            name: tuple(sorted(roots, key=lambda d: (d.path, d.scope)))
            for name, roots in sorted(found.items())
            if name not in _PROTOCOLS and (len(roots) == 1 or (len(roots) <= _ALIKE and len({r.path for r in roots}) == 1))
        }

    def _root(self, method: Defined, name: str) -> Defined:
        """The method of the outermost base that has it."""
        for _ in range(6):
            module, scope = self._project.resolver.scope(method)
            parents = [self._project.resolver.target(module, b) for b in module.facts.scopes[scope.parent].bases]
            members = [self._project.resolver.member(p, name) for p in parents if type(p) is Defined]
            above = next((m for m in members if type(m) is Defined and m != method), None)
            if above is None:
                return method
            method = above
        return method

    @cached_property
    def _names(self) -> frozenset[str]:
        """Names of the methods of the project, but for those with two underscores."""
        return frozenset(
            scope.name
            for module, scope in self._project.scopes("function")
            if scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "class" and not scope.name.startswith("__")
        )
