from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from rich.cells import cell_len

from mldebt.findings import Location, Ranked

from .sample import only, ranked, rendered, sample, write_project

Span = tuple[int, int, int, int]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


def show(root: Path, *findings: Ranked, width: int = 100) -> str:
    """The findings alone, without head and foot."""
    return rendered(only(*findings, root=root), "full", width=width).split(f"\n{root.name}: ")[0]


def at(path: str, *span: int, label: str = "here", cell: int | None = None, cell_line: int | None = None) -> Ranked:
    line, column, end_line, end_column = span
    return ranked(1, "r", Location(path, line, column, end_line, end_column, label, cell, cell_line), "m")


def test_both_ends_are_shown(root: Path) -> None:
    assert show(root, sample(root).findings[1]) == snapshot("""\
warning[hidden-feedback-loop] MLD303: `orders.status` is set by the model's own answer and read as
    its next training label; what the model blocks today it learns to block tomorrow
  --> serving/worker.py:14:9
   |
14 |         orders.update(
   |         ^^^^^^^^^^^^^^
...
17 |         )
   |         ^ the model's answer decides the status
   |
  ::: train/labels.sql:1:12
   |
 1 | select id, status = 'blocked' as label
   |            ------------------ the label is that status
   |
   = help: Let a random 1 % of the orders pass and train on those only. See `mldebt explain
           hidden-feedback-loop`.
   = cost: 7 h 12 min interest per quarter, 8 h principal; rank 2
   = from: serving code
   = confidence: 60 %, inferred
""")


def test_a_notebook_shows_the_source_of_its_cell(root: Path) -> None:
    assert show(root, sample(root).findings[4]) == snapshot("""\
warning[correction-cascade] MLD101: `second` is fitted on the predictions of `first`, so improving
    `first` can make the whole worse
 --> notebooks/second_try.ipynb:18:1 (cell 2, line 3)
  |
3 | second.fit(orders, returned)
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ learns from the first model
  |
 ::: notebooks/second_try.ipynb:16:10 (cell 2, line 1)
  |
1 | scores = first.predict(orders)
  |          --------------------- its predictions
  |
  = help: Give `first` the features that it lacks, and drop `second`.
  = cost: 1 h 4 min interest per quarter, 16 h principal; rank 5
  = from: notebook code
  = confidence: 80 %, inferred
  = note: accepted: counted, but not in the exit code
""")


def test_tabs_and_wide_letters_keep_the_marks_in_place(root: Path) -> None:
    assert show(root, sample(root).findings[5]) == snapshot("""\
warning[dead-experimental-branch] MLD420: `NEW_ENCODER` is False in every configuration, so this
    branch never runs
 --> train/features.py:7:2
  |
7 |     if NEW_ENCODER:
  |     ^^^^^^^^^^^^^^^
8 |         return frame.join(encode(frame["größe"]))
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never runs
  |
 ::: train/features.py:3:1
  |
3 | NEW_ENCODER = False
  | ------------------- the only value it takes
  |
  = help: Delete the branch and the flag.
  = cost: 19 min interest per quarter, 22 min principal; rank 6
  = from: scheduled code
  = confidence: 100 %, proved
""")
    (root / "wide.py").write_text('価格 = load("値段")\n', encoding="utf-8")
    lines = show(root, at("wide.py", 1, 6, 1, 16)).splitlines()
    assert lines[3:5] == ['1 | 価格 = load("値段")', "  |        ^^^^^^^^^^^^ here"]


def test_a_vanished_file_leaves_its_locations(root: Path) -> None:
    assert show(root, sample(root).findings[3]) == snapshot("""\
warning[undeclared-consumer] MLD103: `s3://scores/daily.parquet` has five readers that its producer
    does not declare
   --> jobs/export.py:88:5  writes `s3://scores/daily.parquet`
   ::: dashboards/weekly.py:12:1  reads every column by position
   ::: marketing/campaigns/customer_reactivation/build_audience.py:203:9  reads `score`
   ::: notebooks/adhoc.ipynb:57:1 (cell 4, line 2)  reads `score`
   ::: ops/alerts.sql:3:1  external table
   ::: finance/provision.sql:31:1  external table
    = help: Declare the readers under [[tool.mldebt.artifacts]].
    = cost: 2 h 54 min interest per quarter, 1 h principal; rank 4
    = from: scheduled code
    = confidence: 70 %, inferred
""")


def test_head_and_foot_come_after_the_findings(root: Path) -> None:
    text = rendered(sample(root), "full")
    assert text.index("error[unsafe-load-remote]") < text.index("Read 212 files") < text.index("Resolved: flags 41 of 52 (79 %)")


