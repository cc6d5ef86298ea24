"""MLD423 and MLD426: options that are declared and never read, or read and declared nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Span
from mldebt.findings import Finding
from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

_FILLERS = ("set_defaults", "setattr", "Namespace", "vars")
_OWN_ATTRIBUTES = frozenset({"__dict__", "_get_kwargs", "_get_args"})


def check(project: Project) -> Iterator[Finding]:
    """Compares the declarations of the flag graph with its reads."""
    yield from _unread(project)
    yield from _undeclared(project)


def _unread(project: Project) -> Iterator[Finding]:
    for flag in project.flags.declared:
        if flag.module.source.role in (Role.TEST, Role.LEGACY) or project.flags.is_read(flag) or flag.inert:
            continue
        given = project.flags.passed.get(flag.shown, ())
        evidence = tuple(project.location(m, Span(line, 1, line, 1), "given here, to no effect") for m, line in given[:3])
        where = "its function never uses the parameter" if flag.parameter else "nothing reads it"
        yield Finding(
            "unread-flag",
            project.location(flag.module, flag.span),
            f"`{flag.shown}` is declared, and {where}",
            anchor=flag.shown,
            scope=flag.module.qualname(flag.scope),
            evidence=evidence,
            confidence=0.6 if project.partial else 0.9,
        )


def _undeclared(project: Project) -> Iterator[Finding]:
    graph = project.flags
    if graph.dynamic_parsers:
        return  # options with computed names may be any of them
    seen: set[tuple[str, str]] = set()
    set_elsewhere = project.evaluator.written_from_outside
    for read in (*graph.namespaces, *graph.held):
        name = read.key
        if name in graph.keys or name in set_elsewhere or name in _OWN_ATTRIBUTES or read.module.is_test:
            continue
        if (read.module.path, name) in seen or not _declares(project, read.system) or _may_be_added(project, read.module):
            continue
        seen.add((read.module.path, name))
        near = [f for f in graph.declared if f.module is read.module]
        evidence = tuple(project.location(f.module, f.span, "the options are declared here") for f in near[:1])
        yield Finding(
            "undeclared-flag",
            project.location(read.module, read.span),
            f"the option `{name}` is read, but nothing in the project declares it",
            anchor=name,
            scope=read.module.qualname(read.scope),
            evidence=evidence,
            confidence=0.6 if project.partial else 0.85,
        )


def _declares(project: Project, system: str) -> bool:
    """Whether the project declares options of this system itself; else a library does."""
    return any(f.system == system for f in project.flags.declared)


def _may_be_added(project: Project, module: Module) -> bool:
    """Whether something else puts options on the parser: foreign code that gets it, `set_defaults`, `parents=`, `setattr`."""
    systems = [s for s in project.catalogue.flags if s.style == "namespace"]
    for value in module.facts.values:
        if type(value) is Attr and value.name == "__dict__":
            return True
        if type(value) is not Call:
            continue
        func = module.facts.values[value.func]
        name = getattr(func, "name", "").rsplit(".", 1)[-1]
        if name in _FILLERS or any(key == "parents" for key, _ in value.keywords):
            return True
        actions = (v for key, v in value.keywords if key == "action" and name == "add_argument")
        if any(type(module.facts.values[v]) is not Const for v in actions):  # a class of the project's own
            return True
        passed = [*value.args, *(v for _, v in value.keywords)]
        if any(type(module.facts.values[p]) is not Const and project.flags.is_parser(module, p, s) for p in passed for s in systems):
            return True
    return False
