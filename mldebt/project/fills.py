"""What functions put into the objects that their callers pass, so that it is still there for whoever holds the same object.

By assignment to an item, by a method, or in a function they call. An entry under a constant key that every call sets anew before it
reads it is left out: nothing of one call is seen in the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Phi, Seq, Span, Star, Store, Value, Write
from mldebt.project.callers import passed_to
from mldebt.project.events import splats
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_METHODS = frozenset({"append", "appendleft", "extend", "insert", "add", "update", "setdefault"})
_STRAIGHT = frozenset(
    {"function", "for", "while", "with", "try", "loop-else", "module"}
)  # blocks that every call enters, or never needs to
_DEPTH = 3
_OPTIONS = 8


_TAKING = (Call, Op, Elem, Star, Seq, Map)  # values that pass on, look through or look up what they are made of


class Fill(msgspec.Struct, frozen=True, order=True):
    """A place that puts something into an object."""

    path: str
    span: Span
    entry: bool = False  # what lies under a constant key is filled


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
                if type(target) is not Defined or target == function or splats(module, call):
                    continue
                owner, scope = self._project.resolver.scope(target)
                for parameter in scope.parameters if scope.kind == "function" else ():
                    passed = passed_to(self._project, target, call, parameter.name)
                    if passed is not None and self.root(module, passed) == Param(function.scope, name) and owner.is_python:
                        found += (f for f in self.of_parameter(target, parameter.name, depth + 1) if not f.entry)
        return sorted(set(found))

    def of_field(self, owner: Defined, name: str) -> list[Fill]:
        """Where methods of the class fill `self.name`, in text order."""
        module, _ = self._project.resolver.scope(owner)
        self._read(module)
        return sorted(set(self._fields[module.path].get((owner.scope, name), ())))

    def root(self, module: Module, index: int) -> Param | Attr | None:
        """The parameter or attribute whose object the value is, or is a part of; None when it may be another object too."""
        found: set[Param | Attr | None] = set()
        seen, ahead = {index}, [index]
        while ahead:
            value = module.facts.values[ahead.pop()]
            kind = type(value)
            nexts: tuple[int, ...] = ()
            if kind is Param or kind is Attr:
                found.add(value)  # type: ignore[arg-type]
            elif kind is Store or kind is Item:
                nexts = (value.base,)  # type: ignore[union-attr]
            elif type(value) is Phi and len(value.options) <= _OPTIONS:
                nexts = value.options
            elif type(value) is Bound and len(bindings := module.facts.scopes[value.scope].bindings.get(value.name, ())) == 1:
                nexts = (bindings[0].value,)
            else:
                found.add(None)
            if None in found or len(found) > 1:
                return None
            ahead += (one for one in nexts if one not in seen)
            seen.update(nexts)
        return next(iter(found), None)

    def _read(self, module: Module) -> None:
        """The fills that stand in one file."""
        if module.path in self._parameters:
            return
        parameters: dict[tuple[int, str], list[Fill]] = defaultdict(list)
        fields: dict[tuple[int, str], list[Fill]] = defaultdict(list)
        whole = self._whole(module)
        reads = frozenset(use.value for use in module.facts.uses)
        for base, key, span, block in _changes(module):
            root = self.root(module, base)
            if type(root) is Param:
                if not _is_guarded(module, block, root) and self._stays(module, base, key, block, root, whole, reads):
                    parameters[root.scope, root.name].append(Fill(module.path, span, self._entry(module, base, key) >= 0))
            elif type(root) is Attr and type(owner := module.facts.values[root.base]) is Param:
                scope = module.facts.scopes[owner.scope]
                if scope.parameters[:1] and scope.parameters[0].name == owner.name:
                    fields[scope.parent, root.name].append(Fill(module.path, span))
        self._parameters[module.path], self._fields[module.path] = parameters, fields

    def _whole(self, module: Module) -> dict[Param, str]:
        """Parameters whose object is returned as it is, else passed on, looked through or looked up."""
        found: dict[Param, str] = {}
        values = module.facts.values
        parts = {part for kind in _TAKING for index in module.of_kind(kind) for part in _parts(module, values[index])}
        for part in parts:
            if type(root := self._itself(module, part)) is Param:
                found[root] = "used"
        for scope in module.facts.scopes:
            for result in scope.returns:
                if type(root := self._itself(module, result)) is Param:
                    found[root] = "returned"
        return found

    def _itself(self, module: Module, index: int) -> Param | Attr | None:
        """The same as `root`, for a value that is the whole object."""
        value = module.facts.values[index]
        return self.root(module, index) if type(value) in (Param, Store, Phi, Bound) else None

    def _stays(self, module: Module, base: int, key: int, block: int, root: Param, whole: dict[Param, str], reads: frozenset[int]) -> bool:
        """Whether what is put in can be seen by the next call."""
        values = module.facts.values
        if whole.get(root) == "returned":
            return True
        at = self._entry(module, base, key)
        if at < 0:
            return key < 0 or root in whole
        sets = [w for w in module.facts.writes if self._itself(module, w.base) == root and _sets(module, w, at)]
        if not sets:
            return True
        if any(module.facts.blocks[w.block].kind in _STRAIGHT for w in sets):
            read = any(type(v := values[i]) is Item and v.key == at and values[v.base] == root and i in reads for i in module.of_kind(Item))
            return read and root not in whole  # else a call before may have put it there
        return root in whole

    def _entry(self, module: Module, base: int, key: int) -> int:
        """The constant key of the object under which the change is made; -1 when there is none."""
        value = module.facts.values[base]
        while type(value) is Item:
            key, value = value.key, module.facts.values[value.base]
        return key if key >= 0 and type(module.facts.values[key]) is Const else -1

    def _calls_with(self, module: Module, scope: int, name: str) -> Iterator[Call]:
        """Calls in the function that get the parameter's object as it is."""
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            if site.scope == scope and type(call) is Call:
                passed = (*call.args, *(value for _, value in call.keywords))
                if any(self.root(module, value) == Param(scope, name) for value in passed):
                    yield call


