from __future__ import annotations

import re

import msgspec
import pytest
from inline_snapshot import snapshot

from mldebt.findings import BaselineState, Coverage, Location

from .sample import empty, only, ranked, rendered, sample


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_the_whole_report() -> None:
    assert rendered(sample(), "text") == snapshot("""\
churn: 8 findings, 30 h interest per quarter, 29 h principal
Read 212 files, 31,204 lines in 1.8 s, profile default.
4 files not read, or not in full:
  course/week3.py: not valid Python: blank to fill in at line 19
  data/export.py: larger than 5 MB
  legacy/score.py: Python 2 syntax at line 4
  and 1 more (-v lists them)

Ranked by confidence x interest. Interest is what a debt costs per quarter while it stays; principal
is what it costs, once, to pay it. `mldebt explain ranking` tells how both are reckoned.

#    interest   principal  confidence      finding
1        15 h      40 min   95 % proved    error[unsafe-load-remote] MLD802
   serving/worker.py:8  runs what the server sends
   `dill.load` unpickles what it downloads from `url`, in the process that serves requests
   help  Save the model with skops or safetensors and pin its digest.
   from  serving code

2  7 h 12 min         8 h   60 % inferred  warning[hidden-feedback-loop] MLD303
   serving/worker.py:14  the model's answer decides the status
   `orders.status` is set by the model's own answer and read as its next training label; what the
   model blocks today it learns to block tomorrow
   also  train/labels.sql:1  the label is that status
   help  Let a random 1 % of the orders pass and train on those only.
   from  serving code

3  3 h 36 min         2 h   90 % inferred  warning[fixed-threshold] MLD601
   serving/worker.py:4  chosen by hand
   a constant decides what the score means, whatever the model is retrained on
   also  serving/worker.py:13  decides here
   help  Store the threshold with the model, chosen on validation data.
   from  serving code

4  2 h 54 min         1 h   70 % inferred  warning[undeclared-consumer] MLD103
   jobs/export.py:88  writes `s3://scores/daily.parquet`
   `s3://scores/daily.parquet` has five readers that its producer does not declare
   also  dashboards/weekly.py:12  reads every column by position
         marketing/campaigns/customer_reactivation/build_audience.py:203  reads `score`
         notebooks/adhoc.ipynb:57 (cell 4, line 2)  reads `score`
         + 2 more
   help  Declare the readers under [[tool.mldebt.artifacts]].
   from  scheduled code

5   1 h 4 min        16 h   80 % inferred  warning[correction-cascade] MLD101
   notebooks/second_try.ipynb:18 (cell 2, line 3) (accepted)  learns from the first model
   `second` is fitted on the predictions of `first`, so improving `first` can make the whole worse
   also  notebooks/second_try.ipynb:16 (cell 2, line 1)  its predictions
   help  Give `first` the features that it lacks, and drop `second`.
   from  notebook code

6      19 min      22 min  100 % proved    warning[dead-experimental-branch] MLD420
   train/features.py:7  never runs
   `NEW_ENCODER` is False in every configuration, so this branch never runs
   also  train/features.py:3  the only value it takes
   help  Delete the branch and the flag.
   from  scheduled code

7      12 min       5 min   90 % inferred  info[unseeded-split] MLD702
   train/split.py:21
   `train_test_split` without `random_state`: two runs cannot be compared
   help  Pass `random_state`.
   from  script code

8      <1 min      45 min   50 % advisory  advisory[nested-experiments] MLD424
   train/features.py:7
   three flags are nested here: eight paths, of which configurations reach two
   from  library code

8 findings: 1 error, 5 warnings, 1 info, 1 advisory
To leave them costs 30 h per quarter (interest), to pay them 29 h (principal).

debt                    findings    interest   principal
unsafe-loading                 1        15 h      40 min
feedback-loop                  1  7 h 12 min         8 h
fixed-threshold                1  3 h 36 min         2 h
undeclared-consumer            1  2 h 54 min         1 h
correction-cascade             1   1 h 4 min        16 h
dead-experimental-path         2      19 min   1 h 7 min
reproducibility-debt           1      12 min       5 min

Resolved: flags 41 of 52 (79 %), models 12 of 12 (100 %), reads and writes 96 of 218 (44 %). What
  was not resolved may hold more debt.
Not read, or not in full: 4 files.
Left out: 3 suppressed by ignore comments, 14 filtered (severity, confidence or focus).
Accepted: 1 finding, counted but not in the exit code.
Glue: 8 % of 120 files call ML packages themselves (xgboost 7), 0.3 % of the lines convert data for
  such calls; written in torch.
Note: shallow clone: churn counts as 1

Next: `mldebt explain unsafe-load-remote` says more of a rule, `--output-format full` shows the
source.
""")


