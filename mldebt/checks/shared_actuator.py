"""Models of different parts of a project that act on the same thing outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.feedback.loops import Loops
from mldebt.project.feedback.model import WorldSite
from mldebt.project.roles import is_demonstration


def check(project: Project) -> Iterator[Finding]:
    """Yields shared-world-actuator, one finding for each entity that predictions of several folders change."""
    loops = Loops(project)
    groups: dict[str, dict[str, WorldSite]] = defaultdict(dict)
    bodies: set[str] = set()
    for act in loops.acts:
        module = project.modules[act.path]
        body = module.facts.scopes[act.scope].digest
        if body not in bodies and not is_demonstration(module) and loops.follows_a_prediction(act):
            bodies |= {body} - {""}  # a copy is the same actor twice
            groups[act.entity].setdefault(act.path.rpartition("/")[0], act)
    for entity, by_folder in sorted(groups.items()):
        acts = [by_folder[folder] for folder in sorted(by_folder)]
        if len(acts) < 2:
            continue
        first = project.modules[acts[0].path]
        yield Finding(
            rule="shared-world-actuator",
            location=project.location(first, acts[0].span),
            message=f"predictions of {len(acts)} parts of the project change {entity}",
            anchor=entity,
            evidence=tuple(project.location(project.modules[a.path], a.span, "changes it too") for a in acts[1:]),
            confidence=0.6,
            size=len(acts),
        )
