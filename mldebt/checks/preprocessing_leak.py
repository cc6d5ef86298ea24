"""Scalers, encoders, selectors and statistics that are fitted on rows which a model is later evaluated on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from mldebt.facts.outline import LINE_SHIFT
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.flow.model import Node
from mldebt.project.leakage import Learned
from mldebt.project.leakage.roles import is_unit_test
from mldebt.project.project import Module

_FITTED, _COMPUTED, _WEAK, _UNSCORED, _INNER = 0.85, 0.8, 0.3, 0.7, 0.6
_JOINED, _PASSED_ON = 0.7, 0.6
_SHOWN = 4
_NEAR = 4  # lines that do something


def check(project: Project) -> Iterator[Finding]:
    """Yields preprocessing-leak: one finding for each call that learns, whatever the number of models after it."""
    by_call: dict[tuple[str, int], list[Learned]] = {}
    for learned in project.leakage.learned():
        by_call.setdefault((learned.at.path, learned.at.index), []).append(learned)
    yield from _joined(project, set(by_call))
    for calls in _causes(project, sorted(by_call)):
        path, index = calls[0]
        module = project.modules[path]
        found = [one for call in calls for one in by_call[call]]
        span = project.flow.span(path, index)
        if span is None or is_unit_test(module):
            continue
        names = list(dict.fromkeys(project.leakage.called(*call) for call in calls))
        fitted = project.leakage.is_fit(Node(path, index))
        tail = "rows that the model is later evaluated on" if any(one.trains for one in found) else "the rows of the evaluation alone"
        site = project.flow.steps.files.site(module, index)
        yield Finding(
            rule="preprocessing-leak",
            location=project.location(module, span),
            message=f"{_list(names)} {'is' if len(names) == 1 else 'are'} {'fitted' if fitted else 'computed'} on {tail}",
            anchor=names[0],
            scope=module.qualname(site.scope) if site is not None else "",
            evidence=_evidence(project, found),
            confidence=_WEAK if set(names) in ({"min"}, {"max"}) else max(_confidence(project, one) for one in found),
        )


def _joined(project: Project, reported: set[tuple[str, int]]) -> Iterator[Finding]:
    """Training and test tables that are put together first, where what learns from them is not reported itself."""
    for joined in project.leakage.unions.joined():
        module = project.modules[joined.at.path]
        span = project.flow.span(joined.at.path, joined.at.index)
        site = project.flow.steps.files.site(module, joined.at.index)
        if span is None or site is None or is_unit_test(module) or any((n.path, n.index) in reported for n in joined.learns):
            continue
        places = [(project.modules[n.path], project.flow.span(n.path, n.index), project.leakage.name(n)) for n in joined.learns]
        yield Finding(
            rule="preprocessing-leak",
            location=project.location(module, span),
            message="training and test rows are put together before anything is learned from them",
            anchor=site.target or "union",
            scope=module.qualname(site.scope),
            evidence=tuple(sorted(project.location(m, s, f"`{name}` learns here") for m, s, name in places if s is not None))[:_SHOWN],
            confidence=_JOINED if joined.learns or joined.leaves == "returned" else _PASSED_ON,
        )


def _causes(project: Project, calls: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """The calls by root cause: those of neighbouring lines together, and the statistics of one function."""
    placed = []
    for path, index in calls:
        site = project.flow.steps.files.site(project.modules[path], index)
        if site is not None:
            placed.append((path, site.scope, project.leakage.is_fit(Node(path, index)), site.span, index))
    found: list[list[tuple[str, int]]] = []
    last: tuple[str, int, bool, int] | None = None
    for path, scope, fitted, span, index in sorted(placed):
        line = _code_line(project.modules[path], span.line)
        near = last is not None and last[:3] == (path, scope, fitted) and (line - last[3] <= _NEAR or (scope > 0 and not fitted))
        if near:
            found[-1].append((path, index))
        else:
            found.append([(path, index)])
        last = (path, scope, fitted, line)
    return found


def _code_line(module: Module, line: int) -> int:
    """The number of a line among those that do something: blank lines and comments do not part calls."""
    return bisect_left(module.facts.outline, line << LINE_SHIFT)


def _list(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:3]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


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
