"""Values that stand under a name elsewhere: module constants, class attributes, fields that methods assign to `self`."""

from __future__ import annotations

from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_HOW = ("=", "annotated")
_BASES = 6
Member = tuple[Module, int, str]  # file, value in it, and "path::NAME" when it is a constant, not the state of an object


class Members:
    """Looks up what imports and attributes name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_name: dict[str, list[Defined]] | None = None

    def of_name(self, module: Module, dotted: str) -> list[Member]:
        """What an imported constant is: `settings.ROOT`, `from config import Paths; Paths.ROOT`."""
        split = self._project.index.split(module.path, dotted)
        if split is None or not 1 <= len(split[1]) <= 2 or split[0] not in self._project.modules:
            return []
        owner, names = self._project.modules[split[0]], split[1]
        if not owner.facts.scopes:
            return []
        if len(names) == 2:
            target = self._project.resolver.member(Defined(owner.path, 0), names[0])
            return [] if target is None else self.of_target(target, names[1])
        return self._bound(owner, 0, names[0])

    def of_attribute(self, module: Module, base: int, name: str) -> list[Member]:
        """What `base.name` is, when `base` is a class, module or object of the project."""
        target = self._project.resolver.target(module, base)
        return [] if target is None else self.of_target(target, name)

    def of_target(self, target: object, name: str) -> list[Member]:
        if type(target) is Instance:
            target = target.of
        if type(target) is not Defined:
            return []
        module, scope = self._project.resolver.scope(target)
        if scope.kind == "module":
            return self._bound(module, 0, name)
        return self._of_class(target, name, 0) if scope.kind == "class" else []

    def held(self, name: str) -> list[Member]:
        """The class attributes of that name in the whole project, where at most a few classes have one."""
        if self._by_name is None:
            self._by_name = {}
            for module in self._project.python:
                for index, scope in enumerate(module.facts.scopes):
                    if scope.kind == "class" and not module.is_test:
                        for key, bindings in scope.bindings.items():
                            if all(b.how in _HOW for b in bindings):
                                self._by_name.setdefault(key, []).append(Defined(module.path, index))
        owners = self._by_name.get(name, [])
        return [m for o in owners for m in self._of_class(o, name, 0)] if len(owners) <= 2 else []

    def _of_class(self, owner: Defined, name: str, depth: int) -> list[Member]:
        module, scope = self._project.resolver.scope(owner)
        fields = self._project.resolver.fields(owner).get(name, ())
        label = f"{module.path}::{scope.qualname}.{name}"
        found = [(module, value, label) for value in fields] + self._bound(module, owner.scope, name)
        if found or depth > _BASES:
            return found
        for base in scope.bases:
            parent = self._project.resolver.target(module, base)
            if type(parent) is Defined and parent != owner and (inherited := self._of_class(parent, name, depth + 1)):
                return inherited
        return []

    def _bound(self, module: Module, scope: int, name: str) -> list[Member]:
        bindings = module.facts.scopes[scope].bindings.get(name, ())
        prefix = module.facts.scopes[scope].qualname
        label = f"{module.path}::{prefix + '.' if scope and prefix else ''}{name}"
        return [(module, b.value, label) for b in bindings if b.how in _HOW]
