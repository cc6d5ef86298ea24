"""Intermediate files that somebody told apart by hand: `_v2`, `_new`, dates and counters at the end of the name."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict

import msgspec

from mldebt.project.artifacts.graph import Artifact
from mldebt.project.artifacts.identity import PATHS, label
from mldebt.project.artifacts.templates import is_constant
from mldebt.project.project import Project

_WORD = r"new|old|final|latest|tmp|temp|copy|bak|backup|fixed|fix|orig|updated"
_TOLD = re.compile(rf"[-_ ]?(?:v\d+(?:\.\d+)*|\(\d+\))|[-_ ](?:{_WORD}|(?:19|20)\d{{2}}-?\d{{2}}-?\d{{2}}|\d{{6}})", re.IGNORECASE)
_NUMBER = re.compile(r"[-_ ]\d{1,2}")
_SPLIT = re.compile(r"(?<![A-Za-z])(?:train|test|valid|val|fold|part|holdout|tr|te|va|shard|epoch|batch|cv|k|seed)$", re.IGNORECASE)
_NUMBERS = 3  # variants that differ by a number only: two may be halves


class Sprawl(msgspec.Struct, frozen=True):
    """The ad-hoc names below one folder."""

    folder: str
    artifacts: tuple[Artifact, ...]


def sprawls(project: Project, least: int) -> list[Sprawl]:
    """Folders in which the code writes and reads back at least so many files that are variants of each other by name."""
    found: dict[str, dict[tuple[str, str], list[tuple[Artifact, str]]]] = defaultdict(lambda: defaultdict(list))
    for artifact in project.artifacts.artifacts:
        identity = artifact.identity
        if identity.store not in PATHS or not is_constant(identity.name) or not any(edge.whole for edge in artifact.edges):
            continue
        folder, name = posixpath.split(label(identity))
        base, kind, extension = parted(name)
        if artifact.writers and not any(writer.terminal for writer in artifact.writers):
            found[folder][base, extension].append((artifact, kind))
    result = []
    for folder, groups in sorted(found.items()):
        kept = [artifact for group in groups.values() if _varies([kind for _, kind in group]) for artifact, _ in group]
        if len(kept) >= least:
            result.append(Sprawl(folder, tuple(sorted(kept, key=lambda artifact: label(artifact.identity)))))
    return result


def parted(name: str) -> tuple[str, str, str]:
    """A file name without what tells it from its variants, the kind of that (told, number, or empty), and its extension."""
    stem, dot, extension = name.partition(".") if not name.startswith(".") else (name, "", "")
    for kind, pattern in (("told", _TOLD), ("number", _NUMBER)):
        ends = [match for match in pattern.finditer(stem) if match.end() == len(stem) and match.start()]
        if ends and not (kind == "number" and _SPLIT.search(stem[: ends[-1].start()])):
            return stem[: ends[-1].start()], kind, dot + extension
    return stem, "", dot + extension


def _varies(kinds: list[str]) -> bool:
    return len(kinds) >= 2 and ("told" in kinds or kinds.count("number") >= _NUMBERS)
