"""What differs between two identities that are almost the same: a drift between a writer and a reader."""

from __future__ import annotations

import re

from mldebt.project.artifacts.identity import PATHS, label
from mldebt.project.artifacts.matching import ENOUGH, unify
from mldebt.project.artifacts.model import Identity
from mldebt.project.artifacts.shapes import EXTENSION, NOT_TEXT, letters, score, shape
from mldebt.project.artifacts.templates import is_constant, text

_SPACES = {"s3": "bucket", "gs": "bucket", "azure": "container"}
# Words by which people name their environments, and so differ on purpose.
_LIFE = frozenset({
    "dev", "development", "test", "testing", "qa", "stage", "staging", "stg", "uat", "prod", "production", "live", "sandbox", "local", "ci",
})  # fmt: skip
_ADDED = re.compile(
    r"v\d+|daily|weekly|monthly|hourly|yearly|new|old|final|latest|fixed|updated|backup|bak|copy|orig|original", re.IGNORECASE
)
_FORMATS = frozenset({
    "arrow", "bin", "csv", "dat", "ckpt", "f", "feather", "ftr", "h5", "hdf", "hdf5", "joblib", "json", "jsonl", "ndjson", "npy", "npz",
    "orc", "p", "parquet", "pb", "pickle", "pkl", "pq", "pt", "pth", "tsv", "txt", "xls", "xlsx",
})  # fmt: skip
_FOLDERS = 2  # segments of a key that stands for more than a file's own name
_SHORTEST = 5  # letters of a word in which one letter may be a slip


def near_miss(a: Identity, b: Identity) -> str:
    """What the first has instead of what the second has, in words; empty if they match or differ by more than a slip."""
    if a.store != b.store:
        return _elsewhere(a, b)
    differs = _slip(a, b)
    return differs if differs and unify(a, b) is None else ""  # matching costs more and hardly any pair gets so far


def _slip(a: Identity, b: Identity) -> str:
    """What differs between two names in one kind of store that share all but one part."""
    left, right = shape(a), shape(b)
    count = min(len(left.segments), len(right.segments))
    if count == 0 or (len(left.segments) != len(right.segments) and not (left.open or right.open)):
        return ""
    mine, its = left.segments[-count:], right.segments[-count:]
    path = a.store in PATHS
    apart = [at for at in range(count) if mine[at] != its[at]]
    if a.namespace != b.namespace and a.namespace and b.namespace:
        if apart:
            return _elsewhere(a, b)
        return _space(a, b) if a.store in _SPACES and score(mine, path) >= ENOUGH else ""
    if len(apart) != 1:
        return ""
    at = apart[0]
    last = at == count - 1
    if NOT_TEXT.findall(mine[at]) != NOT_TEXT.findall(its[at]):
        return ""
    same = sum(letters(mine[other], path and other == count - 1) for other in range(max(0, count - 2), count) if other != at)
    if a.store == "table" and at == count - 2:
        return _other("schema", mine[at], its[at]) if same >= ENOUGH and not _life(mine[at], its[at]) else ""
    if not path or not last:
        return _words(mine[at], its[at], same)
    stem, other = EXTENSION.sub("", mine[at]), EXTENSION.sub("", its[at])
    ending, its_ending = mine[at][len(stem) :], its[at][len(other) :]
    if ending == its_ending:
        return _words(stem, other, same)
    formats = {ending[1:].lower(), its_ending[1:].lower()} <= _FORMATS
    return _other("extension", ending, its_ending) if stem == other and formats and same + letters(stem, False) >= ENOUGH else ""


