"""Models that go on from a stored earlier state of themselves at every run (Sculley et al., section 2; DEFINITIONS 6.2, MLD110)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Place
from mldebt.project.flow import Node
from mldebt.project.roles import is_demonstration


def check(project: Project) -> Iterator[Finding]:
    """Yields warm-start-chain: fits whose first state is read from a file, one finding for each place."""
    files = project.flow.steps.files
    trained = {(fit.path, fit.value) for fit in project.models.sites}
    seen: set[tuple[str, int]] = set()
    for fit in project.models.fits:
        if not fit.init or (fit.path, fit.value) in seen or is_demonstration(project.modules[fit.path]):
            continue
        reads = [
            n
            for n in project.flow.back(fit.nodes(fit.init), until=lambda node: node[:2] in trained, limit=200)
            if files.access(n) is not None
        ]
        if not reads:
            continue
        seen.add((fit.path, fit.value))
        written = any(files.edges(node) for node in reads)
        places = [_place(project, node) for node in reads]
        yield Finding(
            rule="warm-start-chain",
            location=project.place(Place(fit.path, fit.span)),
            message=f"`{project.models.name(project.models.learner(fit), fit.api)}` goes on from a stored model at every run",
            anchor=fit.api,
            scope=project.modules[fit.path].qualname(fit.scope),
            evidence=tuple(project.place(place, "the earlier state is read here") for place in places if place is not None)[:8],
            confidence=0.9 if written else 0.7,
        )


def _place(project: Project, node: Node) -> Place | None:
    span = project.flow.span(node.path, node.index)
    return None if span is None else Place(node.path, span)
