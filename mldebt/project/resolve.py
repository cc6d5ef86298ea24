"""What a value stands for: an external object, a function or class of the project, an instance, a constant.

Follows imports, aliases, attributes of `self`, class hierarchies inside the project, single assignments, `functools.partial` and the
results of functions. Everything is bounded in depth; what cannot be followed is None, never a guess.
"""

from __future__ import annotations

import msgspec

from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Bound, Call, Def, Elem, Item, Name, Param, Phi, Scope, Store
from mldebt.project.project import Module, Project

_DEPTH = 12


class External(msgspec.Struct, frozen=True):
    """An object of a package, by its dotted name."""

    name: str


class Defined(msgspec.Struct, frozen=True):
    """A function, class, lambda or module (scope 0) of the project."""

    path: str
    scope: int


class Instance(msgspec.Struct, frozen=True):
    """An object made by calling `of`, a class; `kind` is the catalogue's kind when the class is external."""

    of: External | Defined
    kind: str = ""


Target = External | Defined | Instance


class Resolver:
    """Resolves values of one file to targets anywhere."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._memo: dict[str, dict[int, Target | None]] = {path: {} for path in project.modules}
        self._levels: dict[str, dict[int, tuple[Target | None, int]]] = {path: {} for path in project.modules}
        self._cut: dict[tuple[str, int, int], Target | None] = {}
        self._member_levels: dict[tuple[str, int, str], tuple[Target | None, int]] = {}
        self._deepest = 0
        self._clients = frozenset(name for system in project.catalogue.flags for name in system.classes)
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._kinds: dict[str, str] = {}
        self._fields: dict[tuple[str, int], dict[str, list[int]]] | None = None
        self._subclasses: dict[Defined, list[Defined]] | None = None

    def target(self, module: Module, index: int) -> Target | None:
        """What the value is, or None when it may be several things or nothing known."""
        memo = self._memo[module.path]
        if index in memo:
            return memo[index]
        found = memo[index] = self._resolve(module, index, 0)
        return found

    def scope(self, target: Defined) -> tuple[Module, Scope]:
        module = self._project.modules[target.path]
        return module, module.facts.scopes[target.scope]

    def callee(self, module: Module, call: Call) -> Target | None:
        """What the call calls; the function inside for `functools.partial`."""
        index = call.func
        memo = self._memo[module.path]
        return memo[index] if index in memo else self.target(module, index)

    def member(self, base: Target, name: str) -> Target | None:
        """What `base.name` is."""
        return self._member(base, name, 0)

    def entries(self, name: str) -> tuple[Entry, ...]:
        """What the catalogue says of a dotted name; of a method called on its class, what it says of the method of that kind."""
        found = self._entries.get(name)
        if found is None:
            entries = self._project.catalogue.entries
            owner, _, method = name.rpartition(".")
            found = entries[name] if name in entries else entries.get(f"{kind}.{method}", ()) if (kind := self._kind_of(owner)) else ()
            self._entries[name] = found
        return found

    def _kind_of(self, name: str) -> str:
        """The catalogue's kind of a dotted name."""
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = self._project.catalogue.kind_of(name)
        return kind

    # one kind of value each ------------------------------------------------------------------------------------------

    def _resolve(self, module: Module, index: int, depth: int) -> Target | None:
        """What the value is, as far as the bound lets one see from this depth. An answer is remembered with the number of levels that
        it needs below its own, so that it holds wherever these are left; one that the bound has cut holds at its own depth."""
        if index < 0:
            return None
        if depth > _DEPTH:
            self._deepest = depth
            return None
        known = self._levels[module.path]
        if index in known:
            target, levels = known[index]
            if depth + levels <= _DEPTH:
                self._deepest = max(self._deepest, depth + levels)
                return target
        cut = (module.path, index, depth)
        if cut in self._cut:
            self._deepest = _DEPTH + 1
            return self._cut[cut]
        above, self._deepest = self._deepest, depth
        target = self._found(module, index, depth)
        if self._deepest <= _DEPTH:
            known[index] = target, self._deepest - depth
        else:
            self._cut[cut] = target
        self._deepest = max(self._deepest, above)
        return target

    def _found(self, module: Module, index: int, depth: int) -> Target | None:
        value = module.facts.values[index]
        kind = type(value)
        if kind is Name:
            return self._dotted(module, value.name, depth)
        if kind is Def:
            return Defined(module.path, value.scope)
        if kind is Bound:
            return self._bound(module, value.scope, value.name, depth)
        if kind is Attr:
            base = self._resolve(module, value.base, depth + 1)
            return None if base is None else self._member(base, value.name, depth + 1)
        if kind is Call:
            return self._result(module, value, depth)
        if kind is Param:
            return self._parameter(module, value.scope, value.name, depth)
        if kind is Phi:
            found = [self._resolve(module, option, depth + 2) for option in value.options[:4]]
            known = {f for f in found if f is not None}
            return next(iter(known)) if len(known) == 1 else None
        if kind is Store:
            return self._resolve(module, value.base, depth + 1)
        if kind is Item or kind is Elem:
            return None
        return None

    def _dotted(self, importer: Module, dotted: str, depth: int) -> Target | None:
        if dotted.startswith(("builtins.", "?.")):
            return External(dotted) if dotted[0] == "b" else None
        split = self._project.index.split(importer.path, dotted)
        if split is None or split[0] not in self._project.modules:
            return None if dotted.startswith(".") else External(dotted)
        if not self._project.modules[split[0]].facts.scopes:
            return None  # it could not be read: anything may be in it
        path, names = split
        target: Target | None = Defined(path, 0)
        for name in names:
            if target is None:
                return None
            target = self._member(target, name, depth + 1)
        return target

    def _bound(self, module: Module, scope: int, name: str, depth: int) -> Target | None:
        bindings = module.facts.scopes[scope].bindings.get(name, ())
        found: set[Target] = set()
        for binding in bindings[:6]:
            if binding.how == "del":
                continue
            target = self._resolve(module, binding.value, depth + 1)
            if target is not None:
                found.add(target)
        return next(iter(found)) if len(found) == 1 else None

    def _member(self, base: Target, name: str, depth: int) -> Target | None:
        self._deepest = max(self._deepest, depth)
        if depth > _DEPTH:
            return None
        if type(base) is External:
            return External(f"{base.name}.{name}")
        if type(base) is Instance:
            if type(base.of) is External:
                return External(f"{base.kind or base.of.name}.{name}")
            return self._class_member(base.of, name, depth)
        module, scope = self.scope(base)
        if scope.kind == "module":
            found = self._bound(module, 0, name, depth)
            if found is None and name not in scope.bindings:
                for star in (i for i in module.facts.imports if i.name == "*"):
                    split = self._project.index.split(module.path, star.target)
                    readable = split is not None and bool(self._project.modules[split[0]].facts.scopes)
                    if readable and not split[1] and split[0] != module.path:
                        found = self._member(Defined(split[0], 0), name, depth + 1)
                        if found is not None:
                            break
            return found
        return self._class_member(base, name, depth) if scope.kind == "class" else None

    def _class_member(self, owner: Defined, name: str, depth: int) -> Target | None:
        """A method, class attribute or `self` field, the class first, then its bases in order."""
        key = (owner.path, owner.scope, name)
        if key in self._member_levels:
            target, levels = self._member_levels[key]
            if depth + levels <= _DEPTH:
                self._deepest = max(self._deepest, depth + levels)
                return target
        above, self._deepest = self._deepest, depth
        target = self._of_class(owner, name, depth)
        if self._deepest <= _DEPTH:
            self._member_levels[key] = target, self._deepest - depth
        self._deepest = max(self._deepest, above)
        return target

    def _of_class(self, owner: Defined, name: str, depth: int) -> Target | None:
        module, scope = self.scope(owner)
        if scope.kind != "class" or depth > _DEPTH:
            return None
        if name in scope.bindings:
            return self._bound(module, owner.scope, name, depth)
        values = self.fields(owner).get(name, ())
        found = {t for v in values[:4] if (t := self._resolve(module, v, depth + 2)) is not None}
        if found:
            return next(iter(found)) if len(found) == 1 else None
        for base in scope.bases:
            parent = self._resolve(module, base, depth + 1)
            if type(parent) is Defined and parent != owner:
                inherited = self._class_member(parent, name, depth + 1)
                if inherited is not None:
                    return inherited
            elif type(parent) is External:
                kind = self._kind_of(parent.name)
                if kind:
                    return External(f"{kind}.{name}")
        return None

    def _parameter(self, module: Module, scope_index: int, name: str, depth: int) -> Target | None:
        """`self` and `cls` are their class; a parameter annotated with a class is an instance of it."""
        scope = module.facts.scopes[scope_index]
        owner = scope.parent
        first = scope.parameters[0].name if scope.parameters else ""
        if scope.kind == "function" and owner >= 0 and module.facts.scopes[owner].kind == "class" and name == first:
            made = Defined(module.path, owner)
            return made if name == "cls" else Instance(made)
        parameter = next((p for p in scope.parameters if p.name == name), None)
        if parameter is None or parameter.annotation < 0:
            return None
        return self._made(self._resolve(module, parameter.annotation, depth + 1))

    def _made(self, target: Target | None) -> Instance | None:
        if type(target) is External:
            return Instance(target, self._kind_of(target.name))
        if type(target) is Defined and self.scope(target)[1].kind == "class":
            return Instance(target)
        return None

    def _result(self, module: Module, call: Call, depth: int) -> Target | None:
        func = self._resolve(module, call.func, depth + 1)
        if type(func) is External:
            if func.name in ("functools.partial", "copy.copy", "copy.deepcopy") and call.args:
                return self._resolve(module, call.args[0], depth + 1)
            catalogue = self._project.catalogue
            if func.name in self._clients:
                return Instance(func)
            if func.name in catalogue.classes:
                return Instance(func, catalogue.classes[func.name].kind)
            for entry in self.entries(func.name):
                if entry.returns:
                    return Instance(func, entry.returns)
            last = func.name.rsplit(".", 1)[-1]
            return Instance(func, self._kind_of(func.name)) if last[:1].isupper() else None
        if type(func) is Defined:
            owner, scope = self.scope(func)
            if scope.kind == "class":
                return Instance(func)
            if scope.kind in ("function", "lambda") and not scope.generator:
                self._deepest = max(self._deepest, depth + 4)
                if depth >= _DEPTH - 3:
                    return None
                found = {self._resolve(owner, r, depth + 3) for r in scope.returns[:4]}
                only = next(iter(found)) if len(found) == 1 else None
                return only if type(only) is Instance else None
        return None

    # classes ---------------------------------------------------------------------------------------------------------

    def fields(self, owner: Defined) -> dict[str, list[int]]:
        """Values (of the class's file) that its methods assign to attributes of `self`, by attribute."""
        if self._fields is None:
            self._fields = {}
            for module in self._project.python:
                for write in module.facts.writes:
                    base = module.facts.values[write.base]
                    if not write.name or type(base) is not Param:
                        continue
                    function = module.facts.scopes[base.scope]
                    if function.parent >= 0 and function.parameters and function.parameters[0].name == base.name:
                        if module.facts.scopes[function.parent].kind == "class":
                            table = self._fields.setdefault((module.path, function.parent), {})
                            table.setdefault(write.name, []).append(write.value)
        return self._fields.get((owner.path, owner.scope), {})

    def subclasses(self, owner: Defined) -> list[Defined]:
        """Classes of the project that name this class as a base, directly."""
        if self._subclasses is None:
            self._subclasses = {}
            for module, scope in self._project.scopes("class"):
                here = Defined(module.path, module.facts.scopes.index(scope))
                for base in scope.bases:
                    parent = self.target(module, base)
                    if type(parent) is Defined:
                        self._subclasses.setdefault(parent, []).append(here)
        return self._subclasses.get(owner, [])
