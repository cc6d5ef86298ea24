"""Models, rounds and registry entries that are chosen by the rows which also give the reported result."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.leakage import Chosen
from mldebt.project.leakage.roles import is_unit_test

_PROMOTED, _BEST, _STOPPED = 0.9, 0.8, 0.75


def check(project: Project) -> Iterator[Finding]:
    """Yields multi-use-test-set, one for each place where something is chosen."""
    selection = project.leakage.selection
    done: set[tuple[str, int]] = set()
    for found, confidence, message in (
        (selection.promoted(), _PROMOTED, "the model to register is chosen by a metric of the test set"),
        (selection.best_so_far(), _BEST, "the best model is chosen by its score on the test set"),
        (selection.stopped(), _STOPPED, "training stops on the rows on which alone the model is scored"),
    ):
        for chosen in found:
            module = project.modules[chosen.at.path]
            span = project.flow.span(chosen.at.path, chosen.at.index) or _span_of_test(project, chosen)
            if span is None or (chosen.at.path, chosen.at.index) in done or is_unit_test(module):
                continue
            done.add((chosen.at.path, chosen.at.index))
            site = project.flow.steps.files.site(module, chosen.at.index)
            yield Finding(
                rule="multi-use-test-set",
                location=project.location(module, span),
                message=message,
                anchor=chosen.what,
                scope=module.qualname(site.scope) if site is not None else "",
                evidence=_evidence(project, chosen),
                confidence=confidence,
            )


def _span_of_test(project: Project, chosen: Chosen) -> Span | None:
    """The place of a condition."""
    guards = project.modules[chosen.at.path].facts.guards
    return next((g.span for g in guards if g.test == chosen.at.index), None)


def _evidence(project: Project, chosen: Chosen) -> tuple[Location, ...]:
    found = []
    for placed, role in ((chosen.fit, "is trained here"), (chosen.evaluation, "is evaluated here")):
        if placed is not None:
            found.append(project.location(project.modules[placed.use.path], placed.use.site.span, f"`{placed.use.label}` {role}"))
    return tuple(found)
