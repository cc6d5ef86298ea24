"""Results in which code looks for one of several keys, because what makes them does not agree on one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Item, Map, Op, Site, Span, Value
from mldebt.project.conventions.model import Leak, Mark, application, behind
from mldebt.project.project import Module, Project
from mldebt.project.written import called_as, text_of

_ANSWERS = frozenset({"predict", "transform", "embed"})
_KEYS = 6


def probes(project: Project) -> Iterator[Leak]:
    """One for each scope and set of keys."""
    asking = frozenset(method for (_, method), call in project.catalogue.methods.items() if _ANSWERS.intersection(call.roles))
    getting: dict[str, list[tuple[Site, Call]]] = defaultdict(list)
    for module, site, call in project.called.get("get", ()):
        if type(module.facts.values[call.func]) is Attr and len(call.args) == 2:
            getting[module.path].append((site, call))
    for module in application(project):
        found: dict[tuple[int, str, tuple[str, ...]], list[Mark]] = {}
        nested: set[int] = set()
        for site, call in getting.get(module.path, ()):
            inner = call.args[1]
            holder, keys = _either(module, call)
            if len(keys) > 1:
                nested.add(inner)
                if site.value not in nested and (made := _made(module, holder, asking)):
                    found.setdefault((site.scope, made, keys), []).append(Mark(site.span, f"what `{made}` gave is asked for both"))
        for span, scope, value in _choices(module):
            holder, keys = _either(module, value)
            if len(keys) > 1 and (made := _made(module, holder, asking)):
                found.setdefault((scope, made, keys), []).append(Mark(span, f"what `{made}` gave is asked for both"))
        for (scope, made, keys), marks in sorted(found.items()):
            shown = " or ".join(f"`{key}`" for key in keys)
            message = f"the answer is looked for under {shown}: what makes it does not agree on a key"
            marks.sort(key=lambda mark: mark.span)
            marks += _givers(project, made, keys)
            yield Leak(module.path, scope, "probe", message, f"probe {' '.join(keys)}", tuple(marks), 0.85)


def _givers(project: Project, made: str, keys: tuple[str, ...]) -> list[Mark]:
    """The methods of the project that return one of the keys and not the others."""
    found: list[Mark] = []
    for module in application(project):
        for scope in module.facts.scopes:
            if scope.name == made and scope.kind == "function":
                given = {text_of(module, k) for r in scope.returns if type(v := module.facts.values[r]) is Map for k in v.keys if k >= 0}
                own = [key for key in keys if key in given]
                if len(own) == 1:
                    span = Span(scope.span.line, scope.span.column, scope.span.line, scope.span.column)
                    found.append(Mark(span, f"gives `{own[0]}`", module.path))
    return sorted(found, key=lambda mark: (mark.path, mark.span))


def _choices(module: Module) -> Iterator[tuple[Span, int, Value]]:
    """Conditional expressions with the place of their conditions."""
    tests = {g.test: (g.span, g.scope) for g in module.facts.guards if g.kind == "ifexp"}
    for index in module.of_kind(Op) if tests else ():
        value = module.facts.values[index]
        if type(value) is Op and value.op == "?:" and value.operands[0] in tests:
            yield (*tests[value.operands[0]], value)


def _either(module: Module, value: Value) -> tuple[int, tuple[str, ...]]:
    """The mapping and the keys that an expression tries in turn; no keys when it does not."""
    values = module.facts.values
    if type(value) is Op:
        test, one, other = (values[o] for o in value.operands)
        if (
            type(test) is Op
            and test.op == "in"
            and type(one) is Item
            and type(other) is Item
            and one.base == other.base == test.operands[1]
        ):
            first, second = text_of(module, one.key), text_of(module, other.key)
            if first is not None and second is not None and text_of(module, test.operands[0]) == first != second:
                return one.base, (first, second)
        return -1, ()
    holder = -1
    keys: list[str] = []
    while type(value) is Call and type(func := values[value.func]) is Attr and func.name == "get" and 1 <= len(value.args) <= 2:
        key = text_of(module, value.args[0])
        if key is None or len(keys) == _KEYS or holder not in (-1, func.base):
            break
        holder = func.base
        keys.append(key)
        if len(value.args) < 2:
            break
        value = values[value.args[1]]
    return holder, tuple(dict.fromkeys(keys))


def _made(module: Module, index: int, asking: frozenset[str]) -> str:
    """The method that gave the value, when it is one by which a model or a step answers."""
    for at in behind(module, index):
        value = module.facts.values[at]
        if type(value) is Call and type(module.facts.values[value.func]) is Attr:
            return name if (name := called_as(module, value)) in asking else ""
    return ""
