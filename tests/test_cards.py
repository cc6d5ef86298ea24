"""Every card: its front matter, its text, and each of its sections scanned as a project."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

import mldebt.checks
from mldebt.cards import MARK, Card, CardError, cost_in_words, explain, load_cards, load_profiles, matching, select
from mldebt.catalogue import rules_dir
from mldebt.data_pass import result
from mldebt.findings import Finding, Heeded, Location
from mldebt.ranking import RankingContext, rank
from tests.cards_runner import Block, CardFormatError, Section, differences, marks_of, scan, sections, without_marks, write

CARDS = load_cards()
SECTIONS = [(card, section) for card in CARDS.values() for section in sections(card)]
HEADINGS = ["What it does", "Why it costs", "Example", "Better", "Limits"]
# Made by the engine or from stored data passes, not by a check.
MEASURED = frozenset(result.RULES.values())
OWN = frozenset(name for name, card in CARDS.items() if card.debt == "mldebt" and name not in mldebt.checks.RULES)


@pytest.mark.parametrize(("card", "section"), [pytest.param(*pair, id=f"{pair[0].name}-{pair[1].heading}") for pair in SECTIONS])
def test_section(card: Card, section: Section, tmp_path: Path) -> None:
    write(section, tmp_path)

    said = differences(section, scan(tmp_path, card))

    assert not said, "\n".join([f"{card.name}, {section.heading}:", *said])


def test_every_rule_has_a_card_and_every_card_a_rule() -> None:
    assert frozenset(mldebt.checks.RULES) == CARDS.keys() - OWN - MEASURED
    assert CARDS.keys() >= MEASURED


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_text_has_the_headings_in_order(card: Card) -> None:
    assert [line[3:] for line in card.body.splitlines() if line.startswith("## ")] == HEADINGS


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_marks_name_the_rule_and_no_other(card: Card) -> None:
    marks = [mark for section in sections(card) for mark in section.marks]

    assert {mark.rule for mark in marks} <= {card.name, ""}
    assert all(mark.kind != "audit" for mark in marks)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_enough_positives_in_more_than_one_file_and_enough_look_alikes(card: Card) -> None:
    by_heading = {section.heading: section.marks for section in sections(card)}
    positives = [mark for mark in by_heading["Example"] if mark.kind == "error"]
    look_alikes = [mark for mark in by_heading["Looks like it, is not"] if mark.kind == "ok"]

    assert len(positives) >= 2
    assert len({mark.path for mark in positives}) >= 2
    assert len(look_alikes) >= 3
    assert not any(mark.kind == "error" for mark in by_heading["Better"])


@pytest.mark.parametrize("card", [card for card in CARDS.values() if card.name != "parse-error"], ids=lambda card: card.name)
def test_python_in_cards_parses(card: Card) -> None:
    blocks = [block for section in sections(card) for block in section.blocks if block.title.endswith(".py")]

    assert blocks
    for block in blocks:
        ast.parse(without_marks(block.text), block.title)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_front_matter_is_within_the_scheme(card: Card) -> None:
    assert card.minutes > 0
    assert card.interest > 0
    assert card.since.count(".") == 1
    assert (card.debt == "mldebt") == card.code.startswith("MLD9")
    assert card.help.endswith((".", ")")) and not card.title.endswith(".")


def test_codes_are_unique_and_in_order() -> None:
    codes = [card.code for card in CARDS.values()]

    assert codes == sorted(set(codes))


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_explanation_has_the_costs_and_no_marks(card: Card) -> None:
    text = explain(card)

    assert text.startswith(f"# {card.title}\n")
    assert card.code in text and card.help in text and cost_in_words(card) in text
    assert "# error:" not in text and "  # ok" not in text and "# todo-" not in text


def test_cost_is_told_with_its_numbers() -> None:
    assert cost_in_words(CARDS["constant-config-branch"]) == (
        "20 min + 0.5 min per line to pay; 30 min + 0.5 min per line per quarter to leave, times its reach, how often its files change, "
        "its exposure (at least 1), its age (doubling within 40 days)."
    )
    assert cost_in_words(CARDS["remote-pickle"]) == "40 min to pay; 240 min per quarter to leave, times its reach, its exposure."


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("MLD802", {"remote-pickle"}),
        ("mld802", {"remote-pickle"}),
        ("remote-pickle", {"remote-pickle"}),
        ("MLD8", {"unsafe-model-load", "remote-pickle", "trust-remote-code", "unverified-download"}),
        ("unsafe-loading", {"unsafe-model-load", "remote-pickle", "trust-remote-code", "unverified-download"}),
        ("ALL", set(CARDS)),
        ("MLD", set(CARDS)),
    ],
)
def test_selectors(selector: str, expected: set[str]) -> None:
    assert matching(CARDS, selector) == expected


@pytest.mark.parametrize(
    ("selector", "hint"),
    [("remote-pikle", "remote-pickle"), ("MLD4222", "MLD422"), ("dead-experimental-paths", "dead-experimental-path"), ("all", "ALL")],
)
def test_unknown_selector_suggests_the_nearest(selector: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f'unknown rule "{selector}"; did you mean "{hint}') as caught:
        matching(CARDS, selector)
    assert "\n" not in str(caught.value)


def test_profiles_include_one_another() -> None:
    default, strict, audit = (select(CARDS, name) for name in ("default", "strict", "audit"))

    assert default < strict < audit == CARDS.keys()
    assert set(strict - default) == {name for name, card in CARDS.items() if card.profile == "strict"}


def test_unknown_profile_is_one_line() -> None:
    with pytest.raises(ValueError, match='unknown profile "defalt"; did you mean "default"'):
        select(CARDS, "defalt")


def test_select_replaces_the_profile_extend_select_adds_and_ignore_wins() -> None:
    assert select(CARDS, "default", select=("MLD80",), ignore=("remote-pickle",), extend_select=("MLD424",)) == {
        "unsafe-model-load",
        "trust-remote-code",
        "unverified-download",
        "nested-experiments",
    }
    assert select(CARDS, "audit", ignore=("ALL",)) == frozenset()
    assert select(CARDS, "default", extend_select=("stale-experiment-flag",)) - select(CARDS, "default") == {"stale-experiment-flag"}


def test_thresholds_are_inherited_and_overridden() -> None:
    profiles = load_profiles()

    assert profiles["default"].thresholds.commented_code_lines > profiles["strict"].thresholds.commented_code_lines == 1
    assert profiles["audit"].thresholds.fork_lines == profiles["strict"].thresholds.fork_lines == profiles["default"].thresholds.fork_lines
    assert profiles["default"].thresholds.least_confidence > profiles["strict"].thresholds.least_confidence > 0
    assert profiles["audit"].thresholds.least_confidence == 0
    assert profiles["audit"].levels == ("audit", "strict", "default")


GOOD = (rules_dir() / "debts" / "remote-pickle.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no front matter", "must start with TOML between two"),
        ("+++\ncode = \n+++\n", "not valid TOML"),
        (GOOD.replace("interest = 240", "intrest = 240"), 'unknown key `intrest`; did you mean "interest"'),
        (GOOD.replace("minutes-per =", "minutes_per ="), 'unknown key `minutes_per`; did you mean "minutes-per"'),
        (GOOD.replace('"error"', '"fatal"'), "fatal"),
        (GOOD.replace("confidence = 0.95", "confidence = 95"), "confidence"),
        (GOOD.replace('code = "MLD802"', 'code = "MLD82"'), "code"),
        (GOOD.replace('title = "Remote pickle"\n', ""), "title"),
        (GOOD.replace('name = "remote-pickle"', 'name = "other-name"'), "differs from the file name"),
        (GOOD.replace("+++\n", '+++\nbody = ""\n', 1), "unknown key `body`"),
    ],
)
def test_bad_card_is_one_line_with_the_file(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "remote-pickle.md").write_text(text, encoding="utf-8")

    with pytest.raises(CardError) as caught:
        load_cards(tmp_path)
    assert problem in str(caught.value)
    assert "remote-pickle.md" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_two_cards_of_one_code_are_refused(tmp_path: Path) -> None:
    shutil.copy(rules_dir() / "debts" / "remote-pickle.md", tmp_path)
    (tmp_path / "other-pickle.md").write_text(GOOD.replace('name = "remote-pickle"', 'name = "other-pickle"'), encoding="utf-8")

    with pytest.raises(CardError, match="code MLD802 already belongs to other-pickle"):
        load_cards(tmp_path)


def test_missing_directory_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="no such directory"):
        load_cards(tmp_path / "none")
    (tmp_path / "card.md").write_bytes(b"+++\n\xff\n+++\n")
    with pytest.raises(CardError, match=r"card\.md: cannot be read"):
        load_cards(tmp_path)


PROFILE = (
    '[default]\nsummary = "s"\n[default.thresholds]\ncommented-code-lines = 3\nnested-flags = 3\nfork-similarity = 0.8\nfork-lines = 9\n'
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (PROFILE + '[strict]\nsummary = "s"\nincludes = "defalt"\n', 'includes "defalt"'),
        (PROFILE + '[a]\nsummary = "s"\nincludes = "b"\n[b]\nsummary = "s"\nincludes = "a"\n', "includes itself"),
        (PROFILE.replace("nested-flags", "nested-flag"), 'did you mean "nested-flags"'),
        (PROFILE.replace("= 0.8", "= 8"), "<= 1"),
        (PROFILE.replace("summary", "sumary"), 'unknown key `sumary`; did you mean "summary"'),
    ],
)
def test_bad_profiles_are_one_line(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(PROFILE, encoding="utf-8")
    assert load_profiles(path)["default"].thresholds.fork_lines == 9
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CardError) as caught:
        load_profiles(path)
    assert problem in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_marks_are_read_and_taken_away_without_moving_lines() -> None:
    text = "a = 1  # error: [x] why\n# note  # ok\nb = 2  # error: [x, y]  # audit: [z]\nc = 3  # ok-ish or not\nd = 4  # error bars\n"

    assert [(mark.line, mark.kind, mark.rule) for mark in marks_of("f.py", text)] == [
        (1, "error", "x"),
        (2, "ok", ""),
        (3, "audit", "z"),
        (3, "error", "x"),
        (3, "error", "y"),
    ]
    assert without_marks(text) == "a = 1\n# note\nb = 2\nc = 3  # ok-ish or not\nd = 4  # error bars\n"
    assert MARK.search("loss = 1  # todo: [x]") is None


def test_differences_are_told_in_every_direction() -> None:
    lines = ["a  # error: [remote-pickle]", "b  # ok", "c", "d  # todo-error: [remote-pickle]", "e  # todo-ok: [remote-pickle]"]
    section = Section("remote-pickle", "Example", (Block("a.py", "\n".join(lines)),))
    found = [Heeded(Finding("remote-pickle", Location("a.py", line), "said", anchor="")) for line in (2, 3, 4)]

    assert differences(section, rank(found, CARDS, RankingContext())) == [
        "a.py:1: missed",
        "a.py:5: no longer a false alarm: turn the mark into # ok",
        "a.py:2: marked # ok, found: said",
        "a.py:3: found: said",
        "a.py:4: no longer a known miss: turn the mark into # error, found: said",
    ]
    right = [Heeded(Finding("remote-pickle", Location("a.py", line), "said", anchor="")) for line in (1, 5)]
    assert differences(section, rank(right, CARDS, RankingContext())) == []


def test_ages_become_a_history(tmp_path: Path) -> None:
    write(Section("x", "Example", (Block("old.py", "a = 1\n", 90), Block("new/new.py", "b = 2\n", 5))), tmp_path)

    log = subprocess.run(["git", "-C", str(tmp_path), "log", "--format=%at %s"], check=True, capture_output=True, text=True).stdout
    (new, first), (old, second) = (line.split(" ", 1) for line in log.splitlines())
    assert (first, second) == ("Add new/new.py", "Add old.py")
    assert round((int(new) - int(old)) / 86400) == 85


def test_block_without_title_or_end_is_refused() -> None:
    card = CARDS["remote-pickle"]
    for body in ("## Example\n```py\nx = 1\n```\n", '## Example\n```py title="a.py"\nx = 1\n'):
        with pytest.raises(CardFormatError):
            sections(type(card)(**{**{name: getattr(card, name) for name in card.__struct_fields__}, "body": body}))
