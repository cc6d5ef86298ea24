"""MLD501: keys of committed configuration files that no code reads."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding, Location
from mldebt.project.project import Project
from mldebt.project.settings.files import File
from mldebt.project.settings.model import Keys

_SHOWN = 8


def check(project: Project) -> Iterator[Finding]:
    """One finding per key or section, at the first file that sets it; its twins are evidence."""
    if project.partial:
        return
    for unread in project.settings.unread():
        first, *twins = (_place(project, file, unread.keys) for file in unread.files)
        name = ".".join(unread.keys)
        what = "section" if unread.keys in unread.files[0].tree else "key"
        yield Finding(
            "unread-config-key",
            first,
            f"`{first.path}` sets the {what} `{name}`, which no code reads",
            anchor=name,
            evidence=tuple(twins[:_SHOWN]),
            confidence=0.85 if unread.named else 0.75,
            size=len(unread.files),
        )


def _place(project: Project, file: File, keys: Keys) -> Location:
    setting = next(s for leaf, s in file.leaves.items() if leaf[: len(keys)] == keys)
    return project.location(file.module, Span(setting.line, 1, setting.line, 1), f"`{file.module.path}` sets it too")
