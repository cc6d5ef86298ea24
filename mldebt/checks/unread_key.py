"""MLD501: keys of committed configuration files that no code reads."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding, Location
from mldebt.project.project import Project
from mldebt.project.settings.files import File
from mldebt.project.settings.graph import Unread
from mldebt.project.settings.model import Keys

_SHOWN = 8
_FEW = 3  # keys outside all sections that are findings of their own
_NAMED = 3


def check(project: Project) -> Iterator[Finding]:
    """One finding per key or section, at the first file that sets it, with its twins as evidence; one for many keys of one section."""
    if project.partial:
        return
    groups: dict[tuple[tuple[str, ...], Keys], list[Unread]] = {}
    for unread in project.settings.unread():
        groups.setdefault((tuple(f.module.path for f in unread.files), unread.keys[:-1]), []).append(unread)
    for group in groups.values():
        if len(group) > (1 if group[0].keys[:-1] else _FEW):
            yield _many(project, group)
        else:
            yield from (_one(project, unread) for unread in group)


def _one(project: Project, unread: Unread) -> Finding:
    first, *twins = (_place(project, file, unread.keys) for file in unread.files)
    name = ".".join(unread.keys)
    what = "section" if unread.keys in unread.files[0].tree else "key"
    return Finding(
        "unread-config-key",
        first,
        f"`{first.path}` sets the {what} `{name}`, which no code reads",
        anchor=name,
        evidence=tuple(twins[:_SHOWN]),
        confidence=_confidence(unread),
        size=len(unread.files),
    )


def _many(project: Project, group: list[Unread]) -> Finding:
    files, section = group[0].files, ".".join(group[0].keys[:-1])
    first, *others = (_place(project, files[0], unread.keys) for unread in group)
    twins = (_place(project, file, group[0].keys) for file in files[1:])
    shown = ", ".join(f"`{unread.keys[-1]}`" for unread in group[:_NAMED])
    within = f" in `{section}`" if section else ""
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    return Finding(
        "unread-config-key",
        first,
        f"`{first.path}` sets {len(group)} keys{within} that no code reads: {shown}{more}",
        anchor=f"{section}.*",
        evidence=(*others, *tuple(twins)[:_SHOWN]),
        confidence=_confidence(group[0]),
        size=len(group),
    )


def _confidence(unread: Unread) -> float:
    return 0.85 if unread.named else 0.75


def _place(project: Project, file: File, keys: Keys) -> Location:
    setting = next(s for leaf, s in file.leaves.items() if leaf[: len(keys)] == keys)
    return project.location(file.module, Span(setting.line, 1, setting.line, 1), f"`{keys[-1]}` is set here as well")
