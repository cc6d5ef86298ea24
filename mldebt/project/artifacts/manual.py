"""Steps that a person takes before the processes run: what documents tell people to fetch, copy or rename."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.matching import contains, joins, unify
from mldebt.project.artifacts.model import Access, Identity
from mldebt.project.artifacts.relations import unfed_readers
from mldebt.project.artifacts.shell import Moves
from mldebt.project.project import Project


class Manual(msgspec.Struct, frozen=True):
    """Reads of an artifact that only a person puts there."""

    name: str
    readers: tuple[Access, ...]
    source: Access  # the command in the document
    made_from: str


def manual_steps(project: Project) -> Iterator[Manual]:
    """What each document tells people to put where the code reads it, and no code does."""
    steps = [pair for pair in Moves(project, by_hand=True).copies if all(one.identity is not None for one in pair)]
    told: dict[str, list[Manual]] = defaultdict(list)
    for artifact in project.artifacts.artifacts if steps else ():
        readers = tuple(unfed_readers(project, artifact))
        found = next((pair for pair in steps if readers and _is(pair[1].identity, artifact.identity)), None)
        if found is not None and found[0].identity is not None:
            source = found[1]
            told[source.place.path].append(Manual(label(artifact.identity), readers, source, label(found[0].identity)))
    for document in sorted(told):
        first = told[document][0]
        yield msgspec.structs.replace(first, readers=tuple(reader for one in told[document] for reader in one.readers))


def _is(made: Identity | None, read: Identity) -> bool:
    """Whether what a person puts somewhere is what the code reads, or the folder that holds it."""
    if made is None:
        return False
    match = unify(made, read)
    return (match is not None and joins(match)) or contains(made, read)
