"""MLD424: functions in which several experiment switches interact."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Const, Item, Op, Param
from mldebt.findings import Finding
from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

RULE = "nested-experiments"
_ADDRESS = re.compile(r"(TOKEN|KEY|PASSWORD|SECRET|URL|URI|HOST|PORT|PATH|DIR|FILE|PROJECT|USER|NAME|ID|BUCKET|REGION)$")  # not switches


def check(project: Project) -> Iterator[Finding]:
    """Functions whose branches depend on at least `nested-flags` switches that the project declares."""
    threshold = project.thresholds.nested_flags
    remote = {(r.module.path, r.value): r.key for r in project.flags.remote if not _ADDRESS.search(r.key)}
    for module in project.python:
        if module.source.role in (Role.TEST, Role.EXAMPLE):
            continue
        switches: dict[int, dict[str, int]] = defaultdict(dict)
        for number, guard in enumerate(module.facts.guards):
            for name in _switches(project, module, guard.test, remote):
                switches[guard.scope].setdefault(name, number)
        for scope, names in sorted(switches.items()):
            if len(names) < threshold:
                continue
            place = module.facts.scopes[scope]
            shown = ", ".join(f"`{n}`" for n in sorted(names)[:6])
            yield Finding(
                RULE,
                project.location(module, place.span),
                f"{len(names)} switches interact in `{place.qualname or module.path}` ({2 ** len(names)} combinations): {shown}",
                anchor=f"switches {' '.join(sorted(names))}",
                scope=place.qualname,
                confidence=0.7,
                size=len(names),
                evidence=tuple(project.location(module, module.facts.guards[n].span, f"`{name}`") for name, n in sorted(names.items())[:6]),
            )


def _switches(project: Project, module: Module, index: int, remote: dict[tuple[str, int], str], depth: int = 0) -> Iterator[str]:
    """Names of declared boolean options and flags that a condition reads."""
    if depth > 5:
        return
    value = module.facts.values[index]
    if (module.path, index) in remote:
        yield remote[module.path, index]
    elif type(value) is Op and value.op in ("and", "or", "not", "==", "is"):
        for operand in value.operands:
            yield from _switches(project, module, operand, remote, depth + 1)
    elif type(value) in (Attr, Item, Param):
        name = value.name if type(value) is not Item else _key(module, value)
        declared = project.configs.by_key.get(name, ())
        boolean = bool(declared) and all(isinstance(d.setting.value, bool) for d in declared)
        switch = type(value) is Attr and any(f.switch for f in project.flags.keys.get(name, ()))
        if name and (boolean or switch) and not project.catalogue.is_runtime_toggle(name):
            yield name


def _key(module: Module, value: Item) -> str:
    key = module.facts.values[value.key]
    return key.value if type(key) is Const and isinstance(key.value, str) else ""
