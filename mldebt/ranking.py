"""Findings -> their price and order: principal and interest in minutes on a ratio scale, per quarter of 90 days."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from mldebt.cards import Card
from mldebt.findings import LEAST_COVERAGE, Coverage, Finding, Grade, Heeded, Location, Ranked

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
COMMENT = 1.25
CHURN_LEAST, CHURN_MOST = 0.25, 4.0
COMPOUNDED = 1.0  # what age adds at most

MINUTES_PER_LINE = 30.0
BANDS: tuple[tuple[str, float], ...] = (("A", 0.05), ("B", 0.1), ("C", 0.2), ("D", 0.5))  # and their highest debt ratios
WORST = "E"


class RankingContext(msgspec.Struct, frozen=True):
    """What ranking knows beyond the findings.

    `churn`: commits in 90 days by path, 0 for a known file that nobody touched; empty when there is no history.
    `ages`: days since the oldest line of the finding that starts at (path, line) was written.
    `exposures`, `schedules`: a key of EXPOSURE, of SCHEDULE, by path. `debt_comments`: lines of comments such as TODO, by path.
    `owners`: who owns a file, by path.
    """

    churn: Mapping[str, int] = {}
    ages: Mapping[tuple[str, int], int] = {}
    exposures: Mapping[str, str] = {}
    schedules: Mapping[str, str] = {}
    debt_comments: Mapping[str, frozenset[int]] = {}
    owners: Mapping[str, tuple[str, ...]] = {}


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
    driver = _driver(card, finding, context, median)
    return base * finding.share * reach(finding) * driver * exposure * _compounding(card, finding, context) * _comment(finding, context)


def reach(finding: Finding) -> float:
    """What the processes and models downstream multiply the interest with: 1 when there are none, 2 for one of the same owner."""
    return 1 + math.log2(1 + max(0.0, finding.reach))


def payback(ranked: Ranked) -> float:
    """Quarters until paying the debt has saved what it cost; infinite when leaving it costs nothing."""
    saved = ranked.finding.confidence * ranked.interest_minutes_per_quarter
    return ranked.principal_minutes / saved if saved else math.inf


def grade(principal_minutes: float, code_lines: int, coverage: Mapping[str, Coverage]) -> Grade:
    """The debt ratio and its letter, refused when too little of the project was understood for a letter to mean something."""
    ratio = principal_minutes / (code_lines * MINUTES_PER_LINE) if code_lines > 0 else 0.0
    seen = coverage.get("artifacts", Coverage(0, 0))
    if code_lines <= 0:
        return Grade(0.0, "", "there are no lines of code")
    if not any(coverage[name].total for name in ("artifacts", "models") if name in coverage):
        return Grade(ratio, "", "no read, write or model was recognised", code_lines)
    if seen.total and seen.resolved < LEAST_COVERAGE * seen.total:
        least = f"{LEAST_COVERAGE:.0%}"
        return Grade(ratio, "", f"only {seen.resolved} of {seen.total} reads and writes are resolved; a grade needs {least}", code_lines)
    return Grade(ratio, next((letter for letter, highest in BANDS if ratio <= highest), WORST), "", code_lines)


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
        reach=round(reach(finding), 4),
        commits=_commits(card, finding, context),
        age_days=_age(card, finding, context),
        owners=context.owners.get(finding.location.path, ()),
        ordinal=ordinal,
    )


def _order(one: Ranked) -> tuple[float, tuple[str, int, int], str, str]:
    price = round(one.finding.confidence * one.interest_minutes_per_quarter, 6)
    return -price, _place(one.finding), one.code, one.fingerprint


def _median(churn: Mapping[str, int]) -> float:
    touched = [commits for commits in churn.values() if commits > 0]
    return float(statistics.median(touched)) if touched else 0.0


def _driver(card: Card, finding: Finding, context: RankingContext, median: float) -> float:
    if card.driver == "schedule":
        place = finding.location.path
        return SCHEDULE[context.schedules[place]] if place in context.schedules else 1.0
    commits = _commits(card, finding, context)
    return 1.0 if commits is None else churn_factor(commits, median)


def churn_factor(commits: int, median: float) -> float:
    """What the commits of a quarter multiply the interest with; `median` is that of the files with at least one."""
    return min(CHURN_MOST, max(CHURN_LEAST, CHURN_LEAST + (commits / median if median else 0.0)))


def _commits(card: Card, finding: Finding, context: RankingContext) -> int | None:
    """Those of the busiest file that drives the interest; None when no file does, or none of which git knows."""
    own = finding.location.path
    others = {place.path for place in finding.evidence}
    # The producer of a finding in one file is outside the project, its churn unknown.
    paths = {"own-churn": {own, *others}, "producer-churn": others - {own}}.get(card.driver, set())
    return max((context.churn[path] for path in paths if path in context.churn), default=None)


def _compounding(card: Card, finding: Finding, context: RankingContext) -> float:
    age = _age(card, finding, context)
    return 1.0 if age is None else age_factor(age, card.compounding_days)


def age_factor(days: float, doubling: int) -> float:
    """What age multiplies the interest with: twice from `doubling` days on."""
    return 1 + min(COMPOUNDED, max(0.0, days) / doubling)


def _age(card: Card, finding: Finding, context: RankingContext) -> int | None:
    if not card.compounding_days:
        return None
    return context.ages.get((finding.location.path, finding.location.line))


def _comment(finding: Finding, context: RankingContext) -> float:
    place = finding.location
    lines = context.debt_comments.get(place.path, frozenset())
    return COMMENT if any(is_beside(line, finding) for line in lines) else 1.0


def is_beside(line: int, finding: Finding) -> bool:
    """Whether a line of the finding's file is near enough for a comment there to count."""
    place = finding.location
    return place.line - NEAR <= line <= max(place.line, place.end_line) + NEAR


def _place(finding: Finding) -> tuple[str, int, int]:
    place: Location = finding.location
    return place.path, place.line, place.column
