"""Features that code computes: the name under which a value is kept, and the names of what it is computed from."""

from __future__ import annotations

import re

import msgspec

from mldebt.facts.model import (
    Attr,
    Bound,
    Call,
    Const,
    Def,
    Elem,
    Item,
    Map,
    Name,
    Op,
    Param,
    Phi,
    Seq,
    Span,
    Star,
    Store,
    Template,
    Unknown,
)
from mldebt.project.columns_file import children
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_PREDICTS = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function", "invoke_endpoint"})
_CASTS = frozenset({
    "int", "float", "str", "bool", "list", "tuple", "astype", "to_datetime", "to_numeric", "array", "asarray", "tolist", "item", "copy",
    "get", "pop", "values", "to_numpy", "Series", "DataFrame", "cast", "col", "strip", "fromtimestamp", "fromisoformat", "strptime",
})  # fmt: skip
_READS = frozenset({"get", "pop", "col"})  # methods whose first argument is the name of what they read
_STEPS = 400
_LEAVES = frozenset({Const, Name, Bound, Def, Store, Star, Unknown})  # made of no other names
_PLAIN = frozenset({
    "dtype", "dtypes", "shape", "size", "values", "names", "columns", "index", "name", "device", "config", "args", "kwargs", "filename",
    "file", "path", "df", "data", "frame", "dataframe", "row", "rows", "batch",
})  # fmt: skip
_DATES = frozenset({"day", "month", "year", "hour", "minute", "second", "week", "weekday", "dayofweek", "dayofyear", "quarter", "days"})
_ACCESSORS = frozenset({"dt", "str", "cat"})
_SHORT = 3  # characters of a variable's name that say nothing
_PARTS = re.compile(
    r"^(x_|y_)?(train|test|valid|val|validation)(_|$)|(^|_)(pred\w*|prob\w*|score\w*|loss(es)?)(_|$)|^(columns|index|name|shape|args|data|model)$",
    re.IGNORECASE,
)


class Derivation(msgspec.Struct, frozen=True):
    """`name` is kept as a value computed from `inputs`; `helper` is the project's function that computes it, when it is one call.

    `kept` says under what: a key or column (`item`), an attribute, a variable.
    """

    name: str
    inputs: frozenset[str]
    computed: bool  # by more than a conversion of its type
    module: Module
    span: Span
    scope: int
    helper: Defined | None = None
    kept: str = "item"


