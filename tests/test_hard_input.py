"""Hostile and broken input through the real command line: one clear line each, the right exit code, and the other files' findings."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

DEBT = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--never-read")
parser.add_argument("--name")
print(parser.parse_args().name)
"""
FOUND = "debt.py:4:1: [warning] MLD423 unread-flag"
# As the superuser, give up reading what one has no permission for.
_PLAIN_USER = ("--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
PYTHON_2 = "Python 2 syntax, read as Python 3"
NOT_MENDED = "line 1: Python 2 syntax; convert the file (2to3) or exclude it"


class Result(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str


@pytest.fixture
def debt(project: Path) -> Path:
    """A project with one finding."""
    (project / "debt.py").write_text(DEBT)
    return project


def command(*words: str, format: str = "concise") -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONWARNINGS": "error"}
    if words[:1] != ("scan",):
        words = ("scan", *words)
    argv = [sys.executable, "-m", "mldebt", *words, "--output-format", format, "--fail-on", "advisory"]
    setpriv = shutil.which("setpriv") if os.geteuid() == 0 else None
    return [setpriv, *_PLAIN_USER, *argv] if setpriv else argv, environment


def run(root: Path, *words: str, format: str = "concise", **environment: str) -> Result:
    """One run of the command line in `root`; it never ends with a traceback or by a signal."""
    argv, inherited = command(*words, format=format)
    done = subprocess.run(argv, cwd=root, env={**inherited, **environment}, capture_output=True, check=False, timeout=300)
    result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.out + result.err, result.err
    assert result.code in (0, 1, 2, 3), result
    return result


def unread(root: Path, *words: str) -> dict[str, str]:
    """Why each file could not be read, after a run that still reports the debt beside it; strict runs end with 3."""
    result = run(root, "--no-cache", *words, format="json")
    assert result.err == ""
    report = msgspec.json.decode(result.out)
    assert [one["code"] for one in report["findings"] if one["path"] == "debt.py"] == ["MLD423"]
    assert result.code == 1
    found = {one["path"]: one["reason"] for one in report["summary"]["unread"]}
    assert all("\n" not in reason and "internal error" not in reason for reason in found.values())
    assert run(root, "--no-cache", "--strict", *words).code == (3 if found else 1)
    return found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"print 'hello'\n", PYTHON_2),
        (b"print 'hello'\ndef f(:\n", NOT_MENDED),
        (b"# caf\xe9\nx = 1\n", "not UTF-8: byte 0xe9 at line 1; add a coding line or convert the file"),
        (b"x = 1\n\0\n", "NUL byte at line 2: not a text file"),
        (b"# -*- coding: klingon -*-\nx = 1\n", "unknown encoding 'klingon' in the coding line"),
        (b"def f(:\n", "line 1: not valid Python near `def f(:`"),
    ],
    ids=["python 2", "python 2 and worse", "latin-1", "nul", "coding", "syntax"],
)
def test_texts_that_cannot_be_read(debt: Path, content: bytes, reason: str) -> None:
    (debt / "bad.py").write_bytes(content)
    assert unread(debt) == {"bad.py": reason}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbfx = 1\n",
        b"\xff\xfe" + "x = 'é'\n".encode("utf-16-le"),
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r",
        b"x = 1\n\x0c\ny = 2\n",
        b"x = 1",
        b"'\\ud800'\n",
        b"x = " + b" ".join([b'"x"'] * 3_000),
    ],
    ids=["empty", "blank", "mark", "utf-16", "latin-1", "crlf", "cr", "form feed", "no newline", "surrogate", "strings"],
)
def test_texts_that_can_be_read(debt: Path, content: bytes) -> None:
    (debt / "odd.py").write_bytes(content)
    assert unread(debt) == {}


