"""What a scan says of stored data passes: one finding for a root cause, at the code, with the numbers and how far it holds."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mldebt import engine
from mldebt.config import Config, Loaded
from mldebt.data_pass.result import Bundle, Column, Result
from mldebt.data_pass.stored import store
from mldebt.engine import Request
from mldebt.findings import Ranked, Report
from tests.data_pass.results import column, result

TODAY = datetime.date(2026, 11, 1)
CODE = """import pandas as pd


def calendar(frame):
    frame["weekday"] = frame["day"].dt.dayofweek
    frame["moon_phase"] = frame["day"].dt.dayofyear % 29
    return frame


def build(frame):
    frame = calendar(frame)
    frame["income_k"] = frame["income"] / 1000
    return frame


build(pd.read_csv("data/features.csv"))
"""
NO_GAIN = (column("weekday", "no-gain", gain=0.0002), column("moon_phase", "epsilon"))
COPY = column("income_k", "duplicate", others=("income",), message="income_k = 0.001 x income", gain=0.0)


@pytest.fixture
def root(project: Path) -> Path:
    (project / "data").mkdir()
    (project / "data" / "features.csv").write_text("weekday,income\n1,2\n")
    (project / "features.py").write_text(CODE)
    return project


def keep(root: Path, *columns: Column | str, name: str = "main", day: datetime.date = TODAY, bundles: tuple[Bundle, ...] = ()) -> Result:
    found = result(*columns, bundles=bundles)
    store(root, name, found, root / "data" / "features.csv", today=day)
    return found


def scan(root: Path, *, cache: bool = False, paths: tuple[str, ...] = (), warn=print, **settings: object) -> Report:
    config = Config(**{"jobs": 1, "select": ("MLD215", "MLD216", "MLD217", "MLD218", "MLD219"), **settings})
    places = tuple(root / path for path in paths) or (root,)
    return engine.scan(Loaded(root, config), Request(places, cache=cache, today=TODAY), warn=warn)


def said(report: Report) -> list[tuple[str, str, int, str]]:
    return sorted((f.code, f.finding.location.path, f.finding.location.line, f.finding.message) for f in report.findings)


def only(report: Report) -> Ranked:
    (one,) = report.findings
    return one


def change(root: Path) -> None:
    path = root / "data" / "features.csv"
    path.write_text("weekday,income\n1,3\n")
    os.utime(path, (1, 1))


def test_one_function_is_one_finding_with_the_numbers(root: Path):
    keep(root, *NO_GAIN, COPY, "income")
    assert said(scan(root)) == [
        (
            "MLD215",
            "features.py",
            5,
            "`moon_phase` and `weekday` add nothing that can be measured; without all that may go, "
            "roc_auc changes by -0.0004 [-0.0018, +0.0010] (data pass of 2026-11-01)",
        ),
        (
            "MLD216",
            "features.py",
            12,
            "`income_k` says the same as `income`: income_k = 0.001 x income; put back, it changes roc_auc by 0.0000 [-0.0010, +0.0010] "
            "(data pass of 2026-11-01)",
        ),
    ]


def test_a_change_of_nothing_has_no_sign(root: Path):
    found = result(*NO_GAIN, "income")
    found = msgspec.structs.replace(found, set=msgspec.structs.replace(found.set, delta=0.0, low=0.0, high=0.00001))
    store(root, "main", found, root / "data" / "features.csv", today=TODAY)
    assert "changes by 0.0000 [0.0000, 0.0000] (data pass" in only(scan(root)).finding.message


def test_evidence_has_the_other_lines_and_the_producer(root: Path):
    keep(root, *NO_GAIN, "income")
    evidence = only(scan(root)).finding.evidence
    assert [(e.line, e.message) for e in evidence] == [
        (6, "creates `moon_phase`"),
        (4, "`calendar` creates no column that stays: it goes too"),
    ]


@pytest.mark.parametrize(
    ("one", "code", "message"),
    [
        (column("x1x", "constant"), "MLD215", "`x1x` has one value in all rows; "),
        (
            column("x1x", "epsilon", gain=0.001),
            "MLD215",
            "`x1x` adds something, but too little to matter; put back, it changes roc_auc by +0.0010 ",
        ),
        (
            column("x1x", "legacy", others=("age",), message="A function of age."),
            "MLD218",
            "`x1x` is superseded by `age`: A function of age; ",
        ),
        (column("x1x", "correlated", others=("a", "b")), "MLD219", "`x1x` tells what `a` and `b` already tell; "),
        (column("x1x", "bundled", others=("a",)), "MLD217", "`x1x` came with `a` and earns nothing; "),
    ],
)
def test_each_kind_has_its_rule_and_its_words(root: Path, one: Column, code: str, message: str):
    keep(root, one, "income")
    found = only(scan(root))
    assert found.code == code
    assert found.finding.message.startswith(message)


def test_a_bundle_is_one_finding(root: Path):
    members = tuple(column(f"bureau_{n}", "bundled", gain=0.0) for n in range(7))
    bundle = Bundle("bureau", "given", (*(m.name for m in members), "bureau_a"), ("bureau_a",))
    keep(root, *members, "bureau_a", "income", bundles=(bundle,))
    assert only(scan(root)).finding.message.startswith(
        "1 of the 8 columns of the bundle `bureau` earns a place, not `bureau_0`, `bureau_1`, `bureau_2`, `bureau_3` and 3 more; "
    )
    guessed = msgspec.structs.replace(bundle, origin="prefix")
    sure = only(scan(root)).finding.confidence
    keep(root, *members, "bureau_a", "income", bundles=(guessed,))
    assert only(scan(root)).finding.confidence < sure


def test_copies_of_one_column_are_one_finding(root: Path):
    keep(root, COPY, column("income_c", "duplicate", others=("income",)), column("plan_2", "duplicate", others=("plan",)), "income", "plan")
    messages = [message for _, _, _, message in said(scan(root))]
    assert len(messages) == 2
    assert any(m.startswith("`income_c` and `income_k` say the same as `income`; ") for m in messages)


def test_columns_that_no_line_names_stand_at_the_data(root: Path):
    keep(root, column("nowhere_a", "no-gain"), column("nowhere_b", "no-gain"), "income")
    place = only(scan(root)).finding.location
    assert (place.path, place.line) == ("data/features.csv", 1)
    (root / "data" / "features.csv").unlink()
    assert only(scan(root)).finding.location.path == ".mldebt/features.json"


def test_what_stays_is_no_finding(root: Path):
    keep(root, "weekday", column("income_k", "undecided"), column("moon_phase", "one-of"))
    assert said(scan(root)) == []


def test_the_report_notes_each_data_pass(root: Path):
    keep(root, *NO_GAIN, "income")
    assert "data pass of data/features.csv: 2026-11-01, 2 of 3 columns may go" in scan(root).summary.notes
    change(root)
    (note,) = (n for n in scan(root).summary.notes if n.startswith("data pass"))
    assert "; stale: the data has changed since" in note
    assert not any(n.startswith("data pass") for n in scan(root, select=("MLD4",)).summary.notes)


def test_changed_data_is_for_the_strict_profile_and_says_so(root: Path):
    keep(root, *NO_GAIN, "income")
    fresh = only(scan(root)).finding.confidence
    change(root)
    assert said(scan(root)) == []
    one = only(scan(root, profile="strict"))
    assert one.finding.confidence == pytest.approx(fresh / 2)
    assert one.finding.message.endswith("(data pass of 2026-11-01, stale: data/features.csv has changed since 2026-11-01)")


def test_old_and_absent_data_lower_the_confidence_and_are_said(root: Path):
    keep(root, *NO_GAIN, "income")
    fresh = only(scan(root)).finding.confidence
    (root / "data" / "features.csv").unlink()
    absent = only(scan(root)).finding
    assert "stale: data/features.csv is not here to compare with" in absent.message
    (root / "data" / "features.csv").write_text("weekday,income\n1,2\n")
    keep(root, *NO_GAIN, "income", day=TODAY - datetime.timedelta(91))
    old = only(scan(root)).finding
    assert "stale: older than 90 days" in old.message
    assert fresh > absent.confidence > old.confidence


def test_fingerprints_do_not_follow_lines_counts_or_dates(root: Path):
    keep(root, *NO_GAIN, COPY, "income")
    before = {f.code: f.fingerprint for f in scan(root).findings}
    (root / "features.py").write_text("# a line more\n" + CODE)
    keep(root, *NO_GAIN, column("plan_2", "duplicate", others=("plan",)), COPY, "income", "plan", day=TODAY - datetime.timedelta(3))
    after = {f.fingerprint for f in scan(root).findings}
    assert set(before.values()) <= after


def test_two_data_sets_do_not_share_a_fingerprint(root: Path):
    keep(root, *NO_GAIN, "income")
    keep(root, *NO_GAIN, "income", name="other")
    assert len({f.fingerprint for f in scan(root).findings}) == 2


def test_comments_select_and_per_file_ignores_work(root: Path):
    keep(root, *NO_GAIN, COPY, "income")
    assert [f.code for f in scan(root, select=("MLD215",)).findings] == ["MLD215"]
    assert [f.code for f in scan(root, per_file_ignores={"features.py": ("MLD215",)}).findings] == ["MLD216"]
    marked = CODE.replace("% 29\n", "% 29  # mldebt: ignore[epsilon-feature] a tale\n")
    (root / "features.py").write_text(marked.replace("/ 1000\n", "/ 1000  # mldebt: accept[MLD216] until=2027-01-01 the report reads it\n"))
    one = only(scan(root))
    assert (one.code, one.accepted) == ("MLD216", True)


def test_a_scan_of_a_part_speaks_of_what_it_read(root: Path):
    keep(root, *NO_GAIN, column("nowhere_a", "no-gain"), "income")
    assert len(scan(root).findings) == 2
    assert [f.finding.location.path for f in scan(root, paths=("features.py",)).findings] == ["features.py"]


def test_warm_results_follow_the_file_and_the_data(root: Path):
    keep(root, *NO_GAIN, "income")
    assert len(scan(root, cache=True).findings) == 1
    assert len(scan(root, cache=True).findings) == 1
    change(root)
    assert said(scan(root, cache=True)) == []
    keep(root, *NO_GAIN, COPY, "income")
    assert len(scan(root, cache=True).findings) == 2
    (root / ".mldebt" / "features.json").unlink()
    assert said(scan(root, cache=True)) == []


def test_a_file_that_cannot_be_read_is_a_warning(root: Path):
    keep(root, *NO_GAIN)
    (root / ".mldebt" / "features.json").write_text('{"version": 1, "data_sets": [')
    warnings: list[str] = []
    assert said(scan(root, warn=warnings.append)) == []
    assert len(warnings) == 1 and warnings[0].startswith(".mldebt/features.json: not a result of `mldebt features`")


def test_a_scan_imports_nothing_heavy(root: Path):
    keep(root, *NO_GAIN, COPY, "income")
    code = (
        "import json, sys\nfrom mldebt.cli import main\n"
        f"try:\n    main(['scan', {str(root)!r}, '--output-format', 'json', '--no-cache', '--exit-zero'])\nexcept SystemExit:\n    pass\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {f["code"] for f in json.loads(run.stdout)["findings"]} >= {"MLD215", "MLD216"}
    assert {"pandas", "numpy", "sklearn", "scipy", "pyarrow"}.isdisjoint(json.loads(run.stderr.splitlines()[-1]))
