"""Files of which so little is resolved that silence means nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import LEAST_COVERAGE, Finding
from mldebt.project import Project
from mldebt.project.artifacts.model import Access
from mldebt.project.roles import is_demonstration

_FEW = 10  # places that read or write, below which a share says nothing


def check(project: Project) -> Iterator[Finding]:
    """Yields low-coverage, once for each file, at its first unknown place."""
    accesses: dict[str, list[Access]] = defaultdict(list)
    for access in project.artifacts.accesses:
        path = access.place.path
        if not project.is_foreign(path) and path in project.modules and not is_demonstration(project.modules[path]):
            accesses[path].append(access)
    for _, here in sorted(accesses.items()):
        known = {(one.place, one.direction) for one in here if one.identity is not None}
        unknown = {(one.place, one.direction) for one in here if one.identity is None} - known
        total = len(known) + len(unknown)
        if total < _FEW or len(known) >= LEAST_COVERAGE * total:
            continue
        yield Finding(
            rule="low-coverage",
            location=project.place(min(unknown)[0]),
            message=f"{len(known) or 'none'} of the {total} places in this file that read or write could be resolved",
            anchor="file",
        )
