"""What a result says, in words and numbers that every format for people shares. Nothing here is escaped yet, except by `named`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import PurePath

from mldebt.data_pass.result import RULES, Bundle, CodePlace, Column, DropSet, Interval, Kind, Result, signed
from mldebt.report.terminal import safe
from mldebt.report.words import count

MEANING: dict[Kind, str] = {
    "constant": "it has one value only",
    "duplicate": "another column says exactly the same",
    "legacy": "columns that stay have taken its place: they determine it",
    "correlated": "it moves with a column that stays",
    "bundled": "it came with a group of columns whose other members carry the gain",
    "epsilon": "it adds something real, smaller than the tolerance",
    "no-gain": "no measurable gain within the tolerance on these rows with this model",
    "one-of": "needed, but another column could stand in for it",
    "needed": "its loss alone costs more than the tolerance",
    "undecided": "these rows cannot tell; it stays",
    "unexamined": "the search did not come to it; it stays",
}
_LONGEST = 48
_QUOTED = re.compile(r"`([^`]+)`")
_SHARED = ("joint-gain", "producer")  # evidence that several columns have in common: told once
_SHOWN = ("gain", "structure")  # evidence that stands in the table already, or says nothing of one column


def named(name: str, longest: int = _LONGEST) -> str:
    """A column name, safe to print on one line; in quotes when it is empty or begins or ends with a space; cut when very long."""
    shown = safe(name)
    if not shown or shown != shown.strip():
        shown = f'"{shown}"'
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def digits(tolerance: float) -> int:
    """Decimal places that show a tenth of the tolerance."""
    return 4 if not (0 < tolerance < math.inf) else max(0, min(8, math.ceil(-math.log10(tolerance)) + 1))


def interval(value: Interval | None, places: int) -> str:
    """`+0.0031 [-0.0004, +0.0066]`, or `-` when it was not measured."""
    return "-" if value is None else value.words(places)


def headline(result: Result) -> str:
    """The answer in one sentence, without the name of the data."""
    decided, columns = result.set, len(result.columns)
    of = f"of {count(columns, 'column')}"
    if structure_only(result):
        number = len(dropped(result))
        what = "repeat others or never change" if number > 1 else "repeats another or never changes"
        return f"{number or 'none'} {of} {what} (structure only: no model was asked)"
    match decided.verdict:
        case "confirmed":
            return f"{len(result.drop):,} {of} may go together: {measured(decided)}"
        case "nothing":
            tried = f": {measured(decided)}" if decided.delta is not None else ""
            return f"none {of} may go within the tolerance of {_tolerance(decided)} in {decided.metric}{tried}"
        case "undecided":
            tried = f": {measured(decided)}" if decided.delta is not None else f" (tolerance {_tolerance(decided)} in {decided.metric})"
            said = "undecided: no set of columns is proved to be within the tolerance on these rows"
            return f"{said}{tried}"
        case "no-model":
            reached = (
                "" if decided.reference is None else f" ({decided.metric} {_metric(decided.reference, decided)} is no better than a guess)"
            )
            return f"the model does not learn{reached}: nothing can be called unused"


def measured(decided: DropSet) -> str:
    """`roc_auc 0.8612 -> 0.8620, loss -0.0008 [-0.0031, +0.0017], tolerance 0.005`."""
    places = digits(decided.tolerance)
    parts: list[str] = []
    if decided.reference is not None and decided.delta is not None:
        without = decided.reference - decided.delta if decided.without is None else decided.without
        parts.append(f"{decided.metric} {_metric(decided.reference, decided)} -> {_metric(without, decided)}")
    if decided.delta is not None:
        loss = signed(decided.delta, places)
        if decided.low is not None and decided.high is not None:
            loss = Interval(decided.delta, decided.low, decided.high, 0).words(places)
        parts.append(f"loss {loss}")
    return ", ".join((*parts, f"tolerance {_tolerance(decided)}"))


def judged(result: Result) -> str:
    """By what the answer was found."""
    decided, data = result.set, result.data
    rows = count(data.rows, "row")
    if structure_only(result):
        return f"Compared by value on {rows}; whether a model needs them was not asked."
    seen = rows if data.sampled_rows >= data.rows else f"{data.sampled_rows:,} of {rows}"
    splits, _, tested = decided.splits.partition("; ")
    how = ", ".join(part for part in (splits, count(decided.fits, "fit"), seen, f"seed {decided.seed}") if part)
    spent = "" if decided.seconds is None else f", {decided.seconds:.1f} s"
    last = f" {tested[:1].upper()}{tested[1:]}." if tested else ""
    return f"Judged by {result.model} ({result.task}): {how}{spent}.{last}"


def caveat(result: Result) -> str:
    """What the answer does not say."""
    if result.set.verdict == "no-model" or structure_only(result) or not result.drop:
        return ""
    rose = " A negative loss is a gain." if signed(result.set.delta or 0.0, digits(result.set.tolerance)).startswith("-") else ""
    said = "No measurable loss beyond the tolerance for all of them together, on these rows, with this model: other data may need them."
    return said + rose


def dropped(result: Result) -> tuple[Column, ...]:
    """The columns that may go, dearest to carry first. Without a model: those that repeat others or never change."""
    without = structure_only(result)
    going = (one for one in result.columns if one.action == "drop" or (without and one.kind in RULES))
    return tuple(sorted(going, key=lambda one: (-one.cost.code_lines, -one.cost.files, -len(one.code), -one.cost.bytes, one.name)))


def going(result: Result) -> str:
    """What the dropped columns are called."""
    return "Repeat others or never change" if structure_only(result) else "May go together"


def reviewed(result: Result) -> tuple[Column, ...]:
    """The columns that a person should look at, by name."""
    other = {one.name for one in (*dropped(result), *undecided(result))}
    found = (one for one in result.columns if one.action == "review" and one.name not in other and (one.kind in RULES or told(one)))
    return tuple(sorted(found, key=lambda one: one.name))


def undecided(result: Result) -> tuple[Column, ...]:
    """The columns that the rows at hand cannot decide, by name."""
    names = set(result.undecided)
    return tuple(sorted((one for one in result.columns if one.name in names or one.kind == "undecided"), key=lambda one: one.name))


def staying(result: Result) -> tuple[Column, ...]:
    """The columns that stay, those whose loss costs most first."""
    other = {one.name for one in (*dropped(result), *undecided(result), *reviewed(result))}
    stay = (one for one in result.columns if one.name not in other)
    return tuple(sorted(stay, key=lambda one: (-(one.delta_alone.mean if one.delta_alone else -math.inf), one.name)))


def why(column: Column) -> str:
    """The evidence in one line, or what its kind means."""
    return told(column) or MEANING[column.kind]


def told(column: Column) -> str:
    """What the evidence says of this column alone, in one line."""
    own = (one.message.strip().rstrip(".") for one in column.evidence if one.type not in (*_SHARED, *_SHOWN))
    return "; ".join(message for message in own if message)


def shared(columns: Iterable[Column]) -> tuple[str, ...]:
    """What the evidence says of several columns that may go: their gain together, the functions and statements that go with them."""
    evidence = (one for column in columns if column.action == "drop" for one in column.evidence)
    return tuple(message for _, message in sorted({(one.type, one.message) for one in evidence if one.type in _SHARED}))


def why_undecided(column: Column, tolerance: float) -> str:
    """Why a column stays undecided: the evidence, else where its interval ends."""
    value = column.delta_alone or column.gain_alone
    if value is None or not value.low <= tolerance < value.high or told(column):
        return why(column)
    return f"may cost {signed(value.high, digits(tolerance))}, more than the tolerance, or {'nothing' if value.low <= 0 else 'less'}"


def carried(column: Column) -> str:
    """`3 lines in 2 files, 12 % missing`: what the column costs to carry, besides its bytes."""
    cost = column.cost
    parts = []
    if cost.code_lines:
        parts.append(count(cost.code_lines, "line") + (f" in {count(cost.files, 'file')}" if cost.files else ""))
    if cost.null_share > 0:
        parts.append(f"{_share(cost.null_share)} missing")
    return ", ".join(parts)


def size(number: int) -> str:
    """Bytes in decimal units: `812 B`, `48 kB`, `1.2 MB`."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError  # the last unit returns


