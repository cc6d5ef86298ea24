"""Runs of code lines that stand in several places, gathered into families of copies.

Every window of `_WINDOW` lines is looked up by its hashes; windows that two places share are chained over small gaps into a match.
Files of which most is shared are copies as a whole; other matches that lie over each other are places of one copied block.
The work grows with the lines that repeat, not with the square of the project: windows of very many places are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

import msgspec

from mldebt.facts.outline import LINE_SHIFT
from mldebt.project.project import Module

_WINDOW = 4  # lines that must be equal in a row for two places to be compared
_DISTINCT = 3  # different lines in a window: lists of one repeated line say nothing
_PLACES = 50  # a window of more places is a habit of the code base
_PAIRS = 20  # up to so many places are all compared with each other, more only along the row
_STEP = 2  # lines beyond the end of a match that may differ where two equal ones follow
_GAP = 6  # lines that may differ between two shared windows
_FILE_SHARE = 0.7  # of the shorter file, from which two files are copies as a whole
_OVERLAP = 0.5  # of the shorter of two matches, from which they are one place


_Place = tuple[int, int, int]  # an outline, the first and the last of its lines


class Match(msgspec.Struct, frozen=True):
    """Lines of two modules that are equal, by their places in the outlines; `lines` of them are equal, the others are gaps."""

    left: int
    right: int
    left_first: int
    left_last: int
    right_first: int
    right_last: int
    lines: int


class Member(msgspec.Struct, frozen=True):
    """One place of a family: its lines in the text of the module, and those of them that no other member has."""

    module: Module
    first: int
    last: int
    lines: int  # that do something
    own: tuple[int, ...]
    whole: bool  # most of a file

    @property
    def shared(self) -> int:
        return self.lines - len(self.own)


class Family(msgspec.Struct, frozen=True):
    """Places with the same code, in path and text order."""

    members: tuple[Member, ...]

    @property
    def repeated(self) -> int:
        """Lines that would not be there if the code stood in one place."""
        shared = sorted(m.shared for m in self.members)
        return sum(shared[:-1])


class _Outline:
    """The lines of one module that do something: numbers and hashes."""

    __slots__ = ("hashes", "module", "numbers")

    def __init__(self, module: Module) -> None:
        self.module = module
        self.numbers = [one >> LINE_SHIFT for one in module.facts.outline]
        mask = (1 << LINE_SHIFT) - 1
        self.hashes = [one & mask for one in module.facts.outline]


def families(modules: Iterable[Module], least: int) -> tuple[Family, ...]:
    """The copies among these modules of at least `least` equal lines."""
    outlines = [_Outline(m) for m in modules]
    matches = sorted(
        (m for pair, seeds in _seeds(outlines) for short in _chained(*pair, seeds) if (m := _grown(outlines, short)).lines >= least),
        key=lambda m: (m.left, m.left_first, m.right, m.right_first),
    )
    groups = _groups(_twins(outlines, matches))
    home = {number: place for place, group in enumerate(groups) for number in group}
    rest = [m for m in matches if m.left == m.right or home.get(m.left, -1) != home.get(m.right, -2)]
    copied = [_of_files(matches, group) for group in groups]
    blocks: list[list[_Place]] = []
    for spans in _of_blocks(rest):
        files = {number for number, _, _ in spans}
        shared = {home[n] for n in files if n in home and sum(home.get(other) == home[n] for other in files) > 1}
        if len(shared) == 1:  # what several copies of a file share with others belongs to the story of the file
            (one,) = shared
            copied[one] += [span for span in spans if home.get(span[0]) != one]
        else:
            blocks.append(spans)
    found = [_family(outlines, spans, set(group)) for spans, group in zip(copied, groups, strict=True)]
    found += [_family(outlines, spans, set()) for spans in blocks]
    return tuple(sorted(found, key=lambda f: (f.members[0].module.path, f.members[0].first)))


def _seeds(outlines: list[_Outline]) -> Iterator[tuple[tuple[int, int], list[tuple[int, int]]]]:
    """For each two modules (or one and itself) the places of equal windows."""
    once: dict[int, int] = {}
    again: dict[int, list[int]] = {}
    for number, outline in enumerate(outlines):
        hashes = outline.hashes
        windows = map(hash, zip(*(hashes[start:] for start in range(_WINDOW)), strict=False))
        for place, window in enumerate(windows, number << LINE_SHIFT):
            first = once.setdefault(window, place)
            if first != place:
                again.setdefault(window, [first]).append(place)
    del once
    mask = (1 << LINE_SHIFT) - 1
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for places in again.values():
        number, at = places[0] >> LINE_SHIFT, places[0] & mask
        if len(places) > _PLACES or len(set(outlines[number].hashes[at : at + _WINDOW])) < _DISTINCT:
            continue
        for one, other in _pairs(places) if len(places) <= _PAIRS else pairwise(places):
            left, right, at, to = one >> LINE_SHIFT, other >> LINE_SHIFT, one & mask, other & mask
            if left != right or to - at >= _WINDOW:
                pairs[left, right].append((at, to))
    for pair in sorted(pairs):
        yield pair, sorted(pairs[pair])


def _chained(left: int, right: int, seeds: list[tuple[int, int]]) -> Iterator[Match]:
    """Equal windows of two modules that follow each other closely, as one match each."""
    chains: list[list[int]] = []  # left first, left last, right first, right last, equal lines
    for at, to in seeds:
        best: list[int] | None = None
        for chain in reversed(chains[-8:]):
            ahead, aside = at - chain[1], to - chain[3]
            if ahead <= _GAP + 1 and -_WINDOW < aside <= _GAP + 1 and to > chain[3] - _WINDOW + 1 and at > chain[1] - _WINDOW + 1:
                if best is None or abs(ahead - aside) < abs(at - best[1] - to + best[3]):
                    best = chain
        if best is not None and left == right and at + _WINDOW > best[2]:
            best = None  # a block that repeats within one file ends where its copy begins
        if best is None:
            chains.append([at, at + _WINDOW - 1, to, to + _WINDOW - 1, _WINDOW])
            continue
        fresh = min(_WINDOW, at + _WINDOW - 1 - best[1], to + _WINDOW - 1 - best[3])
        if fresh > 0:
            best[4] += fresh
            best[1], best[3] = at + _WINDOW - 1, to + _WINDOW - 1
    for first, last, other_first, other_last, lines in chains:
        yield Match(left, right, first, last, other_first, other_last, lines)


def _grown(outlines: list[_Outline], match: Match) -> Match:
    """The match with the equal lines before and behind it, over a few that differ; shorter than a window, they were not looked up."""
    left, right = outlines[match.left].hashes, outlines[match.right].hashes
    count, other_count = len(left), len(right)
    same = match.left == match.right
    ends = []
    lines = match.lines
    for at, to, way in ((match.left_first, match.right_first, -1), (match.left_last, match.right_last, 1)):
        while True:
            for step in range(1, _STEP + 2):
                one, other = at + way * step, to + way * step
                if one < 0 or other < 0 or one >= count or other >= other_count or left[one] != right[other]:
                    continue
                last, other_last = (one, other) if step == 1 else (one + way, other + way)
                if last < 0 or other_last < 0 or last >= count or other_last >= other_count:
                    continue
                if same and (last >= match.right_first or other_last <= match.left_last):
                    continue
                if left[last] == right[other_last]:
                    lines += 1 + abs(last - one)
                    at, to = last, other_last
                    break
            else:
                break
        ends.append((at, to))
    (first, other_first), (last, other_last) = ends
    return Match(match.left, match.right, first, last, other_first, other_last, lines)


def _twins(outlines: list[_Outline], matches: list[Match]) -> list[tuple[int, int]]:
    """The pairs of files of which most is shared."""
    covered: dict[tuple[int, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for match in matches:
        if match.left != match.right:
            left, right = covered[match.left, match.right]
            left.update(range(match.left_first, match.left_last + 1))
            right.update(range(match.right_first, match.right_last + 1))
    found = []
    for (one, other), (left, right) in sorted(covered.items()):
        share = max(len(left) / len(outlines[one].hashes), len(right) / len(outlines[other].hashes))
        if share >= _FILE_SHARE:
            found.append((one, other))
    return found


def _groups(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected parts of a graph with these edges."""
    home: dict[int, list[int]] = {}
    for one, other in pairs:
        left, right = home.setdefault(one, [one]), home.setdefault(other, [other])
        if left is not right:
            left, right = (left, right) if len(left) >= len(right) else (right, left)
            left += right
            home.update(dict.fromkeys(right, left))
    return sorted(sorted(group) for group in {id(group): group for group in home.values()}.values())


