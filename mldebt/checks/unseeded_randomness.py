"""Random draws that decide a split, a search or a model, and that no seed makes repeatable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Call, Const, Elem, Name
from mldebt.findings import Finding, Location
from mldebt.project import Module, Project
from mldebt.project.conditions import Conditions
from mldebt.project.drawn import SEEDS, by_turns, seeded_by
from mldebt.project.events import Event
from mldebt.project.roles import is_demonstration, is_drawing, is_own_demonstration
from mldebt.sources.model import Role

_MADE = frozenset({"estimator", "search", "splitter", "transformer", "resampler", "dataloader", "sampler", "gensim-model"})
_PICKS = frozenset({"shuffle", "permutation", "permuted", "choice", "choices", "sample", "randperm", "random_shuffle", "list_files"})
_HELD_BACK = re.compile(r"(^|_)(te?st|val(id(ation)?)?|eval(uation)?|dev|infer(ence)?|pred(ict)?)", re.IGNORECASE)
_ASKING = re.compile(r"(^|_)(eval\w*|valid\w*|test|infer(ence)?|predict(ions?)?|scor(e|ing))(_|$)")
_LEARNING = ("train", "split", "search", "resample")
_LEARNS = frozenset({"fit", "fit_transform", "partial_fit", "train"})

Place = tuple[str, int]


def check(project: Project) -> Iterator[Finding]:
    """Yields unseeded-randomness; tests and examples stay silent, and what may be seeded counts as seeded."""
    conditions = Conditions(project)
    seeds = project.seeds
    where = _Where(project)
    events: dict[Place, Event] = {}
    for event in (*project.calls("random"), *by_turns(project, "random")):  # of several classes at one place the first
        shown = is_demonstration(event.module) or is_own_demonstration(project, event.module, event.site)
        if not shown and conditions.holds(event) is True:
            events.setdefault(_place(event), event)
    loose = {place for place, e in events.items() if not seeds.covers(e) and not _own_seed(conditions, e)}
    inner = set(_seeded_from_outside(project))
    inner |= {(e.module.path, seed) for e in events.values() if (seed := conditions.passed(e, "seed")) is not None}
    for place, event in sorted(events.items(), key=lambda item: item[0]):
        drawn = (event.module.path, conditions.passed(event, "seed"))
        if place in inner or not (place in loose or drawn in loose):
            continue
        what, confidence = where.decides(event)
        if what:
            yield Finding(
                rule="unseeded-randomness",
                location=project.location(event.module, event.site.span),
                message=f"`{event.name}` {what} {_how(event, drawn in loose)}",
                anchor=event.name,
                scope=event.module.qualname(event.site.scope),
                confidence=confidence,
            )
    yield from _seeded_at_random(project, where, events, loose)


def _seeded_at_random(project: Project, where: _Where, events: dict[Place, Event], loose: set[Place]) -> Iterator[Finding]:
    """Draws without a seed that seed something which is no draw by the catalogue: one finding for each function."""
    found: dict[Place, list[tuple[Event, Location]]] = {}
    for module, site, name, index in seeded_by(project, loose):
        draw = events[module.path, index]
        if (module.path, site.value) not in events and where.learns(module, site.scope):
            found.setdefault((module.path, draw.site.scope), []).append((draw, project.location(module, site.span, f"`{name}` gets it")))
    for uses in found.values():
        draw = uses[0][0]
        yield Finding(
            rule="unseeded-randomness",
            location=project.location(draw.module, draw.site.span),
            message=f"`{draw.name}` draws the seed of what a model learns from without a seed of its own",
            anchor=f"seed {draw.name}",
            scope=draw.module.qualname(draw.site.scope),
            evidence=tuple(location for _, location in uses[:8]),
            confidence=0.85,
            size=len(uses),
        )


def _how(event: Event, drawn: bool) -> str:
    if drawn:
        return "with a seed that is itself drawn at random"
    return "in several threads, which no seed puts in order" if "workers" in event.entry.when else "without a seed"


def _place(event: Event) -> Place:
    return event.module.path, event.site.value


def _own_seed(conditions: Conditions, event: Event) -> bool:
    """Whether the call passes a seed of its own, or may pass one that is not written out."""
    if conditions.unresolved(event):
        return True
    for name in event.entry.args:
        passed = conditions.passed(event, name) if name == "seed" or name.endswith("_seed") else None
        if passed is not None:
            value = event.module.facts.values[passed]
            if not (type(value) is Const and value.value is None):
                return True
    return False


def _seeded_from_outside(project: Project) -> Iterator[Place]:
    """Values that are passed to a call beside a seed: a seeded ensemble seeds its members, only a search does not."""
    searches = {_place(event) for event in project.calls("search")}
    for module in project.python:
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            if (module.path, site.value) in searches or type(call) is not Call:
                continue
            if any(name in SEEDS for name, _ in call.keywords):
                for value in (*call.args, *(v for name, v in call.keywords if name not in SEEDS)):
                    yield module.path, value


class _Where:
    """Where models are made, and so what a draw decides."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._uses: dict[str, dict[int, list[str]]] = {}
        learning = [e for role in _LEARNING for e in project.calls(role)]
        self._functions = {(e.module.path, e.site.scope) for e in learning}
        self._functions |= {(module.path, site.scope) for module, site, _ in project.called.get("fit", ())}
        self._classes = {(m.path, scope.parent) for m, scope in project.scopes("function") if scope.name in _LEARNS and scope.parent > 0}

    def decides(self, event: Event) -> tuple[str, float]:
        """What the draw decides, in words, and how sure that is; empty when it need not reach a split, a search or a model."""
        roles = event.entry.roles
        if is_drawing(event.module, event.site):
            return "", 0.0
        if "split" in roles:
            return "splits the data", 0.9
        if "search" in roles or "space" in event.entry.args:
            return "searches", 0.9
        made = self._project.catalogue.classes.get(event.name)
        if made is not None and made.kind == "dataloader" and _HELD_BACK.search(event.site.target):
            return "", 0.0  # the order of rows that nothing learns from
        picks = event.name.rpartition(".")[2] in _PICKS
        if (picks or (made is not None and made.kind == "dataloader")) and self._asks(event):
            return "", 0.0  # a model that is trained is asked about these rows
        if "convex" in roles:
            return "feeds a model", 0.45
        if "train" in roles or "resample" in roles or (made is not None and made.kind in _MADE):
            return "feeds a model", 0.85
        if picks and self.learns(event.module, event.site.scope):
            return "picks what a model learns from", 0.8
        return "", 0.0

    def _asks(self, event: Event) -> bool:
        """Whether what is drawn only goes to calls that ask a model, or stands in a function or a file that does nothing else."""
        module, site = event.module, event.site
        function = module.qualname(site.scope).rpartition(".")[2].lower()
        if "train" in function or "fit" in function:
            return False
        if module.path not in self._uses:
            self._uses[module.path] = _given(module)
        names = self._uses[module.path].get(site.value, ())
        if names and all(_ASKING.search(name.lower()) and "train" not in name for name in names):
            return True
        named = module.path.rpartition("/")[2].partition(".")[0].lower()
        return not {"train", "split"} & set(re.split(r"[_\W]", named)) and (
            (_ASKING.search(function) or _ASKING.search(named)) is not None and module.path not in self._trained
        )

    @cached_property
    def _trained(self) -> frozenset[str]:
        """Files in which a model learns."""
        return frozenset(fit.path for fit in self._project.models.sites if fit.is_model)

    def learns(self, module: Module, scope: int) -> bool:
        """Whether the function trains or splits, or is a method of a class that can be fitted. Notebooks explore: never."""
        if module.source.role in (Role.LEGACY, Role.NOTEBOOK):
            return False
        return (module.path, scope) in self._functions or (module.path, module.facts.scopes[scope].parent) in self._classes


def _given(module: Module) -> dict[int, list[str]]:
    """By value, the names of the calls that get it; an empty one where a loop goes over it."""
    found: dict[int, list[str]] = defaultdict(list)
    values = module.facts.values
    for _, call, func in module.calls:
        name = func.name.rpartition(".")[2] if type(func) is Name or type(func) is Attr else ""
        for value in {*call.args, *(given for _, given in call.keywords)}:
            found[value].append(name)
    for index in module.of_kind(Elem):
        element = values[index]
        if type(element) is Elem:
            found[element.of].append("")
    return found
