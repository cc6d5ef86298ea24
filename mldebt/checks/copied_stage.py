"""MLD415: scripts, notebooks, functions and assembly blocks of a pipeline that stand in several places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.checks import forked_experiment
from mldebt.facts.model import Call, Const, Span
from mldebt.findings import Finding, Location
from mldebt.project.copies import Family, Member, families
from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

RULE = "copied-stage"
_LEAST = 6  # equal lines
_ACTING = 5  # shared lines that call or read something
_ACTING_SHARE = 0.4  # of the shared lines: less is a listing
_ELSEWHERE = re.compile(
    r"(^|/)(_?vendor(ed)?|third[_-]?party|external|site-packages|node_modules|migrations|alembic|locales?)/"
    r"|(_pb2(_grpc)?|(^|/)(__init__|setup|conftest|versioneer|_version))\.py$|\{\{|cookiecutter",
    re.IGNORECASE,
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per family of copies that do the work of a pipeline."""
    modules = [m for m in project.python if _compared(project, m)]
    options = _options(project)
    forks = [{f.location.path, *(e.path for e in f.evidence)} for f in forked_experiment.check(project)]
    for family in families(modules, _LEAST):
        if _is_stage(family, options) and not any({m.module.path for m in family.members} <= fork for fork in forks):
            yield _finding(project, family)


def _compared(project: Project, module: Module) -> bool:
    return module.source.role not in (Role.TEST, Role.LEGACY) and not _ELSEWHERE.search(module.path)


def _is_stage(family: Family, options: Mapping[str, set[int]]) -> bool:
    return len(family.members) > 1 and all(_acts(m, options.get(m.module.path, set())) for m in family.members)


def _acts(member: Member, options: set[int]) -> bool:
    """Whether the shared lines do something: a listing of fields, settings or options is no stage."""
    facts = member.module.facts
    places = [(s.span.line, s.scope) for s in facts.sites] + [(u.span.line, u.scope) for u in facts.uses]
    lines = {line for line, scope in places if member.first <= line <= member.last and facts.scopes[scope].kind != "class"}
    lines -= options.union(member.own)
    return len(lines) >= max(_ACTING, _ACTING_SHARE * member.shared)


def _options(project: Project) -> dict[str, set[int]]:
    """Lines of each file that declare options of a command."""
    found: dict[str, set[int]] = defaultdict(set)
    for flag in project.flags.declared:
        found[flag.module.path].update(range(flag.span.line, flag.span.end_line + 1))
    return found


def _finding(project: Project, family: Family) -> Finding:
    first, *others = family.members
    paths = sorted({m.module.path for m in family.members})
    named = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    what = "files are copies of each other" if family.whole else f"places in {named} hold the same code"
    return Finding(
        RULE,
        _location(project, first, ""),
        f"{len(family.members)} {what} ({family.repeated} repeated lines)" + (f": {named}" if family.whole else ""),
        anchor=" ".join(paths),
        scope=_scope(first),
        evidence=tuple(_location(project, m, _difference(m)) for m in others),
        size=family.repeated,
    )


def _scope(member: Member) -> str:
    """The innermost definition that holds the lines."""
    around = [s for s in member.module.facts.scopes[1:] if s.span.line <= member.first and member.last <= s.span.end_line]
    return around[-1].qualname if around else ""


def _difference(member: Member) -> str:
    """What this copy has that no other has: how many lines, and the names and texts in them."""
    if not member.own:
        return "an exact copy"
    facts, own = member.module.facts, set(member.own)
    words: list[str] = []
    for scope in facts.scopes:
        words += [n for n, bindings in scope.bindings.items() if any(b.span.line in own for b in bindings)]
    for site in facts.sites:
        call = facts.values[site.value]
        if site.span.line in own and isinstance(call, Call):
            given = [facts.values[i] for i in (*call.args, *(v for _, v in call.keywords))]
            words += [repr(g.value) for g in given if isinstance(g, Const) and isinstance(g.value, str) and 0 < len(g.value) <= 40]
    few = list(dict.fromkeys(words))[:4]
    lines = f"{len(own)} line{'s' if len(own) > 1 else ''} of {member.lines} its own"
    return f"a copy, {lines}" + (f": {', '.join(few)}" if few else "")


def _location(project: Project, member: Member, message: str) -> Location:
    return project.location(member.module, Span(member.first, 1, member.last, 1), message)
