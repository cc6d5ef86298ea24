"""Charts as plain numbers, which a template draws: debt by family, the payback map, the trend. Lengths are pixels or percent."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from mldebt.findings import Point, Ranked
from mldebt.report.terminal import safe
from mldebt.report.words import duration, place

Scale = Callable[[float], float]  # minutes to pixels

MOST_DOTS = 400
_NAMED = 5  # findings in the title of a dot
_TICKS = (1, 5, 15, 60, 240, 960, 3_840, 15_360, 61_440, 245_760, 983_040)  # minutes
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 30, 46


class Bar(msgspec.Struct, frozen=True):
    """A length in percent of the longest, and how much of it the baseline has."""

    told: str
    width: float
    known: float


class Family(msgspec.Struct, frozen=True):
    debt: str
    findings: str
    interest: Bar
    principal: Bar


class Tick(msgspec.Struct, frozen=True):
    at: float
    text: str


class Dot(msgspec.Struct, frozen=True):
    """Findings of one severity at one spot; `target` is the fingerprint of the first."""

    x: float
    y: float
    size: float
    severity: str
    known: bool
    title: str
    target: str


class Payback(msgspec.Struct, frozen=True):
    """A line on which the principal is the interest of so many quarters."""

    x1: float
    y1: float
    x2: float
    y2: float
    text: str


class Map(msgspec.Struct, frozen=True):
    """Principal to the right, interest upward, both logarithmic. `left_out`: findings."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    paybacks: tuple[Payback, ...]
    dots: tuple[Dot, ...]
    left_out: int


class Curve(msgspec.Struct, frozen=True):
    """One quantity over time."""

    name: str
    kind: str
    points: str
    spots: tuple[tuple[float, float, str], ...]
    up: tuple[Tick, ...]
    across: tuple[Tick, ...]
    width: int
    height: int
    left: int
    right: int
    bottom: int
    last: str


def families(findings: Sequence[Ranked], known: Sequence[Ranked]) -> tuple[Family, ...]:
    """The debt by family, the dearest first, with what the baseline has as a part of it."""
    names = {one.debt for one in (*findings, *known)}
    sums: dict[str, tuple[list[Ranked], list[Ranked]]] = {
        name: ([one for one in findings if one.debt == name], [one for one in known if one.debt == name]) for name in names
    }
    costs = {name: (_costs(new), _costs(old)) for name, (new, old) in sums.items()}
    most = [max((new[i] + old[i] for new, old in costs.values()), default=0.0) for i in (0, 1)]

    def bar(name: str, index: int) -> Bar:
        new, old = costs[name][0][index], costs[name][1][index]
        share = 100 / most[index] if most[index] else 0.0
        told = duration(new + old) + (f" ({duration(old)} known)" if old else "")
        return Bar(told, round((new + old) * share, 2), round(old * share, 2))

    def number(name: str) -> str:
        new, old = (len(part) for part in sums[name])
        return f"{new + old:,}" + (f" ({old:,} known)" if old else "")

    order = sorted(names, key=lambda name: (-costs[name][0][0] - costs[name][1][0], name))
    return tuple(Family(safe(name), number(name), bar(name, 0), bar(name, 1)) for name in order)


def _costs(ones: Iterable[Ranked]) -> tuple[float, float]:
    ones = tuple(ones)
    return math.fsum(finite(o.interest_minutes_per_quarter) for o in ones), math.fsum(finite(o.principal_minutes) for o in ones)


def finite(value: float) -> float:
    """The value, 0 where it is not a number that can be drawn or sorted by."""
    return max(value, 0.0) if math.isfinite(value) else 0.0


def payback_map(findings: Sequence[Ranked], known: Sequence[Ranked], *, width: int = 540, height: int = 400) -> Map | None:
    """A dot for every spot that has findings; None with fewer than two findings, which need no map."""
    listed = [(one, False) for one in findings] + [(one, True) for one in known]
    if len(listed) < 2:
        return None
    across = _range([one.principal_minutes for one, _ in listed])
    up = _range([one.interest_minutes_per_quarter for one, _ in listed])
    right, bottom = width - _RIGHT, height - _BOTTOM

    def x(minutes: float) -> float:
        return round(_LEFT + _share(minutes, across) * (right - _LEFT), 1)

    def y(minutes: float) -> float:
        return round(bottom - _share(minutes, up) * (bottom - _TOP), 1)

    spots: dict[tuple[float, float, str, bool], list[Ranked]] = {}
    for one, old in listed:
        key = (x(one.principal_minutes), y(one.interest_minutes_per_quarter), one.severity.value, old)
        spots.setdefault(key, []).append(one)
    shown = list(spots.items())[:MOST_DOTS]
    dots = [Dot(*key[:2], _size(len(ones)), *key[2:], _named(ones), safe(ones[0].fingerprint)) for key, ones in shown]
    return Map(
        width,
        height,
        _LEFT,
        right,
        _TOP,
        bottom,
        tuple(Tick(x(minutes), duration(minutes)) for minutes in across),
        tuple(Tick(y(minutes), duration(minutes)) for minutes in up),
        (*_payback(1, "a quarter", across, up, x, y), *_payback(4, "a year", across, up, x, y)),
        tuple(dots),
        len(listed) - sum(len(ones) for _, ones in shown),
    )


