"""The page: all of a report, one file, deterministic, and closed to whatever the scanned project holds."""

from __future__ import annotations

import base64
import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from mldebt.findings import BaselineState, Coverage, Drawing, Grade, Location, Point, Report, Unread
from mldebt.graphs.drawings import drawings
from mldebt.report.entries import words
from tests.project.reading import project_of

from . import browser
from .sample import empty, only, ranked, rendered, sample, write_project

HOSTILE = (
    "<script>document.title='pwned'</script>",
    '"><img src=x onerror="document.title=\'pwned\'">',
    "</script><script>document.title='pwned'</script>",
    "</style><style>*{display:none}</style>",
    "javascript:document.title='pwned'",
    "<svg onload=\"document.title='pwned'\">",
    "{{ 7 * 6 }}{% raw %}",
    "--><!--",
    "\u202egnp.exe\u2066\x1b[31m\x00\ud800",
)
TREND = (
    Point("b" * 40, "2026-02-01T09:00:00+00:00", 9, 900.0, 200.0, 31_000),
    Point("a" * 40, "2026-01-01T09:00:00+00:00", 7, 700.0, 100.0, 30_000),
    Point("c" * 40, "2026-03-01T09:00:00+00:00", 8, 800.0, 150.0, 31_204),
)


class Page(HTMLParser):
    """What a browser would make of the text: elements with their attributes, and the text in each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._tag = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._tag, []).append(data)

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def all(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag and kind in (attrs.get("class") or "").split(" " if kind else "\0")]

    def text(self) -> str:
        return " ".join(" ".join(part for parts in self.texts.values() for part in parts).split())


def show(report: Report, **options: bool) -> Page:
    return Page(rendered(report, "html", **options))


def plain(page: str) -> str:
    """The page's words in reading order, without tags, style and script."""
    text = re.sub(r"(?s)<(style|script)>.*?</\1>", "", page)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def findings(page: Page) -> list[dict[str, str | None]]:
    return page.all("details", "finding")


def whole(root: Path | str = "/srv/churn") -> Report:
    """A report with everything that a page can show."""
    report = sample(root)
    project = project_of({"a.py": "import pandas as pd\npd.read_csv('data/a.csv').to_csv('data/b.csv')\n", "b.py": "open('data/b.csv')\n"})
    baseline = BaselineState("debt.txt", 1, ("MLD601 fixed-threshold serving/old.py",))
    known = (msgspec.structs.replace(ranked(3, "unread-flag", Location("train/old.py", 3), "old news"), fingerprint="f" * 16),)
    first = msgspec.structs.replace(report.findings[0], owners=("@risk", "@serving"), commits=12, age_days=400, reach=2.5)
    return msgspec.structs.replace(
        report,
        findings=(first, *report.findings[1:]),
        known=known,
        trend=TREND,
        drawings=drawings(project),
        summary=msgspec.structs.replace(report.summary, grade=Grade(0.0634, "B", code_lines=900), baseline=baseline),
    )


def hostile(text: str, root: str = "/srv/churn") -> Report:
    """A report in which everything that can come from a project is this text."""
    place = Location(text, 3, 1, 3, 9, text)
    one = ranked(1, text, place, f"{text} `{text}`", help=text, evidence=(place,), debt=text, exposure=text, code=text)
    one = msgspec.structs.replace(one, owners=(text,), reason=text, fingerprint=text)
    two = msgspec.structs.replace(one, fingerprint="0" * 16, debt="glue-code", owners=("@x",))
    summary = msgspec.structs.replace(
        sample().summary,
        coverage={text: Coverage(1, 2, {text: 1})},
        unread=(Unread(text, text),),
        notes=(text,),
        grade=Grade(0.1, "", text),
        baseline=BaselineState(text, 1, (text,)),
    )
    name = text.replace("\\", "").replace("'", "").replace("\ud800", "").replace("\x00", "")
    project = project_of({"a.py": f"import pandas as pd\npd.read_csv('''{name} ''').to_csv('data/b.csv')\n"})
    return Report(
        f"{root}/{text.replace('/', '')}",
        text,
        summary,
        (one, two),
        known=(msgspec.structs.replace(one, accepted=True),),
        drawings=(*drawings(project), Drawing(text, "<svg></svg>", text)),
        trend=(*TREND, Point(text, text, 1, 1.0, 1.0, 1)),
    )


