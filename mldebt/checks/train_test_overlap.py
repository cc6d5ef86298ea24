"""Rows that a model is trained on and evaluated on, as they are or as near copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.leakage import Placed, Shared
from mldebt.project.leakage.roles import is_unit_test

_COPIED, _UNSCORED = 0.9, 0.75


def check(project: Project) -> Iterator[Finding]:
    """Yields train-test-overlap: one for each call that copies rows before the split, and for fits whose every evaluation overlaps."""
    copies: dict[tuple[str, int], list[Shared]] = defaultdict(list)
    overlapping: dict[Placed, list[Shared]] = defaultdict(list)
    for shared in project.leakage.shared():
        if shared.at is not None:
            copies[shared.at.path, shared.at.index].append(shared)
        else:
            overlapping[shared.pair.fit].append(shared)
    for (path, index), found in sorted(copies.items()):
        if not is_unit_test(project.modules[path]):
            what = project.leakage.called(path, index)
            scored = any(project.leakage.is_measured(s.pair.evaluation) for s in found)
            message = f"`{what}` makes rows from others before they are split: training and evaluation share them"
            yield from _finding(project, path, index, what, message, found, _COPIED if scored else _UNSCORED)
    evaluations: dict[Placed, set[Placed]] = defaultdict(set)
    for pair in project.leakage.pairs:
        if project.leakage.is_measured(pair.evaluation):
            evaluations[pair.fit].add(pair.evaluation)
    done: set[tuple[str, int]] = set()
    for fit, found in overlapping.items():
        key = (fit.use.path, fit.use.value)
        measured = [s for s in found if s.pair.evaluation in evaluations[fit]]
        if (
            not measured
            or len(measured) < len(evaluations[fit])
            or key in done
            or project.leakage.watches(fit)
            or is_unit_test(project.modules[fit.use.path])
        ):
            continue
        done.add(key)
        message = f"every evaluation of this model is on rows that `{fit.use.label}` learned from"
        confidence = max(project.leakage.certainty(s) for s in measured)
        yield from _finding(project, fit.use.path, fit.use.value, fit.use.label, message, measured, confidence)


def _finding(project: Project, path: str, index: int, what: str, message: str, found: list[Shared], confidence: float) -> Iterator[Finding]:
    module = project.modules[path]
    span = project.flow.span(path, index)
    site = project.flow.steps.files.site(module, index)
    if span is None:
        return
    places: dict[Location, None] = {}
    for shared in found:
        for placed, role in ((shared.pair.fit, "is trained here"), (shared.pair.evaluation, "is evaluated here")):
            note = f"`{placed.use.label}` {role}"
            places[project.location(project.modules[placed.use.path], placed.use.site.span, note)] = None
    yield Finding(
        rule="train-test-overlap",
        location=project.location(module, span),
        message=message,
        anchor=what,
        scope=module.qualname(site.scope) if site is not None else "",
        evidence=tuple(sorted(places))[:4],
        confidence=confidence,
    )