def test_a_long_line_is_clipped_around_the_mark(root: Path) -> None:
    (root / "long.py").write_text("x" * 5000 + "NEEDLE" + "y" * 5000, encoding="utf-8")
    lines = show(root, at("long.py", 1, 5001, 1, 5007)).splitlines()
    source, marks = lines[3], lines[4]
    assert len(source) <= 100
    start = marks.index("^")
    assert source[start : start + 6] == "NEEDLE"
    assert marks.count("^") == 6
    assert source.startswith("1 | ...x") and source.endswith("y...")


def test_a_label_without_room_goes_below_the_marks(root: Path) -> None:
    (root / "a.py").write_text("value = " + "v" * 60 + "\n")
    label = "a label of many words that cannot stand beside marks as long as these are"
    lines = show(root, at("a.py", 1, 9, 1, 69, label=label), width=80).splitlines()
    assert lines[4].endswith("^")
    below = lines[5 : lines.index("  |", 5)]
    assert " ".join(line.removeprefix("  |").strip() for line in below) == label
    assert all(line.startswith("  | ") and len(line) <= 80 for line in below)


@pytest.mark.parametrize("span", [(99, 1, 99, 5), (0, 1, 0, 1), (2, 80, 2, 90), (1, 1, 99, 4), (1, 0, 0, 0), (3, 5, 2, 1)])
def test_spans_that_the_file_no_longer_has(root: Path, span: tuple[int, int, int, int]) -> None:
    (root / "short.py").write_text("a = 1\nb = 2\nc = 3\n")
    text = show(root, at("short.py", *span))
    assert "short.py" in text and "here" in text and "= cost:" in text


@pytest.mark.parametrize(
    ("line", "cell_line", "source"),
    [
        ('    "x = \\"a\\"\\n",', 1, 'x = "a"'),
        ('   "source": ["fit(\\u00e9)"],', 1, "fit(é)"),
        ('   "source": "a = 1\\nb = 2\\n"', 2, "b = 2"),
    ],
)
def test_notebook_lines_are_decoded(root: Path, line: str, cell_line: int, source: str) -> None:
    (root / "n.ipynb").write_text(line + "\n", encoding="utf-8")
    assert f"\n{cell_line} | {source}\n" in show(root, at("n.ipynb", 1, 1, 1, 2, cell=1, cell_line=cell_line))


@pytest.mark.parametrize("line", ['{"cells": [{"source": ["x"]}]}', '"broken', "17"])
def test_a_notebook_line_that_is_no_source_is_not_shown(root: Path, line: str) -> None:
    (root / "n.ipynb").write_text(line, encoding="utf-8")
    assert " | " not in show(root, at("n.ipynb", 1, 1, 1, 2, cell=1, cell_line=1))


def test_nothing_outside_the_project_is_read(root: Path) -> None:
    (root / "inside").mkdir()
    (root / "secret.py").write_text("password = 1\n")
    for path in ("../secret.py", str(root / "secret.py"), "a\0b.py"):
        assert "password" not in show(root / "inside", at(path, 1, 1, 1, 5))


def test_a_pipe_in_the_tree_does_not_block(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    assert "pipe.py:1:1" in show(root, at("pipe.py", 1, 1, 1, 5))


def test_hostile_source_is_escaped(root: Path) -> None:
    (root / "evil.py").write_bytes(b"x = '\x1b[31m\xe2\x80\xae' [bold] \xff :boom:\n")
    text = show(root, at("evil.py", 1, 1, 1, 30))
    assert "\\x1b[31m\\u202e' [bold] \ufffd :boom:" in text
    assert "\x1b" not in text


@given(
    source=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    span=st.tuples(*[st.integers(-3, 90)] * 4),
    width=st.integers(40, 120),
)
def test_no_source_or_span_breaks_the_layout(tmp_path_factory: pytest.TempPathFactory, source: str, span: Span, width: int) -> None:
    root = tmp_path_factory.getbasetemp()
    (root / "any.py").write_text(source, encoding="utf-8")
    lines = show(root, at("any.py", *span, label=""), width=width).splitlines()
    marks = [(above, line) for above, line in itertools.pairwise(lines) if line.endswith("^")]
    assert bool(marks) == any(" | " in line or (line.endswith(" |") and line.strip() != "|") for line in lines)
    for above, line in marks:
        assert above.split(" |")[0].strip().isdecimal()
        assert cell_len(line) <= max(cell_len(above) + 1, cell_len(above.split(" |")[0]) + len(" | ^"))  # an empty line has no blank