@pytest.mark.parametrize(
    "content",
    ["(" * 10_000 + ")" * 10_000, "[\n" * 10_000 + "]\n" * 10_000, "{1: " * 10_000 + "1" + "}" * 10_000, " + ".join(["a"] * 5_000)],
    ids=["parentheses", "lists by line", "dicts", "sum"],
)
def test_nesting_that_is_too_deep(debt: Path, content: str) -> None:
    (debt / "deep.py").write_text(f"x = {content}")
    (reason,) = unread(debt).values()
    assert reason.endswith("nested too deeply to analyse")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    "content",
    [
        " + ".join(["a"] * 5_000),
        "(" + "\n + ".join(["a"] * 5_000) + ")",
        " ".join(['"x"'] * 5_000),
        "(" + "\n".join(['"x"'] * 5_000) + ")",
        "a" + ".b" * 5_000,
        "f" + "()" * 5_000,
        "not " * 5_000 + "a",
        "[" + "[], " * 20_000 + "]",
    ],
    ids=["sum", "sum by line", "strings", "strings by line", "attributes", "calls", "nots", "list"],
)
def test_long_chains_do_not_kill_the_process(debt: Path, content: str, jobs: str) -> None:
    (debt / "chain.py").write_text(f"x = {content}\n")
    result = run(debt, "--no-cache", "-j", jobs)
    assert (result.code, result.err) == (1, "")
    assert FOUND in result.out


def test_a_file_of_50_megabytes(debt: Path) -> None:
    with open(debt / "generated.py", "wb") as file:
        file.truncate(50_000_000)
    assert unread(debt) == {"generated.py": "50.0 MB: over the limit of 5 MB (max-file-size)"}
    assert run(debt, "generated.py").code == 3  # and nothing else was named


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not valid JSON: line 1 column 2"),
        (b"[]", "not a notebook"),
        (b'{"cells": 1, "nbformat": 4}', "not a notebook"),
        (b"\xff\xfe\0", ""),
    ],
)
def test_broken_notebooks(debt: Path, content: bytes, reason: str) -> None:
    (debt / "broken.ipynb").write_bytes(content)
    found = unread(debt)
    assert list(found) == ["broken.ipynb"]
    assert found["broken.ipynb"].startswith(reason)


BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (i + 1, i + 1, i, i) for i in range(97, 121))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("conf.yaml", b"a: [1\n", "not valid YAML: line 2 column 1: "),
        ("conf.toml", b"a = \n", "not valid TOML: Invalid value (at line 1, column 5)"),
        ("conf.json", b"{", "not valid JSON: line 1 column 2: "),
        ("bomb.yaml", BOMB, "more than 20,000 values: data, not configuration"),
        ("deep.json", b"[" * 50_000 + b"]" * 50_000, "nested deeper than 100 levels: data, not configuration"),
        ("deep.yaml", b"[" * 5_000 + b"]" * 5_000, "nested deeper than 100 levels: data, not configuration"),
    ],
)
def test_broken_configuration_files_of_the_project(debt: Path, name: str, content: bytes, reason: str) -> None:
    (debt / name).write_bytes(content)
    found = unread(debt)
    assert list(found) == [name]
    assert found[name].startswith(reason)


def test_symbolic_links_in_a_loop_and_to_nowhere(debt: Path) -> None:
    (debt / "pkg").mkdir()
    (debt / "pkg" / "loop").symlink_to(debt, target_is_directory=True)
    (debt / "self.py").symlink_to(debt / "self.py")
    (debt / "gone.py").symlink_to(debt / "nowhere.py")
    (debt / "again.py").symlink_to(debt / "debt.py")
    found = unread(debt)
    assert sorted(found) == ["gone.py", "self.py"]
    assert all(reason.startswith("broken symbolic link: ") for reason in found.values())


def test_a_directory_and_a_file_without_permission(debt: Path) -> None:
    (debt / "shut").mkdir()
    (debt / "shut" / "inner.py").write_text("x = 1\n")
    (debt / "secret.py").write_text("x = 1\n")
    os.chmod(debt / "shut", 0)
    os.chmod(debt / "secret.py", 0)
    try:
        if os.access(debt / "shut", os.R_OK) and shutil.which("setpriv") is None:
            pytest.skip("this user may read everything")
        assert unread(debt) == {"secret.py": "cannot be read: Permission denied", "shut": "directory cannot be read: Permission denied"}
    finally:
        os.chmod(debt / "shut", 0o755)


