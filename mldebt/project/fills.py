"""What functions put into the objects that their callers pass: by assignment to an item, by a method, or in a function they call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Item, Op, Param, Phi, Span, Store
from mldebt.project.callers import passed_to
from mldebt.project.events import splats
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_METHODS = frozenset({"append", "appendleft", "extend", "insert", "add", "update", "setdefault"})
_DEPTH = 3
_OPTIONS = 8


class Fill(msgspec.Struct, frozen=True, order=True):
    """A place that puts something into an object."""

    path: str
    span: Span


class Fills:
    """Fills of parameters and of fields of `self`, by the file that does them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parameters: dict[str, dict[tuple[int, str], list[Fill]]] = {}
        self._fields: dict[str, dict[tuple[int, str], list[Fill]]] = {}

    def of_parameter(self, function: Defined, name: str, depth: int = 0) -> list[Fill]:
        """Where the function, or one of the project that it passes the object to, fills it, in text order."""
        module, _ = self._project.resolver.scope(function)
        self._read(module)
        found = list(self._parameters[module.path].get((function.scope, name), ()))
        if depth < _DEPTH and not found:
            for call in self._calls_with(module, function.scope, name):
                target = self._project.resolver.callee(module, call)
                if not isinstance(target, Defined) or target == function or splats(module, call):
                    continue
                owner, scope = self._project.resolver.scope(target)
                for parameter in scope.parameters if scope.kind == "function" else ():
                    passed = passed_to(self._project, target, call, parameter.name)
                    if passed is not None and self.root(module, passed) == Param(function.scope, name) and owner.is_python:
                        found += self.of_parameter(target, parameter.name, depth + 1)
        return sorted(set(found))

    def of_field(self, owner: Defined, name: str) -> list[Fill]:
        """Where methods of the class fill `self.name`, in text order."""
        module, _ = self._project.resolver.scope(owner)
        self._read(module)
        return sorted(set(self._fields[module.path].get((owner.scope, name), ())))

    def root(self, module: Module, index: int) -> Param | Attr | None:
        """The parameter or attribute whose object the value is, or is a part of; None when it may be another object too."""
        found = self._root(module, index, frozenset())
        return next(iter(found)) if len(found) == 1 else None

    def _root(self, module: Module, index: int, seen: frozenset[int]) -> frozenset[Param | Attr | None]:
        value = module.facts.values[index]
        if isinstance(value, (Param, Attr)):
            return frozenset({value})
        if isinstance(value, (Store, Item)):
            return self._root(module, value.base, seen | {index})
        if isinstance(value, Phi):
            others = [o for o in value.options if o not in seen]
            if len(others) > _OPTIONS:
                return frozenset({None})
            return frozenset().union(*(self._root(module, o, seen | {index}) for o in others))
        if isinstance(value, Bound) and index not in seen:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return self._root(module, bindings[0].value, seen | {index}) if len(bindings) == 1 else frozenset({None})
        return frozenset({None})

    def _read(self, module: Module) -> None:
        """The fills that stand in one file."""
        if module.path in self._parameters:
            return
        parameters: dict[tuple[int, str], list[Fill]] = defaultdict(list)
        fields: dict[tuple[int, str], list[Fill]] = defaultdict(list)
        for base, span, block in _changes(module):
            root = self.root(module, base)
            if isinstance(root, Param):
                if not _is_guarded(module, block, root):
                    parameters[root.scope, root.name].append(Fill(module.path, span))
            elif isinstance(root, Attr) and isinstance(owner := module.facts.values[root.base], Param):
                scope = module.facts.scopes[owner.scope]
                if scope.parameters[:1] and scope.parameters[0].name == owner.name:
                    fields[scope.parent, root.name].append(Fill(module.path, span))
        self._parameters[module.path], self._fields[module.path] = parameters, fields

    def _calls_with(self, module: Module, scope: int, name: str) -> Iterator[Call]:
        """Calls in the function that get the parameter's object as it is."""
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            if site.scope == scope and isinstance(call, Call):
                passed = (*call.args, *(value for _, value in call.keywords))
                if any(self.root(module, value) == Param(scope, name) for value in passed):
                    yield call


def _changes(module: Module) -> Iterator[tuple[int, Span, int]]:
    """Everything that is put into an object: the object before it, where, in which block."""
    values = module.facts.values
    for write in module.facts.writes:
        if write.key >= 0:
            yield write.base, write.span, write.block
    for site in module.facts.sites:
        call = values[site.value]
        func = values[call.func] if isinstance(call, Call) else None
        if isinstance(func, Attr) and func.name in _METHODS and isinstance(call, Call) and (call.args or call.keywords):
            yield func.base, site.span, site.block
    for scope in module.facts.scopes:
        for bindings in scope.bindings.values():
            for binding in bindings:
                added = values[binding.value]
                if binding.how == "augmented" and isinstance(added, Op) and added.op == "+":
                    yield added.operands[0], binding.span, binding.block


def _is_guarded(module: Module, block: int, parameter: Param) -> bool:
    """Whether the block runs only when the parameter's object holds something."""
    while block >= 0:
        here = module.facts.blocks[block]
        if here.kind == "if" and here.guard >= 0 and module.facts.values[module.facts.guards[here.guard].test] == parameter:
            return True
        block = here.parent
    return False
