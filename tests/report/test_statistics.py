from __future__ import annotations

import io

from inline_snapshot import snapshot

from mldebt.findings import Report
from mldebt.report import Options, write_statistics

from .sample import empty, sample


def statistics(report: Report) -> str:
    out = io.StringIO()
    write_statistics(report, out, options=Options(width=100))
    return out.getvalue()


def test_rules_by_interest_with_a_total() -> None:
    assert statistics(sample()) == snapshot("""\
code    name                      findings  principal    interest
MLD802  unsafe-load-remote               1     40 min        15 h
MLD303  hidden-feedback-loop             1        8 h  7 h 12 min
MLD601  fixed-threshold                  1        2 h  3 h 36 min
MLD103  undeclared-consumer              1        1 h  2 h 54 min
MLD101  correction-cascade               1       16 h   1 h 4 min
MLD420  dead-experimental-branch         1     22 min      19 min
MLD702  unseeded-split                   1      5 min      12 min
MLD424  nested-experiments               1     45 min      <1 min
        total                            8       29 h        30 h
""")


def test_nothing_to_count() -> None:
    assert statistics(empty()) == "No findings to count.\n"
