"""Comments that silence: any text is read, only the named rules of the covered lines are silenced, and nothing is lost on the way."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts import extract
from mldebt.facts.model import Facts, Span, Suppression
from mldebt.findings import Finding, Location
from mldebt.suppress import EXPIRED, UNUSED, WITHOUT_REASON, apply
from tests.fuzz.mutations import CHARACTERS
from tests.fuzz.strategies import examples, mutants
from tests.fuzz.test_facts import text_of
from tests.fuzz.trial import checked, knowledge, source_of

RULES = {card.name: card.code for card in knowledge().cards.values()}
NAMES = sorted(RULES)[:4]
OWN = frozenset({EXPIRED, UNUSED, WITHOUT_REASON})
TODAY = datetime.date(2026, 1, 2)
COMMENTS = (
    "x = 1  # mldebt: ignore[unread-flag] it is read elsewhere\n",
    "# mldebt: accept[MLD423, stale-experiment-flag] until=2027-03-01 paid next year\ny = f(\n    1,\n)\n",
    "def f():\n    # mldebt: ignore[all] reason\n    return 1  # mldebt:ignore[unread-flag]\n",
    "# mldebt: consumes s3://bucket/x owner=shop until=2027-01-01\n# mldebt: accept[] until=never\n# mldebt : ignore\n",
)
WORDS = st.one_of(
    st.sampled_from([*NAMES, *(RULES[name] for name in NAMES), "MLD999", "", " ", "until=2027-01-01", "until=", "[", "]", ","]),
    st.text(max_size=6),
)
RULE_WORDS = st.one_of(st.sampled_from([*NAMES, *(RULES[name].lower() for name in NAMES), "nothing", ""]), st.text(max_size=4))
SUPPRESSIONS = st.builds(
    lambda kind, rules, reason, until, line, end: Suppression(kind, tuple(rules), reason, until, line, 1, Span(line, 1, line + end, 1)),
    st.sampled_from(["ignore", "accept", "malformed"]),
    st.lists(RULE_WORDS, max_size=3),
    st.text(max_size=4),
    st.sampled_from(["", "2027-01-01", "2020-01-01", "soon", "9999-99-99", "2027-W01-1"]),
    st.integers(1, 12),
    st.integers(0, 4),
)
FINDINGS = st.builds(
    lambda rule, path, line, end: Finding(rule, Location(path, line, 1, line + end), "message", "anchor"),
    st.sampled_from(NAMES),
    st.sampled_from(["a.py", "b.py"]),
    st.integers(1, 12),
    st.integers(-1, 4),
)


@given(text=mutants(COMMENTS))
@examples(150)
def test_mutated_comments(text: str) -> None:
    checked(source_of("app.py"), text_of(text))


@given(words=st.lists(WORDS, max_size=6), odd=st.sampled_from(("", *CHARACTERS)))
@examples(200)
def test_any_comment(words: list[str], odd: str) -> None:
    comment = "".join(f"{odd}{word}" for word in words).replace("\n", " ")
    facts = extract(source_of("app.py"), text_of(f"x = 1  # mldebt: {comment}\n"))
    if facts.unread:
        return
    for one in facts.suppressions:
        assert one.kind in ("ignore", "accept", "malformed")
        assert one.line >= 1
    apply((), (("app.py", facts),), RULES, NAMES, TODAY)


@given(comments=st.lists(SUPPRESSIONS, max_size=4), findings=st.lists(FINDINGS, max_size=6))
@examples(250)
def test_what_is_kept_and_what_is_not(comments: list[Suppression], findings: list[Finding]) -> None:
    facts = Facts("python", lines=20, suppressions=tuple(comments))
    outcome = apply(findings, (("a.py", facts),), RULES, frozenset({*NAMES, *OWN}), TODAY)
    assert [one.finding for one in outcome.heeded] == findings
    kept = [one.finding for one in outcome.heeded if not one.ignored]
    assert [one for one in findings if one.location.path == "b.py"] == [one for one in kept if one.location.path == "b.py"]
    named = {name for one in comments for name in NAMES for rule in one.rules if rule.lower() in (name, RULES[name].lower())}
    assert all(finding in kept for finding in findings if finding.rule not in named)
    for one in outcome.heeded:
        assert not (one.accepted and one.ignored)
        assert one.finding.rule in named or not (one.accepted or one.ignored or one.reason)
    for extra in outcome.extra:
        assert extra.rule in OWN
        assert extra.location.path == "a.py"


@given(findings=st.lists(FINDINGS, max_size=6))
@examples(40)
def test_an_expired_acceptance_silences_nothing(findings: list[Finding]) -> None:
    old = Suppression("accept", tuple(NAMES), "reason", "2020-01-01", 1, 1, Span(1, 1, 99, 1))
    outcome = apply(findings, (("a.py", Facts("python", suppressions=(old,))),), RULES, frozenset({*NAMES, *OWN}), TODAY)
    assert [one.finding for one in outcome.heeded if not (one.accepted or one.ignored)] == findings
    assert [one.rule for one in outcome.extra] == [EXPIRED]


def test_a_very_long_comment_is_read_at_once() -> None:
    for tail in (
        "ignore[" + "a" * 90_000 + "] x",
        "ignore" + " " * 90_000 + "x",
        "accept[" + "a," * 40_000,
        "ignore[a]" + "]" * 90_000,
        ":" * 90_000,
    ):
        facts = checked(source_of("app.py"), text_of(f"x = 1  # mldebt: {tail}\n"))
        apply((), (("app.py", facts),), RULES, NAMES, TODAY)
