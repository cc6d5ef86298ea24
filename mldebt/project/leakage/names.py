"""What values are called where they stand."""

from __future__ import annotations

from collections import defaultdict

from mldebt.facts.model import Attr, Bound, Name, Param
from mldebt.project.flow.model import Node
from mldebt.project.project import Project


class Called:
    """Names of variables, parameters and fields."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._named: dict[str, dict[int, list[str]]] = {}

    def of(self, node: Node) -> set[str]:
        """The names that the value is bound to, and its own."""
        module = self._project.modules[node.path]
        if node.path not in self._named:
            names: dict[int, list[str]] = defaultdict(list)
            for scope in module.facts.scopes:
                for name, bindings in scope.bindings.items():
                    for binding in bindings:
                        names[binding.value].append(name)
            self._named[node.path] = names
        value = module.facts.values[node.index]
        own = {value.name.rpartition(".")[2]} if type(value) in (Param, Bound, Attr, Name) else set()
        return own | set(self._named[node.path].get(node.index, ()))