def _changes(module: Module) -> Iterator[tuple[int, int, Span, int]]:
    """Everything that is put into an object: the object before it, the key or -1, where, in which block."""
    values = module.facts.values
    for write in module.facts.writes:
        if write.key >= 0:
            yield write.base, write.key, write.span, write.block
    for site, call, func in module.calls:
        if type(func) is Attr and func.name in _METHODS and (call.args or call.keywords):
            yield func.base, -1, site.span, site.block
    for scope in module.facts.scopes:
        for bindings in scope.bindings.values():
            for binding in bindings:
                added = values[binding.value]
                if binding.how == "augmented" and type(added) is Op and added.op == "+":
                    yield added.operands[0], -1, binding.span, binding.block


def _sets(module: Module, write: Write, key: int) -> bool:
    """Whether the write sets the entry anew: that one, or one of a loop over names that starts from nothing."""
    fresh = module.facts.values[write.value]
    empty = (type(fresh) is Seq and not fresh.items) or (type(fresh) is Map and not fresh.keys)
    return write.key == key or (write.key >= 0 and type(module.facts.values[write.key]) is not Const and empty)


def _parts(module: Module, value: Value) -> tuple[int, ...]:
    """The objects that a value passes on, looks through or looks something up in."""
    if type(value) is Call:
        func = module.facts.values[value.func]
        looked = (func.base,) if type(func) is Attr and func.name not in _METHODS else ()
        return (*looked, *value.args, *(v for _, v in value.keywords))
    if type(value) is Op:
        return value.operands[1:] if value.op in ("in", "not in") else ()
    if type(value) in (Elem, Star):
        return (value.of,) if type(value) is Elem else (value.value,)
    if type(value) in (Seq, Map):
        return value.items if type(value) is Seq else value.values
    return ()


def _is_guarded(module: Module, block: int, parameter: Param) -> bool:
    """Whether the block runs only when the parameter's object holds something."""
    values = module.facts.values
    while block >= 0:
        here = module.facts.blocks[block]
        if here.kind == "if" and here.guard >= 0:
            test = values[module.facts.guards[here.guard].test]
            if type(test) is Op and test.op in (">", ">=", "!="):
                test = values[test.operands[0]]
            if type(test) is Call and len(test.args) == 1 and values[test.func] == Name("builtins.len"):
                test = values[test.args[0]]
            if test == parameter:
                return True
        block = here.parent
    return False
