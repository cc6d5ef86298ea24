"""Columns that were let in together: as the settings say, or as a common prefix with numbers suggests."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading.names import quoted

LEAST = 3
_NUMBERED = re.compile(r"(?P<stem>.*?[^\d_.\-])[_.\-]?\d+$")


class Group(msgspec.Struct, frozen=True):
    name: str
    origin: Literal["given", "prefix"]
    columns: tuple[str, ...]


def groups_of(columns: Sequence[str], given: Mapping[str, str], others: Sequence[str] = ()) -> tuple[Group, ...]:
    """Those of the settings first; a prefix that most columns share says nothing. `columns`: the features; `others`: columns that are
    none. Raises DataError for a pattern that meets no feature."""
    found = []
    for name, pattern in sorted(given.items()):
        members = tuple(column for column in columns if fnmatchcase(column, pattern))
        if not members:
            met = sorted(other for other in {*others} if other and fnmatchcase(other, pattern))
            if met:
                raise DataError(f"bundle {name}: {pattern!r} is like {quoted(met)} only, and no feature")
            raise DataError(f"bundle {name}: no feature is like {pattern!r}")
        found.append(Group(name, "given", members))
    taken = {column for group in found for column in group.columns}
    stems: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        numbered = _NUMBERED.match(column)
        if numbered and column not in taken:
            stems[numbered["stem"]].append(column)
    likely = {stem: members for stem, members in sorted(stems.items()) if LEAST <= len(members) <= len(columns) / 2}
    found += [Group(f"{stem}*", "prefix", tuple(members)) for stem, members in likely.items()]
    return tuple(found)
