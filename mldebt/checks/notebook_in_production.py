"""Notebooks that jobs, containers and services depend on (Sculley et al., section 5: prototypes)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.notebook_runs import NotebookRun, NotebookRuns

_SAYS = {
    "command": "a step runs {notebook}",
    "task": "a task runs {notebook}",
    "call": "code runs {notebook}",
    "import": "{notebook}, which stands in a folder of prototypes, is imported",
    "model": "only a notebook saves {notebook}, which is loaded here",
}


def check(project: Project) -> Iterator[Finding]:
    """Yields notebook-in-production, one finding for each notebook and way in which it is used."""
    groups: dict[tuple[str, str], list[NotebookRun]] = {}
    for run in NotebookRuns(project).all():
        if run.kind == "import":
            group = run.notebook
        else:
            group = run.location.path if run.where is None else run.where.path
        groups.setdefault((run.kind, group), []).append(run)
    for runs in groups.values():
        yield _finding(sorted(runs, key=lambda run: (-run.confidence, run.location)))


def _finding(runs: list[NotebookRun]) -> Finding:
    first = runs[0]
    path = first.location.path
    notebooks = sorted({run.notebook for run in runs if run.notebook})
    named = f"`{notebooks[0]}`" + (f" and {len(notebooks) - 1} more" if len(notebooks) > 1 else "") if notebooks else _given(first)
    places = [msgspec.structs.replace(run.location, message=f"`{run.notebook}`" if run.notebook else _given(run)) for run in runs[1:]]
    return Finding(
        rule="notebook-in-production",
        location=first.location,
        message=_SAYS[first.kind].format(notebook=named),
        anchor=f"{first.kind} {' '.join(notebooks) or path}",
        evidence=(*((first.where,) if first.where is not None else ()), *dict.fromkeys(places)),
        confidence=first.confidence,
        size=len(runs),
    )


def _given(run: NotebookRun) -> str:
    return f"the notebook that `{run.parameter}` names" if run.parameter else "a notebook that is given from outside"
