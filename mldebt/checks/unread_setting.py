"""Settings that the code declares and nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.declared_settings import DeclaredSettings

RULE = "unread-config-key"


def check(project: Project) -> Iterator[Finding]:
    """Yields unread-config-key for constants and fields."""
    if project.partial:
        return
    for one in DeclaredSettings(project).unread():
        yield Finding(
            rule=RULE,
            location=project.location(one.module, one.binding.span),
            message=f"the setting `{one.shown}` is never read",
            anchor=one.shown,
            scope=one.module.qualname(one.scope),
            confidence=0.85 if project.world.openness(one.module) != "library" else 0.6,
        )
