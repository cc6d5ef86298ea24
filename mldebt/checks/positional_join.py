"""Arrays or frames from different artifacts put side by side by the order of their rows (Sculley et al., section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import msgspec

from mldebt.checks.undeclared_consumer import located
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.artifacts.aligned import Side, Stack, Stacks
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access

_PART = re.compile(r"(?<![A-Za-z])(?:train|training|test|testing|valid|validation|val|dev|eval|holdout)(?![A-Za-z])", re.IGNORECASE)


class _Join(msgspec.Struct, frozen=True):
    stack: Stack
    first: Side
    second: Side


def check(project: Project) -> Iterator[Finding]:
    """Yields positional-join, one finding for the calls of a file that stack the same artifact with those of other makers."""
    makers = {r: frozenset(w.place.path for w in a.writers) for a in project.artifacts.artifacts for r in a.readers}
    groups: list[tuple[frozenset[tuple[str, str]], list[_Join]]] = []
    for stack in Stacks(project).all():
        pairs = combinations([side for side in stack.sides if side.reads and not side.keyed], 2)
        found = next(((a, b) for a, b in pairs if _apart(a, b, makers)), None)
        if found is None:
            continue
        join = _Join(stack, *found)
        mine = frozenset((stack.module.path, name) for side in found for name in _names(side))
        known = next((group for group in groups if group[0] & mine), None)
        if known is None:
            groups.append((mine, [join]))
        else:
            known[1].append(join)
    for _, joins in groups:
        yield _finding(project, joins)


def _apart(a: Side, b: Side, makers: dict[Access, frozenset[str]]) -> bool:
    """Whether the two have no artifact in common, no two parts of one split, nor one file that writes both."""
    if {_PART.sub("", name) for name in _names(a)} & {_PART.sub("", name) for name in _names(b)}:
        return False
    first, second = (frozenset().union(*(makers.get(r, frozenset()) for r in side.reads)) for side in (a, b))
    return not first & second


def _names(side: Side) -> frozenset[str]:
    return frozenset(label(read.identity) for read in side.reads if read.identity is not None)


def _finding(project: Project, joins: list[_Join]) -> Finding:
    stack, sides = joins[0].stack, (joins[0].first, joins[0].second)
    first, second = (min(_names(side)) for side in sides)
    return Finding(
        rule="positional-join",
        location=project.location(stack.module, stack.span),
        message=f"`{stack.name.rpartition('.')[2]}` puts `{first}` and `{second}` side by side by row order; no key ties their rows",
        anchor=f"{first} {second}",
        evidence=(
            *(located(project, side.reads[0], f"reads `{name}`") for side, name in zip(sides, (first, second), strict=True)),
            *(project.location(join.stack.module, join.stack.span, "and here") for join in joins[1:]),
        ),
        confidence=round(0.9 * min(read.certainty for side in sides for read in side.reads), 3),
        size=len(joins),
    )
