"""Files of which so little is resolved that silence means nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from mldebt.findings import LEAST_COVERAGE, Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Access

_FEW = 10  # places that read or write, below which a share says nothing


def check(project: Project) -> Iterator[Finding]:
    """Yields low-coverage, once for each file, at its first unknown place."""
    accesses: dict[str, list[Access]] = defaultdict(list)
    for access in project.artifacts.accesses:
        if not project.is_foreign(access.place.path):
            accesses[access.place.path].append(access)
    for _, here in sorted(accesses.items()):
        known = {(one.place, one.direction) for one in here if one.identity is not None}
        unknown = {(one.place, one.direction): one.why or "unknown" for one in here if one.identity is None}
        unknown = {place: why for place, why in unknown.items() if place not in known}
        total = len(known) + len(unknown)
        if total < _FEW or len(known) >= LEAST_COVERAGE * total:
            continue
        reasons = sorted(Counter(unknown.values()).items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{why} {count}" for why, count in reasons[:3])
        yield Finding(
            rule="low-coverage",
            location=project.place(min(unknown)[0]),
            message=f"of {total} places here that read or write {len(known)} could be resolved; why not the others: {named}",
            anchor="file",
        )
