"""Settings that the code declares and nothing reads: constants, fields and keys of displays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.declared_settings import Declared, DeclaredSettings
from mldebt.project.declared_trees import DeclaredTrees, UnreadKeys, span_of

RULE = "unread-config-key"
_MANY = 4  # constants of a module that are one finding
_EVIDENCE = 20
_SHOWN = 3
_HELP = "Delete it, or read it where readers will think that it counts."


def check(project: Project) -> Iterator[Finding]:
    """Yields unread-config-key for constants, fields and keys of displays, many of one holder together, and copies together."""
    if project.partial:
        return
    settings = DeclaredSettings(project)
    parts: dict[tuple[bool, tuple[str, ...]], list[list[Declared]]] = {}
    for _, group in groupby(settings.unread(), lambda one: (one.module.path, one.scope)):
        found = list(group)
        for part in [found] if found[0].scope or len(found) >= _MANY else [[one] for one in found]:
            parts.setdefault((part[0].scope > 0, tuple(one.name for one in part)), []).append(part)
    for copies in parts.values():
        first = copies[0]
        yield _finding(project, copies, 0.7 if settings.is_choice(first) or settings.is_shared(first[0]) else 1.0)
    for unread in DeclaredTrees(project).unread():
        yield _keys(project, unread)


def _finding(project: Project, copies: list[list[Declared]], share: float) -> Finding:
    """Settings of one holder, and those of the same names elsewhere; `share` is what is left of the confidence."""
    found = copies[0]
    first = found[0]
    if len(found) == 1:
        message = f"the setting `{first.shown}` is never read" + (", and keeps its default where others are set" if first.passed else "")
    else:
        names = ", ".join(f"`{one.name}`" for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        message = f"{len(found)} settings of `{first.holder}` are never read: {names}{more}"
    if len(copies) > 1:
        message += f", nor {'is its copy' if len(copies) == 2 else f'are its {len(copies) - 1} copies'} elsewhere"
    trust = 0.85 if project.world.openness(first.module) != "library" and not first.passed else 0.6
    others = [*found[1:], *(copy[0] for copy in copies[1:])]
    return Finding(
        rule=RULE,
        location=project.location(first.module, first.binding.span),
        message=message,
        anchor=f"{first.holder}.*" if first.scope else " ".join(sorted(one.name for one in found)),
        scope=first.module.qualname(first.scope),
        evidence=tuple(project.location(one.module, one.binding.span, f"`{one.shown}`") for one in others[:_EVIDENCE]),
        confidence=round(trust * share, 2),
        size=len(found),
        help=_HELP,
        parts=tuple(one.name for one in found),
    )


def _keys(project: Project, unread: UnreadKeys) -> Finding:
    """One finding for a display."""
    display = unread.display
    names = [".".join(keys) for keys in unread.keys]
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    places = [project.location(display.module, span_of(display, keys), f"`{'.'.join(keys)}`") for keys in unread.keys[: _EVIDENCE + 1]]
    one = len(names) == 1
    return Finding(
        rule=RULE,
        location=msgspec.structs.replace(places[0], message=""),
        message=f"`{display.shown}` sets {'the key' if one else f'{len(names)} keys'} {shown}, which no code reads",
        anchor=f"{display.shown}.*",
        scope=display.module.qualname(display.scope),
        evidence=tuple(dict.fromkeys(p for p in places[1:] if p.line != places[0].line)),
        confidence=0.6 if unread.left else 0.75 if unread.passed else 0.85,
        size=len(names),
        help=_HELP,
        parts=tuple(names),
    )
