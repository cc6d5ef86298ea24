"""What a model changes in the world, and what learns from it or decides by it next time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.feedback.loops import Loops
from mldebt.project.feedback.model import Loop


def check(project: Project) -> Iterator[Finding]:
    """Yields actuated-label-source for every loop, no-uninfluenced-holdout for those in which nothing is left to chance."""
    least = project.thresholds.least_confidence
    groups: dict[tuple[object, ...], list[Loop]] = defaultdict(list)
    for loop in Loops(project).found():
        if loop.confidence >= least:
            groups[loop.act.path, loop.act.span, loop.observed.path, loop.observed.span].append(loop)
    alone: set[str] = set()
    for loops in groups.values():
        surest = max(loops, key=lambda loop: loop.confidence)
        yield _loop(project, surest, loops)
        if not any(loop.held_out for loop in loops) and surest.act.entity not in alone:
            alone.add(surest.act.entity)
            yield _uninfluenced(project, surest)


def _loop(project: Project, loop: Loop, same: list[Loop]) -> Finding:
    """One finding for the two ends in the world, whatever number of models learns from it."""
    act, seen = loop.act, loop.observed
    acting, seeing = project.modules[act.path], project.modules[seen.path]
    acts = project.location(acting, act.span, "acts")
    there = project.location(seeing, seen.span, "reads it back")
    models = [
        project.location(project.modules[x.path], x.at, "learns from it" if x.how == "training" else "is asked with it") for x in same
    ]
    fed = loop.fed if loop.fed is not None and (loop.fed.path, loop.fed.span) != (loop.path, loop.at) else None
    decides = [] if fed is None else [project.location(project.modules[fed.path], fed.span, "predicts what is done")]
    own = seen.entity.startswith("own.")
    if own:
        message = f"`{seen.api}` keeps what `{act.api}` at {acts.path}:{acts.line} did, and is input of the model that decides"
    elif loop.how == "training":
        message = f"sets {act.entity} by predictions; {there.path}:{there.line} reads {seen.entity} back to train"
    else:
        message = f"changes {act.entity} by predictions; {there.path}:{there.line} reads {seen.entity} as input of the next one"
    return Finding(
        rule="actuated-label-source",
        location=msgspec.structs.replace(there if own else acts, message=""),
        message=message,
        anchor=f"{act.entity} {seen.path}",
        scope=(seeing if own else acting).qualname((seen if own else act).scope),
        evidence=(acts if own else there, *sorted(models), *decides),
        confidence=loop.confidence,
        size=len(models),
    )


def _uninfluenced(project: Project, loop: Loop) -> Finding:
    acting = project.modules[loop.act.path]
    return Finding(
        rule="no-uninfluenced-holdout",
        location=project.location(acting, loop.act.span),
        message=f"no random hold-out and no filter by actor was found for the loop through {loop.act.entity}",
        anchor=loop.act.entity,
        scope=acting.qualname(loop.act.scope),
        evidence=(project.location(project.modules[loop.observed.path], loop.observed.span, "reads all of it back"),),
        confidence=round(loop.confidence * 0.9, 3),
    )