def test_a_narrow_terminal_gets_compact_durations() -> None:
    assert rendered(only(*sample().findings[:2]), "text", width=80).splitlines()[12:21] == snapshot(
        [
            "#  interest  principal  confidence      finding",
            "1       15h        40m   95 % proved    error[unsafe-load-remote] MLD802",
            "   serving/worker.py:8  runs what the server sends",
            "   `dill.load` unpickles what it downloads from `url`, in the process that",
            "   serves requests",
            "   help  Save the model with skops or safetensors and pin its digest.",
            "   from  serving code",
            "",
            "2    7h 12m         8h   60 % inferred  warning[hidden-feedback-loop] MLD303",
        ]
    )


@pytest.mark.parametrize("width", [40, 80, 100, 140, 200])
def test_paths_are_whole_at_any_width(width: int) -> None:
    text = rendered(sample(), "text", width=width)
    for path in ("serving/worker.py:8", "marketing/campaigns/customer_reactivation/build_audience.py:203"):
        assert any(path in line for line in text.splitlines())


@pytest.mark.parametrize("width", [80, 100, 140])
def test_only_a_long_word_is_wider_than_the_terminal(width: int) -> None:
    for line in rendered(sample(), "text", width=width).splitlines():
        assert len(line) <= width or any(len(word) > width - 12 for word in line.split())


def test_numbers_stand_under_their_headings() -> None:
    lines = rendered(sample(), "text").splitlines()
    heading = next(line for line in lines if line.startswith("#"))
    rows = [line for line in lines if re.match(r"\d+  .* MLD\d{3}$", line)]
    assert len(rows) == 8
    end, title = heading.index("principal") + len("principal"), heading.index("finding")
    for row in rows:
        assert row[end - 1] in "nh" and row[end] == " "
        assert row[title - 1] == " " and row[title] != " "


def test_a_clean_report_says_what_was_resolved() -> None:
    assert rendered(empty(), "text") == snapshot("""\
churn
Read 40 files, 1,204 lines in 0.3 s, profile default.

No debt found among what was resolved: flags 41 of 52 (79 %), models 3 of 4 (75 %).
""")


def test_findings_left_out_are_not_called_none() -> None:
    text = rendered(empty(filtered=14, suppressed=2), "text")
    assert "No debt found" not in text
    assert "Nothing to show among what was resolved: flags 41 of 52 (79 %)" in text
    assert "Left out: 2 suppressed by ignore comments, 14 filtered" in text


def test_a_project_without_machine_learning_is_not_called_clean() -> None:
    report = empty()
    report = msgspec.structs.replace(report, summary=msgspec.structs.replace(report.summary, coverage={"flags": Coverage(0, 0)}))
    assert "nothing, for no data, model or flag was recognised" in rendered(report, "text")


def test_top_counts_what_it_hides() -> None:
    text = unwrapped(rendered(sample(), "text", top=2))
    assert "8 findings, 2 of them above: 1 error, 1 warning" in text
    assert "6 beyond --top" in text
    assert "fixed-threshold" not in text


def test_verbose_cuts_no_list_short() -> None:
    brief, verbose = unwrapped(rendered(sample(), "text")), unwrapped(rendered(sample(), "text", verbose=True))
    for word in (
        "vendor/blob.py",
        "finance/provision.sql:31",
        "any code that its author likes",
        "0000000000000004",
        "sql 12",
        "checks 0.31 s",
    ):
        assert word not in brief
        assert word in verbose


def test_evidence_beyond_three_is_counted() -> None:
    def of(number: int) -> str:
        return rendered(
            only(ranked(1, "r", Location("a.py", 1), "m", evidence=tuple(Location(f"b{i}.py", 1) for i in range(number)))), "text"
        )

    assert "more" not in of(3).split("help")[0].split("also")[1]
    assert "+ 1 more" in of(4)


def test_color_changes_nothing_but_color() -> None:
    plain, colored = rendered(sample(), "text", color="never"), rendered(sample(), "text", color="always")
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_a_finding_about_a_whole_file_has_no_line() -> None:
    assert "   data.csv\n" in rendered(only(ranked(1, "r", Location("data.csv", 0), "m")), "text")


def test_who_commits_gets_the_findings_and_the_ways_out_and_no_ledger() -> None:
    report = msgspec.structs.replace(only(*sample().findings[:2]), focused=True)
    state = BaselineState("known.jsonl", 4, grown=1)
    grown = msgspec.structs.replace(report, summary=msgspec.structs.replace(report.summary, baseline=state))
    text = rendered(grown, "text")
    assert "serving/worker.py:8" in text and "train/labels.sql:1" in text
    assert "`mldebt explain unsafe-load-remote` says more" in text and "accept[unsafe-load-remote] until=DATE" in text
    assert "Known in fewer files until now: 1 finding." in text
    for left_out in ("Ranked by", "To leave them", "Resolved:", "Debt ratio"):
        assert left_out not in text
    nothing = rendered(msgspec.structs.replace(empty(), focused=True), "text")
    assert "among what was resolved" in nothing  # never just "none"
    assert "Resolved:" in rendered(grown, "text", verbose=True)
