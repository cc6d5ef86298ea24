"""Configuration that is read key by key without a schema, and settings that are evaluated as code and kept as text when that fails."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.evaluated_settings import Evaluated, evaluated_settings
from mldebt.project.unvalidated import Configurations, Unvalidated

RULE = "unvalidated-config"
_EVIDENCE = 12


def check(project: Project) -> Iterator[Finding]:
    """Yields unvalidated-config, one for each configuration and one for each function that evaluates settings."""
    if project.partial:
        return
    for one in Configurations(project).unvalidated():
        yield _loaded(project, one)
    for found in evaluated_settings(project):
        yield _evaluated(project, found)


def _loaded(project: Project, one: Unvalidated) -> Finding:
    files = len({r.module.path for r in one.reads})
    what = f"`{one.file}`" if one.file else f"what `{one.site.target}` holds" if one.site.target else "what is loaded here"
    where = "this file" if files == 1 and one.reads[0].module is one.module else f"{files} file{'' if files == 1 else 's'}"
    return Finding(
        rule=RULE,
        location=project.location(one.module, one.site.span),
        message=f"{what} is read by its keys in {len(one.reads)} places of {where}, and nothing says which keys and values are allowed",
        anchor=f"{one.file or one.site.target} in {one.module.qualname(one.site.scope)}",
        scope=one.module.qualname(one.site.scope),
        evidence=tuple(project.location(r.module, r.span, f"`{'.'.join(r.keys)}`") for r in one.reads[:_EVIDENCE]),
        confidence=0.8,
        size=len(one.reads),
    )


def _evaluated(project: Project, one: Evaluated) -> Finding:
    count = len(one.calls)
    return Finding(
        rule=RULE,
        location=project.location(one.module, one.scope.span),
        message=f"`{one.scope.name}` runs settings through `{one.evaluator}` and keeps as text what fails: a typing error becomes a value",
        anchor=f"{one.scope.qualname} evaluates",
        scope=one.scope.qualname,
        evidence=tuple(project.location(m, s.span, "a setting is evaluated") for m, s in one.calls[:_EVIDENCE]),
        confidence=0.85 if one.runs_code else 0.6,
        size=count,
        help="Write numbers and lists as such in the configuration, and let a schema refuse what is neither.",
    )