class Derivations:
    """The derivations of a file."""

    def __init__(self, project: Project) -> None:
        self._project = project
        measures = {name.rpartition(".")[2] for name, calls in project.catalogue.entries.items() if any("metric" in c.roles for c in calls)}
        self._answers = _PREDICTS | measures
        self._memo: dict[str, tuple[Derivation, ...]] = {}

    def of(self, module: Module) -> tuple[Derivation, ...]:
        """What the file computes under a name, in text order."""
        if module.path not in self._memo:
            self._memo[module.path] = tuple(self._of(module))
        return self._memo[module.path]

    def _of(self, module: Module) -> list[Derivation]:
        values = module.facts.values
        found: list[Derivation] = []
        for write in module.facts.writes:
            for name in _names(module, write.key) if write.key >= 0 else _attribute(module, write.base, write.name):
                derived = self._derived(module, name, write.value, write.span, write.scope)
                found += derived if write.key >= 0 else [msgspec.structs.replace(d, kept="attribute") for d in derived]
        for site, call, func in module.calls:
            if type(func) is not Attr:
                continue
            if func.name == "assign":
                for name, value in call.keywords:
                    found += self._derived(module, name, value, site.span, site.scope)
            elif func.name == "withColumn" and len(call.args) == 2:
                for name in _names(module, call.args[0]):
                    found += self._derived(module, name, call.args[1], site.span, site.scope)
        for index, span, scope in displays(module):
            display = values[index]
            if type(display) is Map:
                for key, value in zip(display.keys, display.values, strict=True):
                    for name in _names(module, key) if key >= 0 else ():
                        found += self._derived(module, name, value, span, scope)
        for number, scope_facts in enumerate(module.facts.scopes):
            if scope_facts.kind in ("module", "function"):
                for name, bindings in scope_facts.bindings.items():
                    for binding in bindings:
                        if binding.how in ("=", "annotated") and len(name) > _SHORT:
                            variables = self._derived(module, name, binding.value, binding.span, number)
                            found += [msgspec.structs.replace(d, kept="variable") for d in variables]
        return sorted(found, key=lambda d: (d.span, d.name, d.kept))

    def _derived(self, module: Module, name: str, value: int, span: Span, scope: int) -> list[Derivation]:
        if len(name) < _SHORT or _PARTS.search(name):
            return []
        inputs, computed = self._inputs(module, value)
        if not inputs:
            return []
        return [Derivation(name, inputs, computed, module, span, scope, self._helper(module, value))]

    def _helper(self, module: Module, index: int) -> Defined | None:
        value = module.facts.values[index]
        target = self._project.resolver.callee(module, value) if type(value) is Call else None
        return target if type(target) is Defined else None

    def _inputs(self, module: Module, index: int) -> tuple[frozenset[str] | None, bool]:
        """The names that the value is computed from (None when a model is asked), and whether it is more than a conversion."""
        values = module.facts.values
        found: set[str] = set()
        computed = False
        stack, seen = [index], set[int]()
        while stack and len(seen) < _STEPS:
            one = stack.pop()
            if one in seen or one < 0:
                continue
            seen.add(one)
            value = values[one]
            kind = type(value)
            if kind in _LEAVES:
                continue
            if type(value) is Item:
                names = _names(module, value.key)
                found.update(names)
                if not names:
                    stack += [value.base, value.key]
                continue
            if type(value) is Call:
                func = values[value.func]
                last = func.name.rsplit(".", 1)[-1] if type(func) in (Attr, Name) else ""
                if last in self._answers:
                    return None, False
                if last in _READS and value.args and (names := _names(module, value.args[0])):
                    found.update(names)
                    continue
                computed |= last not in _CASTS
                stack += [*value.args, *(v for _, v in value.keywords)]
                if type(func) is Attr:
                    stack.append(func.base)
                continue
            if type(value) is Attr:
                base = values[value.base]
                if value.name in _DATES | _ACCESSORS or type(base) in (Attr, Item):  # `to_datetime(x).day`, `frame["joined"].dt.day`
                    computed |= value.name in _DATES or (type(base) is Attr and base.name in _ACCESSORS)
                    stack.append(value.base)
                elif type(base) in (Param, Elem, Store, Bound, Phi, Call):
                    if not (type(base) is Param and base.name in ("self", "cls")):
                        found.update({value.name} - _PLAIN)
                continue
            if type(value) is Store:
                continue
            if type(value) in (Op, Template):
                computed |= not (type(value) is Op and value.op in ("slice",))
            if type(value) is Param and value.name not in ("self", "cls", *_PLAIN):
                found.add(value.name)
            if type(value) in (Op, Template, Phi, Seq, Map, Elem):
                stack += children(value)
        return frozenset(found), computed


def displays(module: Module) -> list[tuple[int, Span, int]]:
    """Dict displays that a variable, a call or a result takes, alone or in a list, with the place of what takes them."""
    facts = module.facts
    if not module.of_kind(Map):
        return []
    taken: list[tuple[int, Span, int]] = []
    for number, scope in enumerate(facts.scopes):
        taken += [(b.value, b.span, number) for bindings in scope.bindings.values() for b in bindings]
        taken += [(r, scope.span, number) for r in scope.returns]
    for site, call, _ in module.calls:
        taken += [(a, site.span, site.scope) for a in call.args]
        taken += [(a, site.span, site.scope) for _, a in call.keywords]
    maps = frozenset(module.of_kind(Map))
    found: dict[int, tuple[Span, int]] = {}
    for index, span, number in taken:
        if index in maps:
            found.setdefault(index, (span, number))
        elif index >= 0 and type(value := facts.values[index]) is Seq:
            for one in value.items:
                if one in maps:
                    found.setdefault(one, (span, number))
    return [(index, span, number) for index, (span, number) in sorted(found.items())]


def _names(module: Module, index: int) -> tuple[str, ...]:
    """The names that a key spells: one string, a list of them, or the last part of `[rows, columns]`."""
    value = module.facts.values[index]
    if type(value) is Const:
        return (value.value,) if isinstance(value.value, str) else ()
    if type(value) is Seq and value.items:
        if value.kind == "tuple":
            return _names(module, value.items[-1])
        return tuple(n for i in value.items for n in _names(module, i)) if value.kind == "list" else ()
    return ()


def _attribute(module: Module, base: int, name: str) -> tuple[str, ...]:
    """The column that `frame.name = value` sets; an attribute of an object of the code's own is none."""
    value = module.facts.values[base]
    if type(value) in (Name, Attr) or (type(value) is Param and value.name in ("self", "cls")):
        return ()
    return (name,)
