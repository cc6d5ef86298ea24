"""The cache never changes an answer: it may be damaged, locked, full or old."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mldebt import cache as module
from mldebt.cache import DATABASE, KEEP_DAYS, KEEP_RESULTS, Cache, Stat, clean, digest


@pytest.fixture
def warnings() -> list[str]:
    return []


def opened(directory: Path, warnings: list[str]) -> Cache:
    return Cache(directory, warnings.append)


def old(path: Path, seconds: float = 60) -> Stat:
    """The file's stat, as if its last change were some time ago."""
    stat = Stat.of(str(path))
    past = time.time_ns() - int(seconds * 1e9)
    return Stat(stat.size, past, past, stat.inode)


def test_what_is_stored_is_found_by_a_later_run(tmp_path: Path, warnings: list[str]):
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"a": b"1", b"b": b"2"})
        cache.add_result(b"r", b"3")
    with opened(tmp_path, warnings) as cache:
        assert cache.facts([b"a", b"c"]) == {b"a": b"1"}
        assert cache.result(b"r") == b"3"
        assert cache.result(b"a") is None
    assert warnings == []


def test_more_keys_than_one_statement_takes(tmp_path: Path, warnings: list[str]):
    entries = {str(number).encode(): b"x" for number in range(module.BATCH * 2 + 1)}
    with opened(tmp_path, warnings) as cache:
        cache.add_facts(entries)
        assert cache.facts(entries) == entries


def test_the_folder_is_kept_out_of_git_and_backups(tmp_path: Path, warnings: list[str]):
    opened(tmp_path / "c", warnings)
    assert (tmp_path / "c" / ".gitignore").read_text() == "*\n"
    assert (tmp_path / "c" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_no_directory_means_no_memory(warnings: list[str]):
    with Cache(None, warnings.append) as cache:
        cache.add_facts({b"a": b"1"})
        assert cache.facts([b"a"]) == {}
        assert cache.result(b"a") is None
    assert warnings == []


@pytest.mark.parametrize("damage", ["text", "truncated", "overwritten"])
def test_a_damaged_database_is_rebuilt_with_one_warning(tmp_path: Path, warnings: list[str], damage: str):
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({str(number).encode(): os.urandom(3000) for number in range(200)})
    file = tmp_path / DATABASE
    data = file.read_bytes()
    if damage == "text":
        file.write_text("this is not a database" * 100)
    elif damage == "truncated":
        file.write_bytes(data[: len(data) // 2 + 13])
    else:
        file.write_bytes(data[:4096] + os.urandom(len(data) - 4096))
    with opened(tmp_path, warnings) as cache:
        cache.facts([str(number).encode() for number in range(200)])
    assert len(warnings) == 1
    assert warnings[0].startswith(f"cache rebuilt: {tmp_path}: ")
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"a": b"1"})
        assert cache.facts([b"a"]) == {b"a": b"1"}
    assert len(warnings) == 1


def test_an_empty_file_is_a_new_database(tmp_path: Path, warnings: list[str]):
    (tmp_path / DATABASE).write_bytes(b"")
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"a": b"1"})
        assert cache.facts([b"a"]) == {b"a": b"1"}
    assert warnings == []


def test_a_database_of_another_version_is_rebuilt(tmp_path: Path, warnings: list[str]):
    with sqlite3.connect(tmp_path / DATABASE) as other:
        other.execute("PRAGMA user_version = 99")
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"a": b"1"})
        assert cache.facts([b"a"]) == {b"a": b"1"}
    assert len(warnings) == 1