def _range(values: Iterable[float]) -> tuple[int, ...]:
    """The ticks that hold all values, at least three."""
    values = [finite(value) for value in values]
    low = max((i for i, tick in enumerate(_TICKS) if tick <= min(values)), default=0)
    high = min((i for i, tick in enumerate(_TICKS) if tick >= max(values)), default=len(_TICKS) - 1)
    high = min(max(high, low + 2), len(_TICKS) - 1)
    return _TICKS[min(low, high - 2) : high + 1]


def _share(minutes: float, ticks: Sequence[int]) -> float:
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    return (math.log(min(max(finite(minutes), ticks[0]), ticks[-1])) - low) / (high - low)


def _size(number: int) -> float:
    return round(4.5 + min(7.0, 1.6 * math.log2(number)), 1)


def _named(ones: Sequence[Ranked]) -> str:
    first = ones[0]
    cost = f"{duration(first.interest_minutes_per_quarter)} per quarter, {duration(first.principal_minutes)} to pay"
    names = [f"{safe(one.name)} {place(one.finding.location)}" for one in ones[:_NAMED]]
    rest = [f"and {len(ones) - _NAMED} more"] if len(ones) > _NAMED else []
    return "\n".join([cost, *names, *rest])


def _payback(quarters: int, text: str, across: Sequence[int], up: Sequence[int], x: Scale, y: Scale) -> Iterator[Payback]:
    low, high = max(across[0], up[0] * quarters), min(across[-1], up[-1] * quarters)
    if low < high:
        yield Payback(x(low), y(low / quarters), x(high), y(high / quarters), text)


def curves(trend: Sequence[Point], *, width: int = 540, height: int = 190) -> tuple[Curve, ...]:
    """Interest and principal over time, oldest first, each on its own scale from 0. Where dates cannot be read, distances are equal."""
    if not trend:
        return ()
    times = _times(trend)
    return (
        _curve("Interest per quarter", "interest", trend, times, [point.interest_minutes_per_quarter for point in trend], width, height),
        _curve("Principal", "principal", trend, times, [point.principal_minutes for point in trend], width, height),
    )


def oldest_first(trend: Sequence[Point]) -> tuple[Point, ...]:
    """The points by date; as they are where a date cannot be read."""
    times = [_time(point) for point in trend]
    if None in times:
        return tuple(trend)
    order = sorted(range(len(trend)), key=lambda index: (times[index] or 0.0, index))
    return tuple(trend[index] for index in order)


def _times(trend: Sequence[Point]) -> list[float]:
    times = [time for point in trend if (time := _time(point)) is not None]
    return times if len(times) == len(trend) else [float(index) for index in range(len(trend))]


def _time(point: Point) -> float | None:
    try:
        date = datetime.datetime.fromisoformat(point.date)
        return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _curve(name: str, kind: str, trend: Sequence[Point], times: list[float], values: list[float], width: int, height: int) -> Curve:
    right, bottom = width - 24, height - 30
    span = times[-1] - times[0]
    top = _ceiling(max(finite(value) for value in values))
    spots: list[tuple[float, float, str]] = []
    for point, time, value in zip(trend, times, values, strict=True):
        x = _LEFT + ((time - times[0]) / span if span else 0.5) * (right - _LEFT)
        y = bottom - finite(value) / top * (bottom - _TOP)
        spots.append((round(x, 1), round(y, 1), f"{day(point)}: {duration(value)}"))
    ends = [Tick(spots[0][0], day(trend[0]))] if len(trend) == 1 else [Tick(spots[0][0], day(trend[0])), Tick(spots[-1][0], day(trend[-1]))]
    up = tuple(Tick(round(bottom - share * (bottom - _TOP), 1), duration(top * share)) for share in (0.0, 0.5, 1.0))
    line = " ".join(f"{x:g},{y:g}" for x, y, _ in spots)
    return Curve(name, kind, line, tuple(spots), up, tuple(ends), width, height, _LEFT, right, bottom, duration(values[-1]))


def _ceiling(value: float) -> float:
    """The next round number of hours, so that the axis can be read."""
    hours = max(value / 60, 1.0)
    power = 10.0 ** math.floor(math.log10(hours))
    return 60 * power * next(step for step in (1, 2, 4, 6, 8, 10) if step * power >= hours * 0.999999)


def day(point: Point) -> str:
    """The date of a point without the time."""
    return safe(point.date[:10])
