"""Data that is loaded and not used: whole tables that nothing reads, and columns that a list asks for and nothing mentions."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Scope, Site
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.columns_copies import together
from mldebt.project.columns_loads import Loads
from mldebt.project.resolve import Instance
from mldebt.project.roles import is_demonstration

RULE = "loaded-unused-column"
_SHOWN = 3


def check(project: Project) -> Iterator[Finding]:
    """Yields loaded-unused-column for tables, for columns of a list, and for tables that a function asks for."""
    yield from together(project, _found(project))


def _found(project: Project) -> Iterator[Finding]:
    columns = project.columns
    loads = Loads(project, columns)
    for module in project.python:
        if is_demonstration(module) or module.path not in columns.files:
            continue
        for site in module.facts.sites:
            if loads.is_unused(module, site):
                yield _table(project, module, site, loads.is_merge(module, site), columns.files[module.path].explores)
            names, unused = loads.unused_columns(module, site)
            if unused and len(unused) < len(names):
                yield _columns(project, module, site, names, unused, columns.files[module.path].explores)
    yield from _parameters(project)


def _table(project: Project, module: Module, site: Site, merged: bool, explores: bool) -> Finding:
    return Finding(
        rule=RULE,
        location=project.location(module, site.span),
        message=f"`{site.target}` is {'put together' if merged else 'loaded'}, and nothing uses it",
        anchor=site.target,
        scope=module.qualname(site.scope),
        confidence=0.6 if explores else 0.9,
        help="Delete the load, and what prepares the data for it.",
    )


def _columns(project: Project, module: Module, site: Site, names: tuple[str, ...], unused: tuple[str, ...], explores: bool) -> Finding:
    shown = ", ".join(f"`{name}`" for name in unused[:_SHOWN]) + (f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else "")
    return Finding(
        rule=RULE,
        location=project.location(module, site.span),
        message=f"{len(unused)} of {len(names)} loaded columns {'is' if len(unused) == 1 else 'are'} never used: {shown}",
        anchor=f"{site.target}: {', '.join(unused)}",
        scope=module.qualname(site.scope),
        confidence=0.5 if explores else 0.85,
        size=len(unused),
    )


def _parameters(project: Project) -> Iterator[Finding]:
    """Functions that ask for a data frame and do not read it."""
    for module, scope in project.scopes("function"):
        if is_demonstration(module) or not scope.unread or scope.stub or module.facts.scopes[scope.parent].kind != "module":
            continue
        shared = [s for s in module.facts.scopes if s.kind == "function" and s is not scope and _names(s) == _names(scope)]
        for parameter in scope.parameters:
            if parameter.name not in scope.unread or parameter.annotation < 0 or parameter.name.startswith("_") or shared:
                continue
            if parameter.span is not None and _is_table(project, module, parameter.annotation):
                yield Finding(
                    rule=RULE,
                    location=project.location(module, parameter.span),
                    message=f"`{scope.name}` asks for the table `{parameter.name}` and does not use it",
                    anchor=parameter.name,
                    scope=scope.qualname,
                    confidence=0.75,
                    help="Take the parameter away, and the load that feeds it.",
                )


def _names(scope: Scope) -> tuple[str, ...]:
    return tuple(p.name for p in scope.parameters)


def _is_table(project: Project, module: Module, annotation: int) -> bool:
    target = project.resolver.target(module, annotation)
    name = getattr(target, "name", "")
    return project.catalogue.kind_of(name) == "dataframe" if name and type(target) is not Instance else False
