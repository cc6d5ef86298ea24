"""What the user names on the command line -> the artifact that is meant: a finding, a place in a file, or the artifact's name."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from mldebt import checks
from mldebt.cards import Card
from mldebt.config import ConfigError
from mldebt.findings import Heeded, Location, Ranked
from mldebt.project import Project
from mldebt.project.artifacts.declared.own import named
from mldebt.project.artifacts.graph import Artifact
from mldebt.project.artifacts.identity import label, openlineage
from mldebt.project.artifacts.relations import silent_edges
from mldebt.ranking import RankingContext, rank
from mldebt.report.terminal import safe

SETTLED = ("undeclared-consumer", "dangling-consumer", "near-miss-artifact", "private-artifact-access", "orphan-artifact")
_FINGERPRINT = re.compile(r"[0-9a-f]{4,16}")
_SHOWN = 5


class Target(msgspec.Struct, frozen=True):
    """Artifacts, and the finding that the user named. One finding may speak of several that the same files share."""

    artifacts: tuple[Artifact, ...]
    finding: Ranked | None = None


def resolve(project: Project, cards: Mapping[str, Card], word: str) -> Target:
    """The artifact that `word` means; a ConfigError lists what is near when nothing or more than one is meant."""
    found = _findings(project, cards, SETTLED)
    if _FINGERPRINT.fullmatch(word) and (target := _by_fingerprint(project, cards, found, word)):
        return target
    path, _, line = word.rpartition(":")
    if path and line.isdecimal() and (target := _by_place(project, found, path, int(line))):
        return target
    artifacts = project.artifacts.artifacts
    wanted = {word, word.removeprefix("./")}
    spelling = named(word)
    if spelling is not None:
        wanted.add(label(spelling))
    exact = [one for one in artifacts if wanted & _names(one)]
    if exact:
        return Target((_only(exact),))
    raise ConfigError(_unknown(word, found, [label(one.identity) for one in artifacts]))


def _findings(project: Project, cards: Mapping[str, Card], rules: Iterable[str]) -> Sequence[Ranked]:
    return rank([Heeded(one) for one in checks.run(project, frozenset(rules))], cards, RankingContext())


def _names(artifact: Artifact) -> set[str]:
    accesses = (*artifact.writers, *artifact.readers)
    identities = {artifact.identity, *(a.identity for a in accesses if a.identity is not None)}
    return {name for one in identities for name in (label(one), "/".join(openlineage(one)))}


def _only(artifacts: Sequence[Artifact]) -> Artifact:
    """Of artifacts of one name the one with most to say: equal labels differ in what the label does not show."""
    return max(artifacts, key=lambda one: (len(one.edges), len(one.readers), len(one.writers)))


def _by_fingerprint(project: Project, cards: Mapping[str, Card], found: Sequence[Ranked], word: str) -> Target | None:
    matches = [one for one in found if one.fingerprint.startswith(word)]
    if len(matches) > 1:
        raise ConfigError(f"{word} begins {len(matches)} fingerprints; give more digits: {_listed(matches)}")
    if matches:
        return _of_finding(project, matches[0])
    others = [one for one in _findings(project, cards, set(checks.RULES) - set(SETTLED)) if one.fingerprint.startswith(word)]
    if others and len(word) >= 8:
        raise ConfigError(f"{word} is {_told(others[0])}: no declaration settles it; `mldebt explain {others[0].name}` says what does")
    return None


def _by_place(project: Project, found: Sequence[Ranked], path: str, line: int) -> Target | None:
    paths = {path.removeprefix("./"), _below(project.root, path)}
    for pick in (lambda one: (one.finding.location,), lambda one: one.finding.evidence):
        hits = [one for one in found if any(_covers(place, paths, line) for place in pick(one))]
        if hits:
            return _of_finding(project, min(hits, key=lambda one: one.rank))
    exact = [
        one
        for one in project.artifacts.artifacts
        if any(_covers(project.place(access.place), paths, line) for access in (*one.writers, *one.readers))
    ]
    return Target((_only(exact),)) if exact else None


def _below(root: Path, path: str) -> str:
    return os.path.relpath(os.path.abspath(path), root.resolve()).replace(os.sep, "/")


def _covers(place: Location, paths: set[str], line: int) -> bool:
    return place.path in paths and place.line <= line <= max(place.line, place.end_line)


def _of_finding(project: Project, one: Ranked) -> Target:
    """The artifact whose access stands where the finding does, by name where several do."""
    where = {one.finding.location.path}
    line = one.finding.location.line
    here = [
        artifact
        for artifact in project.artifacts.artifacts
        if any(_covers(project.place(access.place), where, line) for access in (*artifact.writers, *artifact.readers))
    ]
    same_name = [artifact for artifact in here if label(artifact.identity) == one.finding.anchor]
    if not here:
        raise ConfigError(f"{one.fingerprint} is {_told(one)}: its artifact is not known")
    first = _only(same_name or here)
    if one.name != "undeclared-consumer" or (shared := _ends(project, first)) is None:
        return Target((first,), one)
    return Target(tuple(artifact for artifact in here if _ends(project, artifact) == shared), one)


def _ends(project: Project, artifact: Artifact) -> object:
    """The first silent reader and the files of the writers, which artifacts of one finding have in common; None without silent edges."""
    edges = silent_edges(project, artifact)
    return (min(e.reader.place for e in edges), frozenset(e.writer.place.path for e in edges)) if edges else None


def _told(one: Ranked) -> str:
    return safe(f"{one.code} {one.name} at {one.finding.location.path}:{one.finding.location.line}")


def _listed(found: Sequence[Ranked]) -> str:
    shown = "; ".join(f"{one.fingerprint} {_told(one)}" for one in found[:_SHOWN])
    return shown + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _unknown(word: str, found: Sequence[Ranked], names: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, sorted(set(names)), n=3, cutoff=0.5)
    near = near or sorted({name for name in names if word.lower() in name.lower()})[:3]
    said = f"{safe(word)}: no finding, place or artifact of this name"
    if near:
        said += "; did you mean " + " or ".join(f"`{safe(name)}`" for name in near) + "?"
    elif found:
        said += f"; a declaration would settle {_listed(found)}"
    return f"{said} `mldebt graph` lists the artifacts" if near else f"{said}; `mldebt graph` lists the artifacts"