def test_the_head_tells_totals_grade_ledger_and_baseline():
    text = plain(rendered(whole(), "html"))
    for told in (
        "ML debt of churn",
        "212 files, 31,204 lines read, profile default",
        "8 findings 1 error, 5 warnings, 1 info, 1 advisory",
        "30 h interest per quarter",
        "29 h principal",
        "B grade Debt ratio 6.3 %: the principal over what 900 lines of code cost to write, at 30 minutes each.",
        "Compared with debt.txt: 1 known finding (30 min interest per quarter), not in the totals above.",
        "1 entry of it no finding has any more.",
        "MLD601 fixed-threshold serving/old.py",
        "reads and writes 96 of 218 (44 %)",
        "What was not resolved may hold more debt.",
        "Left out: 3 suppressed by ignore comments, 14 filtered (severity, confidence or focus).",
        "Accepted: 1 finding, counted but not in the exit code.",
        "Note: shallow clone: churn counts as 1",
        "4 files not read, or not in full",
        "legacy/score.py : Python 2 syntax at line 4",
    ):
        assert told in text
    assert "queries" not in text  # the project has none


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        (None, "\u2013 grade No grade: only a part of the project or of its rules was asked for."),
        (Grade(0.2, "", "only 40 of 200 files could be read"), "\u2013 grade No grade: only 40 of 200 files could be read."),
    ],
)
def test_a_grade_can_be_refused(grade: Grade | None, told: str):
    report = sample()
    assert told in plain(rendered(msgspec.structs.replace(report, summary=msgspec.structs.replace(report.summary, grade=grade)), "html"))


def test_nothing_found_is_never_called_no_debt():
    text = plain(rendered(empty(), "html"))
    assert "No debt found among what was resolved. What was not resolved may hold more debt." in text
    assert "flags 41 of 52 (79 %)" in text and "Payback map" not in text and "Trend" not in text
    bare = msgspec.structs.replace(empty(), summary=msgspec.structs.replace(empty().summary, coverage={}))
    assert "nothing, for no data, model or flag was recognised" in plain(rendered(bare, "html"))


def test_families_are_drawn_with_what_the_baseline_has():
    page = rendered(whole(), "html")
    assert 'glue-code</th><td class="n">1 (1 known)</td>' in page and "30 min (30 min known)" in plain(page)
    bars = show(whole()).all("rect", "interest")
    assert bars[0]["width"] == "100.0%" and len(bars) == 8


def test_the_map_has_a_dot_for_each_spot_that_leads_to_a_finding():
    report = only(*(ranked(n, "r", Location("a.py", n), "m", interest=30.0 if n < 5 else 500.0) for n in range(1, 8)))
    page = rendered(report, "html")
    dots = re.findall(r'<a href="#(\w+)" tabindex="-1"', page)
    assert dots == [f"{1:016x}", f"{5:016x}"] and all(f'id="{dot}"' in page for dot in dots)
    assert "Payback map" not in rendered(only(sample().findings[0]), "html")


def test_every_finding_is_listed_with_its_badges():
    page = show(whole())
    listed = findings(page)
    assert [one["id"] for one in listed] == [*(f"{n:016x}" for n in range(1, 9)), "f" * 16]
    assert [one["data-state"] for one in listed] == ["new"] * 4 + ["accepted"] + ["new"] * 3 + ["known"]
    assert listed[0]["data-owner"] == "@risk\n@serving" and listed[0]["data-severity"] == "error"
    badges = re.findall(r'<span class="badge">(\w+)</span>', rendered(whole(), "html"))
    assert badges == ["accepted", "known"]


def test_columns_without_content_are_left_out():
    def shown(report: Report) -> list[str | None]:
        return [one["data-key"] for one in show(report).all("button") if "data-key" in one]

    first = ["rank", "interest", "principal", "confidence", "severity", "rule", "place"]
    assert shown(sample()) == [*first, "exposure"]
    assert shown(whole()) == [*first, "owners", "churn", "age", "exposure"]


