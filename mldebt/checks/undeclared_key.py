"""MLD502: keys that are read without a default from a configuration file that lacks them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding
from mldebt.project.project import Project
from mldebt.project.settings.graph import Missing
from mldebt.project.settings.steps import Step, steps

_NAMED = 3
_SHOWN = 24


def check(project: Project) -> Iterator[Finding]:
    """One finding for the files that lack the same keys, and for each step that is not passed what it reads."""
    for step in steps(project):
        yield _not_passed(project, step)
    if project.partial:
        return
    for missing in project.settings.missing():
        yield _lacking(project, missing)


def _lacking(project: Project, missing: Missing) -> Finding:
    paths = [file.module.path for file in missing.files]
    names = [".".join(keys) for keys, _ in missing.reads]
    shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    files = f"`{paths[0]}`" if len(paths) == 1 else f"`{paths[0]}` and {len(paths) - 1} more {'file' if len(paths) == 2 else 'files'}"
    read, them = ("is read", "it") if len(names) == 1 else ("are read", "them")
    lack = f"{'does' if len(paths) == 1 else 'do'} not set {them}"
    where = [
        project.location(read.module, read.span, f"`{name}` is read here") for name, (_, read) in zip(names, missing.reads, strict=True)
    ]
    stale = (project.location(f.module, Span(1, 1, 1, 1), "this configuration lacks what is read") for f in missing.files[:_SHOWN])
    return Finding(
        "undeclared-config-key",
        where[0],
        f"{shown}{more} {read} without a default, and {files} {lack}",
        anchor=" ".join(sorted(paths)),
        evidence=(*stale, *where[1:_SHOWN]),
        confidence=0.85 if missing.named else 0.75,
        size=len(names),
        parts=tuple(names),
    )


def _not_passed(project: Project, step: Step) -> Finding:
    names = sorted({name for name, _ in step.reads})
    shown = ", ".join(f"`{name}`" for name in names)
    first, *others = (project.location(step.module, span, f"`{name}` is read here") for name, span in step.reads)
    declared = project.location(step.module, step.declared, "the environment that the step is passed")
    return Finding(
        "undeclared-config-key",
        first,
        f"the step `{step.scope.name}` reads {shown} from the environment, which its declaration does not pass on",
        anchor="environment",
        scope=step.scope.qualname,
        evidence=(declared, *others[:_SHOWN]),
        confidence=0.85,
        size=len(names),
        parts=tuple(names),
        help="Pass the variable on beside the others, or read it in the code that starts the step.",
    )
