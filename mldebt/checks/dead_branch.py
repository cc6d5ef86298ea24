"""MLD420: branches that no value can reach - constant conditions, code after a leap, clauses that an earlier one covers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Binding, Bound, Call, Const, Dead, Guard, Name, Op, Param, Span
from mldebt.findings import Finding, Location
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role

RULE = "dead-experimental-branch"
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_AFTER = {
    "return": "after `return`", "raise": "after `raise`", "continue": "after `continue`", "break": "after `break`",
    "exit": "after the program has ended", "loop": "after an endless loop",
}  # fmt: skip


def check(project: Project) -> Iterator[Finding]:
    """Code that cannot run, proved from literals, reaching definitions and single assignments."""
    for module in project.python:
        if module.is_test:
            continue
        for dead in module.facts.dead:
            yield _after(project, module, dead)
        decided: dict[object, list[_Case]] = defaultdict(list)
        for number, guard in enumerate(module.facts.guards):
            if guard.kind in ("if", "elif", "while", "ifexp"):
                covered = _covered(module, guard)
                if covered is not None:
                    yield _covered_finding(project, module, guard, covered)
                elif (case := _decided(project, module, guard)) is not None:
                    decided[_switch(module, guard) or number].append(case)
        for cases in decided.values():
            yield _finding(project, module, cases)


def _after(project: Project, module: Module, dead: Dead) -> Finding:
    lines = dead.span.end_line - dead.span.line + 1
    if dead.why == "except":
        message, note = "this `except` clause can never run: an earlier clause takes the same exceptions", "the clause that takes them"
    else:
        message = f"{_lines(lines)} {_AFTER.get(dead.why, 'that control flow never reaches')} can never run"
        note = "control leaves here"
    return Finding(
        RULE, project.location(module, dead.span), message, anchor=f"{dead.why}", scope=module.qualname(dead.scope),
        evidence=(project.location(module, dead.after, note),), size=lines,
    )  # fmt: skip


class _Case(msgspec.Struct, frozen=True):
    """A condition with one outcome, and the branch that it closes."""

    guard: Guard
    verdict: bool
    dead: Span
    confidence: float


def _decided(project: Project, module: Module, guard: Guard) -> _Case | None:
    verdict = project.evaluator.truth(module, guard.test)
    if verdict is None or _is_idiom(project, module, guard) or (guard.kind == "while" and verdict):
        return None
    dead = guard.orelse if verdict else guard.body
    confidence = _confidence(project, module, guard)
    return _Case(guard, verdict, dead, confidence) if dead is not None and confidence else None


def _switch(module: Module, guard: Guard) -> tuple[str, int] | None:
    """The one variable that the condition depends on, as (name, line of its value): its branches are one decision."""
    names = [n for n in dict.fromkeys(_WORD.findall(guard.text)) if n not in ("not", "and", "or", "is", "in", "True", "False", "None")]
    places = _bindings(module, guard, names[0]) if len(names) == 1 else []
    return (names[0], places[-1].span.line) if places else None


def _finding(project: Project, module: Module, cases: list[_Case]) -> Finding:
    main = max(cases, key=lambda c: (c.dead.end_line - c.dead.line, -c.guard.span.line))
    size = sum(c.dead.end_line - c.dead.line + 1 for c in cases)
    where = "the else branch" if main.verdict else "the loop body" if main.guard.kind == "while" else "this branch"
    message = f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}: {where} ({_lines(size)}) never runs"
    if len(cases) > 1:
        message = f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}: {len(cases)} branches ({_lines(size)}) never run"
    return Finding(
        RULE, project.location(module, main.guard.span), message, anchor=f"{main.guard.kind} {main.guard.text}",
        scope=module.qualname(main.guard.scope), confidence=min(c.confidence for c in cases), size=size,
        evidence=(*_origins(project, module, main.guard), *(project.location(module, c.dead, "never runs") for c in cases[:8])),
    )  # fmt: skip


def _covered_finding(project: Project, module: Module, guard: Guard, covered: int) -> Finding:
    earlier = module.facts.guards[covered]
    return Finding(
        RULE, project.location(module, guard.span),
        f"`{guard.text}` cannot hold here: the condition above already takes it; {_size(guard.body)} can never run",
        anchor=f"covered {guard.text}", scope=module.qualname(guard.scope),
        evidence=(project.location(module, earlier.span, "this condition comes first"),), size=guard.body.end_line - guard.body.line + 1,
    )  # fmt: skip


def _covered(module: Module, guard: Guard) -> int | None:
    """The earlier guard of the chain whose condition holds whenever this one does."""
    for earlier in guard.earlier:
        test = module.facts.guards[earlier].test
        value = module.facts.values[test]
        if test == guard.test or (isinstance(value, Op) and value.op == "or" and guard.test in value.operands):
            if not _calls(module, guard.test):
                return earlier
    return None


def _calls(module: Module, index: int, depth: int = 0) -> bool:
    value = module.facts.values[index]
    if isinstance(value, Call):
        return True
    return isinstance(value, Op) and depth < 5 and any(_calls(module, o, depth + 1) for o in value.operands)


def _leaves(module: Module, index: int, depth: int = 0) -> Iterator[int]:
    value = module.facts.values[index]
    if isinstance(value, Op) and depth < 6:
        for operand in value.operands:
            yield from _leaves(module, operand, depth + 1)
    else:
        yield index


def _is_idiom(project: Project, module: Module, guard: Guard) -> bool:
    """`while 1`, version and platform tests, switches of the machine rather than of an experiment."""
    for leaf in _leaves(module, guard.test):
        value = module.facts.values[leaf]
        if isinstance(value, Bound | Param | Name):
            name = value.name.rsplit(".", 1)[-1]
            if project.catalogue.is_runtime_toggle(name) or name.lower().startswith(("has_", "have_", "is_available", "with_")):
                return True
            if isinstance(value, Name) and value.name in ("builtins.__debug__", "typing.TYPE_CHECKING"):
                return True
    return False


def _confidence(project: Project, module: Module, guard: Guard) -> float:
    """1 for literals; less where a reader may mean to edit the constant; 0 where nothing can be said."""
    lowest = 1.0
    for leaf in _leaves(module, guard.test):
        value = module.facts.values[leaf]
        if isinstance(value, Name) and not value.name.startswith("builtins."):
            split = project.index.split(module.path, value.name)
            if split is None or _names_of_settings(project.modules[split[0]]):
                lowest = min(lowest, 0.6)  # a settings module is a configuration that is edited
        if isinstance(value, Bound) or (isinstance(value, Name) and not value.name.startswith("builtins.")):
            found = project.evaluator.constant(module, leaf)
            if found and any(isinstance(v, int | float) and not isinstance(v, bool) for v in found):
                return 0.0  # a size or a count at the top of a script is a setting, not a switch
            lowest = min(lowest, 0.9)
        elif isinstance(value, Const) and isinstance(value.value, int | float) and not isinstance(value.value, bool) and guard.kind == "while":
            return 0.0
    if _names_of_settings(module):
        return min(lowest, 0.6)
    if module.source.language is Language.NOTEBOOK or module.source.role in (Role.EXAMPLE, Role.NOTEBOOK):
        return lowest if _is_literal(guard) else min(lowest, 0.6)  # switches that are flipped by hand
    return lowest


def _is_literal(guard: Guard) -> bool:
    """`if False`, `... and False`: nothing to flip but the condition itself."""
    return bool(re.search(r"\b(True|False|0|1)\b", guard.text))


def _names_of_settings(module: Module) -> bool:
    return bool(re.search(r"(^|/)(hparams|config|settings|params|constants|conf)[^/]*$", module.path))


def _bindings(module: Module, guard: Guard, name: str) -> list[Binding]:
    """Assignments of the name that stand before the condition in its function, else those of the module."""
    for scope in (guard.scope, 0):
        bindings = [b for b in module.facts.scopes[scope].bindings.get(name, ()) if b.how in ("=", "annotated")]
        before = [b for b in bindings if b.span.line <= guard.span.line or scope != guard.scope]
        if before:
            return before
    return []


def _origins(project: Project, module: Module, guard: Guard) -> tuple[Location, ...]:
    """Where the names of the condition get the values that decide it."""
    names = dict.fromkeys(_WORD.findall(guard.text))
    found = [(name, places[-1]) for name in names if (places := _bindings(module, guard, name))]
    return tuple(project.location(module, binding.span, f"`{name}` is set here") for name, binding in found[:3])


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _size(span: Span) -> str:
    return _lines(span.end_line - span.line + 1)
