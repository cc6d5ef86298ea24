"""What a model changes in the world, and what learns from it or decides by it next time."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.feedback.loops import Loops
from mldebt.project.feedback.model import Loop


def check(project: Project) -> Iterator[Finding]:
    """Yields actuated-label-source for every loop, no-uninfluenced-holdout for those in which nothing is left to chance."""
    least = project.thresholds.least_confidence
    alone: set[str] = set()
    for loop in Loops(project).found():
        if loop.confidence < least:
            continue
        yield _loop(project, loop)
        if not loop.held_out and loop.act.entity not in alone:
            alone.add(loop.act.entity)
            yield _uninfluenced(project, loop)


def _loop(project: Project, loop: Loop) -> Finding:
    act, seen = loop.act, loop.observed
    acting, seeing, learning = (project.modules[path] for path in (act.path, seen.path, loop.path))
    there = project.location(seeing, seen.span, "reads it back")
    here = project.location(learning, loop.at, "learns from it" if loop.how == "training" else "is asked with it")
    entity = act.entity if len(act.entity) >= len(seen.entity) else seen.entity
    if seen.entity.startswith("own."):
        message = f"`{seen.api}` records what `{act.api}` did, and is read at {there.path}:{there.line} as input of the model that decides"
    elif loop.how == "training":
        message = f"sets {entity} from predictions; {there.path}:{there.line} reads it back to train"
    else:
        message = f"changes {act.entity} by predictions; {there.path}:{there.line} reads {seen.entity} as input of the next one"
    evidence = [there, here]
    if loop.fed is not None and (loop.fed.path, loop.fed.span) != (loop.path, loop.at):
        evidence.append(project.location(project.modules[loop.fed.path], loop.fed.span, "predicts what is done"))
    own = seen.entity.startswith("own.")
    return Finding(
        rule="actuated-label-source",
        location=there if own else project.location(acting, act.span),
        message=message,
        anchor=f"{act.entity} {loop.path}",
        scope=(seeing if own else acting).qualname((seen if own else act).scope),
        evidence=tuple([project.location(acting, act.span, "acts"), here] if own else evidence),
        confidence=loop.confidence,
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
