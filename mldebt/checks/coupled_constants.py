"""MLD504: values that must agree and are written down separately."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.constants.committed import beside_defaults, promised
from mldebt.project.constants.counted import loops
from mldebt.project.constants.environment import beside_environment
from mldebt.project.constants.listed import lists
from mldebt.project.constants.model import Coupled, Spot
from mldebt.project.constants.named import beside, twins
from mldebt.project.constants.shared import repeated
from mldebt.project.constants.tuned import pasted
from mldebt.project.project import Project

RULE = "coupled-constants"
_KINDS = (pasted, lists, loops, promised, beside_defaults, beside, twins, repeated, beside_environment)  # the surest first


def check(project: Project) -> Iterator[Finding]:
    """One finding per value, with every place of it; what one kind has told no weaker kind tells again.

    A run or a login that stands in several files is a finding of its own, as hard-coded-environment.
    """
    secret = {(one.location.path, one.location.line) for one in project.environment_literals if one.kind in ("run", "credential")}
    told: set[tuple[str, object]] = set()
    for kind in _KINDS:
        fresh = [(one, {(place.module.path, place.span) for place in one.places}) for one in kind(project)]
        fresh = [(one, places) for one, places in fresh if 2 * len(places - told) > len(places)]
        for one, places in fresh:
            told |= places
            lines = {(path, span.line) for path, span in places}
            if 2 * len(lines & secret) < len(lines):
                yield _finding(project, one)


def _finding(project: Project, coupled: Coupled) -> Finding:
    lines: dict[tuple[str, int], Spot] = {}
    for one in coupled.places:
        lines.setdefault((one.module.path, one.span.line), one)
    first, *others = lines.values()
    return Finding(
        RULE,
        project.location(first.module, first.span),
        coupled.message,
        anchor=f"{coupled.kind} {coupled.anchor}",
        scope=first.module.qualname(first.scope),
        evidence=tuple(project.location(one.module, one.span, one.note or "the same value") for one in others),
        confidence=coupled.confidence,
        size=len(lines),
    )
