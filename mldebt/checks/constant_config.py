"""MLD422: options that can be only one thing - in every configuration, at every call, or by their own declaration."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Guard, Item, Name, Param
from mldebt.findings import Finding, Location
from mldebt.project.evaluate import Constant
from mldebt.project.flags import Flag
from mldebt.project.parameters import Parameters
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role

RULE = "constant-config-branch"


def check(project: Project) -> Iterator[Finding]:
    """Guards with one outcome under everything that the project commits, and options whose declaration leaves one value."""
    for flag in project.flags.declared:
        if flag.fixed and not flag.module.is_test:
            yield _declaration(project, flag)
    parameters = project.parameters
    for module in project.python:
        if module.is_test or module.source.role is Role.EXAMPLE:
            continue
        for guard in module.facts.guards:
            if guard.kind not in ("if", "elif", "ifexp") or project.evaluator.truth(module, guard.test) is not None:
                continue
            project.evaluator.asked += 1
            yield from _configured(project, module, guard)
            yield from _unvaried(project, parameters, module, guard)


def _declaration(project: Project, flag: Flag) -> Finding:
    return Finding(
        RULE, project.location(flag.module, flag.span),
        f"`{flag.shown}` is always {flag.only!r}: its default is the value that giving it sets, so no command line can choose otherwise",
        anchor=flag.shown, scope=flag.module.qualname(flag.scope), confidence=0.95,
    )  # fmt: skip


def _configured(project: Project, module: Module, guard: Guard) -> Iterator[Finding]:
    """The branch that no committed configuration takes."""
    if project.world.openness(module) == "library":
        return
    used: dict[int, list] = {}

    def lookup(owner: Module, index: int) -> frozenset[Constant] | None:
        value = owner.facts.values[index]
        if not isinstance(value, Attr | Item | Name):
            return None
        found = project.configs.declared_for(owner, index)
        if not found or project.catalogue.is_runtime_toggle(found[0].setting.keys[-1]):
            return None
        used[index] = found
        return frozenset(d.setting.value for d in found)

    verdict = project.evaluator.truth(module, guard.test, lookup)
    if used:
        project.evaluator.decided += 1
    if verdict is None or not used:
        return
    dead = guard.orelse if verdict else guard.body
    if dead is None:
        return
    declared = [d for found in used.values() for d in found]
    files = sorted({d.module.path for d in declared})
    lines = dead.end_line - dead.line + 1
    first = {d.module.path: d for d in reversed(declared)}
    evidence = [project.location(module, dead, "never taken")]
    evidence += [Location(p, first[p].setting.line, 1, first[p].setting.line, 1, f"`{first[p].setting.keys[-1]}` is {first[p].setting.value!r}") for p in files[:4]]
    yield Finding(
        RULE, project.location(module, guard.span),
        f"`{guard.text}` is {'true' if verdict else 'false'} in all {len(files)} configurations: "
        f"{_lines(lines)} {'is' if lines == 1 else 'are'} never used",
        anchor=f"config {guard.text}", scope=module.qualname(guard.scope), evidence=tuple(evidence), confidence=0.85, size=lines,
    )  # fmt: skip


def _unvaried(project: Project, parameters: Parameters, module: Module, guard: Guard) -> Iterator[Finding]:
    """The branch for a value of a parameter that no call passes."""
    if module.source.language is Language.NOTEBOOK or not project.reach.is_live(module, guard.scope):
        return
    used: dict[int, Param] = {}

    def lookup(owner: Module, index: int) -> frozenset[Constant] | None:
        value = owner.facts.values[index]
        if not isinstance(value, Param):
            return None
        found = parameters.values(owner, value)
        if found is not None:
            used[index] = value
        return found

    verdict = project.evaluator.truth(module, guard.test, lookup)
    if verdict is None or not used:
        return
    project.evaluator.decided += 1
    dead = guard.orelse if verdict else guard.body
    if dead is None or guard.kind == "ifexp":
        return
    param = next(iter(used.values()))
    if project.catalogue.is_runtime_toggle(param.name):
        return
    confidence = parameters.confidence(module, param)
    if not confidence:
        return
    calls = parameters.sites(module, param)
    scope = module.facts.scopes[param.scope]
    default = next(p for p in scope.parameters if p.name == param.name)
    lines = dead.end_line - dead.line + 1
    evidence = [project.location(module, dead, "never taken")]
    if default.span is not None:
        evidence.append(project.location(module, default.span, "the default"))
    evidence += [project.location(m, s.span, "a call that leaves it so") for m, s in calls[:2]]
    yield Finding(
        RULE, project.location(module, guard.span),
        f"no call passes another `{param.name}` to `{scope.name}` ({len(calls)} {'call' if len(calls) == 1 else 'calls'}): "
        f"`{guard.text}` is always {'true' if verdict else 'false'}, {_lines(lines)} never {'runs' if lines == 1 else 'run'}",
        anchor=f"parameter {scope.qualname}.{param.name}", scope=module.qualname(guard.scope), evidence=tuple(evidence),
        confidence=confidence, size=lines,
    )  # fmt: skip


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"

