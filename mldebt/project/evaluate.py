"""The constants that a value can be. `None` as an answer means: not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from mldebt.facts.model import Bound, Const, Name, Op, Param, Phi, Seq
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

Constant = None | bool | int | float | str
_MANY = 8
_DEPTH = 10
Lookup = Callable[[Module, int], "frozenset[Constant] | None"]


class Evaluator:
    """Evaluates symbolic values over constants, single assignments and, on request, a table of known options."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._written: frozenset[str] | None = None
        self._opened: frozenset[str] | None = None
        self._bound_values: dict[str, frozenset[int]] = {}
        self._memo: dict[tuple[str, int], frozenset[Constant] | None] = {}

    def constant(self, module: Module, index: int, lookup: Lookup | None = None) -> frozenset[Constant] | None:
        """Every constant that the value may be. `lookup` may know values of options; it is asked first."""
        return self._values(module, index, lookup, 0)

    def truth(self, module: Module, index: int, lookup: Lookup | None = None) -> bool | None:
        """Whether the condition always or never holds; three-valued, so `unknown and False` is False."""
        return self._truth(module, index, lookup, 0)

    def string(self, module: Module, index: int) -> str | None:
        """The only string that the value can be."""
        found = self.constant(module, index)
        only = next(iter(found)) if found is not None and len(found) == 1 else None
        return only if isinstance(only, str) else None

    def _truth(self, module: Module, index: int, lookup: Lookup | None, depth: int) -> bool | None:
        if depth > _DEPTH:
            return None
        value = module.facts.values[index]
        if type(value) is Op and value.op in ("and", "or", "not"):
            parts = [self._truth(module, o, lookup, depth + 1) for o in value.operands]
            if value.op == "not":
                return None if parts[0] is None else not parts[0]
            decisive = value.op == "or"
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        found = self._values(module, index, lookup, depth)
        if not found:
            return None
        verdicts = {bool(v) for v in found}
        return next(iter(verdicts)) if len(verdicts) == 1 else None

    def _values(self, module: Module, index: int, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        if index < 0 or depth > _DEPTH:
            return None
        if lookup is None:
            key = (module.path, index)
            if key in self._memo:
                return self._memo[key]
            found = self._evaluated(module, index, None, depth)
            if depth == 0 or found is not None:  # a None from deep below may only mean: too deep
                self._memo[key] = found
            return found
        known = lookup(module, index)
        return known if known is not None else self._evaluated(module, index, lookup, depth)

    def _evaluated(self, module: Module, index: int, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        value = module.facts.values[index]
        kind = type(value)
        if kind is Const:
            templated = isinstance(value.value, str) and ("{{" in value.value or "{%" in value.value)
            return None if templated else frozenset((value.value,))
        if kind is Phi:
            return self._union(module, value.options, lookup, depth)
        if kind is Bound:
            return self._bound(module, value, lookup, depth)
        if kind is Op:
            return self._operation(module, value, lookup, depth)
        if kind is Name:
            return self._imported(module, value, lookup, depth)
        return None

    def _union(self, module: Module, options: tuple[int, ...], lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        union: set[Constant] = set()
        for option in options:
            found = self._values(module, option, lookup, depth + 1)
            if found is None or len(union := union | found) > _MANY:
                return None
        return frozenset(union)

    def _bound(self, module: Module, value: Bound, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        """A variable of an outer scope: all its bindings, unless something writes it from elsewhere."""
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        if not bindings or value.name in self.written_from_outside or (value.scope == 0 and self._is_open(module)):
            return None
        if any(b.how not in ("=", "annotated") for b in bindings):
            return None
        return self._union(module, tuple(b.value for b in bindings), lookup, depth)

    def _is_open(self, module: Module) -> bool:
        """Whether names of the file may be set as a whole: by a star import, `exec`, `globals()`, or `setattr` on the module."""
        if self._opened is None:
            self._opened = frozenset(self._set_by_name())
        return module.facts.open_names or module.path in self._opened

    def _set_by_name(self) -> Iterator[str]:
        for module in self._project.python:
            setter = module.names.get("builtins.setattr")
            for _, call, _ in module.calls if setter is not None else ():
                if call.func == setter and len(call.args) == 3:
                    target = self._project.resolver.target(module, call.args[0])
                    if type(target) is Defined and target.scope == 0:
                        yield target.path

    def _imported(self, module: Module, value: Name, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        split = self._project.index.split(module.path, value.name)
        if split is None or len(split[1]) != 1 or split[0] not in self._project.modules:
            return None
        owner, name = self._project.modules[split[0]], split[1][0]
        if owner.facts.unread or not owner.facts.scopes or name in self.written_from_outside or self._is_open(owner):
            return None
        bindings = owner.facts.scopes[0].bindings.get(name, ())
        if not bindings or any(b.how not in ("=", "annotated") for b in bindings):
            return None
        return self._union(owner, tuple(b.value for b in bindings), lookup, depth + 1)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Attribute names that any file assigns, on whatever object, or that a class body binds."""
        written = (w.name for m in self._project.python for w in m.facts.writes if w.name)
        bound = (name for _, scope in self._project.scopes("class") for name in scope.bindings)
        return frozenset(written) | frozenset(bound)

    @property
    def written_from_outside(self) -> frozenset[str]:
        """Attribute names that any file assigns on something other than `self`, or patches by a string: `module.FLAG = True`."""
        if self._written is None:
            found: set[str] = set()
            for module in self._project.python:
                for write in module.facts.writes:
                    base = module.facts.values[write.base]
                    if write.name and not (type(base) is Param and base.name in ("self", "cls")):
                        found.add(write.name)
                if module.is_test:  # monkeypatch.setattr("pkg.mod.FLAG", True)
                    for index in module.of_kind(Const):
                        text = module.facts.values[index].value  # type: ignore[union-attr]
                        if isinstance(text, str) and text.isidentifier():
                            found.add(text)
                        elif isinstance(text, str) and "." in text and len(text) < 120:
                            found.add(text.rpartition(".")[2])
            self._written = frozenset(found)
        return self._written

    def _operation(self, module: Module, value: Op, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        if value.op == "?:":
            test = self._truth(module, value.operands[0], lookup, depth + 1)
            picked = value.operands[1:] if test is None else (value.operands[1 if test else 2],)
            return self._union(module, picked, lookup, depth)
        if value.op == "not":
            inner = self._truth(module, value.operands[0], lookup, depth + 1)
            return None if inner is None else frozenset((not inner,))
        if value.op in ("and", "or"):
            return None
        if value.op in ("in", "not in"):
            return self._membership(module, value, lookup, depth)
        sides = [self._values(module, o, lookup, depth + 1) for o in value.operands]
        if len(sides) != 2 or sides[0] is None or sides[1] is None or len(sides[0]) * len(sides[1]) > _MANY:
            return None
        results: set[Constant] = set()
        for left in sides[0]:
            for right in sides[1]:
                outcome = _apply(value.op, left, right)
                if outcome is _FAILED:
                    return None
                results.add(outcome)  # type: ignore[arg-type]
        return frozenset(results)

    def _named(self, module: Module) -> frozenset[int]:
        """Values of a file that some name is bound to."""
        if module.path not in self._bound_values:
            scopes = module.facts.scopes
            self._bound_values[module.path] = frozenset(b.value for s in scopes for found in s.bindings.values() for b in found)
        return self._bound_values[module.path]

    def _membership(self, module: Module, value: Op, lookup: Lookup | None, depth: int) -> frozenset[Constant] | None:
        left = self._values(module, value.operands[0], lookup, depth + 1)
        right = module.facts.values[value.operands[1]]
        if left is None or type(right) is not Seq or right.kind == "comp":
            return None
        if right.kind != "tuple" and value.operands[1] in self._named(module):
            return None  # a list that has a name may have grown since
        items: set[Constant] = set()
        for item in right.items:
            found = self._values(module, item, lookup, depth + 1)
            if found is None or len(found) != 1:
                return None
            items |= found
        return frozenset((v in items) == (value.op == "in") for v in left)


_FAILED = object()


def _apply(op: str, left: Constant, right: Constant) -> object:
    try:
        match op:
            case "==":
                return left == right
            case "!=":
                return left != right
            case "is":
                return left is right if left is None or right is None or isinstance(left, bool) or isinstance(right, bool) else _FAILED
            case "is not":
                return left is not right if left is None or right is None or isinstance(left, bool) or isinstance(right, bool) else _FAILED
            case "<":
                return left < right  # type: ignore[operator]
            case "<=":
                return left <= right  # type: ignore[operator]
            case ">":
                return left > right  # type: ignore[operator]
            case ">=":
                return left >= right  # type: ignore[operator]
            case "+" if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) < 4096:
                return left + right
            case "+" if not isinstance(left, str) and not isinstance(right, str):
                return left + right  # type: ignore[operator]
            case "-" | "*" if isinstance(left, (int, float)) and isinstance(right, (int, float)) and abs(left) < 1e12 and abs(right) < 1e12:
                return left - right if op == "-" else left * right
    except TypeError:
        return _FAILED
    return _FAILED
