"""MLD425: copies of one experiment kept side by side under names such as `_v2`, `_old`, `_final`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

RULE = "forked-experiment"
_MARK = re.compile(r"([_\-. ]?(v\d+|old\d*|new\d*|final\d*|copy\d*|backup|bak|orig(inal)?|tmp|test\d|fixed|alt|draft|exp\d*|\d+)|\(\d+\)|\d+)$", re.IGNORECASE)
_LEADING = re.compile(r"^(\d+[_\-.]|copy[_ ]of[_ ])", re.IGNORECASE)


def check(project: Project) -> Iterator[Finding]:
    """Files of one family name whose code lines are mostly equal; one finding per family."""
    families: dict[str, list[Module]] = defaultdict(list)
    for module in project.python:
        if module.source.role is Role.TEST or len(module.facts.shingles) < project.thresholds.fork_lines:
            continue
        families[_family(module.path)].append(module)
    for _, members in sorted(families.items()):
        if 1 < len(members) <= 40:
            yield from _family_findings(project, members)


def _family(path: str) -> str:
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    while True:
        shorter = _LEADING.sub("", _MARK.sub("", stem))
        if shorter in (stem, ""):
            break
        stem = shorter
    folder = re.sub(r"(^|/)(trash|old|legacy|backup|archive|deprecated|v\d+)(?=/|$)", "", path.rsplit("/", 1)[0] if "/" in path else "")
    return f"{folder}/{stem.lower()}"


def _family_findings(project: Project, members: list[Module]) -> Iterator[Finding]:
    groups: list[list[Module]] = []
    for module in members:
        home = next((g for g in groups if similarity(g[0], module) >= project.thresholds.fork_similarity), None)
        if home is None:
            groups.append([module])
        else:
            home.append(module)
    for group in groups:
        if len(group) < 2:
            continue
        imported = {m.path for m in group if _is_imported(project, m)}
        live = [m for m in group if m.path in imported] or group[-1:]
        copies = [m for m in group if m not in live] or group[1:]
        first = copies[0]
        shares = min(similarity(group[0], m) for m in group[1:])
        keeper = live[0] if live[0] is not first else group[0]
        yield Finding(
            RULE, project.location(first, first.facts.scopes[0].span),
            f"{len(group)} copies of one experiment ({shares:.0%} of their lines are equal): {', '.join(m.path for m in group[:4])}"
            + (f"; {keeper.path} is the one in use" if imported else "; nothing imports any of them"),
            anchor=" ".join(sorted(m.path for m in group)), confidence=0.6 if imported else 0.5, size=sum(m.facts.lines for m in copies),
            evidence=tuple(project.location(m, m.facts.scopes[0].span, "in use" if m.path in imported else "a copy") for m in group if m is not first),
        )  # fmt: skip


def similarity(a: Module, b: Module) -> float:
    """Share of equal code lines, counted with repetition, relative to the longer file."""
    left, right = Counter(a.facts.shingles), Counter(b.facts.shingles)
    return sum((left & right).values()) / max(len(a.facts.shingles), len(b.facts.shingles), 1)


def _is_imported(project: Project, module: Module) -> bool:
    if module.path in project.world.scheduled:
        return True
    return any(module.path in project.imported_by_file.get(other.path, ()) for other in project.python if other is not module)
