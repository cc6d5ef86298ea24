"""MLD415: scripts, notebooks, functions and assembly blocks of a pipeline that stand in several places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.facts.model import Call, Const, Def, Name, Span
from mldebt.findings import Finding, Location
from mldebt.project.copies import Family, Member, families
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role

RULE = "copied-stage"
_WHOLE = 6  # equal lines of a function
_BLOCK = 8  # equal lines of anything else
_WITHIN = 20  # repeated lines of blocks that stand in one file, where a reader sees them together
_TOLD = 0.7  # share of the lines of each place that an earlier finding names: the same story again
_ACTING = 5  # shared lines that call or read something
_CALLING = 3  # of those, lines that are more than one more argument
_ACTING_SHARE = 0.4  # of the shared lines: less is a listing
_WORK = frozenset({"train", "transform", "metric", "search", "split", "resample", "restore", "hub-load"})
_MAIN = Name("builtins.__name__")
_DATA = ("dataframe", "series", "ndarray", "tf-dataset", "onnx-session")
_KINDS = frozenset((*_DATA, "estimator", "xgb-estimator", "lgb-estimator", "catboost-model", "torch-module", "hf-model", "keras-model"))
_ELSEWHERE = re.compile(
    r"(^|/)(_?vendor(ed)?|third[_-]?party|external|site-packages|node_modules|migrations|alembic|locales?)/"
    r"|(_pb2(_grpc)?|(^|/)(__init__|setup|conftest|versioneer|_version))\.py$|\{\{|cookiecutter",
    re.IGNORECASE,
)


def check(project: Project) -> Iterator[Finding]:
    """One finding per family of copies that do the work of a pipeline."""
    modules = [m for m in project.python if _compared(project, m)]
    options = _options(project)
    numeric = _numeric(project)
    forks = [{m.path for m in fork.members} for fork in project.forks]
    told: dict[str, set[int]] = defaultdict(set)
    whole: dict[str, _Lines] = {}
    copies = (_active(family, options, whole) for family in families(modules, _WHOLE))
    for family in sorted(copies, key=lambda family: -family.repeated):
        paths = {m.module.path for m in family.members}
        if not _is_large(family) or not _is_stage(project, family, numeric) or any(paths <= fork for fork in forks):
            continue
        if all(_share(m, told[m.module.path]) >= _TOLD for m in family.members):
            continue
        for member in family.members:
            told[member.module.path].update(range(member.first, member.last + 1))
        yield _finding(project, family)


def _active(family: Family, options: Mapping[str, set[int]], whole: dict[str, _Lines]) -> Family:
    """The places of the family whose lines do something. `whole`: the lines of the files, made when first asked for."""
    found: list[Member] = []
    for member in family.members:
        path = member.module.path
        if path not in whole:
            whole[path] = _Lines(member.module)
        if _acts(member, options.get(path, set()), whole[path]):
            found.append(member)
    return Family(tuple(found))


def _share(member: Member, lines: set[int]) -> float:
    return sum(n in lines for n in range(member.first, member.last + 1)) / (member.last - member.first + 1)


def _compared(project: Project, module: Module) -> bool:
    return module.source.role not in (Role.TEST, Role.LEGACY) and not _ELSEWHERE.search(module.path)


def _is_large(family: Family) -> bool:
    members = family.members
    if len(members) < 2:
        return False
    if len({m.module.path for m in members}) == 1 and family.repeated < _WITHIN:
        return False
    return sum(m.shared >= _BLOCK or _is_function(m) for m in members) > 1


def _is_function(member: Member) -> bool:
    """Whether the lines are a function from its head to its end."""
    scopes = (s for s in member.module.facts.scopes if s.kind == "function")
    return any(member.first <= s.span.line + 2 and s.span.end_line - 1 <= member.last for s in scopes if s.span.line + 2 >= member.first)


def _is_stage(project: Project, family: Family, numeric: frozenset[str]) -> bool:
    members = family.members
    if "library" in project.world.packages.values() and all(m.module.source.role is Role.EXAMPLE for m in members):
        return False  # each example of a published package is to be read on its own
    return 2 * sum(_computes(project, m, numeric) for m in members) > len(members)


def _computes(project: Project, member: Member, numeric: frozenset[str]) -> bool:
    """Whether the lines handle data or models: by what the definitions around them use, in a script by what it imports."""
    module = member.module
    if module.source.language is Language.NOTEBOOK or project.world.is_script(module):
        return any(i.module.split(".")[0] in numeric for i in module.facts.imports)
    scopes = module.facts.scopes
    around = [s for s in scopes[1:] if s.span.line <= member.last and member.first <= s.span.end_line] or scopes[:1]
    return any(name.split(".")[0] in numeric for s in around for name in s.qualified)


def _numeric(project: Project) -> frozenset[str]:
    """Import roots of the packages that compute with tables, arrays and models."""
    found: set[str] = set()
    for package in project.catalogue.packages:
        named = [c.name for c in package.classes if c.kind in _KINDS]
        named += [c.name for c in package.calls if c.returns in _KINDS or not _WORK.isdisjoint(c.roles)]
        found |= {root for name in named if (root := name.split(".")[0]) in {i.split(".")[0] for i in package.imports}}
    return frozenset(found)


class _Lines:
    """The lines of a file by what stands in them."""

    def __init__(self, module: Module) -> None:
        facts = module.facts
        self.calls = {s.span.line for s in facts.sites if facts.scopes[s.scope].kind != "class"}
        self.uses = {u.span.line for u in facts.uses if facts.scopes[u.scope].kind != "class"}
        self.starts = _starts(module)
        self.rows = _rows(module)


def _acts(member: Member, options: set[int], whole: _Lines) -> bool:
    """Whether the shared lines do something: a listing of fields, settings, arguments or options is no stage."""
    span = set(range(member.first, member.last + 1))
    calls = span & whole.calls
    lines = (calls | (span & whole.uses)) - whole.starts - options.union(member.own)
    rows = (span & whole.rows) - calls
    rest = member.shared - len(rows.difference(member.own))
    return len(lines) >= max(_ACTING, _ACTING_SHARE * member.shared) and len(lines - rows) >= max(_CALLING, _ACTING_SHARE * rest)


def _rows(module: Module) -> set[int]:
    """Lines that only continue a call or the head of a function, one argument or parameter each."""
    found: set[int] = set()
    for site in module.facts.sites:
        if site.span.end_line > site.span.line:
            found.update(range(site.span.line + 1, site.span.end_line + 1))
    for scope in module.facts.scopes:
        found.update(p.span.line for p in scope.parameters if p.span and scope.span.line < p.span.line)
    return found


def _starts(module: Module) -> set[int]:
    """Lines at the foot of a script: the guard, and calls of functions of this file whose result nothing takes."""
    values = module.facts.values
    found = {u.span.line for u in module.facts.uses if u.scope == 0 and values[u.value] == _MAIN}
    for site, _, func in module.calls:
        if site.scope == 0 and site.statement and type(func) is Def:
            found.add(site.span.line)
    return found


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
    files = {m.module.path for m in family.members if m.whole}
    what = f"{len(family.members)} places hold the same code"
    if files:
        parts = len(paths) - len(files)
        what = f"{len(files)} files are copies of each other" + (f", in part of {parts} more" if parts else "")
    return Finding(
        RULE,
        _location(project, first, ""),
        f"{what} ({family.repeated} repeated lines): {named}",
        anchor=" ".join(paths),
        evidence=tuple(_location(project, m, _difference(m)) for m in others),
        confidence=0.8 if len(paths) > 1 else 0.6,  # variants in one file may stand side by side on purpose
        size=family.repeated,
    )


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
        if site.span.line in own and type(call) is Call:
            given = [facts.values[i] for i in (*call.args, *(v for _, v in call.keywords))]
            words += [repr(g.value) for g in given if type(g) is Const and isinstance(g.value, str) and 0 < len(g.value) <= 40]
    few = list(dict.fromkeys(words))[:4]
    lines = f"{len(own)} line{'s' if len(own) > 1 else ''} of {member.lines} its own"
    return f"a copy, {lines}" + (f": {', '.join(few)}" if few else "")


def _location(project: Project, member: Member, message: str) -> Location:
    return project.location(member.module, Span(member.first, 1, member.last, 1), message)
