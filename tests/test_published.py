"""The published tables: how places are scored, what is written where, and that README and cards say the same."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from mldebt.cards import load_cards

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import labels  # noqa: E402
import published  # noqa: E402
from labels import Found, Label, Span  # noqa: E402


def label(first: int, *, debt: bool = True, high: bool = True, path: str = "a.py") -> Label:
    return Label("glue-code", path, debt, high, False, (Span(path, first - labels.SLACK, first + labels.SLACK),))


def found(line: int, *, path: str = "a.py", debt: str = "glue-code", also: int = 0) -> Found:
    return Found(debt, (Span(path, line, line), *([Span(path, also, also)] if also else [])))


def test_a_label_is_met_within_three_lines_by_a_finding_of_its_debt():
    marked = [label(10), label(50, high=False)]
    said = [found(13), found(54), found(50, debt="leakage")]
    assert labels.score(marked, frozenset({"a.py"}), said)["glue-code"] == Counter(labels=2, hit=1, high=1, high_hit=1, on_debt=1, open=1)


def test_another_end_of_a_finding_counts_and_unread_files_do_not():
    marked = [label(10), label(10, path="b.py")]
    table = labels.score(marked, frozenset({"a.py"}), [found(90, also=10), found(10, path="b.py")])["glue-code"]
    assert (table["labels"], table["hit"], table["on_debt"]) == (1, 1, 1)


def test_a_look_alike_is_no_debt():
    table = labels.score([label(10, debt=False)], frozenset({"a.py"}), [found(10)])["glue-code"]
    assert (table["labels"], table["on_clean"], table["on_debt"]) == (0, 1, 0)


def test_the_labels_load():
    marked, commits, read = labels.load()
    assert len(marked) == len(commits) == 13
    assert sum(one.is_debt for those in marked.values() for one in those) == 629
    assert sum(map(len, marked.values())) == 863
    assert sum(map(len, read.values())) == 311


def test_a_part_of_the_text_is_replaced():
    text = "a\n<!-- debts: begin -->\nold\n<!-- debts: end -->\nb\n"
    assert published.written(text, "debts", ["| x |"]) == "a\n<!-- debts: begin -->\n| x |\n<!-- debts: end -->\nb\n"
    with pytest.raises(SystemExit, match="no part 'peers'"):
        published.written(text, "peers", [])


def test_a_card_gets_its_figures_and_keeps_its_text():
    card = load_cards()["unseeded-randomness"]
    text = (ROOT / "rules" / "debts" / "unseeded-randomness.md").read_text(encoding="utf-8")
    new = published.card_with(text, card, Counter(right=3, wrong=1, unread=9), "2026-11-21")
    assert '[measured]\nprecision = 0.75\nright = 3\njudged = 4\ndate = "2026-11-21"\n+++\n' in new
    assert new.count("[measured]") == 1
    assert new.partition("\n+++\n")[2] == text.partition("\n+++\n")[2]
    assert published.card_with(text, card, Counter(unread=9), "2026-11-21") == text


def test_readme_and_cards_say_the_same():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    part = re.search(r"<!-- measured: begin -->\n(.*?)<!-- measured: end -->", readme, re.DOTALL)
    assert part is not None
    rows = re.findall(r"\| (MLD\d+) (\S+) \| (\w+) \| (\d+) / (\d+) \|", part[1])
    cards = load_cards()
    assert len(rows) > 30
    for code, name, profile, right, judged in rows:
        card = cards[name]
        assert (card.code, card.profile) == (code, profile)
        if int(judged):
            assert card.measured is not None and (card.measured.right, card.measured.judged) == (int(right), int(judged)), name


def test_judged_rows_are_of_known_rules():
    codes = {card.code for card in load_cards().values()}
    assert {code for _, _, code in published.verdicts()} <= codes
    assert {verdict for given in published.verdicts().values() for _, verdict in given} == {"right", "wrong"}
