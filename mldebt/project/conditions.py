"""What a call passes, written or by default, and so whether what the catalogue says of it holds."""

from __future__ import annotations

from functools import cached_property

from mldebt.catalogue import Package, Scalar
from mldebt.facts.model import Bound, Call, Const, Map, Name, Store
from mldebt.project.events import Event, argument, splats
from mldebt.project.project import Module, Project
from mldebt.project.requirements import version
from mldebt.project.resolve import External

_DEPTH = 6


class Conditions:
    """Effective arguments of catalogue events. Unknown stays unknown: `**settings` that cannot be followed may hold anything."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._requirements = project.requirements
        self._expanded: dict[tuple[str, int], tuple[Call, bool]] = {}

    def holds(self, event: Event) -> bool | None:
        """Whether every condition of the event's entry is met; None when that depends on what is not written out."""
        verdict: bool | None = True
        for name, wanted in event.entry.when.items():
            values = self.values(event, name)
            if values is None:
                verdict = None
            elif not any(_same(v, w) for v in values for w in wanted):
                return False
            elif not all(any(_same(v, w) for w in wanted) for v in values):
                verdict = None
        return verdict

    def unsettled(self, event: Event) -> bool:
        """Whether a condition would hold by the default of an old version, and nothing says which versions the project has."""
        entry = event.entry
        old = {name: value for defaults in entry.defaults_before.values() for name, value in defaults.items()}
        if not old or self.unresolved(event) or any(self.passed(event, name) is not None for name in old):
            return False
        bounds = self._requirements.range(event.module, self._packages.get(entry.name, ()))
        unknown = bounds is None or not (bounds.lowest or bounds.highest)
        return unknown and all(any(_same(old[n], w) for w in wanted) for n, wanted in entry.when.items() if n in old)

    def values(self, event: Event, name: str) -> frozenset[Scalar] | None:
        """Every value that the argument may have: as passed, else the defaults of the versions that the project allows."""
        passed = self.passed(event, name)
        if passed is not None:
            return self._constants(event.module, passed)
        if self.unresolved(event):
            return None
        return self._defaults(event, name)

    def passed(self, event: Event, name: str) -> int | None:
        """The value passed for an argument of the entry, with dict displays unpacked; None when it is not passed."""
        call, _ = self._written(event.module, event.site.value, event.call)
        return argument(call, event.entry.args.get(name))

    def unresolved(self, event: Event) -> bool:
        """Whether `*args` or `**kwargs` pass what cannot be read here."""
        return self._written(event.module, event.site.value, event.call)[1]

    def truth(self, event: Event, name: str) -> bool | None:
        """Whether the argument is true; False when absent without a default, None when unknown."""
        values = self.values(event, name)
        if values is None:
            return None
        verdicts = {bool(v) for v in values} or {False}
        return next(iter(verdicts)) if len(verdicts) == 1 else None

    def _constants(self, module: Module, index: int) -> frozenset[Scalar] | None:
        found = self._project.evaluator.constant(module, index)
        if found is not None:
            return found
        target = self._project.resolver.target(module, index)
        return frozenset((target.name,)) if type(target) is External else None

    def _defaults(self, event: Event, name: str) -> frozenset[Scalar]:
        found: set[Scalar] = set()
        if name in event.entry.defaults:
            found.add(event.entry.defaults[name])
        bounds = self._requirements.range(event.module, self._packages.get(event.entry.name, ()))
        if bounds is not None:
            for before, old in sorted(event.entry.defaults_before.items(), key=lambda item: version(item[0])):
                if name in old and bounds.allows_before(version(before)):
                    found = {old[name]} if bounds.only_before(version(before)) else found | {old[name]}
        return frozenset(found)

    @cached_property
    def _packages(self) -> dict[str, tuple[str, ...]]:
        """Names under which requirements may ask for the package of an entry."""
        found: dict[str, tuple[str, ...]] = {}
        for package in self._project.catalogue.packages:
            for call in package.calls:
                found.setdefault(call.name, names_of(package))
        return found

    def _written(self, module: Module, index: int, call: Call) -> tuple[Call, bool]:
        key = (module.path, index)
        if key not in self._expanded:
            self._expanded[key] = self._expand(module, call)
        return self._expanded[key]

    def _expand(self, module: Module, call: Call) -> tuple[Call, bool]:
        if not splats(module, call):
            return call, False
        keywords: list[tuple[str, int]] = []
        unknown = False
        for name, value in call.keywords:
            found = self.display(module, value) if name == "**" else {name: value}
            if found is None:
                unknown = True
            else:
                keywords.extend(found.items())
        unknown = unknown or splats(module, Call(call.func, call.args, ()))
        return Call(call.func, call.args, tuple(keywords)), unknown

    def display(self, module: Module, index: int, depth: int = 0) -> dict[str, int] | None:
        """The items of a mapping that is written out in this file, by key; None when any of them is not."""
        if index < 0 or depth > _DEPTH:
            return None
        value = module.facts.values[index]
        if type(value) is Map:
            found: dict[str, int] = {}
            for key, item in zip(value.keys, value.values, strict=True):
                written = module.facts.values[key] if key >= 0 else None
                part = self.display(module, item, depth + 1) if key < 0 else None
                if type(written) is Const and isinstance(written.value, str):
                    found[written.value] = item
                elif part is not None:
                    found |= part
                else:
                    return None
            return found
        if type(value) is Store:
            base = self.display(module, value.base, depth + 1)
            field = module.facts.values[value.key] if value.key >= 0 else None
            if base is None or type(field) is not Const or not isinstance(field.value, str):
                return None
            return base | {field.value: value.value}
        if type(value) is Call and not value.args:
            func = module.facts.values[value.func]
            if type(func) is Name and func.name == "builtins.dict" and all(n != "**" for n, _ in value.keywords):
                return dict(value.keywords)
        if type(value) is Bound and not self._changed(module, value):
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            if len(bindings) == 1 and bindings[0].how in ("=", "annotated"):
                return self.display(module, bindings[0].value, depth + 1)
        return None

    def _changed(self, module: Module, variable: Bound) -> bool:
        """Whether anything assigns items or attributes of the variable after it is bound."""
        values = module.facts.values
        bound = {b.value for b in module.facts.scopes[variable.scope].bindings.get(variable.name, ())}
        return any(values[write.base] == variable or write.base in bound for write in module.facts.writes)


def names_of(package: Package) -> tuple[str, ...]:
    """Names under which requirements may ask for a package."""
    return tuple(dict.fromkeys((package.package, *(i for i in package.imports if "." not in i), f"py{package.package}")))


def _same(value: Scalar, wanted: Scalar) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
