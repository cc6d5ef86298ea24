"""Classes of the project that compute one feature each and are listed by many models."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Call, Seq
from mldebt.project.artifacts.model import Place
from mldebt.project.models.reach import LEAST, Shared, Trained
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_NAMED = re.compile(r"(?i:feat|extract|featuri|covariate|predictor|indicator)")
_LEARNS = ("fit", "forward", "training_step", "call")  # a part of a network or a model of its own is no feature
_BASES = 12


def listed(project: Project) -> Iterator[Shared]:
    """Classes whose objects stand in lists of features in at least three classes that inherit how they learn."""
    families = _families(project)
    if len(families) < LEAST:
        return
    used: dict[Defined, dict[Defined, list[Call]]] = defaultdict(lambda: defaultdict(list))
    for model in families:
        module = project.modules[model.path]
        for call, cls in _instances(project, module, model):
            used[cls][model].append(call)
    for cls, models in sorted(used.items(), key=lambda item: (item[0].path, item[0].scope)):
        if len(models) >= LEAST:
            yield _shared(project, cls, models)


def _families(project: Project) -> list[Defined]:
    """Classes outside tests that extend a class of the project in which a model learns, in path and text order."""
    learning: set[Defined] = set()
    for fit in project.models.sites:
        scopes = project.modules[fit.path].facts.scopes
        scope = fit.scope
        while scope > 0 and scopes[scope].kind != "class":
            scope = scopes[scope].parent
        if scope > 0 and fit.is_model and not project.modules[fit.path].is_test:
            learning.add(Defined(fit.path, scope))
    if not learning:
        return []
    found: list[Defined] = []
    for module in project.python:
        for index, scope in enumerate(module.facts.scopes):
            if scope.kind == "class" and not module.is_test and learning & set(_bases(project, Defined(module.path, index))[1:]):
                found.append(Defined(module.path, index))
    return found


def _bases(project: Project, cls: Defined) -> list[Defined]:
    """A class and all classes of the project that it extends."""
    found = [cls]
    for one in found:
        module, scope = project.resolver.scope(one)
        targets = (project.resolver.target(module, base) for base in scope.bases)
        found += [t for t in targets if type(t) is Defined and t not in found][: _BASES - len(found)]
    return found


def _instances(project: Project, module: Module, model: Defined) -> Iterator[tuple[Call, Defined]]:
    """Objects of other classes of the project in the displays of a class that are called after features."""
    sites = {s.value for s in module.facts.sites if _is_in(module, s.scope, model.scope)}
    displays = [v for v in module.facts.values if type(v) is Seq and v.kind != "comp" and len(v.items) > 1]
    for display in displays:
        for index in display.items:
            call = module.facts.values[index]
            if index not in sites or type(call) is not Call:
                continue
            target = project.resolver.callee(module, call)
            if type(target) is Defined and _is_feature(project, target):
                yield call, target


def _is_in(module: Module, scope: int, outer: int) -> bool:
    while scope > 0 and scope != outer:
        scope = module.facts.scopes[scope].parent
    return scope == outer


def _is_feature(project: Project, cls: Defined) -> bool:
    """A class that is called, or stands in a file or extends a class that is called, after features, and does not learn itself."""
    module, scope = project.resolver.scope(cls)
    if scope.kind != "class" or module.is_test or any(project.resolver.member(cls, name) for name in _LEARNS):
        return False
    names = [module.path.rpartition("/")[2], *(project.resolver.scope(b)[1].name for b in _bases(project, cls))]
    return any(_NAMED.search(name) for name in names)


def _shared(project: Project, cls: Defined, models: dict[Defined, list[Call]]) -> Shared:
    scope = project.resolver.scope(cls)[1]
    trained = tuple(sorted(Trained(s.name, Place(m.path, s.span)) for m in models if (s := project.resolver.scope(m)[1])))
    plain = sum(any(not call.args and not call.keywords for call in calls) for calls in models.values())
    return Shared("class", scope.qualname, Place(cls.path, scope.span), trained, 0.8 if plain >= LEAST else 0.65)
