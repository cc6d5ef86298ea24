"""What a step of a flow stores for the later ones, and none of them reads."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Param, Write
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.resolve import Defined, External
from mldebt.project.roles import is_demonstration

_FLOW = "-flow"  # the end of the kind of a class whose attributes are kept between steps


def check(project: Project) -> Iterator[Finding]:
    """Yields computed-unused-feature for attributes of flows; those of the last step are results."""
    flows = {
        (module.path, module.facts.scopes.index(scope))
        for module, scope in project.scopes("class")
        if _is_flow(project, module, scope.bases)
    }
    if not flows:
        return
    read = project.attribute_names
    spelled = {word for m in project.modules.values() for s in m.facts.scopes for word in (*s.strings, *s.dotted)}
    for path in sorted({path for path, _ in flows}):
        module = project.modules[path]
        if is_demonstration(module):
            continue
        seen: set[tuple[int, str]] = set()
        for write in module.facts.writes:
            owner = _owner(module, write)
            if (path, owner) not in flows or write.name in read or write.name in spelled or (owner, write.name) in seen:
                continue
            seen.add((owner, write.name))
            if module.facts.scopes[write.scope].name != "end" and not write.name.startswith("_"):
                yield Finding(
                    rule="computed-unused-feature",
                    location=project.location(module, write.span),
                    message=f"`self.{write.name}` is stored with the flow, and no step reads it",
                    anchor=write.name,
                    scope=module.qualname(write.scope),
                    confidence=0.7,
                )


def _is_flow(project: Project, module: Module, bases: tuple[int, ...]) -> bool:
    seen: set[Defined] = set()
    queue = [(module, base) for base in bases]
    while queue:
        owner, base = queue.pop()
        target = project.resolver.target(owner, base)
        if type(target) is External and project.catalogue.kind_of(target.name).endswith(_FLOW):
            return True
        if type(target) is Defined and target not in seen:
            seen.add(target)
            inner, scope = project.resolver.scope(target)
            queue += [(inner, other) for other in scope.bases] if scope.kind == "class" else []
    return False


def _owner(module: Module, write: Write) -> int:
    """The class of the method in which `self.name` is written, or -1."""
    base = module.facts.values[write.base]
    if not write.name or type(base) is not Param:
        return -1
    method = module.facts.scopes[base.scope]
    return method.parent if method.parameters and method.parameters[0].name == base.name else -1
