"""One run: the same answer for any number of processes, any order and any state of the cache."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import msgspec
import pytest

import mldebt
from mldebt import engine, jobs, reading
from mldebt.config import Config, ConfigError, Loaded
from mldebt.engine import Request
from mldebt.facts.model import Facts
from mldebt.findings import Report, Severity
from mldebt.sources.discover import SourceError
from mldebt.sources.model import Language, Role, Source

TODAY = datetime.date(2026, 6, 1)
EVERY = Config(profile="audit", jobs=1)


def scan(root: Path, *names: str, config: Config = EVERY, focus: bool = False, cache: bool = False, warn=print) -> Report:
    paths = tuple(root / name for name in names) or (root,)
    return engine.scan(Loaded(root, config), Request(paths, focus=focus, cache=cache, today=TODAY), warn=warn)


def comparable(report: Report) -> bytes:
    summary = msgspec.structs.replace(report.summary, seconds=0.0, timings={})
    return msgspec.json.encode(msgspec.structs.replace(report, summary=summary))


def found(report: Report) -> list[tuple[str, str]]:
    return [(one.name, one.finding.location.path) for one in report.findings]


@pytest.fixture
def many(project: Path, import_check: None) -> Path:
    """Files of several kinds and sizes, some of them bad."""
    for number in range(24):
        body = "import debt\n" if number % 5 == 0 else "import os\n"
        (project / f"m{number:02}.py").write_text(body + f"def f{number}(x):\n    return x + {number}\n" * (number % 7))
    (project / "broken.py").write_text("def f(:\n")
    (project / "latin.py").write_bytes(b"x = '\xe9'\n")
    (project / "settings.yaml").write_text("a: 1\n")
    (project / "bad.json").write_text("{")
    cell = {"cell_type": "code", "source": ["import debt\n"], "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    (project / "n.ipynb").write_text(json.dumps(notebook, indent=1))
    return project


def test_any_number_of_processes_gives_the_same_report(many: Path):
    one = scan(many)
    assert {path for name, path in found(one) if name == "unread-flag"} == {"m00.py", "m05.py", "m10.py", "m15.py", "m20.py", "n.ipynb"}
    assert {unread.path for unread in one.summary.unread} == {"broken.py", "latin.py", "bad.json"}
    for number in (2, 3):
        assert comparable(scan(many, config=msgspec.structs.replace(EVERY, jobs=number))) == comparable(one)


def test_the_order_of_results_does_not_matter(many: Path, monkeypatch: pytest.MonkeyPatch):
    one = comparable(scan(many))
    run = jobs.run
    monkeypatch.setattr(reading, "run", lambda *given, **more: reversed(list(run(*given, **more))))
    assert comparable(scan(many)) == one


def test_cold_warm_and_uncached_runs_give_the_same_report(many: Path, monkeypatch: pytest.MonkeyPatch):
    plain = comparable(scan(many))
    assert not (many / ".mldebt_cache").exists()
    assert comparable(scan(many, cache=True)) == plain
    monkeypatch.setattr("mldebt.judge.judge", lambda *given, **more: pytest.fail("judged again although nothing changed"))
    monkeypatch.setattr(reading, "run", lambda *given, **more: pytest.fail("read again although nothing changed"))
    assert comparable(scan(many, cache=True)) == plain


def test_one_changed_file_is_the_only_one_read_again(many: Path, monkeypatch: pytest.MonkeyPatch):
    scan(many, cache=True)
    (many / "m01.py").write_text("import debt  # a text that no file had before\n")
    read: list[str] = []
    run = jobs.run

    def watched(root, sizes, *rest, **more):
        read.extend(one.path for one in sizes)
        return run(root, sizes, *rest, **more)

    monkeypatch.setattr(reading, "run", watched)
    warm = scan(many, cache=True)
    assert read == ["m01.py"]
    assert ("unread-flag", "m01.py") in found(warm)
    assert comparable(warm) == comparable(scan(many))


def test_moved_removed_and_renamed_files_are_noticed(many: Path):
    scan(many, cache=True)
    (many / "m00.py").rename(many / "moved.py")
    (many / "m05.py").unlink()
    warm = scan(many, cache=True)
    assert comparable(warm) == comparable(scan(many))
    assert ("unread-flag", "moved.py") in found(warm)


def test_a_setting_that_changes_findings_changes_the_cached_result(many: Path):
    scan(many, cache=True)
    config = msgspec.structs.replace(EVERY, ignore=("unread-flag",))
    assert comparable(scan(many, cache=True, config=config)) == comparable(scan(many, config=config))


def test_the_filters_of_the_report_share_one_cached_result(many: Path, monkeypatch: pytest.MonkeyPatch):
    everything = scan(many, cache=True)
    monkeypatch.setattr("mldebt.judge.judge", lambda *given, **more: pytest.fail("judged again"))
    loud = scan(many, cache=True, config=msgspec.structs.replace(EVERY, min_severity=Severity.WARNING))
    assert 0 < loud.summary.findings < everything.summary.findings
    assert loud.summary.filtered == everything.summary.findings - loud.summary.findings
    assert {one.severity for one in loud.findings} == {Severity.WARNING}
    assert [one.rank for one in loud.findings] == list(range(1, loud.summary.findings + 1))
    assert scan(many, cache=True, config=msgspec.structs.replace(EVERY, min_confidence=1.0)).summary.filtered > 0


def test_focus_analyses_everything_and_reports_what_touches_the_files(many: Path):
    everything = scan(many)
    one = scan(many, "m05.py", focus=True)
    # The finding in m00 has its other end in m05.
    assert [path for _, path in found(one)] == ["m00.py", "m05.py"]
    assert one.summary.files == everything.summary.files
    assert one.summary.filtered == everything.summary.findings - 2
    assert found(scan(many, focus=True)) == found(everything)
    with pytest.raises(SourceError, match="no such file"):
        scan(many, "nowhere.py", focus=True)
    with pytest.raises(SourceError, match="outside the project root"):
        scan(many, "..", focus=True)


def test_comments_and_per_file_ignores_suppress(project: Path, import_check: None):
    (project / "a.py").write_text("import debt  # mldebt: ignore[unread-flag] on purpose\n")
    (project / "b.py").write_text("import debt  # mldebt: accept[unread-flag] until=2026-07-01 being replaced\n")
    (project / "c.py").write_text("import debt\n")
    ignoring = msgspec.structs.replace(EVERY, per_file_ignores={"c.*": ("MLD423",)})
    report = scan(project, config=ignoring)
    assert [(one.finding.location.path, one.accepted) for one in report.findings] == [("b.py", True)]
    assert (report.summary.suppressed, report.summary.accepted) == (2, 1)
    assert not engine.fails(report, "advisory")
    assert engine.fails(scan(project), "warning")
    assert not engine.fails(scan(project), "error")
    assert not engine.fails(scan(project), "never")


def test_a_file_written_by_a_cell_is_read_and_reported_in_the_notebook(project: Path, import_check: None):
    cell = {
        "cell_type": "code",
        "source": ["%%writefile job.py\n", "import debt\n"],
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    (project / "n.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1))
    place = scan(project).findings[0].finding.location
    assert (place.path, place.cell, place.cell_line) == ("n.ipynb", 1, 2)


def test_a_file_that_breaks_the_reader_is_reported_and_ends_nothing(many: Path, monkeypatch: pytest.MonkeyPatch):
    real = jobs.extract

    def extract(source, text):
        if source.path == "m00.py":
            raise ValueError("no\nway")
        if source.path == "m01.py":
            raise RecursionError
        if source.path == "m02.py":
            raise MemoryError
        if source.path == "m03.py":
            return Facts("python", words=("\ud800",))
        return real(source, text)

    monkeypatch.setattr(jobs, "extract", extract)
    unread = {one.path: one.reason for one in scan(many).summary.unread}
    assert unread["m00.py"] == "internal error: ValueError: no way"
    assert unread["m01.py"] == "nested too deeply to analyse"
    assert unread["m02.py"] == "not enough memory to analyse it"
    assert unread["m03.py"] == "internal error: its facts cannot be stored: UnicodeEncodeError"
    scan(many, cache=True)
    monkeypatch.setattr(jobs, "extract", real)
    again = {one.path for one in scan(many, cache=True).summary.unread}
    assert "m02.py" not in again  # bad luck is not remembered


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked on Linux only")
def test_a_file_that_kills_its_worker_is_reported_and_ends_nothing(many: Path, monkeypatch: pytest.MonkeyPatch):
    real, parent = jobs.extract, os.getpid()

    def extract(source, text):
        if source.path == "m07.py" and os.getpid() != parent:
            os._exit(9)
        return real(source, text)

    monkeypatch.setattr(jobs, "extract", extract)
    report = scan(many, config=msgspec.structs.replace(EVERY, jobs=2))
    assert {one.path: one.reason for one in report.summary.unread}["m07.py"] == "the parser crashed on this file"
    assert len(report.summary.unread) == 4
    assert ("unread-flag", "m20.py") in found(report)


def test_a_file_that_cannot_be_opened_is_reported(many: Path, monkeypatch: pytest.MonkeyPatch):
    stat = reading.Stat.of

    def of(path: str):
        if path.endswith("m00.py"):
            raise PermissionError(13, "Permission denied")
        return stat(path)

    monkeypatch.setattr(reading.Stat, "of", of)
    reasons = {one.path: one.reason for one in scan(many, cache=True).summary.unread}
    assert reasons["m00.py"] == "cannot be read: Permission denied"


def test_a_file_that_changes_while_it_is_read_is_not_remembered(many: Path, monkeypatch: pytest.MonkeyPatch):
    run = jobs.run

    def busy(*given, **more):
        (many / "m01.py").write_text("import debt  # written meanwhile\n")
        return run(*given, **more)

    monkeypatch.setattr(reading, "run", busy)
    scan(many, cache=True)
    monkeypatch.setattr(reading, "run", run)
    (many / "m01.py").write_text("import os\n")
    assert comparable(scan(many, cache=True)) == comparable(scan(many))


def test_a_large_file_counts_as_unread(many: Path):
    report = scan(many, config=msgspec.structs.replace(EVERY, max_file_size=0.0001))
    assert any("max-file-size" in one.reason for one in report.summary.unread)


def test_unknown_rules_and_catalogues_are_usage_errors(many: Path):
    for config, message in (
        (Config(select=("unread-flg",)), 'unknown rule "unread-flg"; did you mean "unread-flag"?'),
        (Config(profile="strct"), 'unknown profile "strct"; did you mean "strict"?'),
        (Config(per_file_ignores={"a": ("MLD9999",)}), 'unknown rule "MLD9999"'),
        (Config(catalogues=("nowhere.toml",)), "nowhere.toml"),
    ):
        with pytest.raises(ConfigError, match=message.replace("?", r"\?")) as error:
            scan(many, config=config)
        assert "\n" not in str(error.value)


def test_the_public_function_reads_the_projects_settings_and_leaves_no_trace(many: Path):
    (many / "mldebt.toml").write_text('profile = "audit"\nignore = ["parse-error"]\n')
    report = mldebt.scan([many])
    assert {name for name, _ in found(report)} == {"unread-flag"}
    assert report.root == str(many)
    assert not (many / ".mldebt_cache").exists()
    assert [path for _, path in found(mldebt.scan([many / "m00.py"], Config()))] == ["m00.py"]


def test_chunks_hold_every_file_once_and_are_balanced():
    sizes = {Source(f"{number}.py", Language.PYTHON, Role.CODE): 1 + number**2 for number in range(100)}
    parts = jobs.chunks(sizes, 2)
    assert sorted(one for part in parts for one in part) == sorted(sizes)
    weights = [sum(sizes[one] for one in part) for part in parts]
    assert max(weights) - min(weights) <= max(sizes.values())


def test_few_bytes_are_read_in_this_process():
    assert jobs.workers(0, [1000]) == 1
    assert jobs.workers(3, [1000]) == 3
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert jobs.workers(0, [jobs.SMALL]) == cores
