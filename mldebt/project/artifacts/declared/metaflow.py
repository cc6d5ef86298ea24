"""Metaflow: the steps of one flow hand data on through `self`, in the order of `self.next`."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Param, Scope
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.model import Declaration
from mldebt.project.project import Module, Project
from mldebt.project.resolve import External


def declarations(project: Project) -> Iterator[Declaration]:
    for module, scope in project.scopes("class"):
        if not module.is_test and any(_is_flow(project, module, base) for base in scope.bases):
            yield from _steps(project, module, scope)


def _is_flow(project: Project, module: Module, base: int) -> bool:
    target = project.resolver.target(module, base)
    return type(target) is External and project.catalogue.kind_of(target.name) == "metaflow-flow"


def _steps(project: Project, module: Module, flow: Scope) -> Iterator[Declaration]:
    owner = module.facts.scopes.index(flow)
    files = (module.path,)
    for site in module.facts.sites:
        call, scope = module.facts.values[site.value], module.facts.scopes[site.scope]
        func = module.facts.values[call.func] if type(call) is Call else None
        if scope.parent != owner or type(call) is not Call or type(func) is not Attr or func.name != "next":
            continue
        if type(module.facts.values[func.base]) is Param:
            line = project.location(module, site.span).line
            for argument in call.args:
                step = module.facts.values[argument]
                if type(step) is Attr:
                    workflow = f"{module.path}:{flow.qualname}"
                    path = project.notebook_of(module.path)
                    yield from order("metaflow", workflow, (scope.name, files), (step.name, files), path, line)
