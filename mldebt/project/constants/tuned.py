"""Numbers with many digits that stand in several places: somebody found them by a search and pasted them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from mldebt.facts.model import Const, Span
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, is_compared, spot
from mldebt.project.project import Module, Project

_DIGITS = 9  # of a number that nobody chooses by hand
_ALONE = 12  # of one that stands for itself, without a second number beside it
_KNOWN = (math.pi, math.e, math.sqrt(2), math.sqrt(3), math.sqrt(5), math.sqrt(math.pi), math.sqrt(2 * math.pi), math.log(2), math.log(10))
_CLOSE = 1e-6
_MANY = 12  # numbers of one place: a table that is published somewhere


def pasted(project: Project) -> Iterator[Coupled]:
    """One group for all places that share a number nobody would write twice by chance."""
    places: dict[float, list[Literal]] = defaultdict(list)
    seen: dict[float, int] = defaultdict(int)
    numbers: list[tuple[Module, dict[int, float]]] = []
    for module in project.python:
        if is_compared(module):
            found = {i: v for i in module.of_kind(Const) if type(v := module.facts.values[i].value) is float and is_tuned(v)}  # type: ignore[union-attr]
            numbers.append((module, found))
            for value in found.values():
                seen[value] += 1
    for module, found in numbers:
        for one in literals(module, set(found)):
            places[found[one.index]].append(one)
    yield from _groups(places)


def is_tuned(value: float) -> bool:
    """Whether the number has many digits and is no constant of mathematics, no plain fraction and no rounded power of ten."""
    if not math.isfinite(value) or digits(value) < _DIGITS:
        return False
    size = abs(value)
    for known in _KNOWN:
        for factor in (1, 2, 3, 4, 0.5, 0.25, 180, 1 / 180, 1 / 360):
            if (
                abs(size / (known * factor) - 1) < _CLOSE
                or abs(size * known * factor - 1) < _CLOSE
                or abs(size * known / factor - 1) < _CLOSE
            ):
                return False
    for largest, off in ((1000, 10.0 ** -_decimals(size)), (100, 1e-7 * min(size, 1.0))):  # written out, or rounded to single precision
        if abs(float(Fraction(size).limit_denominator(largest)) - size) <= off:
            return False
    return True


def _decimals(value: float) -> int:
    """How many digits stand behind the point."""
    text, _, exponent = repr(value).partition("e")
    return len(text.partition(".")[2]) - int(exponent or 0)


def digits(value: float) -> int:
    """Significant digits of the shortest spelling."""
    text = repr(abs(value)).partition("e")[0].replace(".", "").lstrip("0")
    return len(text.rstrip("0"))


def _groups(places: dict[float, list[Literal]]) -> Iterator[Coupled]:
    """Places joined by the numbers that they share."""
    at: dict[tuple[str, Span], list[Literal]] = defaultdict(list)  # one statement
    for found in places.values():
        for one in found:
            at[(one.module.path, one.span)].append(one)
    shared: dict[float, list[tuple[str, Span]]] = {}
    for value, found in sorted(places.items()):
        keys = sorted({(one.module.path, one.span) for one in found})
        if len(keys) > 1:
            shared[value] = keys
    home: dict[tuple[str, Span], int] = {}
    groups: dict[int, set[tuple[str, Span]]] = {}
    held: dict[int, set[float]] = {}
    for number, (value, keys) in enumerate(shared.items()):
        groups[number], held[number] = set(keys), {value}
        for other in sorted({home[key] for key in keys if key in home}):
            groups[number] |= groups.pop(other)
            held[number] |= held.pop(other)
        home.update((key, number) for key in groups[number])
    merged: dict[tuple[str, ...], tuple[set[tuple[str, Span]], set[float]]] = {}  # by the files: one search, written down in several lines
    for number in sorted(groups):
        values = held[number]
        if len(values) == 1 and digits(next(iter(values))) < _ALONE or max(len(at[key]) for key in groups[number]) > _MANY:
            continue
        known = merged.setdefault(tuple(sorted({path for path, _ in groups[number]})), (set(), set()))
        known[0].update(groups[number])
        known[1].update(values)
    for spots, values in merged.values():
        yield _coupled([sorted(at[key], key=lambda place: (place.name, place.index)) for key in sorted(spots)], values)


def _coupled(found: list[list[Literal]], values: set[float]) -> Coupled:
    names = sorted({one.name for group in found for one in group if one.name and one.value in values})
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    what = f"tuned values ({shown})" if names else "numbers with many digits"
    files = len({group[0].module.path for group in found})
    where = f"in {files} files" if files > 1 else f"{len(found)} times in this file"
    return Coupled(
        "pasted",
        tuple(spot(group[0], "the same values") for group in found),
        f"{what} are pasted {where}: a new search must change every copy",
        " ".join(names) or "numbers",
        0.9,
    )