def test_a_finding_opens_to_both_ends_its_factors_and_how_to_settle_it(tmp_path: Path):
    write_project(tmp_path)
    page = rendered(whole(tmp_path), "html")
    block = page[page.index('id="0000000000000002"') : page.index('id="0000000000000003"')]
    text = plain(block)
    assert "serving/worker.py:14:9" in text and "train/labels.sql:1:12" in text and "the label is that status" in text
    assert "<i>1</i><span>select id, <mark>status = &#39;blocked&#39;</mark> as label" in block
    assert "<i>12</i><span>    score = " in block and "Let a random 1 % of the orders pass" in text
    assert "# mldebt: ignore[hidden-feedback-loop] reason" in text and "on a line of serving/worker.py:14" in text
    first = plain(page[page.index('id="0000000000000001"') : page.index('id="0000000000000002"')])
    assert "reach \u00d7 2.50 for what lies downstream" in first and "12 commits in 90 days" in first and "age a year old or more" in first
    assert "95 % of 15 h per quarter: 14 h" in first


def test_source_in_a_notebook_is_that_of_its_cell(tmp_path: Path):
    write_project(tmp_path)
    page = rendered(sample(tmp_path), "html")
    block = page[page.index('id="0000000000000005"') : page.index('id="0000000000000006"')]
    lines = re.findall(r"<i>(\d+)</i><span>(.*)", block)
    assert [number for number, _ in lines] == ["1", "2", "3", "1", "2", "3"]
    assert lines[2][1] == "<mark>second.fit(orders, returned)</mark>"


def test_long_places_show_both_of_their_ends(tmp_path: Path):
    (tmp_path / "long.py").write_text("".join(f"line_{n} = {n}\n" for n in range(1, 60)))
    page = rendered(only(ranked(1, "r", Location("long.py", 10, 1, 40, 5), "m"), root=tmp_path), "html")
    numbers = re.findall(r"<span class=\"l\"><i>(\d*)</i>", page)
    assert numbers == ["8", "9", "10", "11", "12", "", "38", "39", "40", "41", "42"]


def test_large_reports_are_bounded_and_say_so(tmp_path: Path):
    (tmp_path / "big.py").write_text("".join(f"value_{n} = compute({n}, key={n})\n" for n in range(2_100)))
    help = "Declare the readers, or give them a table of their own. " * 4
    ones = [
        ranked(
            n, "r", Location("big.py", n, 1, n, 9), f"`value_{n}` is read by many", help=help, evidence=(Location("big.py", n + 1),) * 30
        )
        for n in range(1, 2_001)
    ]
    page = rendered(only(*ones, root=tmp_path), "html")
    assert len(findings(Page(page))) == 2_000 and len(page) < 12_000_000
    assert "The source is shown for the first 166 findings only." in plain(page)
    assert "and 19 more places" in plain(page)


def test_the_trend_is_drawn_oldest_first_and_left_out_when_empty():
    text, page = plain(rendered(whole(), "html")), rendered(whole(), "html")
    assert "Interest per quarter: 2 h 30 min at the last commit" in text
    assert text.index("2026-03-01 cccccccccc 8 2 h 30 min 13 h 31,204") < text.index("2026-02-01 bbbbbbbbbb 9")
    points = re.findall(r'<polyline class="interest" points="([^"]*)"', page)[0].split()
    assert len(points) == 3 and sorted(points, key=lambda point: float(point.split(",")[0])) == points
    assert "Trend" not in plain(rendered(sample(), "html"))
    one = msgspec.structs.replace(sample(), trend=TREND[:1])
    assert "2026-02-01" in plain(rendered(one, "html"))


def test_drawings_are_shown_as_they_are_and_well_formed():
    report = whole()
    page = rendered(report, "html")
    assert report.drawings and all(one.svg in page for one in report.drawings)
    for svg in re.findall(r"(?s)<svg.*?</svg>", page):
        ElementTree.fromstring(svg.replace(" tabindex", " data-tab"))
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_the_same_report_gives_the_same_bytes():
    assert rendered(whole(), "html") == rendered(whole(), "html")
    slower = msgspec.structs.replace(whole(), summary=msgspec.structs.replace(whole().summary, seconds=99.0, timings={"x": 1.0}))
    assert rendered(slower, "html") == rendered(whole(), "html")


