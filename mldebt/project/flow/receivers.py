"""Methods of objects that a function is given: which class of the project they belong to, as its callers tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Call
from mldebt.project.flow.model import ALL, Node, Step
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_LIMIT = 40
_SAME = frozenset({"value", "field", "return", "parameter"})


class Receivers:
    """Looks for the makers of receivers, a few steps back."""

    def __init__(self, project: Project, back: Callable[[Node], Iterator[Step]]) -> None:
        self._project, self._back = project, back
        self._memo: dict[Node, list[Defined]] = {}

    def methods(self, node: Node, module: Module, call: Call) -> list[Defined]:
        """The methods of classes of the project that a call on a passed object may mean."""
        func = module.facts.values[call.func]
        if not isinstance(func, Attr) or func.name not in self._names:
            return []
        start = Node(node.path, func.base, node.calls)
        found: list[Defined] = []
        for cls in self._classes(start):
            member = self._project.resolver.member(cls, func.name)
            if isinstance(member, Defined) and member not in found:
                found.append(member)
        return found

    def is_method(self, module: Module, call: Call) -> bool:
        """Whether the call is of a method that some class of the project has."""
        func = module.facts.values[call.func]
        return isinstance(func, Attr) and func.name in self._names

    def calls(self, module: Module, call: Call, function: Defined) -> bool:
        """Whether the call has the name of the function, a method of the project."""
        func = module.facts.values[call.func]
        scope = self._project.resolver.scope(function)[1]
        return isinstance(func, Attr) and func.name == scope.name and func.name in self._names

    def _classes(self, start: Node) -> list[Defined]:
        if start in self._memo:
            return self._memo[start]
        self._memo[start] = []
        found: list[Defined] = []
        seen, queue = {start}, deque([start])
        while queue and len(seen) < _LIMIT:
            node = queue.popleft()
            module = self._project.modules[node.path]
            if isinstance(module.facts.values[node.index], Call):
                target = self._project.resolver.target(module, node.index)
                if isinstance(target, Instance) and isinstance(target.of, Defined):
                    if target.of not in found:
                        found.append(target.of)
                    continue
            for step in self._back(node._replace(demand=ALL)):
                if step.how in _SAME and step.node not in seen:
                    seen.add(step.node)
                    queue.append(step.node)
        self._memo[start] = found
        return found

    @cached_property
    def _names(self) -> frozenset[str]:
        """Names of the methods of the project, those that nearly every object has left out."""
        return frozenset(
            scope.name
            for module, scope in self._project.scopes("function")
            if scope.parent >= 0 and module.facts.scopes[scope.parent].kind == "class" and not scope.name.startswith("__")
        )
