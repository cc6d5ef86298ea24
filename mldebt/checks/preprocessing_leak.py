"""Scalers, encoders, selectors and statistics that are fitted on rows which a model is later evaluated on."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.flow.model import Node
from mldebt.project.leakage import Learned
from mldebt.project.leakage.roles import is_unit_test

_FITTED, _COMPUTED, _WEAK, _UNSCORED, _INNER = 0.85, 0.8, 0.3, 0.7, 0.6
_SHOWN = 4


def check(project: Project) -> Iterator[Finding]:
    """Yields preprocessing-leak: one finding for each call that learns, whatever the number of models after it."""
    by_call: dict[tuple[str, int], list[Learned]] = {}
    for learned in project.leakage.learned():
        by_call.setdefault((learned.at.path, learned.at.index), []).append(learned)
    for (path, index), found in sorted(by_call.items()):
        module = project.modules[path]
        span = project.flow.span(path, index)
        if span is None or is_unit_test(module):
            continue
        what = project.leakage.name(Node(path, index))
        trains = any(one.trains for one in found)
        tail = "rows that the model is later evaluated on" if trains else "the rows of the evaluation alone"
        site = project.flow.steps.files.site(module, index)
        yield Finding(
            rule="preprocessing-leak",
            location=project.location(module, span),
            message=f"`{what}` is {'fitted' if project.leakage.is_fit(Node(path, index)) else 'computed'} on {tail}",
            anchor=what,
            scope=module.qualname(site.scope) if site is not None else "",
            evidence=_evidence(project, found),
            confidence=max(_confidence(project, one) for one in found),
            size=1,
        )


def _confidence(project: Project, learned: Learned) -> float:
    leakage = project.leakage
    fitted = leakage.is_fit(learned.at)
    if leakage.is_weak(learned.at) or not (fitted or learned.trains):
        return _WEAK
    sure = _FITTED if fitted else _COMPUTED
    use = learned.pair.evaluation.use
    if (use.path, use.value) not in leakage.measured:
        sure = min(sure, _UNSCORED)
    if leakage.is_inner(learned.pair.evaluation):
        sure = min(sure, _INNER)
    return sure


def _evidence(project: Project, found: list[Learned]) -> tuple[Location, ...]:
    """The fits and evaluations that depend on the call."""
    places: dict[Location, None] = {}
    for one in found:
        for placed, role in ((one.pair.fit, "is trained here"), (one.pair.evaluation, "is evaluated here")):
            message = f"`{placed.use.label}` {role}"
            places[project.location(project.modules[placed.use.path], placed.use.site.span, message)] = None
    return tuple(sorted(places))[:_SHOWN]
