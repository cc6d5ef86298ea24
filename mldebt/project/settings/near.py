"""Names that are almost the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHORTEST = 4  # letters of a word in which one letter may be a slip
_LONG = 8  # letters of a word in which two may
_DIGITS = re.compile(r"\d+")


def nearest(name: str, known: Iterable[str], *, long: int = _LONG) -> str | None:
    """The known name that differs from this one by a slip; None where there is none, or several."""
    found = sorted({other for other in known if is_slip(name, other, long=long)})
    return found[0] if len(found) == 1 else None


def is_slip(one: str, other: str, *, long: int = _LONG) -> bool:
    """Whether two names differ by one letter, or by two in one of `long` letters: added, left out, changed or swapped. Numbers are no
    slips."""
    short = min(len(one), len(other))
    allowed = 2 if short >= long else 1
    if one == other or short < _SHORTEST or abs(len(one) - len(other)) > allowed or _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    if one.replace("_", "").replace("-", "").lower() == other.replace("_", "").replace("-", "").lower():
        return True
    if abs(len(one) - len(other)) == 1 and (one.endswith(other) or other.endswith(one)):
        return True  # a letter before it
    mine, its = one.split("_"), other.split("_")
    if one[0] != other[0] or len(mine) != len(its):
        return False
    apart = [(a, b) for a, b in zip(mine, its, strict=True) if a != b]  # `min_x` and `max_x`: whole short words are no slips
    return all(min(len(a), len(b)) >= _SHORTEST and _distance(a, b) <= (2 if min(len(a), len(b)) >= long else 1) for a, b in apart)


def _distance(one: str, other: str) -> int:
    """Letters to add, leave out, change or swap with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]
