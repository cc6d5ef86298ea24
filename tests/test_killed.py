"""A scan that is interrupted, ended or killed: no process is left, no file is half written, and the next run is right."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = 12
LONG = "".join(f"TABLE_{number} = [({number}, 'a'), ({number} + 1, 'b'), ({number} + 2, 'c')]\n" for number in range(250))
PATIENCE = 60  # seconds that a busy machine may need

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")


@pytest.fixture
def large(project: Path) -> Path:
    """A project that two processes read for seconds."""
    for number in range(FILES):
        (project / f"m{number:02}.py").write_text(f"NUMBER = {number}\n{LONG}")
    (project / "flag.py").write_text("import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--fast')\n")
    (project / "reports").mkdir()
    (project / "reports" / "out.json").write_text("before")
    (project / "mldebt.toml").write_text('exclude = ["reports"]\n')
    return project


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def command(project: Path) -> tuple[list[str], dict[str, str]]:
    output = f"json={project / 'reports' / 'out.json'}"
    words = ["scan", str(project), "-j", "2", "--output-format", "json", "--output", output, "--exit-zero"]
    return [sys.executable, "-m", "mldebt", *words], {**os.environ, "PYTHONPATH": str(ROOT)}


def started(project: Path, processes: list[subprocess.Popen[str]]) -> tuple[subprocess.Popen[str], list[int]]:
    """A scan in the middle of its map, and its workers."""
    words, environment = command(project)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(words, cwd=project, env=environment, start_new_session=True, **streams)
    processes.append(process)
    until(lambda: len(children(process.pid)) == 2 or process.poll() is not None)
    workers = children(process.pid)
    assert len(workers) == 2, process.communicate()
    return process, workers


@pytest.mark.parametrize(
    ("number", "group", "code"),
    [
        (signal.SIGINT, True, 130),
        (signal.SIGINT, False, 130),
        (signal.SIGTERM, False, 128 + signal.SIGTERM),
        (signal.SIGKILL, False, -signal.SIGKILL),
    ],
)
def test_a_scan_that_is_ended_leaves_nothing_behind(
    large: Path, processes: list[subprocess.Popen[str]], number: int, group: bool, code: int
):
    process, workers = started(large, processes)
    (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.strip()) == (code, "", "")
    until(lambda: not any(runs(one) for one in workers))
    assert [path.name for path in (large / "reports").iterdir()] == ["out.json"]
    assert (large / "reports" / "out.json").read_text() == "before"
    words, environment = command(large)
    again = subprocess.run(words, cwd=large, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert (again.returncode, again.stderr) == (0, "")
    assert [one["name"] for one in without_times(again.stdout)["findings"]] == ["unread-flag"]
    assert without_times((large / "reports" / "out.json").read_text()) == without_times(again.stdout)


def without_times(report: str) -> dict[str, object]:
    read = json.loads(report)
    for key in ("seconds", "timings"):
        read["summary"].pop(key, None)
    assert read["summary"]["files"] == FILES + 2
    return read


def test_workers_that_are_killed_cost_nothing(large: Path, processes: list[subprocess.Popen[str]]):
    process, workers = started(large, processes)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert without_times(out)["summary"]["unread"] == []


def test_an_orphan_that_hangs_is_ended_by_the_system(tmp_path: Path):
    code = """
import os, signal, sys
from mldebt import spread

def work(item):
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGKILL)
    while True:
        pass

spread.GRACE = 0.1
list(spread.forked(work, [1], [[0]], 1, 0.2))
"""
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path / "pid")], cwd=ROOT, timeout=PATIENCE)
    assert found.returncode == -signal.SIGKILL
    until(lambda: not runs(int((tmp_path / "pid").read_text())))


def test_a_file_that_is_being_replaced_is_old_or_new(tmp_path: Path):
    code = """
import os, signal, sys
from pathlib import Path
from mldebt import writing

def replace(source, target):
    os.kill(os.getpid(), signal.SIGKILL)

os.replace = replace
writing.replace(Path(sys.argv[1]), b"after")
"""
    (tmp_path / "baseline").write_text("before")
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path / "baseline")], cwd=ROOT, timeout=PATIENCE)
    assert found.returncode == -signal.SIGKILL
    assert (tmp_path / "baseline").read_text() == "before"
