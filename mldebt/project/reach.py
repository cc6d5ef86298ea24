"""Which functions and classes anything refers to, by name, from code that can run.

Deliberately generous: a method or class is reachable when its name stands anywhere as an identifier, attribute or string; a function of
a module when a file that imports its file, directly or not, has the name. Words of configuration, shell and unreadable files reach
everything. Names, not resolved calls, because a missed dynamic call would be a false alarm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Const, Item, Op, Scope, Template
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External
from mldebt.sources.model import Role

_PASSIVE = frozenset(
    {
        "staticmethod",
        "classmethod",
        "functools.lru_cache",
        "functools.cache",
        "functools.wraps",
        "contextlib.contextmanager",
        "property",
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "functools.cached_property",
        "typing.no_type_check",
        "abc.abstractmethod",
        "functools.singledispatch",
        "typing.override",
        "typing.final",
        "dataclasses.dataclass",
    }
)
_NOTHING: frozenset[str] = frozenset()
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "builtins.Exception"})


class Unreached(msgspec.Struct, frozen=True):
    """A definition that nothing refers to, and the definitions that only it keeps alive."""

    module: Module
    scope: Scope
    index: int
    only_tests: bool
    dependents: tuple[tuple[Module, Scope], ...]


class Reach:
    """Reachability over names. Roots are the top levels of all files and whatever frameworks may call."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_name: dict[str, list[Defined]] = defaultdict(list)
        self._defs: dict[Defined, tuple[Module, Scope]] = {}
        self._names: dict[Defined, set[str]] = {}
        self._strings: dict[Defined, set[str]] = {}
        self._closures: dict[str, frozenset[str]] = {}
        self._nested: dict[Defined, list[Defined]] = defaultdict(list)
        for module in project.python:
            for index, scope in enumerate(module.facts.scopes):
                here = Defined(module.path, index)
                owner = self._owner(module, index)
                self._names.setdefault(owner, set()).update(scope.names, scope.dotted, self._imported_names(module, scope))
                self._strings.setdefault(owner, set()).update(scope.strings, scope.dotted)
                if owner == here and scope.kind in ("function", "class"):
                    self._defs[here] = (module, scope)
                    self._by_name[scope.name].append(here)
                    if scope.parent > 0:
                        self._nested[Defined(module.path, scope.parent)].append(here)
        exposers = {call.name.split(".")[0] for call in project.catalogue.roles.get("expose", ())}
        self._exposed = {m.path for m in project.python for i in m.facts.imports if i.module.split(".")[0] in exposers}

    def _imported_names(self, module: Module, scope: Scope) -> set[str]:
        """Names of the project's objects, or of what cannot be placed, that a scope reads through imports; `json.load` is neither."""
        found: set[str] = set()
        for dotted in scope.qualified:
            split = self._project.index.split(module.path, dotted)
            if split is not None:
                found.update(split[1] or dotted.split(".")[-1:])  # a package may export a function under its module's name
            elif not self._project.index.is_foreign(dotted):
                found.update(dotted.strip(".").split(".")[-2:])
        return found

    def _owner(self, module: Module, index: int) -> Defined:
        """The definition whose reading this scope's names count for: nested functions and lambdas belong to the outer function."""
        scope = module.facts.scopes[index]
        while scope.kind == "lambda" or (
            scope.kind in ("function", "class") and scope.parent > 0 and self._in_function(module, scope.parent)
        ):
            index = scope.parent
            scope = module.facts.scopes[index]
        return Defined(module.path, index)

    def _in_function(self, module: Module, index: int) -> bool:
        while index > 0:
            if module.facts.scopes[index].kind in ("function", "lambda"):
                return True
            index = module.facts.scopes[index].parent
        return False

    def _spread(self, start: Iterable[Defined], words: Iterable[str]) -> set[Defined]:
        """Everything reachable from these definitions and words."""
        reached: set[Defined] = set()
        stack = [*start, *(d for word in words for d in self._by_name.get(word, ()))]
        top, inner, quoted = self._by_place
        met: set[str] = set()  # names whose definitions are reached from everywhere, and were
        while stack:
            node = stack.pop()
            if node in reached:
                continue
            reached.add(node)
            visible = self._visible(node.path)
            names = self._names.get(node, _NOTHING)
            for name in names & top.keys():
                stack.extend(d for d in top[name] if d.path in visible)
            for name in names & inner.keys():
                if name not in met:
                    met.add(name)
                    stack.extend(inner[name])
            for name in self._strings.get(node, _NOTHING) & quoted.keys():
                stack.extend(d for d in quoted[name] if d not in reached)
            if node in self._defs and self._defs[node][1].kind == "class":
                stack.extend(self._hooks(node))
        return reached

    @cached_property
    def _by_place(self) -> tuple[dict[str, list[Defined]], dict[str, list[Defined]], dict[str, list[Defined]]]:
        """Definitions by name: those of modules, those inside others, and those that a string may mean."""
        top: dict[str, list[Defined]] = defaultdict(list)
        inner: dict[str, list[Defined]] = defaultdict(list)
        quoted: dict[str, list[Defined]] = defaultdict(list)
        for name, found in self._by_name.items():
            for one in found:
                scope = self._defs[one][1]
                (inner if scope.parent > 0 else top)[name].append(one)
                if scope.parent > 0 or scope.kind == "class":
                    quoted[name].append(one)
        return dict(top), dict(inner), dict(quoted)

    def _targets(self, node: Defined) -> Iterator[Defined]:
        """Definitions that the code of a node may mean by a name."""
        top, inner, quoted = self._by_place
        visible = self._visible(node.path)
        for name in self._names.get(node, ()):
            yield from (d for d in top.get(name, ()) if d.path in visible)
            yield from inner.get(name, ())
        for name in self._strings.get(node, ()):
            yield from quoted.get(name, ())

    def _visible(self, path: str) -> frozenset[str]:
        """The file and all that it imports, directly or not; an import that cannot be placed may mean any file of that name."""
        if path in self._loaders:
            return self._all
        if path not in self._closures:
            reached = {path}
            stack = [path]
            while stack:
                for other in self._imported(stack.pop()):
                    if other not in reached:
                        reached.add(other)
                        stack.append(other)
            self._closures[path] = frozenset(reached)
        return self._closures[path]

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(m.path for m in self._project.python)

    @cached_property
    def _loaders(self) -> frozenset[str]:
        """Files that load modules by a computed name: what they name may be anywhere."""
        loading = ("importlib", "runpy", "imp")
        return frozenset(m.path for m in self._project.python for i in m.facts.imports if i.module.split(".")[0] in loading)

    @cached_property
    def strings(self) -> frozenset[str]:
        """Every identifier that stands in a string of the project."""
        return frozenset(name for names in self._strings.values() for name in names)

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for module in self._project.python:
            found[module.path.rsplit("/", 1)[-1].split(".")[0]].append(module.path)
        return dict(found)

    @cached_property
    def _imports(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for module in self._project.python:
            targets = set(self._project.imported_by_file.get(module.path, ()))
            for item in module.facts.imports:
                if self._project.index.split(module.path, item.target) is None:
                    for part in item.target.strip(".").split(".")[-2:]:
                        targets.update(self._by_stem.get(part, ()))
            for command in module.facts.commands:  # `%run helpers.py` shares its names
                for word in command.argv:
                    targets.update(self._by_stem.get(word.rsplit("/", 1)[-1].removesuffix(".py").removesuffix(".ipynb"), ()))
            found[module.path] = frozenset(targets)
        return found

    def _imported(self, path: str) -> frozenset[str]:
        return self._imports.get(path, frozenset())

    def _hooks(self, owner: Defined) -> list[Defined]:
        """Methods that run without being named once the class is used: dunders, and all where a foreign base may call them."""
        foreign = self.has_foreign_base(owner)
        methods = self._nested.get(owner, ())
        return [m for m in methods if foreign or self._defs[m][1].name.startswith("__") or self.called_by_framework(*self._defs[m])]

    def has_foreign_base(self, owner: Defined, depth: int = 0) -> bool:
        """Whether the class has a base, direct or not, from outside the project (or that cannot be resolved)."""
        module = self._project.modules[owner.path]  # not of `_defs`: the class may stand in a function
        for base in module.facts.scopes[owner.scope].bases:
            target = self._project.resolver.target(module, base)
            if type(target) is Defined and target in self._defs and depth < 8:
                if self._finds_heirs or "__init_subclass__" in self._defs[target][1].bindings:
                    return True
                if self.has_foreign_base(target, depth + 1):
                    return True
            elif not (type(target) is External and target.name in _PLAIN_BASES):
                return True
        return False

    @cached_property
    def _finds_heirs(self) -> bool:
        """Whether the project asks a class for its subclasses."""
        return any("__subclasses__" in names for names in self._names.values())

    def called_by_framework(self, module: Module, scope: Scope) -> bool:
        """Decorated by something other than a passive wrapper, or in a file whose functions a tool exposes as commands."""
        for decorator in scope.decorators:
            target = self._project.resolver.target(module, decorator)
            value = module.facts.values[decorator]
            if type(value) is Call:
                target = self._project.resolver.callee(module, value)
            if not (type(target) is External and (target.name in _PASSIVE or target.name.rsplit(".", 1)[-1] in ("abstractmethod",))):
                return True
        return module.path in self._exposed

    @cached_property
    def _roots(self) -> tuple[list[Defined], list[Defined], set[str]]:
        """Root definitions outside tests, in tests, and words of files that are not Python."""
        code: list[Defined] = []
        tests: list[Defined] = []
        words: set[str] = set()
        for module in self._project.modules.values():
            if module.is_python and not module.facts.unread:
                (tests if module.is_test else code).append(Defined(module.path, 0))
            else:
                words.update(module.facts.words)
            for command in module.facts.commands:
                for word in command.argv:
                    words.update(word.replace("-", "_").replace(":", ".").split("."))
        for here, (module, scope) in self._defs.items():
            if self.called_by_framework(module, scope) or (module.is_test and scope.name.lower().startswith("test")):
                (tests if module.is_test else code).append(here)
        return code, tests, words

    @cached_property
    def live(self) -> set[Defined]:
        """Definitions reachable from anything but tests."""
        code, _, words = self._roots
        return self._spread(code, words)

    @cached_property
    def live_in_tests(self) -> set[Defined]:
        _, tests, _ = self._roots
        return self._spread(tests, ())

    def is_live(self, module: Module, scope: int) -> bool:
        """Whether the code of this scope is reachable from anything but tests."""
        owner = self._owner(module, scope)
        return owner in self.live or owner not in self._defs

    @cached_property
    def hooks(self) -> frozenset[str]:
        """Names of functions that hosting platforms look up in a user's file."""
        return frozenset(call.name.rsplit(".", 1)[-1] for call in self._project.catalogue.roles.get("hook", ()))

    @cached_property
    def computed_prefixes(self) -> tuple[str, ...]:
        """Constant beginnings of attribute names that code puts together: `getattr(self, f"_handle_{kind}")`."""
        found: set[str] = set()
        for module in self._project.python:
            for _, value, func in module.calls:
                if len(value.args) > 1 and getattr(func, "name", "") == "builtins.getattr":
                    name = module.facts.values[value.args[1]]
                    parts = name.parts if type(name) is Template else name.operands if type(name) is Op else ()
                    first = module.facts.values[parts[0]] if parts else None
                    if type(first) is Const and isinstance(first.value, str) and len(first.value) > 2:
                        found.add(first.value.split("%")[0].split("{")[0])
        return tuple(sorted(f for f in found if f))

    @cached_property
    def dynamic(self) -> frozenset[str]:
        """Files whose functions may be looked up by a computed name: `globals()[x]`, `getattr(module, x)`."""
        found: set[str] = set()
        for module in self._project.python:
            values = module.facts.values
            # `models.__dict__[name]`, `vars(models)[name]`
            owners = [v.base for i in module.of_kind(Attr) if (v := values[i]).name == "__dict__"]  # type: ignore[union-attr]
            for dotted in module.names:
                if dotted.endswith(".__dict__"):
                    split = self._project.index.split(module.path, dotted.removesuffix(".__dict__"))
                    found.update([split[0]] if split is not None else [])
            for _, call, func in module.calls:
                name = getattr(func, "name", "")
                if name == "builtins.vars" and call.args:
                    owners.append(call.args[0])
                inner = module.facts.values[func.func] if type(func) is Call else None
                if name in ("builtins.globals", "builtins.exec") or getattr(inner, "name", "") == "builtins.eval":
                    found.add(module.path)
                elif name == "builtins.getattr" and len(call.args) > 1 and type(module.facts.values[call.args[1]]) is not Const:
                    target = self._project.resolver.target(module, call.args[0])
                    if type(target) is Defined and target.scope == 0:
                        found.add(target.path)
                    if type(module.facts.values[call.args[0]]) is Item:  # sys.modules[__name__]
                        found.add(module.path)
            for owner in owners:
                target = self._project.resolver.target(module, owner)
                if type(target) is Defined and target.scope == 0:
                    found.add(target.path)
        return frozenset(found)

    def unreached(self) -> list[Unreached]:
        """Definitions outside tests that nothing live refers to; those kept alive only by another one are listed under it."""
        dead = {
            d
            for d, (m, s) in self._defs.items()
            if d not in self.live and not m.is_test and m.source.role is not Role.TEST and not self._member_of_dead_class(d)
        }
        owners: dict[Defined, Defined] = {}
        order = sorted(dead, key=lambda d: (d.path, d.scope))
        referenced: dict[Defined, set[Defined]] = {d: self._refers(d, dead) for d in order}
        referrers: dict[Defined, set[Defined]] = defaultdict(set)
        for d, targets in referenced.items():
            for target in targets:
                referrers[target].add(d)
        inner = {t for d, targets in referenced.items() for t in targets if t != d}
        roots = [d for d in order if d not in inner]
        for root in roots:
            stack = [root]
            while stack:
                for target in sorted(referenced[stack.pop()], key=lambda d: (d.path, d.scope)):
                    if target not in owners and target not in roots:
                        owners[target] = root
                        stack.append(target)
        for d in order:  # dead cycles: the first one speaks for all
            if d not in roots and d not in owners:
                roots.append(d)
                stack = [d]
                while stack:
                    for target in sorted(referenced[stack.pop()], key=lambda x: (x.path, x.scope)):
                        if target not in owners and target not in roots:
                            owners[target] = d
                            stack.append(target)
        kept: dict[Defined, list[Defined]] = defaultdict(list)
        for d in order:
            if d in owners:
                kept[owners[d]].append(d)
        result = []
        for root in sorted(roots, key=lambda d: (d.path, d.scope)):
            module, scope = self._defs[root]
            alone = {root}
            while more := {d for d in kept[root] if d not in alone and referrers[d] <= alone}:
                alone |= more
            below = tuple(self._defs[d] for d in kept[root] if d in alone)
            result.append(Unreached(module, scope, root.scope, root in self.live_in_tests, below))
        return result

    def _member_of_dead_class(self, d: Defined) -> bool:
        module, scope = self._defs[d]
        owner = Defined(module.path, scope.parent)
        return scope.parent > 0 and owner in self._defs and owner not in self.live

    def _refers(self, d: Defined, dead: set[Defined]) -> set[Defined]:
        parts = [d, *self._nested.get(d, ())]
        return {t for part in parts for t in self._targets(part) if t in dead and t != d}
