"""The Markdown for pull requests, and that nothing of the scanned project becomes markup in it."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt

from mldebt.findings import BaselineState, Grade, Location, Report, Unread
from mldebt.report import FORMATS
from mldebt.report.gfm import code, prose
from mldebt.report.markdown import summary

from .sample import daily, empty, only, ranked, rendered, sample
from .test_terminal import HOSTILE, hostile

OURS = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "ul", "li"}
ATTACKS = (
    "![x](http://evil.example/x.png)",
    "[x](http://evil.example)",
    "<img src=x onerror=alert(1)>",
    "<a href='http://evil.example'>x</a>",
    "<!-- comment",
    "http://evil.example www.evil.example mailto:a@evil.example",
    "@someone @team/all #12 GH-12 owner/repo#3 !4 ~label %5 $6 &7",
    "a | b | c",
    "`@someone` ``` code",
    "| `a|b` |",
    "\n\n# heading\n\n- item\n\n> quote\n\n---\n",
    "*bold* _em_ ~~gone~~ **x**",
    "\\",
    "a\\|b",
    "&lt;img&gt; &#64;someone",
    "[x]: http://evil.example",
    "1. x",
    "$\\href{x}{y}$ :boom:",
    "`",
    "``",
    "</code></td><script>",
    HOSTILE,
)


def html(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


def harmless(text: str) -> str:
    """The HTML of the text, after a look at its tags and at what code hosts make of the words between them."""
    page = html(text)
    assert {tag.lower() for tag in re.findall(r"</?([A-Za-z!][A-Za-z0-9]*)", page)} <= OURS, page
    assert not re.search(r"<(?!/?[A-Za-z])", page), page
    assert not re.search(r"(?i)\b(href|src|on\w+)=[\"']", re.sub(r">[^<]*<", "><", page)), page
    outside = re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)
    words = re.sub(r"<[^>]*>", " ", outside)
    assert not re.search(r"(?i)@\w|#\d|gh-\d|://|www\.\w|:\w+:|!\d|~\w", words), words
    return page


def test_the_whole_report() -> None:
    assert rendered(daily(), "markdown") == snapshot("""\
## mldebt: 6 findings in churn

**30 h interest per quarter, 29 h principal**: 4 warnings, 1 info, 1 advisory.
Read 212 files, 31,204 lines, profile `default`.

| # | interest | principal | confidence | finding | place |
| ---: | ---: | ---: | --- | --- | --- |
| 1 | 3 h 36 min | 2 h | 90 % inferred | warning `fixed-threshold` MLD601 | `serving/worker.py:4` |
| 2 | 2 h 54 min | 1 h | 70 % inferred | warning `undeclared-consumer` MLD103 | `jobs/export.py:88` |
| 3 | 1 h 4 min | 16 h | 80 % inferred | warning `correction-cascade` MLD101 (accepted) | `notebooks/second_try.ipynb:18 (cell 2, line 3)` |
| 4 | 19 min | 22 min | 100 % proved | warning `dead-experimental-branch` MLD420 | `train/features.py:7` |
| 5 | 12 min | 5 min | 90 % inferred | info `unseeded-split` MLD702 | `train/split.py:21` |
| 6 | <1 min | 45 min | 50 % advisory | advisory `nested-experiments` MLD424 | `train/features.py:7` |

### 1. `fixed-threshold` MLD601

a constant decides what the score means, whatever the model is retrained on

- `serving/worker.py:4`: chosen by hand
- `serving/worker.py:13`: decides here

**Help:** Store the threshold with the model, chosen on validation data.

**From:** serving code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### 2. `undeclared-consumer` MLD103

`s3://scores/daily.parquet` has five readers that its producer does not declare

- `jobs/export.py:88`: writes `s3://scores/daily.parquet`
- `dashboards/weekly.py:12`: reads every column by position
- `marketing/campaigns/customer_reactivation/build_audience.py:203`: reads `score`
- `notebooks/adhoc.ipynb:57 (cell 4, line 2)`: reads `score`
- `ops/alerts.sql:3`: external table
- `finance/provision.sql:31`: external table

**Help:** Declare the readers under \\[\\[tool.mldebt.artifacts\\]\\].

**From:** scheduled code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### 3. `correction-cascade` MLD101 (accepted)

`second` is fitted on the predictions of `first`, so improving `first` can make the whole worse

- `notebooks/second_try.ipynb:18 (cell 2, line 3)`: learns from the first model
- `notebooks/second_try.ipynb:16 (cell 2, line 1)`: its predictions

**Help:** Give `first` the features that it lacks, and drop `second`.

**From:** notebook code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### 4. `dead-experimental-branch` MLD420

`NEW_ENCODER` is False in every configuration, so this branch never runs

- `train/features.py:7`: never runs
- `train/features.py:3`: the only value it takes

**Help:** Delete the branch and the flag.

**From:** scheduled code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### 5. `unseeded-split` MLD702

`train_test_split` without `random_state`: two runs cannot be compared

- `train/split.py:21`

**Help:** Pass `random_state`.

**From:** script code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### 6. `nested-experiments` MLD424

three flags are nested here: eight paths, of which configurations reach two

- `train/features.py:7`

**From:** library code, reach 2.5, 12 commits in 90 days, a year old or more, @&#8203;ml/serving

### What the list covers

