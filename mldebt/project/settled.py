"""Conditions that constants settle: which, how surely, and where the constants come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Binding, Bound, Call, Const, Guard, Name, Op, Span
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role

_WORD = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
_SYNTAX = frozenset({"not", "and", "or", "is", "in", "True", "False", "None", "if", "else", "for", "lambda"})
_SETTINGS_FILE = re.compile(r"(^|/)(hparams|config|settings|params|constants|conf)[^/]*$")
_STUBS = frozenset({"placeholder", "in a real", "simulate", "simulates", "simulated", "for now"})
_FEATURE_TESTS = ("has_", "have_", "is_available", "with_")


class Settled(msgspec.Struct, frozen=True):
    """A condition with one outcome, and the branch that it closes."""

    guard: Guard
    verdict: bool
    dead: Span
    confidence: float


def settled(project: Project, module: Module, guard: Guard) -> Settled | None:
    """The outcome of a condition that can have only one, unless it is an idiom or closes nothing."""
    verdict = project.evaluator.truth(module, guard.test)
    if verdict is None or _is_idiom(project, guard) or (guard.kind == "while" and verdict):
        return None
    dead = guard.orelse if verdict else guard.body
    confidence = _confidence(project, module, guard)
    return Settled(guard, verdict, dead, confidence) if dead is not None and confidence else None


def switch_of(project: Project, module: Module, guard: Guard) -> tuple[str, int] | None:
    """The one variable that the condition depends on, as (name, line of its value): its branches are one decision."""
    deciding = [(name, places[-1]) for name in _names(guard) if (places := _constant_bindings(project, module, guard, name))]
    return (deciding[0][0], deciding[0][1].span.line) if len(deciding) == 1 else None


def covered_by(module: Module, guard: Guard) -> int | None:
    """The earlier guard of the chain whose condition holds whenever this one does."""
    for place, earlier in enumerate(guard.earlier):
        if any(_calls(module, module.facts.guards[g].test) for g in guard.earlier[place:]):
            continue  # a call in between may change what the condition reads
        test = module.facts.guards[earlier].test
        value = module.facts.values[test]
        if test == guard.test or (type(value) is Op and value.op == "or" and guard.test in value.operands):
            if not _calls(module, guard.test):
                return earlier
    return None


def _calls(module: Module, index: int, depth: int = 0) -> bool:
    value = module.facts.values[index]
    if type(value) is Call:
        return True
    return type(value) is Op and depth < 5 and any(_calls(module, o, depth + 1) for o in value.operands)


def _leaves(module: Module, index: int, depth: int = 0) -> Iterator[int]:
    value = module.facts.values[index]
    if type(value) is Op and depth < 6:
        for operand in value.operands:
            yield from _leaves(module, operand, depth + 1)
    else:
        yield index


def _is_idiom(project: Project, guard: Guard) -> bool:
    """Version, platform and feature tests, switches of the machine or of the run rather than of an experiment."""
    if "TYPE_CHECKING" in guard.text or "__debug__" in guard.text:
        return True
    names = re.findall(r"[A-Za-z_]\w*", guard.text)
    return any(project.catalogue.is_runtime_toggle(n) or n.lower().startswith(_FEATURE_TESTS) for n in names)


def _confidence(project: Project, module: Module, guard: Guard) -> float:
    """1 for literals; less where a reader may mean to edit the constant; 0 where nothing can be said."""
    lowest = 1.0
    for leaf in _leaves(module, guard.test):
        value = module.facts.values[leaf]
        if type(value) is Name and not value.name.startswith("builtins."):
            split = project.index.split(module.path, value.name)
            if split is None or is_settings_file(project.modules[split[0]]):
                lowest = min(lowest, 0.6)  # a settings module is a configuration that is edited
        if type(value) is Bound or (type(value) is Name and not value.name.startswith("builtins.")):
            found = project.evaluator.constant(module, leaf)
            if found and any(isinstance(v, int | float) and not isinstance(v, bool) for v in found):
                return 0.0  # a size or a count at the top of a script is a setting, not a switch
            lowest = min(lowest, 0.9)
        elif type(value) is Const and isinstance(value.value, int | float) and not isinstance(value.value, bool) and guard.kind == "while":
            return 0.0
    if is_settings_file(module):
        return min(lowest, 0.6)
    for name in _names(guard):
        places = _constant_bindings(project, module, guard, name)
        if places and places[-1] in module.facts.scopes[0].bindings.get(name, ()):
            lowest = min(lowest, 0.65)  # an option at the head of a script is edited where it stands
        elif places and any(abs(c.line - places[-1].span.line) <= 4 and c.word in _STUBS for c in module.facts.debt_comments):
            lowest = min(lowest, 0.6)  # announced as a stand-in
    if module.source.language is Language.NOTEBOOK or module.source.role in (Role.EXAMPLE, Role.NOTEBOOK):
        return lowest if _is_literal(guard) else min(lowest, 0.6)  # switches that are flipped by hand
    return lowest


def _is_literal(guard: Guard) -> bool:
    """`if False`, `... and False`: nothing to flip but the condition itself."""
    return bool(re.search(r"\b(True|False|0|1)\b", guard.text))


def is_settings_file(module: Module) -> bool:
    """Whether the file is itself a configuration that people edit."""
    return bool(_SETTINGS_FILE.search(module.path))


def _names(guard: Guard) -> list[str]:
    """Variables of the condition, in the order of the text."""
    return [n for n in dict.fromkeys(_WORD.findall(guard.text)) if n not in _SYNTAX]


def _bindings(module: Module, guard: Guard, name: str) -> list[Binding]:
    """Assignments of the name that stand before the condition in its function, else those of the module."""
    for scope in (guard.scope, 0):
        bindings = [b for b in module.facts.scopes[scope].bindings.get(name, ()) if b.how in ("=", "annotated")]
        before = [b for b in bindings if b.span.line <= guard.span.line or scope != guard.scope]
        if before:
            return before
    return []


def _constant_bindings(project: Project, module: Module, guard: Guard, name: str) -> list[Binding]:
    return [b for b in _bindings(module, guard, name) if project.evaluator.constant(module, b.value) is not None]


def origins_of(module: Module, guard: Guard) -> tuple[tuple[str, Binding], ...]:
    """Where the names of the condition get the values that decide it."""
    found = [(name, places[-1]) for name in _names(guard) if (places := _bindings(module, guard, name))]
    return tuple(found[:3])
