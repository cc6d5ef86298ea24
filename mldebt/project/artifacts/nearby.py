"""Identities by their segments, so that one is compared only with those that may match it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.project.artifacts.identity import PATHS
from mldebt.project.artifacts.matching import contains, shared_text
from mldebt.project.artifacts.model import Identity
from mldebt.project.artifacts.shapes import DEEP, WILD, Shape, shape

Segment = tuple[str, str]  # as it is written, and with its version or date marked
_NONE: Segment = (DEEP, DEEP)  # of a name without segments: it may lie anywhere


class Nearby:
    """A list of names. Names that are the same agree in their last segments; a folder's last segment stands in what it holds."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._all = list(dict.fromkeys(identities))
        self._ends: dict[str, _Places] = defaultdict(_Places)  # by what can be the same: all paths, each other store
        self._folders = _Places()
        for at, identity in enumerate(self._all):
            form = shape(identity)
            self._ends[_group(identity)].add(_end(form), at)
            for segment in _folders(identity, form):
                self._folders.add(segment, at)

    def related(self, identity: Identity) -> Iterator[Identity]:
        """Those that may be the same, may hold it or may lie in it, in the order of the list."""
        found = self._holding(identity)
        if identity.store in PATHS:
            found = found | self._folders.matching(_end(shape(identity)))
        return (self._all[at] for at in sorted(found))

    def is_held(self, identity: Identity) -> bool:
        """Whether one of them is a folder that holds the name, or a pattern that matches it."""
        return any(contains(self._all[at], identity) for at in sorted(self._holding(identity)))

    def _holding(self, identity: Identity) -> set[int]:
        form, ends = shape(identity), self._ends[_group(identity)]
        return ends.matching(_end(form)).union(*(ends.matching(segment) for segment in _folders(identity, form)))


class _Places:
    """Places in a list by segment. Two constant segments agree when either of their texts is equal; others are compared."""

    def __init__(self) -> None:
        self._by_segment: dict[Segment, list[int]] = defaultdict(list)
        self._by_text: dict[str, set[Segment]] = defaultdict(set)
        self._open: set[Segment] = set()
        self._known: dict[Segment, set[int]] = {}

    def add(self, segment: Segment, place: int) -> None:
        self._by_segment[segment].append(place)
        if _is_open(segment):
            self._open.add(segment)
        for text in segment:
            self._by_text[text].add(segment)

    def matching(self, segment: Segment) -> set[int]:
        """The places of all segments that may be the same text."""
        found = self._known.get(segment)
        if found is None:
            equal = self._by_text.get(segment[0], set()) | self._by_text.get(segment[1], set())
            compared = self._by_segment.keys() if _is_open(segment) else self._open
            segments = equal | {other for other in compared if _agree(segment, other)}
            found = self._known[segment] = set().union(*(self._by_segment[other] for other in segments))
        return found


def _agree(a: Segment, b: Segment) -> bool:
    return DEEP in (a[0], b[0]) or shared_text(a[0], b[0], a[1], b[1]) is not None


def _is_open(segment: Segment) -> bool:
    return any(WILD.search(text) for text in segment)


def _group(identity: Identity) -> str:
    return "" if identity.store in PATHS else identity.store


def _end(form: Shape) -> Segment:
    return (form.segments[-1], form.marked[-1]) if form.segments else _NONE


def _folders(identity: Identity, form: Shape) -> Iterable[Segment]:
    """The segments before the last one, of a name that has folders."""
    return dict.fromkeys(zip(form.segments[:-1], form.marked[:-1], strict=True)) if identity.store in PATHS else ()