What was not resolved may hold more debt:

| | resolved | of | | not resolved |
| --- | ---: | ---: | ---: | --- |
| flags | 41 | 52 | 79 % | |
| models | 12 | 12 | 100 % | |
| reads and writes | 96 | 218 | 44 % | |

**Grade A**: debt ratio 1.8 % (principal divided by what 31,000 lines of code cost to write, at 30 minutes each).

Baseline `mldebt-baseline.toml`: 1 known finding not listed here; 1 entry of it that no finding has any more.

Left out: 1 ignored by comments, 14 filtered (severity, confidence or focus).

Accepted: 1 finding, counted but not in the exit code.

**4 files not read, or not in full:**

- `course/week3.py`: not valid Python: blank to fill in at line 19
- `data/export.py`: larger than 5 MB
- `legacy/score.py`: Python 2 syntax at line 4
- `vendor/blob.py`: not UTF-8

Note: shallow clone: churn counts as 1
""")


def test_the_summary_has_the_dearest_and_no_details() -> None:
    many = [ranked(rank, f"r{rank}", Location("a.py", rank), "m") for rank in range(25, 0, -1)]
    text = summary(only(*many))
    rows = re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)
    assert rows == [str(rank) for rank in range(1, 21)]
    assert "5 more findings, all of them cheaper." in text
    assert "### 1." not in text and "| flags | 41 | 52 | 79 % |" in text
    assert "r21" in rendered(only(*many), "markdown")


def test_the_table_has_a_row_and_the_details_every_end_of_a_finding() -> None:
    page = harmless(rendered(sample(), "markdown"))
    assert page.count("<h3>") == 8 + 1
    for finding in sample().findings:
        for place in (finding.finding.location, *finding.finding.evidence):
            assert f"<code>{place.path}:{place.line}" in page


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        (
            Grade(0.019, "A", code_lines=1),
            "**Grade A**: debt ratio 1.9 % (principal divided by what 1 line of code cost to write, at 30 minutes each",
        ),
        (Grade(0.0, "", "40 % of the files are unread"), "No grade: 40 % of the files are unread."),
    ],
)
def test_the_grade(grade: Grade, told: str) -> None:
    for write in (summary, lambda report: rendered(report, "markdown")):
        assert told in write(msgspec.structs.replace(sample(), summary=msgspec.structs.replace(sample().summary, grade=grade)))


def test_a_report_without_findings() -> None:
    assert rendered(empty(), "markdown") == snapshot("""\
## mldebt: 0 findings in churn

No debt found among what was resolved: flags 41 of 52 (79 %), models 3 of 4 (75 %).
Read 40 files, 1,204 lines, profile `default`.

### What the list covers

What was not resolved may hold more debt:

| | resolved | of | | not resolved |
| --- | ---: | ---: | ---: | --- |
| flags | 41 | 52 | 79 % | |
| models | 3 | 4 | 75 % | |
""")
    assert "Nothing to show among" in rendered(empty(filtered=3), "markdown")
    known = msgspec.structs.replace(empty().summary, baseline=BaselineState("origin/main", 2))
    assert "Nothing to show among" in summary(msgspec.structs.replace(empty(), summary=known))
    nothing = msgspec.structs.replace(empty(), summary=msgspec.structs.replace(empty().summary, files=0))
    assert "**Nothing was analysed" in summary(nothing)


def test_hostile_names_have_no_effect() -> None:
    harmless(rendered(hostile(), "markdown"))
    harmless(summary(hostile()))


def attacked(text: str) -> Report:
    place = Location(f"{text}.py", 3, message=text)
    finding = ranked(1, text or "r", place, text, code=text, evidence=(place,), help=text)
    report = only(finding, root=f"/srv/{text}")
    totals = msgspec.structs.replace(
        report.summary,
        unread=(Unread(text, text),),
        notes=(text,),
        coverage={text: next(iter(report.summary.coverage.values()))},
        baseline=BaselineState(text, 1, (text,)),
        grade=Grade(0.1, text[:5], text),
    )
    return msgspec.structs.replace(report, profile=text, summary=totals)


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_stay_text(text: str) -> None:
    report = attacked(text)
    for page in (harmless(rendered(report, "markdown")), harmless(summary(report))):
        for row in re.findall(r"<tr>.*?</tr>", page, flags=re.DOTALL):
            assert row.count("<t") - 1 in (5, 6)
    assert html(f"- {prose(text)}").count("<li>") == 1


@given(st.text(alphabet="`|\\<>[]()!@#*_~&$:/ aw.1-+=\n", max_size=30))
def test_no_text_becomes_markup(text: str) -> None:
    harmless(rendered(attacked(text), "markdown"))


def test_what_people_write_stays_readable() -> None:
    assert prose("`dill.load` reads weights_only=True, e.g. 50 % of it.") == "`dill.load` reads weights_only=True, e.g. 50 % of it."
    assert code("serving/worker.py:8") == "`serving/worker.py:8`"


def test_the_time_of_the_run_is_not_in_it() -> None:
    later = msgspec.structs.replace(sample(), summary=msgspec.structs.replace(sample().summary, seconds=99.0, timings={}))
    assert rendered(later, "markdown") == rendered(sample(), "markdown")


def test_the_formats_have_an_order() -> None:
    assert FORMATS[:10] == ("text", "full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
