"""Predictions that are carried out in the world one by one, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.feedback.loops import Loops
from mldebt.project.feedback.model import WorldSite
from mldebt.project.lessons import Lessons
from mldebt.project.limits import is_bounded


def check(project: Project) -> Iterator[Finding]:
    """Yields missing-action-limit, one finding for each file that acts."""
    if project.partial or not project.calls("act") and not project.events.telling and not project.catalogue.world.addresses:
        return
    loops, lessons = Loops(project), Lessons(project)
    groups: dict[str, list[WorldSite]] = defaultdict(list)
    for act in loops.acts:
        if lessons.is_kept(project.modules[act.path]) and loops.follows_a_prediction(act) and not is_bounded(project, act):
            groups[act.path].append(act)
    for path, acts in sorted(groups.items()):
        module = project.modules[path]
        yield Finding(
            rule="missing-action-limit",
            location=project.location(module, acts[0].span),
            message=f"`{acts[0].api}` changes `{acts[0].entity}` at every prediction, without a limit",
            anchor=acts[0].entity,
            scope=module.qualname(acts[0].scope),
            evidence=tuple(project.location(module, act.span, "changes it too") for act in acts[1:]),
            confidence=0.6,
            size=len(acts),
        )