def _pairs(group: list[int]) -> Iterator[tuple[int, int]]:
    for place, one in enumerate(group):
        for other in group[place + 1 :]:
            yield one, other


def _of_files(matches: list[Match], group: list[int]) -> list[_Place]:
    """For each of these files the lines from the first to the last that it shares with another."""
    among = set(group)
    spans: dict[int, tuple[int, int]] = {}
    for m in matches:
        if m.left != m.right and m.left in among and m.right in among:
            for number, first, last in ((m.left, m.left_first, m.left_last), (m.right, m.right_first, m.right_last)):
                old = spans.get(number, (first, last))
                spans[number] = (min(old[0], first), max(old[1], last))
    return [(n, *spans[n]) for n in group]


def _of_blocks(matches: list[Match]) -> Iterator[list[_Place]]:
    """Families of blocks: matches that lie over each other in one file are one place; families in the same files are one."""
    edges: list[tuple[int, int]] = []
    sides: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, m in enumerate(matches):
        sides[m.left].append((m.left_first, m.left_last, 2 * number))
        sides[m.right].append((m.right_first, m.right_last, 2 * number + 1))
        edges.append((2 * number, 2 * number + 1))
    for places in sides.values():
        places.sort()
        for at, (first, last, node) in enumerate(places):
            for other_first, other_last, other in places[at + 1 : at + 1 + _PLACES]:
                if other_first > last:
                    break
                common = min(last, other_last) - other_first + 1
                if common >= _OVERLAP * (max(last - first, other_last - other_first) + 1):
                    edges.append((node, other))
    by_files: dict[tuple[int, ...], list[_Place]] = defaultdict(list)
    for group in _groups(edges):
        spans = sorted(_side(matches[node // 2], node % 2) for node in group)
        by_files[tuple(sorted({s[0] for s in spans}))] += _merged(spans)
    for _, spans in sorted(by_files.items()):
        yield _merged(sorted(spans))


def _side(match: Match, side: int) -> _Place:
    if side:
        return match.right, match.right_first, match.right_last
    return match.left, match.left_first, match.left_last


def _merged(spans: list[_Place]) -> list[_Place]:
    """Spans of one file that lie over each other as one."""
    found: list[_Place] = []
    for number, first, last in spans:
        if found and found[-1][0] == number and first <= found[-1][2]:
            found[-1] = (number, found[-1][1], max(last, found[-1][2]))
        else:
            found.append((number, first, last))
    return found


def _family(outlines: list[_Outline], spans: list[_Place], whole: Collection[int]) -> Family:
    """These places with what is their own; the files of `whole` are members as files."""
    spans = sorted(set(spans))
    held: dict[int, set[int]] = defaultdict(set)
    for place, (number, first, last) in enumerate(spans):
        for one in outlines[number].hashes[first : last + 1]:
            held[one].add(place)
    found = []
    for place, (number, first, last) in enumerate(spans):
        outline = outlines[number]
        own = tuple(outline.numbers[i] for i in range(first, last + 1) if held[outline.hashes[i]] == {place})
        found.append(Member(outline.module, outline.numbers[first], outline.numbers[last], last - first + 1, own, number in whole))
    return Family(tuple(found))
