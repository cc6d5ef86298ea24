"""Encoders, scalers and vectorisers that are fitted again where a model is asked, or that no saved model brings along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Map, Name, Seq
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.events import Event, argument
from mldebt.project.flow import Node
from mldebt.project.models.model import Fit
from mldebt.project.origins import loads_model
from mldebt.project.preprocessors import KINDS, Preprocessor, Preprocessors
from mldebt.project.refits import given, refits
from mldebt.project.roles import is_demonstration, is_drawing

_ANSWERS = re.compile(
    r"_?(batch_|run_|make_|get_|do_|online_|realtime_)?(predict|infer|inference|prediction|forecast|recommend|classify)(s|ions?)?"
    r"(_(proba|batch|one|single|fn|request|handler|df|data|online|live|new|from_\w+))?|lambda_handler|score_(batch|data|request|new\w*)|batch_score|invocations?"
)
_ROUTES = frozenset({"route", "get", "post", "put", "websocket", "api"})
_DEPTH = 2
_SAME = frozenset({"value", "field", "return", "parameter"})  # steps back to the same object


def check(project: Project) -> Iterator[Finding]:
    """Yields unpersisted-preprocessor: fitted again in serving first, then fitted for a model that is saved without it."""
    events = [e for e in project.calls("train") if e.entry.name.startswith(KINDS) and not is_demonstration(e.module)]
    if not events:
        return
    preprocessors = Preprocessors(project)
    serving = _Serving(project)
    reported: set[tuple[str, int]] = set()
    events = _first(events)
    makers = {(e.module.path, e.site.value): preprocessors.maker(e) for e in events}
    again = {(r.event.module.path, r.event.site.value): r for r in refits(project, events, makers)}
    for event in events:
        where = serving.of(event)
        if not where and (refit := again.get((event.module.path, event.site.value))) is not None:
            where = f"for what `{refit.prediction.api.rpartition('.')[2]}` gets in line {refit.prediction.span.line}"
        if not where or _is_constant(event) or is_drawing(event.module, event.site):
            continue
        made = makers[event.module.path, event.site.value]
        name = preprocessors.class_name(event.module, made) if made >= 0 else "a preprocessor"
        reported.add((event.module.path, made))
        yield Finding(
            rule="unpersisted-preprocessor",
            location=project.location(event.module, event.site.span),
            message=f"`{name}` is fitted again {where}: what it learns from the rows to predict is not what the model was trained with",
            anchor=f"serving:{name}",
            scope=event.module.qualname(event.site.scope),
            confidence=0.85,
            reach=1.0,
        )
    kept = {(p.module.path, p.made) for p in preprocessors.found if p.kept} | reported
    loose = [p for p in preprocessors.found if (p.module.path, p.made) not in kept and p.outputs and not is_demonstration(p.module)]
    yield from _unsaved(project, loose)


def _first(events: list[Event]) -> list[Event]:
    """One event for each call."""
    return list({(e.module.path, e.site.value): e for e in events}.values())


def _is_constant(event: Event) -> bool:
    """Whether it learns from values that are written in the code: the same wherever it runs."""
    given = [i for key in ("features", "labels") if (i := argument(event.call, event.entry.args.get(key))) is not None]
    return bool(given) and all(_literal(event.module, i) for i in given)


def _literal(module: Module, index: int, depth: int = 0) -> bool:
    value = module.facts.values[index]
    if type(value) is Const:
        return True
    if type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        return len(bindings) == 1 and depth < 4 and _literal(module, bindings[0].value, depth + 1)
    if type(value) is Name:
        return value.name.rpartition(".")[2].isupper()
    if type(value) is Call:
        func = module.facts.values[value.func]
        plain = type(func) is Name and (func.name.startswith("builtins.") or func.name.endswith("array"))
        return plain and bool(value.args) and depth < 4 and all(_literal(module, a, depth + 1) for a in value.args)
    items = value.items if type(value) is Seq else value.keys if type(value) is Map else ()
    return bool(items) and depth < 4 and all(i >= 0 and _literal(module, i, depth + 1) for i in items)


class _Serving:
    """Functions and scripts in which a trained model is asked, and nothing is trained."""

    def __init__(self, project: Project) -> None:
        self._project = project
        fits = [f for f in project.models.sites if f.is_model]
        self._training = {(f.path, f.scope) for f in fits}
        self._training_files = {f.path for f in fits}
        reads = {(e.module.path, e.site.value) for e in project.calls("read")}
        self._asking = {  # places that ask a model which comes from a file
            (p.path, p.scope)
            for p in project.models.predictions
            if any((n.path, n.index) in reads for n in project.flow.back(Node(p.path, p.model), passes=lambda s: s.how in _SAME, limit=60))
        }
        loading = {e.module.path for e in (*project.calls("read"), *project.calls("restore")) if loads_model(project, e)}
        self._asking |= {(p.path, 0) for p in project.models.predictions if p.path in loading}  # a script with its functions

    def of(self, event: Event) -> str:
        """Where the call serves, in words; empty when it does not, or not only."""
        path, scope = event.module.path, event.site.scope
        if any(learner in self._training for learner in self._around(path, scope)):
            return ""
        if what := self._answers(path, scope):
            return what
        for calls in self._project.flow.contexts(path, scope, depth=_DEPTH):
            for caller, index in calls:
                site = self._project.flow.steps.files.site(self._project.modules[caller], index)
                if site is not None and (what := self._answers(caller, site.scope)) and (caller, site.scope) not in self._training:
                    return what
        return ""

    def _around(self, path: str, scope: int) -> list[tuple[str, int]]:
        """The function and those that it stands in."""
        found = []
        scopes = self._project.modules[path].facts.scopes
        while scope >= 0:
            found.append((path, scope))
            scope = scopes[scope].parent
        return [one for one in found if one[1] > 0] or found

    def _answers(self, path: str, scope: int) -> str:
        module = self._project.modules[path]
        if module.is_test or is_demonstration(module):
            return ""
        for _, number in self._around(path, scope):
            function = module.facts.scopes[number]
            if function.kind == "function" and (_ANSWERS.fullmatch(function.name) or self._is_route(module, number)):
                return f"in `{function.name}`"
        loaded = (path, scope) in self._asking and path not in self._training_files
        return "where a saved model is loaded and asked" if loaded else ""

    def _is_route(self, module: Module, number: int) -> bool:
        for decorator in module.facts.scopes[number].decorators:
            value = module.facts.values[decorator]
            func = module.facts.values[value.func] if type(value) is Call else None
            if type(func) is Attr and func.name in _ROUTES and type(value) is Call and value.args:
                return True
        return False


def _unsaved(project: Project, loose: list[Preprocessor]) -> Iterator[Finding]:
    """Preprocessors whose output trains a model that is saved, when nothing keeps them."""
    if not loose:
        return
    outputs = {(p.module.path, index): p for p in loose for index in p.outputs}
    saved = _saved(project)
    found: dict[tuple[str, int], tuple[Preprocessor, Fit, Event]] = {}
    for fit in project.models.fits if saved else ():
        if not fit.is_model:
            continue
        learner = {(n.path, n.index) for n in project.models.learner(fit)}
        write = next((event for place, event in saved if place in learner), None)
        if write is None:
            continue
        for node in project.flow.back(fit.nodes(given(project, fit))):
            one = outputs.get((node.path, node.index))
            if one is not None:
                found.setdefault((one.module.path, one.made), (one, fit, write))
    for _, (one, fit, write) in sorted(found.items(), key=lambda item: item[0]):
        site = one.fits[0]
        yield Finding(
            rule="unpersisted-preprocessor",
            location=project.location(one.module, site.span),
            message=f"`{one.name}` is fitted for a model that is saved, and is not saved itself",
            anchor=f"training:{one.name}",
            scope=one.module.qualname(site.scope),
            evidence=(
                project.location(project.modules[fit.path], fit.span, "the model learns from its output"),
                project.location(write.module, write.site.span, "the model is saved"),
            ),
            confidence=0.8,
        )


def _saved(project: Project) -> list[tuple[tuple[str, int], Event]]:
    """The constructors of objects that are written, with the call that writes them."""
    found: list[tuple[tuple[str, int], Event]] = []
    telling = [e for e in project.events.telling if "write" in e.entry.roles]
    for event in (*project.calls("write"), *project.calls("track"), *telling):
        place = event.entry.args.get("object") or event.entry.args.get("model")
        if place is None or event.module.is_test:
            continue
        func = event.module.facts.values[event.call.func]
        index = func.base if place.name == "self" and type(func) is Attr else argument(event.call, place)
        if index is not None:
            found += [((n.path, n.index), event) for n in project.models.identity(Node(event.module.path, index))]
    return found
