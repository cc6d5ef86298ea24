"""Functions that evaluate a setting as code, and give it back as it is when that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Elem, Item, Name, Param, Scope, Site
from mldebt.project.callers import callers, passed_to
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration

_RUNS = {"builtins.eval": True, "ast.literal_eval": False}
_SETTING = re.compile(
    r"(?:^|_)(?:conf|configs?|cfg|settings?|params?|parameters?|hparams|options?|opts?|hyper_?param(?:eter)?s?)(?:_|$)", re.IGNORECASE
)
_DEEP = 6


class Evaluated(msgspec.Struct, frozen=True):
    """Such a function, and the calls that pass it a setting."""

    module: Module
    scope: Scope
    evaluator: str
    runs_code: bool
    calls: tuple[tuple[Module, Site], ...]


def evaluated_settings(project: Project) -> Iterator[Evaluated]:
    """In path and text order."""
    for module in project.python:
        if is_demonstration(module) or not module.facts.handlers or not _RUNS.keys() & module.names.keys():
            continue
        handled = {h.scope for h in module.facts.handlers if h.ends in ("", "return")}
        for number, scope in enumerate(module.facts.scopes):
            if number not in handled or scope.kind != "function":
                continue
            for name, evaluator in _kept(module, number, scope):
                calls = tuple((m, s) for m, s, passed in _passed(project, Defined(module.path, number), name) if _is_setting(m, passed))
                if calls:
                    yield Evaluated(module, scope, evaluator.removeprefix("builtins."), _RUNS[evaluator], calls)


def _kept(module: Module, number: int, scope: Scope) -> Iterator[tuple[str, str]]:
    """Parameters that the function returns both evaluated and as they are."""
    values = [module.facts.values[r] for r in scope.returns]
    plain = {v.name for v in values if type(v) is Param and v.scope == number}
    for value in values:
        func = module.facts.values[value.func] if type(value) is Call else None
        if type(value) is Call and type(func) is Name and func.name in _RUNS and value.args:
            given = module.facts.values[value.args[0]]
            if type(given) is Param and given.name in plain:
                yield given.name, func.name


def _passed(project: Project, function: Defined, name: str) -> Iterator[tuple[Module, Site, int]]:
    for caller, site, call in callers(project, function):
        passed = passed_to(project, function, call, name)
        if passed is not None and not caller.is_test:
            yield caller, site, passed


def _is_setting(module: Module, index: int) -> bool:
    """Whether the value is a part of something that is named after settings."""
    for _ in range(_DEEP):
        value = module.facts.values[index]
        if type(value) is Call:
            if any(_SETTING.search(name) for name in _names(module, index)):
                return True
            index = value.func
        elif type(value) is Elem:
            index = value.of
        elif type(value) is Attr or type(value) is Item:
            if type(value) is Attr and _SETTING.search(value.name):
                return True
            index = value.base
        else:
            named = value.name if type(value) is Name or type(value) is Param or type(value) is Bound else ""
            return any(_SETTING.search(part) for part in named.split("."))
    return False


def _names(module: Module, index: int) -> Iterator[str]:
    """The variables that a value is bound to."""
    for scope in module.facts.scopes:
        for name, bindings in scope.bindings.items():
            if any(b.value == index for b in bindings):
                yield name
