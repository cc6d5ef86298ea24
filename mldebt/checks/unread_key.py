"""MLD501: keys of committed configuration files that no code reads."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Span
from mldebt.findings import Finding, Location
from mldebt.project.project import Project
from mldebt.project.settings.files import File
from mldebt.project.settings.graph import Unread
from mldebt.project.settings.model import Keys

_SHOWN = 8
_NAMED = 3


def check(project: Project) -> Iterator[Finding]:
    """One finding per section of a file, with all its keys that nothing reads, and the twins of the file as evidence."""
    if project.partial:
        return
    groups: dict[tuple[tuple[str, ...], Keys], list[Unread]] = {}
    for unread in project.settings.unread():
        groups.setdefault((tuple(f.module.path for f in unread.files), unread.keys[:-1]), []).append(unread)
    for group in groups.values():
        yield _finding(project, [unread for unread in group if unread.sure] or group)


def _finding(project: Project, group: list[Unread]) -> Finding:
    files, section = group[0].files, ".".join(group[0].keys[:-1])
    first, *others = (_place(project, files[0], unread.keys, "is set here") for unread in group)
    twins = [_place(project, file, group[0].keys, "is set here as well") for file in files[1:]]
    return Finding(
        "unread-config-key",
        msgspec.structs.replace(first, message=""),
        f"`{first.path}` sets {_keys(group, section)}",
        anchor=f"{section}.*",
        evidence=(*others, *twins[:_SHOWN]),
        confidence=_confidence(group[0]),
        size=max(len(group), len(files)),
        parts=tuple(".".join(unread.keys) for unread in group),
    )


def _keys(group: list[Unread], section: str) -> str:
    if len(group) == 1:
        what = "section" if group[0].keys in group[0].files[0].tree else "key"
        return f"the {what} `{'.'.join(group[0].keys)}`, which no code reads"
    shown = ", ".join(f"`{unread.keys[-1]}`" for unread in group[:_NAMED])
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    return f"{len(group)} keys{f' in `{section}`' if section else ''} that no code reads: {shown}{more}"


def _confidence(unread: Unread) -> float:
    if not unread.sure:
        return 0.6
    return 0.85 if unread.named else 0.75


def _place(project: Project, file: File, keys: Keys, what: str) -> Location:
    setting = next(s for leaf, s in file.leaves.items() if leaf[: len(keys)] == keys)
    return project.location(file.module, Span(setting.line, 1, setting.line, 1), f"`{keys[-1]}` {what}")