def test_the_policy_allows_the_page_s_own_style_and_script_alone():
    page = rendered(whole(), "html")
    policy = next(attrs["content"] or "" for tag, attrs in Page(page).elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; ")
    for tag in ("style", "script"):
        (body,) = re.findall(f"(?s)<{tag}>(.*?)</{tag}>", page)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not any(name == "style" or name.startswith("on") for _, attrs in Page(page).elements for name in attrs)


def test_nothing_refers_to_another_file_or_host():
    for tag, attrs in show(whole()).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "image", "use"), tag
        assert all((attrs[name] or "").startswith("#") for name in ("href", "src", "action", "xlink:href") if name in attrs)
    assert not re.search(r"https?:|@import|url\((?!#)", re.sub(r"(?s)<main>.*</main>", "", rendered(whole(), "html")))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_no_element_and_no_attribute(text: str):
    harmless = show(hostile("harm/less"))
    page = show(hostile(text))
    kinds = {(tag, *sorted(attrs)) for tag, attrs in harmless.elements}
    assert {(tag, *sorted(attrs)) for tag, attrs in page.elements} <= kinds
    assert page.tags().count("script") == page.tags().count("style") == 1
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in page.elements)
    whole_text = rendered(hostile(text), "html")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x00\ud800-\udfff]", whole_text)
    assert page.texts["title"][0].startswith("ML debt of ")


def test_hostile_source_stays_text(tmp_path: Path):
    source = "".join(f"{text.replace(chr(0xD800), '')}\n" for text in HOSTILE)
    (tmp_path / "a.py").write_text(source, encoding="utf-8")
    report = only(*(ranked(n, "r", Location("a.py", n, 1, n, 30), "m") for n in range(1, 10)), root=tmp_path)
    page = show(report)
    assert page.tags().count("script") == page.tags().count("style") == 1 and "img" not in page.tags()
    assert "&lt;script&gt;document.title=" in rendered(report, "html")


def test_two_findings_with_one_fingerprint_have_one_id_between_them():
    one = sample().findings[0]
    assert [attrs.get("id") for attrs in findings(show(only(one, one)))] == [one.fingerprint, None]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("`a` reads `b`", ((True, "a"), (False, " reads "), (True, "b"))),
        ("an `open one", ((False, "an `open one"),)),
        ("`a` and `b", ((True, "a"), (False, " and `b"))),
        ("", ()),
    ],
)
def test_backticks_set_off_code(text: str, parts: tuple[tuple[bool, str], ...]):
    assert words(text) == parts


class _Canary(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this host, and what it was asked for."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def hidden(page: str) -> dict[str, bool]:
    return {str(one["id"]): "hidden" in one for one in findings(Page(page))}


@pytest.mark.skipif(browser.CHROMIUM is None, reason=browser.MISSING)
def test_filters_and_fragments_work_in_a_browser(tmp_path: Path):
    page = tmp_path / "debt.html"
    page.write_text(rendered(whole(), "html"), encoding="utf-8")
    filtered = browser.dom(page, tmp_path, "severity=error")
    assert [name for name, gone in hidden(filtered).items() if not gone] == [f"{1:016x}"]
    assert "1 of 9 shown" in filtered and not any("hidden" in form for form in Page(filtered).all("form"))
    searched = browser.dom(page, tmp_path, "q=Threshold+score&sort=-principal")
    assert [name for name, gone in hidden(searched).items() if not gone] == [f"{3:016x}"]
    assert next(iter(hidden(searched))) == f"{5:016x}"  # the largest principal
    assert [n for n, gone in hidden(browser.dom(page, tmp_path, "state=known")).items() if not gone] == ["f" * 16]
    opened = Page(browser.dom(page, tmp_path, "f" * 16))
    assert [one["id"] for one in findings(opened) if "open" in one] == ["f" * 16]


@pytest.mark.skipif(browser.CHROMIUM is None, reason=browser.MISSING)
def test_a_browser_runs_nothing_of_a_hostile_project_and_asks_no_host(tmp_path: Path, canary: tuple[str, list[str]]):
    address, asked = canary
    text = f"""</script><script>document.title='pwned'</script>"><img src="{address}/a" onerror="document.title='pwned'">"""
    report = hostile(text)
    # The policy holds where escaping did not: a drawing is trusted markup.
    bad = Drawing("x", f"<svg><script>document.title='pwned'</script><image href='{address}/b'/></svg><img src='{address}/c'>")
    page = tmp_path / "debt.html"
    page.write_text(rendered(msgspec.structs.replace(report, drawings=(*report.drawings, bad)), "html"), encoding="utf-8")
    shown = browser.dom(page, tmp_path, "state=known")
    assert Page(shown).texts["title"][0].startswith("ML debt of ") and "2 of 3 shown" not in shown
    assert "1 of 3 shown" in shown and asked == []
