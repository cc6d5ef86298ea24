"""Preprocessors that are fitted on the very rows that a model is asked about, and not on those that it learned from."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from mldebt.facts.model import Call
from mldebt.project.events import Event
from mldebt.project.flow import Node
from mldebt.project.models.model import Fit, Prediction
from mldebt.project.project import Project

_LIMIT = 300  # nodes of one slice: what is far away is not what the model is asked about
_STEPS = frozenset({"value", "part", "element", "argument", "parameter", "return"})

Place = tuple[str, int]


class Refit(msgspec.Struct, frozen=True):
    """A call that fits and transforms what `prediction` is asked about."""

    event: Event
    prediction: Prediction


def given(project: Project, fit: Fit) -> tuple[int, ...]:
    """What a fit is called with, and the features and labels that it gets otherwise."""
    call = project.modules[fit.path].facts.values[fit.value]
    passed = (*call.args, *(value for _, value in call.keywords)) if type(call) is Call else ()
    return tuple(dict.fromkeys((*passed, *fit.features, *fit.labels)))


def refits(project: Project, events: Collection[Event], makers: dict[Place, int]) -> list[Refit]:
    """Every such call once, in path and text order; `makers` are the constructors of what the calls fit.

    The same object is fitted for the training too.
    """
    fitting = {(e.module.path, e.site.value): e for e in events if "transform" in e.entry.roles}
    fits = [f for f in project.models.sites if f.is_model and not project.modules[f.path].is_test] if fitting else []
    learned: dict[Place, frozenset[Place]] = {}
    found: dict[Place, Refit] = {}
    for prediction in project.models.predictions if fitting else ():
        if project.modules[prediction.path].is_test or prediction.embeds:
            continue
        hits = _fitted(project, prediction.path, prediction.features, fitting)
        if not hits:
            continue
        own = [f for f in fits if f.path == prediction.path]
        for fit in own:
            if (fit.path, fit.value) not in learned:
                learned[fit.path, fit.value] = _fitted(project, fit.path, given(project, fit), fitting)
        trained = frozenset().union(*(learned[f.path, f.value] for f in own))
        same = {(path, makers[path, index]) for path, index in trained}
        for place in sorted(hits - trained):
            if makers[place] >= 0 and (place[0], makers[place]) in same:
                found.setdefault(place, Refit(fitting[place], prediction))
    return [found[key] for key in sorted(found, key=lambda k: (k[0], fitting[k].site.span))]


def _fitted(project: Project, path: str, starts: Collection[int], fitting: dict[Place, Event]) -> frozenset[Place]:
    """The fitting calls that values are directly made of."""
    nodes = [Node(path, index) for index in starts]
    found = project.flow.back(
        nodes, until=lambda node: (node.path, node.index) in fitting, passes=lambda step: step.how in _STEPS, limit=_LIMIT
    )
    return frozenset((n.path, n.index) for n in found if (n.path, n.index) in fitting)
