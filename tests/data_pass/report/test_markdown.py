from __future__ import annotations

import re

from msgspec.structs import replace

from mldebt.data_pass.report import render
from mldebt.data_pass.report.markdown import code, text, told
from mldebt.report.terminal import safe

from .sample import CREDIT, NO_MODEL, NOTHING, PLAIN, STRUCTURE, hostile


def test_the_report_has_the_answer_and_its_tables():
    shown = render([CREDIT], "markdown", PLAIN)
    assert shown.startswith("## credit.csv\n\n**4 of 8 columns may go together: roc\\_auc 0.8612 ")
    assert "| `age_band` | legacy | 6.0 kB | +0.0002 [-0.0010, +0.0014] | age\\_band is determined by age (4 lines in 2 files) |" in shown
    assert "`features.py:12` creates<br>`serve.py:8` reads<br>" in shown
    assert "> **Leak:** `approved_at` gives the target away" in shown
    assert "- `bureau`: 1 of 2 earns its place" in shown
    assert "| `city` | +0.0031 [-0.0020, +0.0082] | may cost +0.0082, more than the tolerance, or nothing |" in shown
    assert "| `income` | one-of | +0.0201 [+0.0150, +0.0252] |" in shown
    assert "Note: about 14,000 rows would decide city" in shown


def test_empty_parts_are_left_out():
    assert "###" not in render([NO_MODEL], "markdown", PLAIN).replace("### Stays", "")
    assert "### Repeat others or never change" in render([STRUCTURE], "markdown", PLAIN)
    assert "May go" not in render([NOTHING], "markdown", PLAIN)


def test_every_row_of_a_table_has_the_cells_of_its_heading():
    for result in (CREDIT, hostile()):
        cells = 0
        for line in render([result], "markdown", replace(PLAIN, verbose=True)).splitlines():
            if line.startswith("|"):
                here = len(re.findall(r"(?<!\\)\|", line))
                assert cells in (0, here), line
                cells = here
            else:
                cells = 0


def test_hostile_names_are_harmless():
    shown = render([hostile()], "markdown", replace(PLAIN, verbose=True))
    assert all(safe(line) == line for line in shown.splitlines())
    outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", shown)  # without code spans
    assert not re.search(r"(?<!\\)<(?!br>)", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    shown.encode("utf-8")


def test_code_spans_hold_backticks():
    assert code("a") == "`a`"
    assert code("a`b") == "``a`b``"
    assert code("`tick`") == "`` `tick` ``"
    assert code("a``b") == "```a``b```"
    assert code("two\nlines") == r"`two\nlines`"


def test_names_in_messages_are_code_spans():
    assert told("`a*b` determines it") == "`a*b` determines it"
    assert told("the same values as ``tick``") == "the same values as \\``tick`\\`"


def test_text_is_only_text():
    assert text("<b>[a](b) | *c* `d`") == r"\<b\>\[a\](b) \| \*c\* \`d\`"
