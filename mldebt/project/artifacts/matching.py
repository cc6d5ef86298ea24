"""Whether two identities name the same artifact, and how surely."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from mldebt.project.artifacts.identity import PATHS
from mldebt.project.artifacts.model import Hole, Identity
from mldebt.project.artifacts.shapes import ANY, DEEP, GLOB, MARK, WILD, Shape, literal_space, score, shape
from mldebt.project.artifacts.templates import coded, is_constant

ENOUGH = 8  # characters that no other artifact is likely to share
_SPACE = 6  # a bucket, database or schema that both spell out
_LOOSE = frozenset({"file", "table"})  # stores in which a name may leave out its first segments


class Match(msgspec.Struct, frozen=True):
    """Two identities may name the same artifact."""

    exact: bool  # the same whole name, compression aside
    constant: bool  # no hole in either
    spelled: bool  # whole paths of which every segment shares text: only folds, numbers and the like are open
    specificity: int  # characters of the last two segments that both spell out and that are not everybody's words
    partition: tuple[str, ...]  # dates, versions, run ids of either, which were not compared
    apart: bool = False  # both spell out a date or version, not the same: other bytes of one series


def joins(match: Match) -> bool:
    """Whether a match is sure enough to say that one process reads what the other writes."""
    named = match.exact and (match.constant or match.specificity >= _SPACE)  # the same holes in one bucket or schema
    return not match.apart and (match.specificity >= ENOUGH or named or match.spelled)


def specificity(identity: Identity) -> int:
    """How many characters of the name say which artifact it is."""
    return score(shape(identity).marked, identity.store in PATHS) + (_SPACE if literal_space(identity) else 0)


def key(identity: Identity) -> str:
    """Equal for all identities that may be unified by a constant last segment; empty where that segment has holes."""
    parts = shape(identity).marked
    if not parts or WILD.search(parts[-1]):
        return ""
    last = parts[-1].replace(MARK, "#")
    return last if identity.store in PATHS else f"{identity.store}:{last}"


def unify(a: Identity, b: Identity) -> Match | None:
    """How two identities match, the same for either order; None if they name different artifacts."""
    same_space = _spaces(a, b)
    if same_space is None:
        return None
    left, right = shape(a), shape(b)
    path = a.store in PATHS
    if not (left.says and right.says):
        return _same_variables(a, b)
    common = _aligned(left, right, loose=a.store == b.store and a.store in _LOOSE)
    if common is None:
        return None
    whole = same_space and left.absolute == right.absolute
    constant = left.constant and right.constant and is_constant(a.namespace) and is_constant(b.namespace)
    exact = (whole or (a.store == "table" and score(common, path) > 0)) and left.named == right.named
    space = same_space and literal_space(a) and literal_space(b) and (path or common[-2:-1] == left.segments[-2:-1])
    return Match(
        exact=exact,
        constant=constant,
        spelled=exact if constant else whole and _spelled(left, right, common, path),
        specificity=score(common, path) + (_SPACE if space else 0),
        partition=tuple(sorted({*left.partition, *right.partition})),
        apart=_other_versions(left, right),
    )


def _same_variables(a: Identity, b: Identity) -> Match | None:
    """Names that say nothing themselves, but are put together from the same named variables or settings."""
    holes = [part for part in a.name if type(part) is Hole]
    if a != b or not all(hole.origin in ("env", "config") or (hole.origin == "unknown" and hole.name.isupper()) for hole in holes):
        return None
    letters = sum(len(hole.name) for hole in holes)
    return Match(True, False, letters >= ENOUGH, 0, (), False) if letters >= ENOUGH else None


def contains(a: Identity, b: Identity) -> bool:
    """Whether the first is a folder that holds the second, or a pattern that matches it."""
    same_space = _spaces(a, b)
    if same_space is None or a == b or a.store not in PATHS or b.store not in PATHS:
        return False
    outer, inner = shape(a), shape(b)
    if not outer.segments or not inner.segments:
        return not outer.segments and bool(inner.segments) and same_space and literal_space(a)
    if any(type(part) is Hole and part.origin in ("glob", "loop") for part in a.name):
        common = _aligned(outer, inner, loose=a.store == "file")
        if common is not None and _sure(outer, inner, common, extension=True):
            return True
    end, marked = outer.segments[-1], outer.marked[-1]
    for depth in range(1, len(inner.segments)):
        last = inner.segments[depth - 1]
        if DEEP not in (end, last) and shared_text(end, last, marked, inner.marked[depth - 1]) is None:
            continue
        folder = msgspec.structs.replace(inner, segments=inner.segments[:depth], marked=inner.marked[:depth])
        common = _aligned(outer, folder, loose=a.store == "file")
        if common is not None and _sure(outer, folder, common, extension=False):
            return True
    return False


def _sure(a: Shape, b: Shape, common: tuple[str, ...], extension: bool) -> bool:
    """Whether what two names share is enough: the same place from the root and some text, or a text that is its own."""
    rooted = not (a.open or b.open) and a.absolute == b.absolute and (len(a.segments) == len(b.segments) or DEEP in a.segments)
    if rooted and len(common) > 1 - (not extension):
        return any(_text(part, extension and at == len(common) - 1) for at, part in enumerate(common))
    return score(common, extension) >= ENOUGH


def _spaces(a: Identity, b: Identity) -> bool | None:
    """Whether the namespaces are the same (True), may be (False), or are not (None)."""
    if a.store != b.store:
        local = [one for one in (a, b) if one.store == "file"]
        cloud = a.store in PATHS and b.store in PATHS and "http" not in (a.store, b.store)
        return False if cloud and local and shape(local[0]).open else None
    if a.namespace == b.namespace:
        return True
    left, right = (coded(one.namespace)[0] for one in (a, b))
    if a.store == "azure" and is_constant(a.namespace) and is_constant(b.namespace):
        (container, _, account), (other, _, owner) = left.partition("@"), right.partition("@")
        return True if container == other and (not account or not owner) else None
    if not left or not right:
        return False
    if is_constant(a.namespace) and is_constant(b.namespace):
        return None
    patterns = ("".join(ANY if type(part) is Hole else part for part in one.namespace) for one in (a, b))
    return None if common_text(*patterns) is None else False


def _spelled(a: Shape, b: Shape, common: tuple[str, ...], path: bool) -> bool:
    if a.open or b.open or len(a.segments) != len(b.segments) or len(common) < 2:
        return False
    blank = [at for at, part in enumerate(common) if part != MARK and not _text(part, path and at == len(common) - 1)]
    if len(blank) == 1 and len(common) > 3 and 0 < blank[0] < len(common) - 1:
        return sum(c.isalpha() for part in common for c in part) >= 2 * ENOUGH  # one folder varies in a path that is else spelled out
    return all(part == MARK or _text(part, path and at == len(common) - 1) for at, part in enumerate(common))


def _other_versions(a: Shape, b: Shape) -> bool:
    """Whether segments that match by their marks alone differ in text, with no hole for a time or run on either side."""
    if DEEP in a.segments or DEEP in b.segments:
        return False
    pairs = zip(reversed(a.segments), reversed(b.segments), strict=False)
    return any(MARK not in x and MARK not in y and common_text(x, y) is None for x, y in pairs)


def _text(part: str, extension: bool) -> bool:
    return bool(re.search(r"[A-Za-z]", part.rpartition(".")[0] if extension and "." in part else part))


def _aligned(a: Shape, b: Shape, loose: bool) -> tuple[str, ...] | None:
    """What the segments share, from left to right, aligned at the right end; None if they do not match."""
    if DEEP in a.segments or DEEP in b.segments:
        return _deep(a, b)
    short, long = (a, b) if len(a.segments) <= len(b.segments) else (b, a)
    count = len(short.segments)
    if count != len(long.segments) and not short.open and (not loose or short.absolute or count == 0):
        return None
    if count == len(long.segments) and a.absolute != b.absolute and not (loose or a.open or b.open):
        return None
    common: list[str] = []
    for at in range(1, count + 1):
        part = shared_text(short.segments[-at], long.segments[-at], short.marked[-at], long.marked[-at])
        if part is None:
            return None
        common.append(part)
    return tuple(reversed(common))


def _deep(a: Shape, b: Shape) -> tuple[str, ...] | None:
    """As `_aligned`, where `**` stands for any number of folders: the segments after the last `**` and before the first one."""
    pattern, other = (a, b) if DEEP in a.segments else (b, a)
    first = pattern.segments.index(DEEP)
    last = len(pattern.segments) - 1 - pattern.segments[::-1].index(DEEP)
    tail = len(pattern.segments) - 1 - last
    if DEEP in other.segments:
        return pattern.segments if a.segments == b.segments else None
    if first + tail > len(other.segments) or pattern.absolute != other.absolute:
        return None
    places = [(at, at) for at in range(first)] + [(-at, -at) for at in range(tail, 0, -1)]
    common: list[str] = []
    for mine, its in places:
        part = shared_text(pattern.segments[mine], other.segments[its], pattern.marked[mine], other.marked[its])
        if part is None:
            return None
        common.append(part)
    return tuple(common)


def shared_text(a: str, b: str, a_marked: str, b_marked: str) -> str | None:
    """The text that two segments share, as they are written or with their versions and dates marked."""
    common = common_text(a, b)
    if common is None and (a != a_marked or b != b_marked):
        common = common_text(a_marked, b_marked)
    return a_marked if common is not None and a_marked == b_marked == MARK else common


def common_text(a: str, b: str) -> str | None:
    """The text that two segments share, or None if no string matches both; each wildcard stands for text without `/`."""
    if a == b:
        return WILD.sub(" ", a)
    if not _is_wild(a) and not _is_wild(b):
        return None
    return _wild(a, b) if a < b else _wild(b, a)


@lru_cache(maxsize=50_000)
def _is_wild(part: str) -> bool:
    return WILD.search(part) is not None


@lru_cache(maxsize=50_000)
def _wild(a: str, b: str) -> str | None:
    if not WILD.search(b):
        a, b = b, a
    if not WILD.search(a):
        return WILD.sub(" ", b) if _pattern(b).fullmatch(a) else None
    mine, its = WILD.split(a), WILD.split(b)
    head, longer_head = sorted((mine[0], its[0]), key=len)
    tail, longer_tail = sorted((mine[-1], its[-1]), key=len)
    if not (longer_head.startswith(head) and longer_tail.endswith(tail)):
        return None
    return f"{head} {tail}"


@lru_cache(maxsize=20_000)
def _pattern(part: str) -> re.Pattern[str]:
    texts = re.split(f"([{ANY}{GLOB}])", part)
    return re.compile("".join({ANY: ".+", GLOB: ".*"}.get(piece, re.escape(piece)) for piece in texts), re.DOTALL)
