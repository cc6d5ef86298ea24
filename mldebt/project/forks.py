"""Copies of one experiment kept side by side under names such as `_v2`, `_old`, `_final`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

_MARK = re.compile(
    r"([_\-. ]?(v\d+|old\d*|new\d*|final\d*|copy\d*|backup|bak|orig(inal)?|tmp|test\d|fixed|alt|draft|exp\d*|\d+)|\(\d+\)|\d+)$",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(\d+[_\-.]|copy[_ ]of[_ ])", re.IGNORECASE)
_MOST = 40  # files of one family name: more are a numbered series


class Fork(msgspec.Struct, frozen=True):
    """Files of one family name whose code lines are mostly equal, not all of them in use."""

    members: tuple[Module, ...]
    live: tuple[Module, ...]  # those that something runs or imports
    keeper: Module  # the one in use, else the one with the plain name
    share: float  # of equal lines, the least among the members

    @property
    def copies(self) -> tuple[Module, ...]:
        return tuple(m for m in self.members if m is not self.keeper and m not in self.live)


def forks(project: Project) -> Iterator[Fork]:
    """By family name, then in path order."""
    families: dict[str, list[Module]] = defaultdict(list)
    for module in project.python:
        if module.source.role is Role.TEST or len(module.facts.shingles) < project.thresholds.fork_lines:
            continue
        families[_family(module.path)].append(module)
    for _, members in sorted(families.items()):
        if 1 < len(members) <= _MOST:
            yield from _of_family(project, members)


def similarity(a: Module, b: Module) -> float:
    """Share of equal code lines, counted with repetition, relative to the longer file."""
    left, right = Counter(a.facts.shingles), Counter(b.facts.shingles)
    return sum((left & right).values()) / max(len(a.facts.shingles), len(b.facts.shingles), 1)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _bare(stem: str) -> str:
    """The name without marks of copies: `train_v2_final` and `copy_of_train` are `train`."""
    while True:
        shorter = _LEADING.sub("", _MARK.sub("", stem))
        if shorter in (stem, ""):
            return stem
        stem = shorter


def _family(path: str) -> str:
    folder = path.rsplit("/", 1)[0] if "/" in path else ""
    return f"{re.sub(r'(^|/)(trash|old|legacy|backup|archive|deprecated|v[0-9]+)(?=/|$)', '', folder)}/{_bare(_stem(path)).lower()}"


def _of_family(project: Project, members: list[Module]) -> Iterator[Fork]:
    groups: list[list[Module]] = []
    for module in members:
        home = next((g for g in groups if similarity(g[0], module) >= project.thresholds.fork_similarity), None)
        if home is None:
            groups.append([module])
        else:
            home.append(module)
    for group in groups:
        live = [m for m in group if _is_live(project, m)]
        if len(group) < 2 or len(live) == len(group):
            continue
        plain = [m for m in group if _stem(m.path) == _bare(_stem(m.path))]
        share = min(similarity(group[0], m) for m in group[1:])
        yield Fork(tuple(group), tuple(live), (live or plain or group)[0], share)


def _is_live(project: Project, module: Module) -> bool:
    """Run by a committed command or imported by another file."""
    return module.path in project.world.scheduled or any(
        module.path in found for path, found in project.imported_by_file.items() if path != module.path
    )
