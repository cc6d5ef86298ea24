"""Cards: what each rule is, what it costs, and which profile turns it on (rules/debts/*.md, rules/profiles.toml)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import tomli

from mldebt.catalogue import rules_dir
from mldebt.findings import Certainty, Severity

Minutes = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Days = Annotated[int, msgspec.Meta(ge=0)]
Kebab = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Line = Annotated[str, msgspec.Meta(min_length=1, pattern=r"^[^\n]+$")]
ProfileName = Literal["default", "strict", "audit"]

FENCE = re.compile(r"^(`{3,}|~{3,})")
MARK = re.compile(
    r"\s*#\s+(?:(?P<kind>error|audit|todo-error|todo-ok):\s*\[(?P<rules>[^\]]*)\]|(?P<ok>ok)(?=\s|$))[^#\n]*$"
)  # of the tests


class CardError(ValueError):
    """A card or a profile that cannot be used; one line, with the file."""


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class Measured(_Strict, frozen=True):
    """How often the rule was right on findings judged by hand; `recall_high` on the labels of high confidence."""

    precision: Share
    right: int
    judged: int
    date: str
    recall_high: Share | None = None


class Card(_Strict, frozen=True):
    """One rule. Costs are minutes: `principal = minutes + minutes_per * size`, interest likewise per quarter."""

    code: Annotated[str, msgspec.Meta(pattern=r"^MLD[0-9]{3}$")]
    name: Kebab
    debt: Kebab
    title: Line
    since: str
    severity: Severity
    certainty: Certainty
    profile: ProfileName
    confidence: Share
    minutes: Minutes
    minutes_per: Minutes
    interest: Minutes
    interest_per: Minutes
    size: Literal["lines", "sites"]
    driver: Literal["own-churn", "producer-churn", "schedule", "none"]
    compounding_days: Days
    help: Line
    exposure_floor: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0
    measured: Measured | None = None
    body: str = ""


class Thresholds(_Strict, frozen=True):
    """Numbers at which a rule starts to speak."""

    commented_code_lines: Annotated[int, msgspec.Meta(ge=1)]
    nested_flags: Annotated[int, msgspec.Meta(ge=2)]
    fork_similarity: Share
    fork_lines: Annotated[int, msgspec.Meta(ge=1)]
    least_confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0  # a case of which its own check is less sure stays silent


class Profile(_Strict, frozen=True):
    """The rules whose cards name one of `levels`, with the thresholds in force."""

    name: str
    summary: str
    levels: tuple[str, ...]
    thresholds: Thresholds


class _ProfileTable(_Strict, frozen=True):
    summary: str
    includes: str = ""
    thresholds: dict[str, int | float] = {}


def load_cards(directory: Path | None = None) -> dict[str, Card]:
    """Every card of `directory` (default: the shipped ones) by rule name, in the order of the codes."""
    directory = directory or rules_dir() / "debts"
    if not directory.is_dir():
        raise CardError(f"{directory}: no such directory of cards")
    cards: dict[str, Card] = {}
    codes: dict[str, str] = {}
    for path in sorted(directory.glob("*.md")):
        card = _load_card(path)
        if card.code in codes:
            raise CardError(f"{path}: code {card.code} already belongs to {codes[card.code]}")
        codes[card.code] = card.name
        cards[card.name] = card
    return dict(sorted(cards.items(), key=lambda item: item[1].code))


def _load_card(path: Path) -> Card:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"{path}: cannot be read ({error})") from None
    parts = text.replace("\r\n", "\n").split("+++\n", 2)
    if len(parts) != 3 or parts[0]:
        raise CardError(f"{path}: must start with TOML between two +++ lines")
    table = _toml(parts[1], path)
    if "body" in table:
        raise CardError(f"{path}: unknown key `body`; the text after the second +++ is the body")
    try:
        card = msgspec.convert({**table, "body": parts[2].strip() + "\n"}, Card)
    except msgspec.ValidationError as error:
        raise CardError(f"{path}: {_explained(str(error), Card)}") from None
    if card.name != path.stem:
        raise CardError(f'{path}: the name "{card.name}" differs from the file name')
    return card


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """The profiles by name, each with what it includes resolved."""
    path = path or rules_dir() / "profiles.toml"
    try:
        tables = msgspec.convert(_toml(path.read_text(encoding="utf-8"), path), dict[str, _ProfileTable])
        return {name: _resolved(name, tables, ()) for name in tables}
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"{path}: cannot be read ({error})") from None
    except msgspec.ValidationError as error:
        options = Thresholds if "threshold" in str(error) else _ProfileTable
        raise CardError(f"{path}: {_explained(str(error), options)}") from None


def _resolved(name: str, tables: Mapping[str, _ProfileTable], seen: tuple[str, ...]) -> Profile:
    levels: tuple[str, ...] = ()
    numbers: dict[str, int | float] = {}
    current = name
    while current:
        if current not in tables:
            raise msgspec.ValidationError(f'profile {name} includes "{current}", which does not exist')
        if current in levels:
            raise msgspec.ValidationError(f"profile {name} includes itself")
        levels = (*levels, current)
        numbers = {**tables[current].thresholds, **numbers}
        current = tables[current].includes
    try:
        return Profile(name, tables[name].summary, levels, msgspec.convert(numbers, Thresholds))
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{error} (thresholds of profile {name})") from None


def select(
    cards: Mapping[str, Card],
    profile: str,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    profiles: Mapping[str, Profile] | None = None,
) -> frozenset[str]:
    """The rules that are on: those of the profile, or of `select` when given, and of `extend_select`, without `ignore`.

    A selector is a code or its beginning (MLD, MLD4, MLD420), a rule's name, a debt's name, or ALL.
    """
    known = load_profiles() if profiles is None else profiles
    if profile not in known:
        raise ValueError(f'unknown profile "{profile}"{did_you_mean(profile, known)}')
    levels = known[profile].levels
    if select:
        chosen = {name for selector in select for name in matching(cards, selector)}
    else:
        chosen = {card.name for card in cards.values() if card.profile in levels}
    chosen |= {name for selector in extend_select for name in matching(cards, selector)}
    return frozenset(chosen - {name for selector in ignore for name in matching(cards, selector)})


def matching(cards: Mapping[str, Card], selector: str) -> frozenset[str]:
    """The rules that one selector names; unknown ones are a ValueError."""
    if selector == "ALL":
        return frozenset(cards)
    upper = selector.upper()
    found = {card.name for card in cards.values() if selector in (card.name, card.debt)}
    if not found and upper.startswith("MLD"):
        found = {card.name for card in cards.values() if card.code.startswith(upper)}
    if not found:
        options = sorted({"ALL", *cards, *(card.code for card in cards.values()), *(card.debt for card in cards.values())})
        raise ValueError(f'unknown rule "{selector}"{did_you_mean(selector, options)}')
    return frozenset(found)


def explain(card: Card) -> str:
    """What `mldebt explain` prints: the rule's axes and cost, then the card's text without its test marks."""
    lines = [f"# {card.title}", "", f"`{card.code}` `{card.name}` - debt: {card.debt} - since {card.since}", ""]
    on = {"default": "on by default", "strict": "on in the profiles strict and audit", "audit": "on in the profile audit"}[card.profile]
    lines += [f"Severity {card.severity}, {card.certainty}, base confidence {card.confidence:.0%}; {on}."]
    if card.measured:
        seen = card.measured
        lines += [
            f"Measured precision {seen.precision:.0%}: {seen.right} of {seen.judged} findings judged by hand were right ({seen.date})."
        ]
    lines += ["", f"**How to pay it:** {card.help}", "", f"**Cost:** {cost_in_words(card)}", "", _without_marks(card.body)]
    return "\n".join(lines).rstrip() + "\n"


def cost_in_words(card: Card) -> str:
    """The card's cost formula as a sentence with its numbers."""
    unit = card.size.removesuffix("s")
    factors = ["its reach", "its exposure"]
    if card.exposure_floor:
        factors[1] += f" (at least {card.exposure_floor:g})"
    driver = {"own-churn": "how often its files change", "producer-churn": "how often its producer changes", "schedule": "its schedule"}
    if card.driver in driver:
        factors.insert(1, driver[card.driver])
    if card.compounding_days:
        factors.append(f"its age (doubling within {card.compounding_days} days)")
    principal = _amount(card.minutes, card.minutes_per, unit)
    return f"{principal} to pay; {_amount(card.interest, card.interest_per, unit)} per quarter to leave, times " + ", ".join(factors) + "."


def _amount(base: float, per: float, unit: str) -> str:
    return f"{base:g} min" + (f" + {per:g} min per {unit}" if per else "")


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean ...?` for the closest option, or nothing."""
    by_lower = {option.lower(): option for option in options}
    close = difflib.get_close_matches(word.lower(), sorted(by_lower), n=1, cutoff=0.5)
    return f'; did you mean "{by_lower[close[0]]}"?' if close else ""


def _without_marks(body: str) -> str:
    lines: list[str] = []
    fenced = False
    for line in body.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        lines.append(MARK.sub("", line) if fenced else line)
    return "\n".join(lines)


def _toml(text: str, path: Path) -> dict[str, object]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise CardError(f"{path}: not valid TOML: {error}") from None


def _explained(error: str, struct: type[msgspec.Struct]) -> str:
    unknown = re.search(r"unknown field `([^`]*)`", error)
    if not unknown:
        return error
    names = [field.encode_name for field in msgspec.structs.fields(struct)]
    return f"unknown key `{unknown[1]}`{did_you_mean(unknown[1], names)}"
