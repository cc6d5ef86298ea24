"""Which functions a call enters, which calls enter a function, and what they pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Bound, Call, Def, Item, Map, Name, Scope, Star, Value
from mldebt.project.callers import passed_to
from mldebt.project.flow.model import ALL, Calls, Demand, Site
from mldebt.project.flow.receivers import Receivers
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_MANY = 24  # callers or overriding methods of one function


class CallGraph:
    """The calls of one project, those that only tables, heirs or names of methods resolve with them."""

    def __init__(self, project: Project, receivers: Receivers) -> None:
        self._project, self._receivers = project, receivers
        self._callers: dict[Defined, list[Site]] = {}

    def dispatched(self, module: Module, func: int) -> list[Defined]:
        """The functions of a table of which a call takes one by its key: `MODELS[name](config)`."""
        value = module.facts.values[func]
        if type(value) is not Item:
            return []
        base = module.facts.values[value.base]
        owner, index = module, value.base
        if type(base) is Name and (members := self._project.members.of_name(module, base.name)):
            owner, index, _ = members[0]
        elif type(base) is Bound and (bindings := module.facts.scopes[base.scope].bindings.get(base.name, ())):
            index = bindings[0].value
        table = owner.facts.values[index]
        found = [self._project.resolver.target(owner, v) for v in table.values] if type(table) is Map else []
        return [f for f in found if type(f) is Defined and self._project.resolver.scope(f)[1].kind in ("function", "lambda")]

    def overrides(self, function: Defined) -> list[Defined]:
        """The function; of a method without a body those that subclasses give it."""
        owner, scope = self._project.resolver.scope(function)
        if scope.parent < 0 or owner.facts.scopes[scope.parent].kind != "class" or (scope.returns and not scope.stub):
            return [function]
        found = [function]
        for cls in self._project.resolver.subclasses(Defined(owner.path, scope.parent))[:_MANY]:
            other = self._project.resolver.scope(cls)[1]
            bindings = other.bindings.get(scope.name, ())
            found += [
                Defined(cls.path, v.scope) for b in bindings if type(v := self._project.modules[cls.path].facts.values[b.value]) is Def
            ]
        return found

    def passed(
        self, caller: Module, call: Call, function: Defined, scope: Scope, name: str, kind: str, demand: Demand = ALL
    ) -> Iterator[int]:
        """The values that a call passes for a parameter; all that it has, where the call passes the function itself on."""
        target = self._project.resolver.callee(caller, call)
        direct = type(target) is Defined or (type(target) is Instance and type(target.of) is Defined)
        direct = direct or (target is None and (function in self.dispatched(caller, call.func) or self._receivers.is_method(caller, call)))
        func = caller.facts.values[call.func]
        if not direct and not self._is_partial(caller, call) and not _is_super(caller, func):
            yield from [func.base] if type(func) is Attr else []
            yield from (a for a in call.args if self._project.resolver.target(caller, a) != function)
            return
        if self._is_partial(caller, call):
            call = Call(call.args[0], call.args[1:], call.keywords)
        elif type(func) is Attr and self._gives_self(caller, func, function):
            call = Call(call.func, call.args[1:], call.keywords)
        else:
            call = self._whole(caller, call)
        if kind == "**":
            yield from (v for k, v in call.keywords if k == "**" or (demand.asks(k) and k not in {p.name for p in scope.parameters}))
            return
        if kind == "*":
            yield from call.args
            return
        given = passed_to(self._project, function, call, name)
        if given is not None:
            value = caller.facts.values[given]
            yield value.value if type(value) is Star else given
            return
        yield from (v for k, v in call.keywords if k == "**")
        yield from (v.value for a in call.args if type(v := caller.facts.values[a]) is Star)

    def _is_partial(self, caller: Module, call: Call) -> bool:
        value = caller.facts.values[call.func]
        return type(value) is Name and value.name == "functools.partial" and bool(call.args)

    def _whole(self, caller: Module, call: Call) -> Call:
        """The call with the arguments that a partial function of the same file has already."""
        value = caller.facts.values[call.func]
        if type(value) is Bound:
            bindings = caller.facts.scopes[value.scope].bindings.get(value.name, ())
            value = caller.facts.values[bindings[0].value] if len(bindings) == 1 else value
        if type(value) is Call and self._is_partial(caller, value):
            return Call(call.func, (*value.args[1:], *call.args), (*call.keywords, *value.keywords))
        return call

    def _gives_self(self, caller: Module, func: Attr, function: Defined) -> bool:
        """Whether a method is called on its class, so that the first argument is the object: `Base.__init__(self, rows)`."""
        owner = self._project.resolver.target(caller, func.base)
        if type(owner) is not Defined or self._project.resolver.scope(owner)[1].kind != "class":
            return False
        module, scope = self._project.resolver.scope(function)
        plain = not any(type(v := module.facts.values[d]) is Name and v.name.startswith("builtins.") for d in scope.decorators)
        return plain and module.facts.scopes[scope.parent].kind == "class"

    def entered(self, calls: Calls, function: Defined) -> int | None:
        """Which of the calls entered the function: the innermost, but for functions inside others."""
        for place in range(len(calls) - 1, -1, -1):
            path, index = calls[place]
            module = self._project.modules[path]
            call = module.facts.values[index]
            assert type(call) is Call
            target = self._project.resolver.callee(module, call)
            if type(target) is Instance:
                target = next((m for n in ("__call__", "forward") if type(m := self._project.resolver.member(target, n)) is Defined), None)
            if target == function or (type(target) is Defined and function in self.overrides(target)):
                return place
            if any(self._project.resolver.target(module, a) == function for a in call.args):
                return place
            if target is None and (function in self.dispatched(module, call.func) or self._receivers.calls(module, call, function)):
                return place
        return None

    def callers(self, function: Defined) -> list[Site]:
        """Calls of a function, of the class that it initialises, of the base method that it overrides, and calls that pass it on."""
        found = self._callers.get(function)
        if found is None:
            found = self._callers[function] = self._found_callers(function)
        return found

    def _found_callers(self, function: Defined) -> list[Site]:
        owner, scope = self._project.resolver.scope(function)
        wanted, left = [function], list[Site]()
        if scope.parent >= 0 and owner.facts.scopes[scope.parent].kind == "class":
            if scope.name == "__init__":
                made = Defined(owner.path, scope.parent)
                wanted += [made, *(h for h in self._receivers.heirs(made) if self._project.resolver.member(h, scope.name) == function)]
            for base in owner.facts.scopes[scope.parent].bases:
                parent = self._project.resolver.target(owner, base)
                member = self._project.resolver.member(parent, scope.name) if type(parent) is Defined else None
                if type(member) is Defined:
                    wanted.append(member)
                elif type(parent) is Defined:
                    left = self._left_to_heirs.get((parent, scope.name), [])
        found = [(m.path, s.value) for w in wanted for m, s, _ in self._project.events.callers.get(w, ()) if not m.is_test or owner.is_test]
        found += [*self._passing.get(function, []), *self._chosen.get(function, []), *self._through_heirs.get(function, []), *left]
        if set(self._receivers.unique.get(scope.name, ())) & set(wanted):
            found += self._unresolved.get(scope.name, [])
        return list(dict.fromkeys(found))[:_MANY]

    @cached_property
    def _passing(self) -> dict[Defined, list[Site]]:
        """Calls of other things that are given a function of the project: `frame.apply(f)`, `pool.map(f, xs)`."""
        found: dict[Defined, list[Site]] = defaultdict(list)
        for module in self._project.python:
            values = module.facts.values
            known: dict[int, Defined | None] = {}
            for site, call, _ in module.calls:
                for index in (*call.args, *(v for _, v in call.keywords)):
                    if index not in known:
                        known[index] = self._function(module, index) if type(values[index]) in (Def, Name, Bound, Attr) else None
                    if (target := known[index]) is not None:
                        found[target].append((module.path, site.value))
        return found

    def _function(self, module: Module, index: int) -> Defined | None:
        target = self._project.resolver.target(module, index)
        return target if type(target) is Defined and self._project.resolver.scope(target)[1].kind in ("function", "lambda") else None

    @cached_property
    def _chosen(self) -> dict[Defined, list[Site]]:
        """Calls that take the function from a table."""
        found: dict[Defined, list[Site]] = defaultdict(list)
        for module in self._project.python:
            for site, call, func in module.calls:
                if type(func) is Item:
                    for function in self.dispatched(module, call.func):
                        found[function].append((module.path, site.value))
        return found

    @cached_property
    def _through_heirs(self) -> dict[Defined, list[Site]]:
        """Calls of a method of a base through `super()`."""
        found: dict[Defined, list[Site]] = defaultdict(list)
        for module in self._project.python:
            for site, _, func in module.calls if not module.is_test else ():
                if type(func) is Attr and _is_super(module, func):
                    for member in self._of_bases(module, site.scope, func.name):
                        found[member].append((module.path, site.value))
        return found

    def _of_bases(self, module: Module, scope: int, name: str) -> Iterator[Defined]:
        """The methods of that name of the bases of the class that a scope stands in."""
        while scope > 0 and module.facts.scopes[scope].kind != "class":
            scope = module.facts.scopes[scope].parent
        for base in module.facts.scopes[scope].bases:
            parent = self._project.resolver.target(module, base)
            member = self._project.resolver.member(parent, name) if type(parent) is Defined else None
            if type(member) is Defined:
                yield member

    @cached_property
    def _unresolved(self) -> dict[str, list[Site]]:
        """Calls on unknown objects of methods that only one family of classes of the project has."""
        found: dict[str, list[Site]] = defaultdict(list)
        for module, site, func in self._unknown_methods:
            if func.name in self._receivers.unique:
                found[func.name].append((module.path, site))
        return found

    @cached_property
    def _left_to_heirs(self) -> dict[tuple[Defined, str], list[Site]]:
        """Calls of methods on `self` that the class itself does not have, by class and name."""
        found: dict[tuple[Defined, str], list[Site]] = defaultdict(list)
        for module, site, func in self._unknown_methods:
            if (owner := self._receivers.own_class(module, func.base)) is not None:
                found[owner, func.name].append((module.path, site))
        return found

    @cached_property
    def _unknown_methods(self) -> list[tuple[Module, int, Attr]]:
        """Calls of methods that cannot be resolved, tests left out."""
        found: list[tuple[Module, int, Attr]] = []
        for module in self._project.python:
            for site, call, func in module.calls if not module.is_test else ():
                if type(func) is Attr and self._project.resolver.callee(module, call) is None:
                    found.append((module, site.value, func))
        return found


def _is_super(module: Module, func: Value) -> bool:
    base = module.facts.values[func.base] if type(func) is Attr else None
    return type(base) is Call and module.facts.values[base.func] == Name("builtins.super")
