"""Findings -> their price and order: principal and interest in minutes on a ratio scale, per quarter of 90 days."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from mldebt.cards import Card
from mldebt.findings import Finding, Heeded, Location, Ranked

EXPOSURE: dict[str, float] = {
    "serving": 2.0,
    "scheduled": 1.5,
    "library": 1.0,
    "script": 0.75,
    "notebook": 0.5,
    "test": 0.15,
    "example": 0.15,
    "legacy": 0.15,
}
SCHEDULE: dict[str, float] = {"hourly": 2.0, "daily": 1.0, "weekly": 0.5, "manual": 0.25}
NEAR = 5  # lines between a debt comment and the finding that it speaks of


class RankingContext(msgspec.Struct, frozen=True):
    """What ranking knows beyond the findings.

    `churn`: commits in 90 days by path, 0 for a known file that nobody touched; empty when there is no history.
    `ages`: days since the oldest line of the finding that starts at (path, line) was written.
    `exposures`, `schedules`: a key of EXPOSURE, of SCHEDULE, by path. `debt_comments`: lines of comments such as TODO, by path.
    """

    churn: Mapping[str, int] = {}
    ages: Mapping[tuple[str, int], float] = {}
    exposures: Mapping[str, str] = {}
    schedules: Mapping[str, str] = {}
    debt_comments: Mapping[str, frozenset[int]] = {}
    notes: tuple[str, ...] = ()


def rank(findings: Sequence[Heeded], cards: Mapping[str, Card], context: RankingContext) -> tuple[Ranked, ...]:
    """The findings as Ranked with the dearest first: confidence x interest, then path, line, code.

    A finding's confidence becomes the card's times its own.
    """
    median = _median(context.churn)
    placed = sorted(findings, key=lambda one: _text_order(one.finding, cards))
    seen: Counter[tuple[str, str, str, str]] = Counter()
    priced: list[Ranked] = []
    for heeded in placed:
        finding = heeded.finding
        card = cards[finding.rule]
        key = (card.code, finding.location.path, finding.scope, finding.anchor)
        priced.append(_ranked(heeded, card, context, median, seen[key]))
        seen[key] += 1
    priced.sort(key=_order)
    return tuple(msgspec.structs.replace(one, rank=position) for position, one in enumerate(priced, start=1))


def fingerprint(code: str, path: str, scope: str, anchor: str, ordinal: int) -> str:
    """The identity of a finding across line shifts: 16 hexadecimal digits."""
    key = "\0".join((code, path, scope, anchor, str(ordinal)))
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def principal(card: Card, finding: Finding) -> float:
    """Minutes to pay the debt."""
    return card.minutes + card.minutes_per * finding.size


def interest(card: Card, finding: Finding, context: RankingContext, median: float | None = None) -> float:
    """Minutes per quarter that leaving it costs: base x share x reach x driver x exposure x compounding x comment."""
    median = _median(context.churn) if median is None else median
    exposure = max(card.exposure_floor, EXPOSURE[exposure_of(finding, context)])
    base = card.interest + card.interest_per * finding.size
    reach = 1 + math.log2(1 + max(0.0, finding.reach))
    driver = _driver(card, finding, context, median)
    return base * finding.share * reach * driver * exposure * _compounding(card, finding, context) * _comment(finding, context)


def exposure_of(finding: Finding, context: RankingContext) -> str:
    """Where the debt runs: that of the finding's file, or else the highest of its other files, or else `library`."""
    own = context.exposures.get(finding.location.path)
    if own is not None:
        return own
    others = [context.exposures[place.path] for place in finding.evidence if place.path in context.exposures]
    return max(others, key=lambda name: (EXPOSURE[name], name), default="library")


def _text_order(finding: Finding, cards: Mapping[str, Card]) -> tuple[object, ...]:
    return _place(finding), cards[finding.rule].code, finding.scope, finding.anchor, finding.message


def _ranked(heeded: Heeded, card: Card, context: RankingContext, median: float, ordinal: int) -> Ranked:
    finding = heeded.finding
    confidence = round(card.confidence * min(1.0, max(0.0, finding.confidence)), 4)
    return Ranked(
        finding=msgspec.structs.replace(finding, confidence=confidence),
        code=card.code,
        name=card.name,
        debt=card.debt,
        severity=card.severity,
        certainty=card.certainty,
        help=finding.help or card.help,
        principal_minutes=round(principal(card, finding), 4),
        interest_minutes_per_quarter=round(interest(card, finding, context, median), 4),
        exposure=exposure_of(finding, context),
        fingerprint=fingerprint(card.code, finding.location.path, finding.scope, finding.anchor, ordinal),
        rank=0,
        accepted=heeded.accepted,
        ignored=heeded.ignored,
        reason=heeded.reason,
        ordinal=ordinal,
    )


def _order(one: Ranked) -> tuple[float, tuple[str, int, int], str, str]:
    price = round(one.finding.confidence * one.interest_minutes_per_quarter, 6)
    return -price, _place(one.finding), one.code, one.fingerprint


def _median(churn: Mapping[str, int]) -> float:
    touched = [commits for commits in churn.values() if commits > 0]
    return float(statistics.median(touched)) if touched else 0.0


def _driver(card: Card, finding: Finding, context: RankingContext, median: float) -> float:
    own = finding.location.path
    if card.driver == "schedule":
        return SCHEDULE[context.schedules[own]] if own in context.schedules else 1.0
    if card.driver == "own-churn":
        paths = {own, *(place.path for place in finding.evidence)}
    elif card.driver == "producer-churn":
        paths = {place.path for place in finding.evidence} - {own}  # none: the producer is outside, its churn unknown
    else:
        return 1.0
    if not context.churn or not paths:
        return 1.0
    commits = max(context.churn.get(path, 0) for path in paths)
    return min(4.0, max(0.25, 0.25 + (commits / median if median else 0.0)))


def _compounding(card: Card, finding: Finding, context: RankingContext) -> float:
    age = context.ages.get((finding.location.path, finding.location.line))
    if not card.compounding_days or age is None:
        return 1.0
    return 1 + min(1.0, max(0.0, age) / card.compounding_days)


def _comment(finding: Finding, context: RankingContext) -> float:
    place = finding.location
    lines = context.debt_comments.get(place.path, frozenset())
    last = max(place.line, place.end_line)
    return 1.25 if any(place.line - NEAR <= line <= last + NEAR for line in lines) else 1.0


def _place(finding: Finding) -> tuple[str, int, int]:
    place: Location = finding.location
    return place.path, place.line, place.column
