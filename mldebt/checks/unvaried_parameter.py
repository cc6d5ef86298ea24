"""MLD422: switches of functions that no call of the project turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Guard, Param, Span
from mldebt.findings import Finding
from mldebt.project.evaluate import Constant
from mldebt.project.project import Module, Project
from mldebt.project.render import lines
from mldebt.sources.model import Language, Role

RULE = "constant-config-branch"


def check(project: Project) -> Iterator[Finding]:
    """Branches for a value of a parameter that no call passes, one finding per parameter."""
    for module in project.python:
        if module.is_test or module.source.role is Role.EXAMPLE:
            continue
        switches: dict[Param, list[_Unvaried]] = defaultdict(list)
        for guard in module.facts.guards:
            if guard.kind in ("if", "elif") and project.evaluator.truth(module, guard.test) is None:
                case = _unvaried(project, module, guard)
                if case is not None:
                    switches[case.param].append(case)
        for param, cases in switches.items():
            yield from _parameter(project, module, param, cases)


class _Unvaried(msgspec.Struct, frozen=True):
    """A guard that every call decides the same way through one parameter."""

    param: Param
    guard: Guard
    verdict: bool
    dead: Span


def _unvaried(project: Project, module: Module, guard: Guard) -> _Unvaried | None:
    """The guard with the branch for a value that no call passes."""
    if module.source.language is Language.NOTEBOOK or guard.kind == "ifexp" or not project.reach.is_live(module, guard.scope):
        return None
    used: list[Param] = []

    def lookup(owner: Module, index: int) -> frozenset[Constant] | None:
        value = owner.facts.values[index]
        found = project.parameters.values(owner, value) if type(value) is Param else None
        if found is not None and type(value) is Param:
            used.append(value)
        return found

    verdict = project.evaluator.truth(module, guard.test, lookup)
    if verdict is None or not used:
        return None
    dead = guard.orelse if verdict else guard.body
    if dead is None or project.catalogue.is_runtime_toggle(used[0].name):
        return None
    return _Unvaried(used[0], guard, verdict, dead)


def _parameter(project: Project, module: Module, param: Param, cases: list[_Unvaried]) -> Iterator[Finding]:
    """One finding per parameter: every branch for a value that no call passes."""
    confidence = project.parameters.confidence(module, param)
    calls = project.parameters.sites(module, param)
    given = project.parameters.explicit(module, param)
    if not confidence or not calls or (given == len(calls) and given < 2):
        return  # a single call that says otherwise leaves the default as the meant case
    main = max(cases, key=lambda c: (c.dead.end_line - c.dead.line, -c.guard.span.line))
    scope = module.facts.scopes[param.scope]
    count = sum(c.dead.end_line - c.dead.line + 1 for c in cases)
    evidence = [
        project.location(module, c.dead, f"never taken: `{c.guard.text}` is always {'true' if c.verdict else 'false'}") for c in cases
    ]
    declared = next(p for p in scope.parameters if p.name == param.name)
    if declared.span is not None and given < len(calls):
        evidence.append(project.location(module, declared.span, "the default, which stands"))
    evidence += [project.location(m, s.span, "a call") for m, s in calls[:2]]
    yield Finding(
        RULE,
        project.location(module, main.guard.span),
        f"no call passes another `{param.name}` to `{scope.name}` ({len(calls)} {'call' if len(calls) == 1 else 'calls'}): "
        f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}, {lines(count)} never {'runs' if count == 1 else 'run'}",
        anchor=f"parameter {scope.qualname}.{param.name}",
        scope=scope.qualname,
        evidence=tuple(evidence),
        confidence=confidence if not given and len(calls) > 1 else min(confidence, 0.6),  # written out, it is a choice
        size=count,
    )
