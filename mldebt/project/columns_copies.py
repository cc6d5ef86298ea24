"""The same finding in files that are copies of each other is one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project.project import Project

_SHARED = 0.5  # of the lines of the shorter file


def together(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings in path order, those that say the same in copied files as places of the first."""
    alike: dict[tuple[str, str, str], list[list[Finding]]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: (f.location, f.rule)):
        groups = alike[finding.rule, finding.message, finding.scope]
        found = next((g for g in groups if _copies(project, g[0].location.path, finding.location.path)), None)
        if found is None:
            groups.append([finding])
        else:
            found.append(finding)
    for group in (g for groups in alike.values() for g in groups):
        first, *others = group
        if not others:
            yield first
            continue
        places = [msgspec.structs.replace(o.location, message="the same in a copy of the file") for o in others]
        yield msgspec.structs.replace(first, evidence=(*first.evidence, *places), size=sum(f.size for f in group))


def _copies(project: Project, one: str, other: str) -> bool:
    left, right = (frozenset(project.modules[path].facts.shingles) for path in (one, other))
    return one != other and len(left & right) >= _SHARED * min(len(left), len(right))
