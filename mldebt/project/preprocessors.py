"""Encoders, scalers and vectorisers that a file makes and fits: what they give, and whether anything keeps them."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Name, Phi, Site, Store
from mldebt.project.columns_file import children
from mldebt.project.events import Event
from mldebt.project.project import Module, Project

KINDS = ("transformer.", "label-encoder.")
_SELF = frozenset({"fit", "partial_fit", "set_params", "set_output"})  # give the object itself
_OUTPUTS = frozenset({"transform", "fit_transform", "inverse_transform"})
_HARMLESS = frozenset({
    *_SELF, *_OUTPUTS, "get_feature_names", "get_feature_names_out", "get_params", "explained_variance_ratio_", "score", "n_components",
})  # fmt: skip
_SHOWS = frozenset({"builtins.len", "builtins.print", "builtins.type", "builtins.zip", "builtins.str"})


class Preprocessor(msgspec.Struct, frozen=True):
    """`made` is the call of the constructor, `outputs` are the calls that give what a model gets; `kept` says how it outlives them."""

    module: Module
    made: int
    name: str  # of the class
    fits: tuple[Site, ...]
    outputs: tuple[int, ...]
    kept: str = ""


class Preprocessors:
    """Those that are made where they are fitted, by file and constructor."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parents: dict[str, dict[int, list[int]]] = {}
        fitted: dict[tuple[str, int], list[Site]] = {}
        for event in project.calls("train"):
            if event.entry.name.startswith(KINDS) and not event.module.is_test:
                made = self.maker(event)
                if made >= 0:
                    fitted.setdefault((event.module.path, made), []).append(event.site)
        self.found = tuple(self._preprocessor(path, made, sites) for (path, made), sites in sorted(fitted.items()))

    def maker(self, event: Event) -> int:
        """The constructor call of what an event fits; -1 where it comes from elsewhere."""
        values = event.module.facts.values
        func = values[event.call.func]
        index = func.base if type(func) is Attr else -1
        for _ in range(6):
            value = values[index] if index >= 0 else None
            if type(value) is Bound:
                bindings = event.module.facts.scopes[value.scope].bindings.get(value.name, ())
                index = bindings[0].value if len(bindings) == 1 else -1
            elif type(value) is Store:
                index = value.base
            elif type(value) is Phi and len(value.options) == 1:
                index = value.options[0]
            elif type(value) is Call:
                inner = values[value.func]
                if not (type(inner) is Attr and inner.name in _SELF):
                    return index
                index = inner.base
            else:
                return -1
        return -1

    def class_name(self, module: Module, made: int) -> str:
        call = module.facts.values[made]
        func = module.facts.values[call.func] if type(call) is Call else None
        return func.name.rpartition(".")[2] if type(func) in (Name, Attr) else "a preprocessor"

    def _preprocessor(self, path: str, made: int, fits: list[Site]) -> Preprocessor:
        module = self._project.modules[path]
        values, parents = module.facts.values, self._parents_of(module)
        outputs: set[int] = set()
        kept = ""
        stack, seen = [made], {made}
        while stack:
            one = stack.pop()
            kept = kept or self._kept(module, one)
            for parent in parents.get(one, ()):
                value = values[parent]
                more: list[int] = []
                if type(value) is Attr and value.name in _OUTPUTS | _SELF:
                    calls = [p for p in parents.get(parent, ()) if type(c := values[p]) is Call and c.func == parent]
                    if len(calls) < len(parents.get(parent, ())):
                        kept = kept or "passed on"  # the method itself: `frame.apply(encoder.fit_transform)`
                    if value.name in _SELF:
                        more = calls
                    else:
                        outputs.update(calls)
                elif type(value) is Attr:
                    if value.name not in _HARMLESS and not self._only_shown(module, parent):
                        kept = kept or value.name
                elif type(value) in (Phi, Store) and not (type(value) is Store and value.value == one and value.base != one):
                    more = [parent]
                elif not (type(value) is Call and self._shows(module, value)):
                    kept = kept or "passed on"
                stack.extend(p for p in more if p not in seen)
                seen.update(more)
        return Preprocessor(module, made, self.class_name(module, made), tuple(fits), tuple(sorted(outputs)), kept)

    def _kept(self, module: Module, index: int) -> str:
        """Whether the object is returned, put in an attribute, or seen from another scope or file."""
        facts = module.facts
        if any(index in scope.returns for scope in facts.scopes):
            return "returned"
        if any(write.value == index for write in facts.writes):
            return "stored"
        for number, scope in enumerate(facts.scopes):
            for name, bindings in scope.bindings.items():
                if any(binding.value == index for binding in bindings):
                    if any(type(v) is Bound and v.scope == number and v.name == name for v in facts.values):
                        return "shared"
                    if number == 0 and any(
                        module.path in targets and any(i.name == name for i in self._project.modules[other].facts.imports)
                        for other, targets in self._project.imported_by_file.items()
                    ):
                        return "imported"
        return ""

    def _only_shown(self, module: Module, index: int) -> bool:
        above = self._parents_of(module).get(index, ())
        return all(type(c := module.facts.values[p]) is Call and self._shows(module, c) for p in above)

    def _shows(self, module: Module, call: Call) -> bool:
        func = module.facts.values[call.func]
        return type(func) is Name and func.name in _SHOWS

    def _parents_of(self, module: Module) -> dict[int, list[int]]:
        if module.path not in self._parents:
            found: dict[int, list[int]] = {}
            for index, value in enumerate(module.facts.values):
                for child in children(value):
                    found.setdefault(child, []).append(index)
            self._parents[module.path] = found
        return self._parents[module.path]
