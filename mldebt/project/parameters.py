"""The values that every call in the project passes for a parameter, where all calls are in sight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Name, Param, Scope, Site
from mldebt.project.evaluate import Constant
from mldebt.project.events import splats
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_TRUST = {"closed": 0.85, "application": 0.6}


class Parameters:
    """Call sites by the last part of the callee's name: a superset of the calls of any function of that name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._calls: dict[str, list[tuple[Module, Site, Call]]] = dict(project.called)
        self._as_value: set[str] = set()  # names of functions that are passed on instead of called
        partials: set[tuple[str, int, str]] = set()
        self._memo: dict[tuple[str, int, str], frozenset[Constant] | None] = {}
        more: dict[str, list[tuple[Module, Site, Call]]] = defaultdict(list)
        for module, site, call in project.events.named.get("functools.partial", ()):
            if call.args and _last(module, call.func):
                inner = _last(module, call.args[0])
                more[inner].append((module, site, Call(call.args[0], call.args[1:], call.keywords)))
                partials.add((module.path, site.span.line, inner))
        for name, calls in more.items():
            self._calls[name] = sorted([*project.called.get(name, ()), *calls], key=lambda c: (c[0].path, c[1].value))
        for module in project.python:
            last: dict[int, str] = {}
            for use in module.facts.uses:  # never the callee of a call: the function is passed on, returned, stored, inherited from
                if use.value not in last:
                    last[use.value] = _last(module, use.value)
                name = last[use.value]
                if name and name not in self._as_value and (module.path, use.span.line, name) not in partials:
                    self._as_value.add(name)
        self._elsewhere = frozenset(self._named_elsewhere())

    def _named_elsewhere(self) -> Iterator[str]:
        """Names that may be called from what is not readable Python: broken files, and dotted targets in configuration."""
        for module in self._project.modules.values():
            if module.is_python and module.facts.unread:
                yield from module.facts.words
            for setting in module.facts.settings:
                if isinstance(setting.value, str) and "." in setting.value and len(setting.value) < 200:
                    yield setting.value.replace(":", ".").rsplit(".", 1)[-1]

    def sites(self, module: Module, param: Param) -> list[tuple[Module, Site]]:
        """The calls that are surely of a parameter's function."""
        scope = module.facts.scopes[param.scope]
        here = Defined(module.path, scope.parent if scope.name == "__init__" else param.scope)
        calls = self._calls.get(self._called_as(module, scope), ())
        return [(m, s) for m, s, call in calls if self._project.resolver.target(m, call.func) == here]

    def _may_mean(self, candidate: tuple[Module, Site, Call], function: Defined) -> bool:
        """Whether the call may be of this function or of a copy of it: it resolves to one of them, or to nothing known."""
        module, _, call = candidate
        target = self._project.resolver.callee(module, call)
        return target is None or target == function or (type(target) is Defined and self._twins(target, function))

    def _twins(self, one: Defined, other: Defined) -> bool:
        """Functions of one name with the same parameters that read the same names: copies, whose options belong together."""
        first, second = self._project.resolver.scope(one)[1], self._project.resolver.scope(other)[1]
        if one.path == other.path or first.kind != "function" or first.name != second.name:
            return False
        mine, theirs = {*first.names, *first.qualified}, {*second.names, *second.qualified}
        alike = len(mine & theirs) >= 0.8 * len(mine | theirs) and len(mine) > 4
        return alike and [p.name for p in first.parameters] == [p.name for p in second.parameters]

    def values(self, module: Module, param: Param) -> frozenset[Constant] | None:
        """Every constant that calls pass or leave as the default; None when any call is out of sight or passes something else."""
        key = (module.path, param.scope, param.name)
        if key not in self._memo:
            self._memo[key] = None
            self._memo[key] = self._values(module, param)
        return self._memo[key]

    def explicit(self, module: Module, param: Param) -> int:
        """How many of the calls write the argument out."""
        scope = module.facts.scopes[param.scope]
        place = self._place(module, scope, param)
        here = Defined(module.path, scope.parent if scope.name == "__init__" else param.scope)
        calls = [c for c in self._calls.get(self._called_as(module, scope), ()) if self._project.resolver.target(c[0], c[2].func) == here]
        return sum(any(n == param.name for n, _ in call.keywords) or 0 <= place < len(call.args) for _, _, call in calls)

    def _place(self, module: Module, scope: Scope, param: Param) -> int:
        """The position of the parameter among the arguments of a call, or -1."""
        positional = [p.name for p in scope.parameters if p.kind in ("posonly", "pos")]
        if param.name not in positional:
            return -1
        method = scope.parent > 0 and module.facts.scopes[scope.parent].kind == "class"
        static = any(getattr(module.facts.values[d], "name", "").endswith("staticmethod") for d in scope.decorators)
        return positional.index(param.name) - (method and not static)

    def passing(self, module: Module, param: Param, wanted: object) -> list[tuple[Module, Site]]:
        """Calls outside tests that are surely of this function and pass this very constant."""
        scope = module.facts.scopes[param.scope]
        here = Defined(module.path, scope.parent if scope.name == "__init__" else param.scope)
        place = self._place(module, scope, param)
        found = []
        for caller, site, call in self._calls.get(self._called_as(module, scope), ()):
            passed = next((v for n, v in call.keywords if n == param.name), None)
            if passed is None and 0 <= place < len(call.args):
                passed = call.args[place]
            value = caller.facts.values[passed] if passed is not None else None
            same = type(value) is Const and type(value.value) is type(wanted) and value.value == wanted
            if same and not caller.is_test and self._project.resolver.target(caller, call.func) == here:
                found.append((caller, site))
        return found

    def confidence(self, module: Module, param: Param) -> float:
        """How sure it is that no call is missing; 0 for what outsiders may call."""
        scope = module.facts.scopes[param.scope]
        openness = self._project.world.openness(module)
        private = scope.name.startswith("_") and not scope.name.startswith("__")
        trust = 0.6 if openness == "library" and private else _TRUST.get(openness, 0.0)
        default = next((p.default for p in scope.parameters if p.name == param.name), -1)
        value = module.facts.values[default] if default >= 0 else None
        if not (type(value) is Const and isinstance(value.value, bool)):
            trust *= 0.75  # an optional collaborator or a setting rather than a switch
        return trust

    def _called_as(self, module: Module, scope: Scope) -> str:
        if scope.name == "__init__" and scope.parent >= 0:
            return module.facts.scopes[scope.parent].name
        return scope.name

    def _values(self, module: Module, param: Param) -> frozenset[Constant] | None:
        scope = module.facts.scopes[param.scope]
        if scope.kind != "function" or scope.decorators and not self._plain(module, scope):
            return None
        parameter = next((p for p in scope.parameters if p.name == param.name), None)
        if parameter is None or parameter.default < 0 or parameter.kind in ("*", "**"):
            return None
        default = self._project.evaluator.constant(module, parameter.default)
        if default is None:
            return None
        method = scope.parent > 0 and module.facts.scopes[scope.parent].kind == "class"
        if method and (scope.name != "__init__" and scope.name.startswith("__") or self._overridden(module, scope)):
            return None
        name = self._called_as(module, scope)
        here = Defined(module.path, scope.parent if scope.name == "__init__" else param.scope)
        if name in self._as_value or name in self._elsewhere or name.startswith(self._project.reach.computed_prefixes):
            return None
        if scope.name == "__init__" and (name in self._project.reach.strings or self._made_by_itself(module, scope)):
            return None
        calls = [c for c in self._calls.get(name, ()) if self._may_mean(c, here)]
        if not calls:
            return None
        place = self._place(module, scope, param)
        union: set[Constant] = set()
        for caller, _, call in calls:
            passed = next((v for n, v in call.keywords if n == param.name), None)
            if passed is None and 0 <= place < len(call.args):
                passed = call.args[place]
            if splats(caller, call):
                return None
            if passed is None:
                union |= default
                continue
            found = self._project.evaluator.constant(caller, passed)
            if found is None:
                return None
            union |= found
        return frozenset(union) if len(union) <= 4 else None

    def _made_by_itself(self, module: Module, scope: Scope) -> bool:
        """Whether the class is also built as `cls(...)`, `type(self)(...)` or `self.__class__(...)`."""
        for site in module.facts.sites:
            func = module.facts.values[module.facts.values[site.value].func]  # type: ignore[union-attr]
            name = getattr(func, "name", "")
            if (type(func) is Param and name == "cls") or name == "__class__" or type(func) is Call:
                return True
        return False

    def _plain(self, module: Module, scope: Scope) -> bool:
        return not self._project.reach.called_by_framework(module, scope)

    def _overridden(self, module: Module, scope: Scope) -> bool:
        """Part of an interface that a foreign base may call."""
        return scope.name != "__init__" and self._project.reach.has_foreign_base(Defined(module.path, scope.parent))


def _last(module: Module, index: int) -> str:
    value = module.facts.values[index]
    if type(value) in (Name, Attr, Bound):
        return value.name.rpartition(".")[2]
    if type(value) is Def:
        return module.facts.scopes[value.scope].name
    return ""
