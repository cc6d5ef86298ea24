"""MLD720: features that training computes with one piece of code and serving, scoring or monitoring with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project.project import Project
from mldebt.project.skew.twins import Twin, Twins

RULE = "duplicated-featuriser"


def check(project: Project) -> Iterator[Finding]:
    """One finding per file of the training side, with every place that does its work again."""
    groups: dict[str, list[Twin]] = defaultdict(list)
    for twin in Twins(project).all():
        groups[twin.training.path].append(twin)
    for _, twins in sorted(groups.items()):
        yield _finding(project, twins)


def _finding(project: Project, twins: list[Twin]) -> Finding:
    first, *rest = sorted(twins, key=lambda t: (-t.certainty, t.applying.path, t.here))
    rest = [t for t in rest if (t.applying.path, t.here) != (first.applying.path, first.here)]
    evidence: dict[tuple[str, int], Location] = {}
    for twin in twins:
        place = project.location(twin.training, twin.there, f"{_name(twin, True)} in training")
        evidence.setdefault((place.path, place.line), place)
    for twin in rest:
        place = project.location(twin.applying, twin.here, f"{_name(twin, False)}, again")
        evidence.setdefault((place.path, place.line), place)
    places = len({(t.applying.path, t.here) for t in twins})
    more = f"; {places - 1} more place{'s do' if places > 2 else ' does'} so" if places > 1 else ""
    return Finding(
        RULE,
        project.location(first.applying, first.here),
        f"{_said(first)}{more}",
        anchor=" ".join(sorted({first.training.path, *(n for t in twins for n in (t.names or (_name(t, False),)))})),
        evidence=tuple(evidence[key] for key in sorted(evidence)),
        confidence=first.certainty,
        size=places,
        reach=float(places),
    )


def _said(twin: Twin) -> str:
    there = f"training ({twin.training.path})"
    if twin.whole:
        return f"{twin.applying.path} is a copy of {twin.training.path}, which training uses"
    if twin.pair is None:
        names = _listed(twin.names)
        given = f" from {_listed(twin.inputs)}" if twin.inputs else ""
        return f"{_name(twin, False)} computes {names}{given} with code of its own; {there} has another for the same"
    how = "is a copy of the one of" if twin.pair.equal else "has drifted from the one of"
    return f"{_name(twin, False)} {how} {there}"


def _name(twin: Twin, training: bool) -> str:
    module, scope = (twin.training, twin.trained_scope) if training else (twin.applying, twin.scope)
    found = module.facts.scopes[scope]
    if twin.whole:
        return "the file"
    return f"`{found.qualname}`" if found.kind == "function" else "a cell" if module.facts.places else "the script"


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{n}`" for n in names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")