def test_a_locked_database_turns_the_cache_off_with_one_warning(tmp_path: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    cache = opened(tmp_path, warnings)
    holder = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache.add_facts({b"a": b"1"})
    cache.add_result(b"r", b"1")
    assert cache.facts([b"a"]) == {}
    assert len(warnings) == 1
    assert "locked" in warnings[0]
    holder.rollback()
    assert (tmp_path / DATABASE).exists()


def test_a_place_that_cannot_be_written_turns_the_cache_off(tmp_path: Path, warnings: list[str]):
    (tmp_path / "file").write_text("")
    with opened(tmp_path / "file", warnings) as cache:
        assert cache.facts([b"a"]) == {}
    assert len(warnings) == 1
    assert warnings[0].startswith("cache off: ")


def test_two_runs_at_once_lose_nothing(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from mldebt.cache import Cache\n"
        "who, failed = sys.argv[2], []\n"
        "for round in range(30):\n"
        "    with Cache(Path(sys.argv[1]), failed.append) as cache:\n"
        "        cache.add_facts({f'{who}{round}'.encode(): b'x' * 2000})\n"
        "        assert cache.facts([f'{who}{round}'.encode()])\n"
        "assert not failed, failed\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "c"), who]) for who in "ab"]
    assert [run.wait() for run in runs] == [0, 0]
    with Cache(tmp_path / "c", print) as cache:
        assert len(cache.facts([f"{who}{number}".encode() for who in "ab" for number in range(30)])) == 60


def test_what_no_run_used_for_a_month_is_dropped(tmp_path: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch):
    now = time.time()
    clock = [now]
    monkeypatch.setattr(module.time, "time", lambda: clock[0])
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"used": b"1", b"idle": b"2"})
        clock[0] = now + (KEEP_DAYS - 2) * 86_400
        assert cache.facts([b"used"])
        clock[0] = now + (KEEP_DAYS + 2) * 86_400
        cache.add_facts({b"new": b"3"})
        assert set(cache.facts([b"used", b"idle", b"new"])) == {b"used", b"new"}


def test_only_the_latest_results_are_kept(tmp_path: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch):
    clock = [time.time()]
    monkeypatch.setattr(module.time, "time", lambda: clock[0])
    with opened(tmp_path, warnings) as cache:
        for number in range(KEEP_RESULTS + 3):
            clock[0] += 10
            cache.add_result(str(number).encode(), b"x")
        kept = [number for number in range(KEEP_RESULTS + 3) if cache.result(str(number).encode())]
    assert kept == list(range(3, KEEP_RESULTS + 3))


def test_a_cache_that_grows_too_big_drops_what_the_last_day_did_not_use(
    tmp_path: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch
):
    clock = [time.time()]
    monkeypatch.setattr(module.time, "time", lambda: clock[0])
    monkeypatch.setattr(module, "MAX_BYTES", 50_000)
    with opened(tmp_path, warnings) as cache:
        cache.add_facts({b"old": b"x" * 40_000})
        clock[0] += 2 * 86_400
        cache.add_facts({b"new": b"x" * 40_000})
        assert set(cache.facts([b"old", b"new"])) == {b"new"}


def test_a_hash_is_known_while_the_stat_is_the_same(tmp_path: Path, warnings: list[str]):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")
    before = old(file)
    with opened(tmp_path / "c", warnings) as cache:
        cache.add_hashes({"a.py": (before, b"h")})
        assert cache.hashes({"a.py": before, "b.py": before}) == {"a.py": b"h"}
        for other in (
            Stat(before.size + 1, before.mtime, before.ctime, before.inode),
            Stat(before.size, before.mtime + 1, before.ctime, before.inode),
            Stat(before.size, before.mtime, before.ctime + 1, before.inode),
            Stat(before.size, before.mtime, before.ctime, before.inode + 1),
        ):
            assert cache.hashes({"a.py": other}) == {}


def test_the_time_stamp_of_a_file_just_changed_proves_nothing(tmp_path: Path, warnings: list[str]):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")
    for seconds, trusted in ((1, False), (-100, False), (3, True)):
        stat = old(file, seconds)
        with opened(tmp_path / f"c{seconds}", warnings) as cache:
            cache.add_hashes({"a.py": (stat, b"h")})
            assert bool(cache.hashes({"a.py": stat})) is trusted


def test_a_digest_depends_on_the_borders_of_its_parts():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab") == digest(b"ab")


def test_clean_deletes_its_own_files_only(tmp_path: Path, warnings: list[str]):
    directory = tmp_path / "c"
    with opened(directory, warnings) as cache:
        cache.add_facts({b"a": b"1"})
    (directory / "mine.txt").write_text("")
    assert clean(directory)
    assert [path.name for path in directory.iterdir()] == ["mine.txt"]
    assert not clean(directory)
    (directory / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\nof another tool\n")
    assert not clean(directory)
    with opened(tmp_path / "d", warnings):
        pass
    assert clean(tmp_path / "d")
    assert not (tmp_path / "d").exists()
