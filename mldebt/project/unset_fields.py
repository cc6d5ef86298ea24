"""Attributes that are read on settings objects of the project and that nothing sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Item, Span, Use
from mldebt.project.declared_settings import is_settings_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance
from mldebt.project.roles import is_demonstration

_PLAIN = frozenset({"builtins.object", "abc.ABC", "typing.Generic"})
_OPEN = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__slots__", "__class_getitem__"})
_SETTERS = frozenset(f"builtins.{name}" for name in ("setattr", "vars", "locals", "globals", "exec", "object.__setattr__"))
_BY_NAME = frozenset({"__dict__", "__setattr__", "update"})
_RECORDS = frozenset({"dataclass", "define", "frozen", "s", "attrs"})
_DEPTH = 6


class Unset(msgspec.Struct, frozen=True):
    """Reads of one name on the objects of one class."""

    owner: Module
    span: Span  # of the class
    shown: str
    name: str
    reads: tuple[tuple[Module, Use], ...]


class UnsetFields:
    """Classes of settings, and what they lack."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._members: dict[Defined, frozenset[str] | None] = {}

    def found(self) -> Iterator[Unset]:
        """In order of the class or module, then of the name."""
        reads: dict[tuple[str, int, str], list[tuple[Module, Use]]] = defaultdict(list)
        for module in self._readers:
            for use in module.facts.uses:
                for owner, name in self._of_use(module, use):
                    reads[owner.path, owner.scope, name].append((module, use))
        for (path, scope, name), places in sorted(reads.items(), key=lambda found: found[0]):
            home = self._project.modules[path]
            yield Unset(home, home.facts.scopes[scope].span, home.qualname(scope), name, tuple(places))

    @cached_property
    def _classes(self) -> frozenset[Defined]:
        """Classes whose name says settings and all of whose attributes are in sight."""
        return frozenset(
            Defined(m.path, n)
            for m in self._project.python
            if not m.is_test
            for n, s in enumerate(m.facts.scopes)
            if s.kind == "class" and is_settings_name(s.name) and self.members(Defined(m.path, n)) is not None
        )

    @cached_property
    def _readers(self) -> list[Module]:
        """The files that can have an object of one of the classes."""
        paths = {c.path for c in self._classes}
        found = []
        for module in self._project.python:
            if not is_demonstration(module) and (module.path in paths or paths & self._project.imported_by_file[module.path]):
                found.append(module)
        return found

    def _of_use(self, module: Module, use: Use) -> Iterator[tuple[Defined, str]]:
        """Attributes in a chain that the object they are read on lacks."""
        values = module.facts.values
        index = use.value
        for _ in range(_DEPTH):
            value = values[index]
            if type(value) is Item:
                index = value.base
                continue
            if type(value) is not Attr:
                return
            owner = self._owner(module, value.base)
            if owner is not None and not value.name.startswith("__") and not self._is_tried(module, use):
                known = self.members(owner)
                if known is not None and value.name not in known and not self._is_set_outside(value.name):
                    yield owner, value.name
            index = value.base

    def _owner(self, module: Module, base: int) -> Defined | None:
        target = self._project.resolver.target(module, base)
        target = target.of if type(target) is Instance else target
        return target if type(target) is Defined and target in self._classes else None

    def _is_tried(self, module: Module, use: Use) -> bool:
        """Whether the read may fail: its error is caught, or the name is asked for first."""
        block = use.block
        while block >= 0:
            if module.facts.blocks[block].kind == "try":
                return True
            block = module.facts.blocks[block].parent
        return False

    def _is_set_outside(self, name: str) -> bool:
        return name in self._project.evaluator.written_from_outside or name in self._quoted

    @cached_property
    def _quoted(self) -> frozenset[str]:
        """Names that a string holds by itself, in files that set or ask for attributes by such a name."""
        asking = ("builtins.setattr", "builtins.hasattr", "builtins.getattr")
        return frozenset(
            word
            for m in self._project.python
            if any(a in m.names for a in asking)
            for s in m.facts.scopes
            for word in (*s.strings, *s.dotted)
        )

    # the attributes of a class ---------------------------------------------------------------------------------------

    def members(self, owner: Defined) -> frozenset[str] | None:
        """Every name that the class, its bases and its heirs bind or assign; None when there may be others."""
        if owner not in self._members:
            self._members[owner] = None
            up = self._upwards(owner, 0)
            down = self._downwards(owner, 0)
            self._members[owner] = None if up is None or down is None else up | down
        return self._members[owner]

    def _upwards(self, owner: Defined, depth: int) -> frozenset[str] | None:
        found = self._own(owner)
        module, scope = self._project.resolver.scope(owner)
        for base in scope.bases:
            target = self._project.resolver.target(module, base)
            if type(target) is External and target.name in _PLAIN:
                continue
            more = self._upwards(target, depth + 1) if type(target) is Defined and depth < _DEPTH else None
            if more is None or found is None:
                return None
            found |= more
        return found

    def _downwards(self, owner: Defined, depth: int) -> frozenset[str] | None:
        found: frozenset[str] | None = frozenset()
        for heir in self._project.resolver.subclasses(owner):
            own, below = self._own(heir), self._downwards(heir, depth + 1) if depth < _DEPTH else None
            if own is None or below is None or found is None:
                return None
            found |= own | below
        return found

    def _own(self, owner: Defined) -> frozenset[str] | None:
        module, scope = self._project.resolver.scope(owner)
        if (
            scope.kind != "class"
            or module.facts.open_names
            or _OPEN & scope.bindings.keys()
            or not self._is_decorated_plainly(module, scope.decorators)
        ):
            return None
        methods = [s for s in module.facts.scopes if s.parent == owner.scope and s.kind == "function"]
        if any(not _SETTERS.isdisjoint(s.qualified) or not _BY_NAME.isdisjoint(s.names) for s in methods):
            return None
        fields = self._project.resolver.fields(owner)
        return frozenset(scope.bindings) | frozenset(fields)

    def _is_decorated_plainly(self, module: Module, decorators: tuple[int, ...]) -> bool:
        for decorator in decorators:
            value = module.facts.values[decorator]
            target = self._project.resolver.target(module, getattr(value, "func", decorator))
            if not (type(target) is External and target.name.rpartition(".")[2] in _RECORDS):
                return False
        return True
