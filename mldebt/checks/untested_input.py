"""Data that reaches a model without a check of what is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.training_inputs import TrainingRead, is_live, training_reads
from mldebt.project.validation import Validation

_SHOWN = 6


def check(project: Project) -> Iterator[Finding]:
    """Yields untested-training-input, one finding for each file that brings data in."""
    if project.partial or not project.models.predictions and not project.models.sites:
        return
    validation = Validation(project)
    groups: dict[str, list[TrainingRead]] = defaultdict(list)
    for read in training_reads(project):
        if is_live(read):
            groups[read.access.place.path].append(read)
    if not groups or validation.is_practised:
        return
    for _, reads in sorted(groups.items()):
        unchecked = [read for read in reads if not validation.checks_data(read.files)]
        if unchecked:
            yield _finding(project, unchecked)


def _finding(project: Project, reads: list[TrainingRead]) -> Finding:
    """The first read, with the others and the fits that they reach."""
    reads = sorted(reads, key=lambda read: (read.access.place, read.fit.path, read.fit.span))
    first = reads[0]
    assert first.access.identity is not None
    fit = project.modules[first.fit.path]
    model = project.models.name(project.models.learner(first.fit), first.fit.api.partition(".")[0])
    fits = {(r.fit.path, r.fit.span): project.location(project.modules[r.fit.path], r.fit.span, "learns from it") for r in reads}
    places = {r.access.place: project.place(r.access.place, "read here") for r in reads if r.access.place != first.access.place}
    learned = fits.pop((first.fit.path, first.fit.span))
    return Finding(
        rule="untested-training-input",
        location=project.place(first.access.place),
        message=f"`{label(first.access.identity)}` reaches `{model}` in {fit.path} without a schema or sanity check",
        anchor=label(first.access.identity),
        scope=first.access.scope,
        evidence=(learned, *[places[k] for k in sorted(places)][:_SHOWN], *[fits[k] for k in sorted(fits)][:_SHOWN]),
        confidence=0.7,
    )
