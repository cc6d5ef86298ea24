"""Training with whatever versions are installed that day (Sculley et al., section 8)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.environment import Environment, Loose

_SHOWN = 8


def check(project: Project) -> Iterator[Finding]:
    """Yields unpinned-training-environment, one finding for each folder with requirements of its own."""
    found: dict[str, list[Loose]] = {}
    for loose in Environment(project).loose():
        found.setdefault(loose.folder, []).append(loose)
    for folder, training in sorted(found.items()):
        packages = sorted({package for loose in training for package in loose.packages})
        start, *others = (loose.event for loose in training)
        named = ", ".join(f"`{name}`" for name in packages[:3]) + (" and others" if len(packages) > 3 else "")
        yield Finding(
            rule="unpinned-training-environment",
            location=project.location(start.module, start.site.span),
            message=f"training runs with any version of {named}: no lock file, pinned requirement or image settles it",
            anchor=folder or "training environment",
            evidence=tuple(project.location(other.module, other.site.span, "trains as well") for other in others[: _SHOWN - 1]),
            confidence=0.7,
            size=len(training),
        )