def _share(share: float) -> str:
    return "<1 %" if share < 0.005 else f"{min(99, round(share * 100)) if share < 1 else 100} %"


def bundle(one: Bundle, places: int) -> str:
    """`2 of 10 earn their place; without all of them: loss +0.0310 [...]`."""
    told = f"{len(one.kept):,} of {len(one.columns):,} {'earns its' if len(one.kept) == 1 else 'earn their'} place"
    whole = "" if one.delta is None else f"; the loss of all of them costs {interval(one.delta, places)}"
    return told + whole


def code(place: CodePlace) -> str:
    """`train.py:12 creates`."""
    return f"{place.path}:{place.line} {place.role}"


def segments(text: str) -> tuple[tuple[bool, str], ...]:
    """The text in parts; what stood in backticks is marked. A name with backticks of its own is parted at the wrong place, no worse."""
    parts = _QUOTED.split(text)
    return tuple((bool(index % 2), part) for index, part in enumerate(parts) if part)


def kinds(columns: Iterable[Column]) -> tuple[Kind, ...]:
    """The kinds that occur, in the order of `MEANING`."""
    present = {one.kind for one in columns}
    return tuple(kind for kind in MEANING if kind in present)


def hints(result: Result) -> tuple[str, ...]:
    """What to do next; commands stand in backticks."""
    told: list[str] = []
    gone = dropped(result)
    if structure_only(result):
        told.append("without `--structure-only` a model says whether anything is lost when they go together, and what else may go.")
        return tuple(told)
    if result.set.verdict == "no-model":
        told.append("check `--target` and `--metric`, or bring the model that is in use: `--model module:factory --allow-import`.")
        return tuple(told)
    if any(one.code for one in gone):
        told.append("delete the lines that make these columns, then the places that read them, and train without them.")
    elif gone:
        told.append("train without these columns; in a repository, `--code PATH` names the lines that would go with them.")
    if gone:
        told.append(f"`mldebt explain {RULES[gone[0].kind]}` says more of a kind, `--keep COL` holds a column back.")
    if result.undecided:
        told.append("more rows, more `--repeats` or a larger `--tolerance` decide what is undecided.")
    return tuple(told)


def title(result: Result) -> str:
    """The name of the data."""
    return PurePath(result.data.path).name or result.data.path or "data"


def structure_only(result: Result) -> bool:
    return any(result.settings.get(name) is True for name in ("structure-only", "structure_only"))


def _tolerance(decided: DropSet) -> str:
    return f"{decided.tolerance:g}"


def _metric(value: float, decided: DropSet) -> str:
    return f"{value:.{digits(decided.tolerance)}f}" if math.isfinite(value) else "?"
