"""Code of a framework: classes that are layers, networks or trainers of one."""

from __future__ import annotations

from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_DEPTH = 8


def ancestors(project: Project, cls: Defined) -> tuple[list[Defined], list[str]]:
    """The classes that a class descends from: those of the project, and the dotted names of the others."""
    own: list[Defined] = []
    others: list[str] = []
    todo = [(cls, 0)]
    for one, depth in todo:
        module, scope = project.resolver.scope(one)
        for base in scope.bases:
            target = project.resolver.target(module, base)
            if type(target) is Defined and target not in own and target != cls and depth < _DEPTH:
                own.append(target)
                todo.append((target, depth + 1))
            elif type(target) is External and target.name not in ("builtins.object", "typing.Generic"):
                others.append(target.name)
            elif target is None:
                others.append("?")
    return own, others


def in_layer(project: Project, module: Module, scope: int) -> bool:
    """Whether a function belongs to a class that descends from one of another package."""
    while scope >= 0:
        if module.facts.scopes[scope].kind == "class":
            return any(name.rpartition(".")[2] != "ABC" for name in ancestors(project, Defined(module.path, scope))[1])
        scope = module.facts.scopes[scope].parent
    return False
