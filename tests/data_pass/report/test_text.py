from __future__ import annotations

import re

import pytest
from inline_snapshot import snapshot
from msgspec.structs import replace

from mldebt.data_pass.report import render
from mldebt.data_pass.result import Bundle, Column, Interval
from mldebt.report.options import Options
from mldebt.report.terminal import safe

from .sample import CREDIT, HOSTILE, NO_MODEL, NOTHING, PLAIN, STRUCTURE, UNDECIDED, hostile


def test_the_whole_report():
    assert render([CREDIT], "text", PLAIN) == snapshot("""\
credit.csv: 4 of 8 columns may go together: roc_auc 0.8612 -> 0.8620, loss -0.0008 [-0.0031, +0.0017], tolerance
  0.005
Judged by gradient boosted trees (hgb) (binary): 5 stratified folds, 118 fits, 6,000 rows, seed 0. The last test
  was on 1,200 rows that the search never saw.
warning[leak] approved_at gives the target away: it is filled only when default = 0
warning[identifier] customer_id looks like an identifier: from such values a model can only learn these rows by heart

May go together, dearest to carry first:
  column      kind       size    gain when put back          why
  age_band    legacy     6.0 kB  +0.0002 [-0.0010, +0.0014]  age_band is determined by age (4 lines in 2 files)
                                                             code  features.py:12 creates, serve.py:8 reads, serve.py:40
                                                                   drops, + 1 more
  noise       no-gain    2.4 MB  -0.0004 [-0.0016, +0.0008]
  income_eur  duplicate  48 kB   -                           equal to income on all rows (12 % missing)
  bureau_2    bundled    0 B     -                           1 of 2 columns of bureau earns its place
  duplicate: another column says exactly the same
  legacy: columns that stay have taken its place: they determine it
  bundled: it came with a group of columns whose other members carry the gain
  no-gain: no measurable gain within the tolerance on these rows with this model

Bundles:
  bureau: 1 of 2 earns its place (bureau_1); the loss of all of them costs +0.0310 [+0.0200, +0.0420]

Undecided, they stay:
  column  loss when it goes           why
  city    +0.0031 [-0.0020, +0.0082]  may cost +0.0082, more than the tolerance, or nothing

Stays, dearest to lose first:
  column    kind    loss when it alone goes
  age       needed  +0.0312 [+0.0251, +0.0373]
  income    one-of  +0.0201 [+0.0150, +0.0252]  income_eur could stand in for it
  bureau_1  needed  +0.0121 [+0.0080, +0.0162]

1 column made by code, absent from the data: ltv_ratio

No measurable loss beyond the tolerance for all of them together, on these rows, with this model: other data may
  need them. A negative loss is a gain.
Note: about 14,000 rows would decide city

Next: delete the lines that make these columns, then the places that read them, and train without them.
      `mldebt explain legacy-feature` says more of a kind, `--keep COL` holds a column back.
      more rows, more `--repeats` or a larger `--tolerance` decide what is undecided.
""")


@pytest.mark.parametrize("result", [NOTHING, UNDECIDED, NO_MODEL, STRUCTURE])
def test_the_first_line_is_the_name_of_the_data_and_the_answer(result):
    shown = render([result], "text", replace(PLAIN, width=200))
    assert re.match(r"credit\.csv: (none of 8|undecided|the model does not learn|1 of 8)", shown)


def test_warnings_stand_before_the_answer_in_detail():
    lines = render([CREDIT], "text", PLAIN).splitlines()
    leak = next(index for index, line in enumerate(lines) if line.startswith("warning[leak] approved_at gives the target away"))
    assert leak < lines.index("May go together, dearest to carry first:")


def test_more_columns_that_stay_need_verbose():
    many = tuple(Column(f"c{n:02}", "number", "needed", "keep", delta_alone=Interval(0.1 - n / 1000, 0, 1, 5)) for n in range(14))
    result = replace(NOTHING, columns=many)
    shown = render([result], "text", PLAIN)
    assert "c09" in shown and "c10" not in shown and "and 4 more (-v lists them)" in shown
    assert "c13" in render([result], "text", replace(PLAIN, verbose=True))


def test_long_lists_are_cut_unless_all_are_wanted():
    names = tuple(f"c{n:03}" for n in range(60))
    going = tuple(Column(name, "number", "no-gain", "drop") for name in names)
    result = replace(CREDIT, columns=going, drop=names, identifiers=names, bundles=tuple(Bundle(n, "prefix", (n,), ()) for n in names))
    shown, verbose = render([result], "text", PLAIN), render([result], "text", replace(PLAIN, verbose=True))
    assert shown.count("no-gain  ") == 50 and verbose.count("no-gain  ") == 60
    assert "and 10 more (-v lists them)" in shown and "c009 and 50 more look like identifiers" in shown
    assert shown.count("0 of 1 earn their place") == 10 and verbose.count("0 of 1 earn their place") == 60
    assert "-v lists them" not in verbose
    result = replace(UNDECIDED, columns=tuple(replace(one, kind="undecided", action="review") for one in going), undecided=names)
    assert "and 50 more (-v lists them)" in render([result], "text", PLAIN)


def test_verbose_shows_all_places_and_members():
    assert "+ 1 more" in render([CREDIT], "text", PLAIN)
    verbose = render([CREDIT], "text", replace(PLAIN, verbose=True))
    assert "train.py:31 reads" in verbose and "all of them: bureau_1, bureau_2" in verbose and "1 more" not in verbose


def test_without_a_model_there_is_no_table_of_losses():
    shown = render([NO_MODEL], "text", PLAIN)
    assert "Stays" not in shown and "May go" not in shown
    shown = render([STRUCTURE], "text", PLAIN)
    assert "Repeat others or never change, dearest to carry first:" in shown and "May go together" not in shown


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_lines_keep_to_the_width(width: int):
    shown = render([CREDIT], "text", Options(color="never", width=width))
    longest = max(shown.splitlines(), key=len)
    assert len(longest) <= max(width, 2 + len("income_eur  duplicate  6.0 kB  +0.0002 [-0.0010, +0.0014]  ")), longest


def test_colour_only_when_asked():
    assert "\x1b" not in render([CREDIT], "text", PLAIN)
    assert "\x1b[1m" in render([CREDIT], "text", replace(PLAIN, color="always"))


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_names_are_harmless(width: int, verbose: bool):
    shown = render([hostile()], "text", Options(color="never", width=width, verbose=verbose))
    assert all(safe(line) == line for line in shown.splitlines())
    shown.encode("utf-8")
    assert r"\x1b[31mred\x1b[0m" in shown and "[bold red]markup[/]" in shown


def test_hostile_names_bring_no_colour_of_their_own():
    shown = render([hostile()], "text", Options(color="always", width=200))
    assert "\x1b[31mred" not in shown and "\u202e" not in shown


def test_results_stand_one_after_the_other():
    shown = render([CREDIT, NOTHING], "text", PLAIN)
    assert shown == render([CREDIT], "text", PLAIN) + "\n" + render([NOTHING], "text", PLAIN)


def test_the_hostile_names_are_many():
    assert len(set(HOSTILE)) == len(HOSTILE) == 16
