"""Whole runs on the installed sources of scikit-learn, pandas and networkx: nothing crashes, nothing depends on how it is run.

After a change that is meant to change findings: `python -m tests.real_projects` shows them, `--write` accepts them.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mldebt import jobs, judge, runs
from mldebt.findings import Report
from tests.real_projects import PACKAGES, TODAY, file_of, folder, load, report, rows


@pytest.fixture(scope="module", autouse=True)
def _one_program() -> Iterator[None]:
    """mldebt's own code counts as unchanged while these tests run, so that an edit does not make a warm run cold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "program_identity", lambda: b"program")
        yield


@pytest.fixture(scope="module", params=PACKAGES)
def package(request: pytest.FixtureRequest) -> str:
    if folder(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture(scope="module")
def cache(package: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def cold(package: str, cache: Path) -> Report:
    """The report of a first run, with two processes."""
    return report(package, jobs=2, cache=cache)


def facts_of(found: Report) -> bytes:
    """All that a report says of the project: everything but how long it took."""
    summary = msgspec.structs.replace(found.summary, seconds=0.0, timings={})
    return msgspec.json.encode((found.findings, summary))


def test_every_file_is_read_and_nothing_fails(cold: Report) -> None:
    assert cold.summary.files > 100
    assert [one for one in cold.summary.unread if one.path.endswith((".py", ".ipynb")) or "internal error" in one.reason] == []
    assert cold.findings


def test_findings_are_distinct_and_inside_their_files(package: str, cold: Report) -> None:
    root = folder(package)
    assert root is not None
    assert [one for one, count in Counter(one.fingerprint for one in cold.findings).items() if count > 1] == []
    for one in cold.findings:
        for place in (one.finding.location, *one.finding.evidence):
            lines = (root / place.path).read_text(encoding="utf-8").count("\n") + 1
            assert 1 <= place.line <= max(place.line, place.end_line) <= lines, one


def test_one_process_finds_the_same_as_two(package: str, cold: Report) -> None:
    assert facts_of(report(package, jobs=1)) == facts_of(cold)


def test_a_warm_run_finds_the_same_without_reading(package: str, cache: Path, cold: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "read_entry", None)
    assert facts_of(report(package, jobs=1, cache=cache)) == facts_of(cold)


def test_linking_cached_facts_in_any_order_finds_the_same(package: str, cache: Path, cold: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[list[str]] = []

    def shuffled(root: Path, files: judge.Files, *others: object, **named: object) -> judge.Judged:
        order = sorted(files)
        random.Random(20260101).shuffle(order)
        orders.append(order)
        return whole(root, {path: files[path] for path in order}, *others, **named)  # type: ignore[arg-type]

    whole = judge.judge
    monkeypatch.setattr(judge, "judge", shuffled)
    monkeypatch.setattr(jobs, "read_entry", None)
    tomorrow = TODAY + datetime.timedelta(days=1)  # the result of the whole run is not remembered for another day
    assert facts_of(report(package, jobs=1, cache=cache, today=tomorrow)) == facts_of(cold)
    assert orders and orders[0] != sorted(orders[0])


def test_findings_are_those_of_the_snapshot(package: str, cold: Report) -> None:
    snapshot = load(package)
    if snapshot is None:
        pytest.skip(f"no {file_of(package).name}: write it with `python -m tests.real_projects --write`")
    found = rows(cold)
    changes = [("-", *row) for row in sorted({*snapshot.findings} - {*found})] + [
        ("+", *row) for row in sorted({*found} - {*snapshot.findings})
    ]
    assert not changes, "if this is meant: python -m tests.real_projects --write"
