"""MLD507: keys that are read by almost their name, or from another level than the one they stand at."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding
from mldebt.project.project import Project
from mldebt.project.roles import is_demonstration
from mldebt.project.settings.levels import levels
from mldebt.project.settings.records import slips

_SHOWN = 6


def check(project: Project) -> Iterator[Finding]:
    """Compares reads with the files that they read from, with the reads of others, and with the records of the project."""
    yield from _misspelt(project)
    yield from _misplaced(project)
    seen: set[tuple[str, str, str]] = set()
    for slip in slips(project):
        place = (slip.module.path, slip.module.qualname(slip.scope), slip.key)
        if place in seen or is_demonstration(slip.module):
            continue
        seen.add(place)
        yield Finding(
            "config-near-miss",
            project.location(slip.module, slip.span),
            f"the record of `{slip.maker}` has no key `{slip.key}`; did you mean `{slip.meant}`?",
            anchor=f"{slip.maker}.{slip.key}",
            scope=slip.module.qualname(slip.scope),
            evidence=(project.location(*slip.made, "the record is made here"),),
            confidence=0.9,
        )


def _misspelt(project: Project) -> Iterator[Finding]:
    if project.partial:
        return
    for near in project.settings.near:
        file, keys, read = near.file, near.keys, near.read
        line = next(s.line for leaf, s in file.leaves.items() if leaf[: len(keys)] == keys)
        yield Finding(
            "config-near-miss",
            project.location(read.module, read.span),
            f"`{near.wrong[-1]}` is read, but `{file.module.path}` sets `{keys[-1]}` in its place: one of them is misspelt",
            anchor=f"{file.module.path}:{'.'.join(near.wrong)}",
            scope=read.module.qualname(read.scope),
            evidence=(project.location(file.module, Span(line, 1, line, 1), f"`{keys[-1]}` is set here, and read nowhere"),),
            confidence=0.85,
        )


def _misplaced(project: Project) -> Iterator[Finding]:
    if project.partial:
        return
    for one in levels(project):
        if is_demonstration(one.module):
            continue
        others = (project.location(m, span, f"read from the section `{one.section}` here") for m, span in one.others)
        yield Finding(
            "config-near-miss",
            project.location(one.module, one.site.span),
            f"`{one.key}` is read from `{one.above}`; everywhere else it is a key of its section `{one.section}`",
            anchor=f"{one.above}.{one.key}",
            scope=one.module.qualname(one.site.scope),
            evidence=tuple(others)[:_SHOWN],
            confidence=0.85,
        )