def test_a_pipe_is_not_waited_for(debt: Path) -> None:
    os.mkfifo(debt / "pipe.py")
    assert unread(debt) == {"pipe.py": "not a regular file"}


HOSTILE = ["a\x1b[2J\x1b]0;title\x07.py", "b\nerror: faked.py", "c\u202eyp.exe.py", "d\\x1b.py", "[red]e[red].py", "-rf.py", "f g'\".py"]


def test_names_with_escapes_reach_no_terminal(debt: Path) -> None:
    for name in HOSTILE:
        (debt / name).write_text(DEBT)
        (debt / f"bad {name}").write_text("def f(:\n")
    for format in ("concise", "text", "full"):
        result = run(debt, "--no-cache", "-v", format=format)
        assert result.code == 1
        assert not {char for char in result.out + result.err if char in "\x1b\x07\u202e\r\x9b"}
        assert not any(line.startswith("error: faked") for line in result.out.splitlines())
    found = msgspec.json.decode(run(debt, "--no-cache", format="json").out)
    assert {one["path"] for one in found["findings"] if one["code"] == "MLD423"} == {"debt.py", *HOSTILE}
    assert {one["path"] for one in found["summary"]["unread"]} == {f"bad {name}" for name in HOSTILE}


def test_a_name_that_is_not_utf8(debt: Path) -> None:
    try:
        (debt / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    assert unread(debt) == {"caf\\udce9.py": "file name is not UTF-8; rename the file"}


# the cache


def damaged(root: Path, how: str) -> None:
    file = root / ".mldebt_cache" / "cache.sqlite"
    content = file.read_bytes()
    if how == "truncated":
        file.write_bytes(content[: len(content) // 2])
    elif how == "cut short":
        file.write_bytes(content[:10])
    elif how == "garbage":
        file.write_bytes(b"not a database" * 1000)
    elif how == "overwritten inside":
        file.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    elif how == "rows of rubbish":
        with sqlite3.connect(file) as database:
            database.execute("UPDATE facts SET data = ?", (b"\xc1rubbish",))
            database.execute("UPDATE results SET data = ?", (b"\xc1rubbish",))
        database.close()
    elif how == "half written":  # a journal that was never played back, as after a power cut
        (root / ".mldebt_cache" / "cache.sqlite-journal").write_bytes(content[:700])
    elif how == "a directory":
        file.unlink()
        file.mkdir()
    else:
        raise AssertionError(how)


@pytest.mark.parametrize(
    "how", ["truncated", "cut short", "garbage", "overwritten inside", "rows of rubbish", "half written", "a directory"]
)
def test_a_damaged_cache_costs_time_and_nothing_else(debt: Path, how: str) -> None:
    for number in range(30):
        (debt / f"more{number}.py").write_text(f"x = {number}\n" * 20)
    before = run(debt)
    assert (before.code, before.err) == (1, "")
    assert FOUND in before.out
    damaged(debt, how)
    after = run(debt)
    assert (after.code, after.out) == (before.code, before.out)
    assert len(after.err.splitlines()) <= 1
    if after.err:
        assert after.err.startswith("warning: cache ")
    again = run(debt)
    assert (again.code, again.out) == (before.code, before.out)
    if how != "a directory":
        assert again.err == ""


def test_a_run_that_is_killed_leaves_a_cache_that_the_next_one_can_use(debt: Path) -> None:
    for number in range(40):
        (debt / f"more{number}.py").write_text(f"def f{number}(x):\n    return x\n" * 200)
    argv, environment = command("-j", "2")
    for wait in (0.2, 0.5, 0.9):
        process = subprocess.Popen(
            argv, cwd=debt, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    result = run(debt)
    assert (result.code, result.err) == (1, "")
    assert FOUND in result.out


def test_a_cache_that_cannot_be_made(debt: Path) -> None:
    (debt / ".mldebt_cache").write_text("a file is in the way")
    result = run(debt)
    assert result.code == 1
    assert FOUND in result.out
    assert result.err == f"warning: cache off: {debt / '.mldebt_cache'}: File exists\n"


# configuration


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('profil = "strict"\n', "unknown key 'profil'; did you mean profile?"),
        ("profile = \n", "line 1"),
        ('profile = "strickt"\n', "strickt"),
        ("jobs = 'two'\n", "jobs"),
        ("\x00", ""),
        ('select = ["unread-flg"]\n', 'unknown rule "unread-flg"; did you mean "unread-flag"?'),
        ('catalogues = ["nowhere.toml"]\n', "nowhere.toml"),
    ],
    ids=["key", "toml", "value", "type", "nul", "rule", "catalogue"],
)
def test_bad_configuration_is_one_line_and_exit_code_2(debt: Path, content: str, message: str) -> None:
    (debt / "mldebt.toml").write_text(content)
    result = run(debt)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("error: ")
    assert message in result.err


def test_a_broken_pyproject_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "debt.py").write_text(DEBT)
    (tmp_path / "pyproject.toml").write_text("[tool.mldebt]\nprofil = 1\n")
    result = run(tmp_path)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "did you mean profile?" in result.err
    assert "pyproject.toml" in result.err


def test_configuration_that_is_not_text(debt: Path) -> None:
    (debt / "mldebt.toml").write_bytes(b"\xff\xfe\x00profile")
    result = run(debt)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "mldebt.toml" in result.err


# surroundings


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_without_git_on_the_path_a_repository_is_scanned_all_the_same(debt: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    subprocess.run(["git", "init", "-q"], cwd=debt, check=True)
    empty = tmp_path_factory.mktemp("empty")
    result = run(debt, "--no-cache", PATH=str(empty))
    assert (result.code, result.err) == (1, "")
    assert FOUND in result.out


@pytest.mark.parametrize("head", [b"", b"ref: refs/heads/gone\n", b"\xff\xfe\0", b"ref: " + b"x" * 5000])
def test_a_broken_repository_is_scanned_all_the_same(debt: Path, head: bytes) -> None:
    (debt / ".git").mkdir()
    (debt / ".git" / "HEAD").write_bytes(head)
    result = run(debt)
    assert (result.code, result.err) == (1, "")
    assert FOUND in result.out


def test_a_named_file_that_does_not_exist(debt: Path) -> None:
    result = run(debt, "debt.py", "gone.py")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: gone.py: no such file or directory; check the spelling\n"


VANISH = """\
import os, pathlib, sys
from mldebt import engine
from mldebt.cli import main

found = engine.find_sources

def find(*arguments):
    discovery = found(*arguments)
    pathlib.Path("vanishes.py").unlink()
    return discovery

engine.find_sources = find
sys.exit(main(["scan", *sys.argv[1:]]))
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_vanishes_between_finding_and_reading(debt: Path, jobs: str) -> None:
    (debt / "vanishes.py").write_text("x = 1\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    argv = [sys.executable, "-c", VANISH, "--output-format", "json", "-j", jobs]
    done = subprocess.run(argv, cwd=debt, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    report = msgspec.json.decode(done.stdout)
    assert [one["code"] for one in report["findings"] if one["path"] == "debt.py"] == ["MLD423"]
    assert report["summary"]["unread"] == [{"path": "vanishes.py", "reason": "cannot be read: No such file or directory"}]


def test_nothing_but_unreadable_files_is_exit_code_3(project: Path) -> None:
    (project / "jobs").mkdir()
    assert run(project, "jobs").code == 3
    (project / "jobs" / "only.py").write_text("def half(:\n")
    assert run(project, "jobs").code == 3


def test_a_reader_that_goes_away_and_a_full_disk(debt: Path) -> None:
    argv, environment = command("--no-cache")
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(argv, cwd=debt, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode != 0