def _elsewhere(a: Identity, b: Identity) -> str:
    """The same key in another kind of store, or with one word more at its end in another bucket: a copy step lies between."""
    if a.store not in _SPACES or b.store not in _SPACES or not (is_constant(a.namespace) and is_constant(b.namespace)):
        return ""
    left, right = shape(a), shape(b)
    mine, its = left.segments, right.segments
    if len(mine) != len(its) or len(mine) < _FOLDERS or mine[:-1] != its[:-1] or left.open or right.open or _one_environment(a, b):
        return ""
    place = _other("", label(a).removesuffix(text(a.name)).rstrip("/"), label(b).removesuffix(text(b.name)).rstrip("/")).strip()
    if mine[-1] == its[-1]:
        return place if a.store != b.store and score(mine, True) >= ENOUGH else ""
    stem, other = EXTENSION.sub("", mine[-1]), EXTENSION.sub("", its[-1])
    if mine[-1][len(stem) :] != its[-1][len(other) :]:
        return ""
    folders = score(mine[:-1], False)
    words = _added(stem, other, _split(stem), _split(other), folders) if folders + letters(other, False) >= 2 * ENOUGH else ""
    return f"{words}, and {place}" if words else ""


def _one_environment(a: Identity, b: Identity) -> bool:
    """Whether the buckets differ in nothing but the words of environments and numbers."""
    apart = {*_split(text(a.namespace).lower())} ^ {*_split(text(b.namespace).lower())}
    return a.store == b.store and all(word in _LIFE or word.isdigit() for word in apart)


def _other(what: str, mine: str, its: str) -> str:
    return f"{what} `{_shown(mine)}` instead of `{_shown(its)}`"


def _shown(part: str) -> str:
    return NOT_TEXT.sub("*", part)


def _space(a: Identity, b: Identity) -> str:
    if not (is_constant(a.namespace) and is_constant(b.namespace)):
        return ""
    mine, its = text(a.namespace), text(b.namespace)
    return "" if _life(mine, its) else _other(_SPACES[a.store], mine, its)


def _split(part: str) -> list[str]:
    return [word for word in re.split(r"[-_. ]+", part) if word]


def _life(a: str, b: str) -> bool:
    """Whether the words that differ are those of environments."""
    left, right = set(_split(a.lower())), set(_split(b.lower()))
    return bool((left ^ right) & _LIFE)


def _words(a: str, b: str, same: int) -> str:
    """One slip between two texts that share enough, `same` letters of it elsewhere in the name."""
    if a.lower() == b.lower():
        return f"upper and lower case differ: `{_shown(a)}` and `{_shown(b)}`" if same + letters(a, False) >= ENOUGH else ""
    mine, its = _split(a), _split(b)
    if mine == its:
        return f"`{_shown(a)}` instead of `{_shown(b)}`" if same + letters(a, False) >= ENOUGH else ""
    if len(mine) != len(its):
        return _added(a, b, mine, its, same)
    apart = [at for at in range(len(mine)) if mine[at] != its[at]]
    if len(apart) != 1:
        return ""
    word, other = mine[apart[0]], its[apart[0]]
    shared = same + sum(letters(part, False) for at, part in enumerate(mine) if at != apart[0]) + min(len(word), len(other)) - 1
    slip = min(len(word), len(other)) >= _SHORTEST and word.isalpha() and other.isalpha() and _one_slip(word, other)
    return f"one letter differs: {_other('', word, other).strip()}" if slip and shared >= ENOUGH else ""


def _added(a: str, b: str, mine: list[str], its: list[str], same: int) -> str:
    """A word such as `daily` or `v2` more at the end of one of them."""
    short, long = sorted((mine, its), key=len)
    extra = long[len(short) :]
    if long[: len(short)] != short or len(extra) != 1 or not _ADDED.fullmatch(extra[0]):
        return ""
    if same + sum(letters(word, False) for word in short) < ENOUGH:
        return ""
    more = max(a, b, key=len)[len(min(a, b, key=len)) :]
    return f"`{_shown(more)}` {'more' if long is mine else 'less'}"


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter is changed, missing or swapped with its neighbour."""
    if len(a) == len(b):
        apart = [at for at in range(len(a)) if a[at] != b[at]]
        if len(apart) == 2 and apart[1] == apart[0] + 1:
            return a[apart[0]] == b[apart[1]] and a[apart[1]] == b[apart[0]]
        return len(apart) == 1
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
