"""MLD422: options that can be only one thing - in every configuration, or by their own declaration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Guard, Item, Name, Seq, Span, Star
from mldebt.findings import Finding, Location
from mldebt.project.configs import Declared
from mldebt.project.evaluate import Constant
from mldebt.project.events import Event, argument
from mldebt.project.flags import Flag
from mldebt.project.project import Module, Project
from mldebt.project.render import lines, render
from mldebt.sources.model import Role

RULE = "constant-config-branch"


def check(project: Project) -> Iterator[Finding]:
    """Guards with one outcome under everything that the project commits, and options whose declaration leaves one value."""
    for flag in project.flags.declared:
        alone = len(project.flags.keys[flag.key]) == 1 and not project.flags.has_defaults_elsewhere
        if flag.fixed and alone and not flag.module.is_test and project.flags.is_read(flag):  # else it is unread, which says more
            yield _declaration(project, flag)
    for event in project.calls("choice"):
        yield from _single_choice(project, event)
    options: dict[tuple[str, ...], list[_Case]] = defaultdict(list)
    for module in project.python:
        if module.is_test or module.source.role is Role.EXAMPLE:
            continue
        for guard in module.facts.guards:
            if guard.kind not in ("if", "elif", "ifexp") or project.evaluator.truth(module, guard.test) is not None:
                continue
            case = _configured(project, module, guard)
            if case is not None:
                options[case.keys].append(case)
    for keys, cases in sorted(options.items()):
        yield _option(project, keys, cases)


def _declaration(project: Project, flag: Flag) -> Finding:
    return Finding(
        RULE,
        project.location(flag.module, flag.span),
        f"`{flag.shown}` is always {flag.only!r}: its default is the value that giving it sets, so no command line can choose otherwise",
        anchor=flag.shown,
        scope=flag.module.qualname(flag.scope),
        confidence=0.95,
    )


def _single_choice(project: Project, event: Event) -> Iterator[Finding]:
    """A dimension of a search space with one value: nothing is searched."""
    index = argument(event.call, event.entry.args.get("options"))
    listed = event.module.facts.values[index] if index is not None else None
    if type(listed) is Seq and listed.kind == "list" and len(listed.items) == 1 and not event.module.is_test:
        if type(event.module.facts.values[listed.items[0]]) is not Star:
            yield Finding(
                RULE,
                project.location(event.module, event.site.span),
                "this dimension of the search space has one value: nothing is searched",
                anchor=f"choice {render(event.module, listed.items[0])}",
                scope=event.module.qualname(event.site.scope),
                confidence=0.9,
            )


class _Case(msgspec.Struct, frozen=True):
    """A guard that every committed configuration decides the same way."""

    keys: tuple[str, ...]  # the settings that decide it
    module: Module
    guard: Guard
    verdict: bool
    dead: Span
    declared: tuple[Declared, ...]


def _configured(project: Project, module: Module, guard: Guard) -> _Case | None:
    """The guard with the branch that no committed configuration takes."""
    if project.world.openness(module) == "library":
        return None
    used: dict[int, list[Declared]] = {}

    def lookup(owner: Module, index: int) -> frozenset[Constant] | None:
        value = owner.facts.values[index]
        if type(value) not in (Attr, Item, Name):
            return None
        found = project.configs.declared_for(owner, index)
        if not found or project.catalogue.is_runtime_toggle(found[0].setting.keys[-1]):
            return None
        used[index] = found
        return frozenset(d.setting.value for d in found)

    verdict = project.evaluator.truth(module, guard.test, lookup)
    dead = guard.orelse if verdict else guard.body
    if verdict is None or not used or dead is None:
        return None
    declared = tuple(d for found in used.values() for d in found)
    return _Case(tuple(sorted({d.setting.keys[-1] for d in declared})), module, guard, verdict, dead, declared)


def _option(project: Project, keys: tuple[str, ...], cases: list[_Case]) -> Finding:
    """One finding per option: every branch that its only value leaves unused."""
    main = max(cases, key=lambda c: (c.dead.end_line - c.dead.line, c.module.path, -c.guard.span.line))
    files = {d.module.path: d for c in cases for d in reversed(c.declared)}
    count = sum(c.dead.end_line - c.dead.line + 1 for c in cases)
    evidence = [
        project.location(c.module, c.dead, f"never taken: `{c.guard.text}` is always {'true' if c.verdict else 'false'}") for c in cases
    ]
    for path, one in sorted(files.items())[:4]:
        line = one.setting.line
        evidence.append(Location(path, line, 1, line, 1, f"`{one.setting.keys[-1]}` is {one.setting.value!r}"))
    where = (
        f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}" if len(cases) == 1 else f"{len(cases)} branches depend on it"
    )
    return Finding(
        RULE,
        project.location(main.module, main.guard.span),
        f"{' and '.join(f'`{k}`' for k in keys)} {'has' if len(keys) == 1 else 'have'} one value in all {len(files)} configurations: "
        f"{where}, {lines(count)} never {'runs' if count == 1 else 'run'}",
        anchor=f"config {' '.join(keys)}",
        evidence=tuple(evidence),
        confidence=0.85 if _is_off(cases) else 0.65,
        size=count,
    )


def _is_off(cases: list[_Case]) -> bool:
    """A switch that is off everywhere, so that what it guards is not in use; one of several working ways is a choice."""
    return all(d.setting.value is False for c in cases for d in c.declared) and not any(c.verdict for c in cases)
