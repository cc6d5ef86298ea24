"""Tables of codes of the applying side beside those of the training side."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.project.project import Project
from mldebt.project.resolve import Defined
from mldebt.project.skew.encodings import Difference, Encoding, difference, encodings
from mldebt.project.skew.sides import Sides, folders_between

_COMMON = 3  # categories in both tables
_ALIKE = 0.6  # of all their categories


class Contract(msgspec.Struct, frozen=True):
    """A table of the applying side and its nearest kin of the training side; `others` are further ones of the training as near."""

    here: Encoding
    there: Encoding
    difference: Difference
    others: tuple[Encoding, ...] = ()


def contracts(project: Project, sides: Sides) -> Iterator[Contract]:
    """The tables of the applying side that have kin on the training side."""
    applying, training = sides.applies, sides.trains
    modules = project.modules
    trained = [e for path in sorted({d.path for d in training}) for e in encodings(modules[path]) if _in(e, training)]
    for path in sorted({d.path for d in applying}):
        for one in encodings(modules[path]):
            if not _in(one, applying) or _in(one, training):
                continue
            kin = [other for other in trained if other.module.path != path and not _in(other, applying) and _alike(one, other)]
            if kin:
                nearest = min(folders_between(path, other.module.path) for other in kin)
                kin = [other for other in kin if folders_between(path, other.module.path) == nearest]
                first, *others = sorted(kin, key=lambda e: (-len(one.names & e.names), e.module.path, e.span))
                yield Contract(one, first, difference(one, first), tuple(others))


def _in(encoding: Encoding, side: frozenset[Defined]) -> bool:
    """Whether the side has the code around the table; for a table of a module, any code of the module."""
    path = encoding.module.path
    return Defined(path, encoding.scope) in side if encoding.scope else any(d.path == path for d in side)


def _alike(one: Encoding, other: Encoding) -> bool:
    common = len(one.names & other.names)
    return common >= _COMMON and common >= _ALIKE * len(one.names | other.names)
