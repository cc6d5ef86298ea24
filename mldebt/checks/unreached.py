"""MLD427: functions, classes and search results that nothing in the project uses."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Param
from mldebt.findings import Finding
from mldebt.project.events import Event
from mldebt.project.project import Module, Project
from mldebt.project.reach import Unreached
from mldebt.project.render import lines
from mldebt.project.resolve import Defined
from mldebt.sources.model import Language, Role

RULE = "unreached-experiment"
_PARTNERS = ("set_", "close_", "reset_", "clear_")
_TRUST = {"closed": 0.9, "application": 0.65, "library": 0.4}


def check(project: Project) -> Iterator[Finding]:
    """Definitions without a textual trace of a use, and searches whose result is thrown away."""
    for found in project.reach.unreached():
        confidence = _confidence(project, found)
        if confidence > 0:
            yield _definition(project, found, confidence)
    for event in project.calls("search"):
        yield from _search(project, event)


def _confidence(project: Project, found: Unreached) -> float:
    module, scope = found.module, found.scope
    if (
        scope.stub
        or module.path in project.reach.dynamic
        or scope.name.startswith("__")
        or scope.name == "main"
        or scope.name in project.reach.hooks
    ):
        return 0.0
    if project.reach.called_by_framework(module, scope):
        return 0.0
    exports = module.facts.exports
    if scope.name.startswith(project.reach.computed_prefixes):
        return 0.3
    if exports is not None and scope.name in exports:
        return 0.3
    openness = project.world.openness(module)
    trust = 0.75 if found.only_tests and openness == "application" else _TRUST[openness]
    if module.source.language is Language.NOTEBOOK or module.source.role in (Role.NOTEBOOK, Role.EXAMPLE):
        return min(trust, 0.5)
    if scope.parent > 0 and module.facts.scopes[scope.parent].kind == "class":
        trust *= 0.85  # methods are the parts of an interface
    if scope.name.startswith(_PARTNERS) and trust < _TRUST["closed"]:
        trust *= 0.8  # the other half of an accessor that is in use
    if scope.kind == "class" and project.reach.has_foreign_base(Defined(module.path, found.index)):
        trust *= 0.6  # frameworks find subclasses by themselves
    return trust


def _definition(project: Project, found: Unreached, confidence: float) -> Finding:
    module, scope = found.module, found.scope
    what = (
        "class"
        if scope.kind == "class"
        else "method"
        if scope.parent > 0 and module.facts.scopes[scope.parent].kind == "class"
        else "function"
    )
    size = scope.span.end_line - scope.span.line + 1
    below = found.dependents
    size += sum(s.span.end_line - s.span.line + 1 for _, s in below)
    if found.only_tests:
        message = f"only tests use the {what} `{scope.qualname}` ({lines(size)})"
    else:
        message = f"nothing uses the {what} `{scope.qualname}` ({lines(size)})"
    if below:
        names = ", ".join(f"`{s.qualname}`" for _, s in below[:3]) + (f" and {len(below) - 3} more" if len(below) > 3 else "")
        message += f"; {names} {'exists' if len(below) == 1 else 'exist'} for it alone"
    evidence = tuple(project.location(m, s.span, "used only from there") for m, s in below[:8])
    return Finding(
        RULE,
        project.location(module, scope.span),
        message,
        anchor=f"{what} {scope.qualname}",
        scope=scope.qualname,
        evidence=evidence,
        confidence=confidence,
        size=size,
    )


def _search(project: Project, event: Event) -> Iterator[Finding]:
    """A parameter search whose result is thrown away, or bound to a name which nothing reads, and that leaves nothing else behind."""
    module, site = event.module, event.site
    scope = module.facts.scopes[site.scope]
    if module.is_test or _is_method(project, event) or not (site.statement or (site.target and site.target in scope.unread)):
        return
    if _kept_elsewhere(module, event) or _of_an_object(module, event) or (site.statement and _recorded(project, event)):
        return
    result = f"its result `{site.target}` is never used" if site.target else "its result is thrown away"
    yield Finding(
        RULE,
        project.location(module, site.span),
        f"the search runs and {result}: what it finds changes nothing",
        anchor=f"search {site.target}",
        scope=scope.qualname,
        confidence=0.85,
        size=scope.span.end_line - scope.span.line + 1,
        evidence=(project.location(module, scope.span, "the function that searches"),) if scope.kind == "function" else (),
    )


def _of_an_object(module: Module, event: Event) -> bool:
    """Whether a method of an object is searched over: it may keep the best trial itself."""
    passed = (*event.call.args, *(v for _, v in event.call.keywords))
    values = [module.facts.values[p] for p in passed]
    return any(type(v) is Attr and type(module.facts.values[v.base]) is Param for v in values)


def _recorded(project: Project, event: Event) -> bool:
    """Whether the function that is searched over writes its trials to a tracker or a file."""
    for index in (*event.call.args, *(v for _, v in event.call.keywords)):
        target = project.resolver.target(event.module, index)
        if type(target) is Defined:
            for role in ("track", "write"):
                for inner in project.calls(role):
                    if inner.module.path == target.path and _within(inner.module, inner.site.scope, target.scope):
                        return True
    return False


def _within(module: Module, scope: int, owner: int) -> bool:
    while scope >= 0:
        if scope == owner:
            return True
        scope = module.facts.scopes[scope].parent
    return False


def _is_method(project: Project, event: Event) -> bool:
    """A search that an object runs and remembers: its result is the object's state."""
    kind, _, method = event.name.partition(".")
    return (kind, method) in project.catalogue.methods


def _kept_elsewhere(module: Module, event: Event) -> bool:
    """Whether an argument is an object of this function that is read again, such as the record of trials."""
    scope = module.facts.scopes[event.site.scope]
    passed = {value for _, value in event.call.keywords} | set(event.call.args)
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            if binding.value in passed and binding.how == "=" and name not in scope.unread:
                later = [
                    u
                    for u in module.facts.uses
                    if u.scope == event.site.scope and u.span.line > event.site.span.end_line and _root(module, u.value) == binding.value
                ]
                if later:
                    return True
    return False


def _root(module: Module, index: int) -> int:
    base = getattr(module.facts.values[index], "base", -1)
    while base >= 0:
        index, base = base, getattr(module.facts.values[base], "base", -1)
    return index
