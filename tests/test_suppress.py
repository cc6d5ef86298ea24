"""Comments that ignore or accept findings."""

from __future__ import annotations

import datetime

from mldebt import suppress
from mldebt.facts.model import Facts, Place, Span, Suppression
from mldebt.findings import Finding, Location

TODAY = datetime.date(2026, 6, 1)
RULES = {
    "unread-flag": "MLD423",
    "unseeded-randomness": "MLD702",
    "parse-error": "MLD901",
    "suppression-without-reason": "MLD903",
    "expired-acceptance": "MLD904",
    "unused-suppression": "MLD909",
}


def comment(
    kind: str = "ignore", rules: tuple[str, ...] = ("unread-flag",), *, line: int = 3, end: int = 0, reason: str = "why", until: str = ""
):
    return Suppression(kind, rules, reason, until, line, 1, Span(line, 1, end or line, 20))


def finding(line: int = 3, *, rule: str = "unread-flag", path: str = "a.py", end: int = 0, evidence: tuple[Location, ...] = ()) -> Finding:
    return Finding(rule, Location(path, line, end_line=end), "m", anchor="x", evidence=evidence)


def outcome(findings, comments, *, active=tuple(RULES), places=(), path="a.py") -> suppress.Outcome:
    return suppress.apply(findings, [(path, Facts("python", suppressions=tuple(comments), places=places))], RULES, active, TODAY)


def kept(result: suppress.Outcome) -> list[Finding]:
    return [one.finding for one in result.heeded if not one.ignored]


def ignored(result: suppress.Outcome) -> int:
    return sum(one.ignored for one in result.heeded)


def extras(result: suppress.Outcome) -> list[str]:
    return [one.rule for one in result.extra]


def test_ignore_removes_the_finding_on_its_line_and_no_other():
    result = outcome([finding(3), finding(4)], [comment()])
    assert [one.location.line for one in kept(result)] == [4]
    assert [(one.finding.location.line, one.reason) for one in result.heeded if one.ignored] == [(3, "why")]
    assert extras(result) == []


def test_a_code_works_like_a_name_in_any_case():
    assert kept(outcome([finding()], [comment(rules=("mld423",))])) == []


def test_another_rule_is_not_ignored_and_the_comment_is_unused():
    result = outcome([finding(rule="unseeded-randomness")], [comment()])
    assert len(kept(result)) == 1
    assert extras(result) == ["unused-suppression"]


def test_a_comment_at_the_second_location_works():
    elsewhere = finding(path="b.py", line=90, evidence=(Location("a.py", 2, end_line=5),))
    assert ignored(outcome([elsewhere], [comment(line=4)])) == 1


def test_a_comment_works_on_any_line_inside_the_location_and_through_its_statement():
    assert ignored(outcome([finding(1, end=9)], [comment(line=7)])) == 1
    assert ignored(outcome([finding(6)], [comment(line=3, end=6)])) == 1
    assert ignored(outcome([finding(7)], [comment(line=3, end=6)])) == 0


def test_accept_keeps_the_finding_until_its_day_has_passed():
    result = outcome([finding()], [comment("accept", until="2026-06-01")])
    assert [one.accepted for one in result.heeded] == [True]
    late = outcome([finding()], [comment("accept", until="2026-05-31")])
    assert [one.accepted for one in late.heeded] == [False]
    assert extras(late) == ["expired-acceptance"]


def test_accept_needs_a_date_that_is_one():
    assert extras(outcome([finding()], [comment("accept")])) == ["suppression-without-reason"]
    wrong = outcome([finding()], [comment("accept", until="soon")])
    assert [one.accepted for one in wrong.heeded] == [False]
    assert wrong.extra[0].message == "until=soon is not a date"


def test_no_reason_an_unknown_rule_and_a_malformed_comment_are_reported():
    assert extras(outcome([finding()], [comment(reason=" ")])) == ["suppression-without-reason"]
    unknown = outcome([finding()], [comment(rules=("unread-flg",))])
    assert len(kept(unknown)) == 1
    assert unknown.extra[0].message == "ignore[unread-flg]: no such rule; did you mean unread-flag?"
    assert extras(outcome([], [comment("malformed", ())])) == ["suppression-without-reason"]


def test_a_comment_for_a_rule_that_did_not_run_is_not_unused():
    assert extras(outcome([], [comment()], active=("unused-suppression",))) == []
    assert extras(outcome([], [comment()], active=("unused-suppression", "unread-flag"))) == ["unused-suppression"]


def test_the_findings_about_comments_obey_the_selection():
    assert extras(outcome([], [comment(reason="")], active=("unread-flag",))) == []


def test_in_a_notebook_lines_are_compared_as_cell_lines():
    # All of a cell's source in one JSON string: every line of it stands on line 7 of the file.
    places = (Place(7, 1, 1), Place(7, 1, 2), Place(12, 2, 1))
    at_second = Finding("unread-flag", Location("n.ipynb", 7, end_line=7, cell=1, cell_line=2), "m", anchor="x")
    at_first = Finding("unread-flag", Location("n.ipynb", 7, end_line=7, cell=1, cell_line=1), "m", anchor="x")
    result = outcome([at_first, at_second], [comment(line=2)], places=places, path="n.ipynb")
    assert [one.location.cell_line for one in kept(result)] == [1]
    unused = outcome([], [comment(line=3)], places=places, path="n.ipynb").extra[0].location
    assert (unused.line, unused.cell, unused.cell_line) == (12, 2, 1)


def test_a_python_file_that_cannot_be_parsed_is_a_finding_at_the_line_of_the_error():
    files = [
        ("a.py", Facts("python", unread="not UTF-8")),
        ("b.py", Facts("python", unread="invalid syntax at line 12")),
        ("c.yaml", Facts("yaml", unread="line 3: tab")),
        ("d.py", Facts("python")),
    ]
    found = suppress.parse_errors(files, RULES)
    assert [(one.location.path, one.location.line) for one in found] == [("a.py", 1), ("b.py", 12)]
    assert suppress.parse_errors(files, ()) == ()
