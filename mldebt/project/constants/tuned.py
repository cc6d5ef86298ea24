"""Numbers with many digits that stand in several places: somebody found them by a search and pasted them."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from mldebt.facts.model import Const, Map, Span
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, is_compared, spot
from mldebt.project.constants.published import is_published
from mldebt.project.project import Module, Project

_DIGITS = 9  # of a number that nobody chooses by hand
_ALONE = 12  # of one that stands for itself, without a second number beside it
_MANY = 12  # numbers of one place: a table that is published somewhere
_LEARNER = re.compile(
    r"(^|_)(lr|learning_?rate|eta|(reg_?)?(alpha|lambda)|lambda_?l?[12]|l[12](_?(reg\w*|ratio|leaf_reg))?|gamma|(weight_?|lr_?)?decay|momentum"
    r"|(\w+_)?dropout(_\w+)?|drop_?rate|max_depth|num_leaves|min_(child|data|sum|split|gain|impurity|samples|weight)\w*|sub_?sample\w*"
    r"|colsample\w*|(bagging|feature|neg_bagging|pos_bagging)_(fraction|temperature)|scale_pos_weight|max_(features|samples|delta_step)"
    r"|random_strength|rsm|penalty|epsilon|adam_\w+|beta_?[12]|tol|entropy_coef|clip_\w+|label_smoothing|warmup_\w+|c|nu|reg\w*)$",
    re.IGNORECASE,
)
_EARTH = re.compile(r"(^|_)(lat|lon|lng|long)(_|$|itude)|coord|cent(er|re)|bounds|bbox", re.IGNORECASE)
_GIVEN = ("argument", "default", "field")


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
    """Whether the number has many digits and is no published constant, no plain fraction and no rounded power of ten."""
    if not math.isfinite(value) or digits(value) < _DIGITS:
        return False
    if is_published(value):
        return False
    size = abs(value)
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
        held = [sorted(at[key], key=lambda place: (place.name, place.index)) for key in sorted(spots)]
        searched = any(_is_given(one) and _LEARNER.search(one.name) for group in held for one in group)
        if searched or any(_is_table(group, values) for group in held):
            yield _coupled(held, values, searched)


def _is_given(one: Literal) -> bool:
    """Whether the number is given to something by a name: a keyword, a default, a key of a dict."""
    if one.how in _GIVEN or one.how == "key":
        return one.name != ""
    return one.holder >= 0 and type(one.module.facts.values[one.holder]) is Map


def _is_table(group: list[Literal], values: set[float]) -> bool:
    """Whether one statement holds several of the numbers, and no place on the earth."""
    numbers = {one.value for one in group if one.value in values}
    names = {one.name for one in group if one.value in values and _is_given(one)}
    return len(numbers) > 1 and (len(numbers) > 2 or len(names) > 1) and not any(_EARTH.search(one.name) for one in group)


def _coupled(found: list[list[Literal]], values: set[float], searched: bool) -> Coupled:
    """Only what a learner is given comes from a search; other numbers are told with less confidence."""
    names = sorted({one.name for group in found for one in group if one.name and one.value in values})
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    what = (f"tuned values ({shown})" if searched else f"numbers with many digits ({shown})") if names else "numbers with many digits"
    files = len({group[0].module.path for group in found})
    where = f"in {files} files" if files > 1 else f"{len(found)} times in this file"
    why = "a new search must change every copy" if searched else "the copies must change together"
    return Coupled(
        "pasted",
        tuple(spot(group[0], "the same values") for group in found),
        f"{what} are pasted {where}: {why}",
        " ".join(names) or "numbers",
        0.9 if searched else 0.65,
    )
