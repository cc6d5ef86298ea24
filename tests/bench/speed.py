"""How long a scan of a directory takes, as ratios to a bare `libcst.parse_module` of the same Python files in one process.

    python tests/bench/speed.py DIRECTORY

Each run is a fresh process; each cold run has a fresh cache. Numbers of one invocation can be compared, of two they cannot.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import sys, time, libcst
texts = [open(name.rstrip("\\n"), "rb").read() for name in sys.stdin]
started = time.perf_counter()
for text in texts:
    try:
        libcst.parse_module(text)
    except Exception:
        pass
print(time.perf_counter() - started, sum(text.count(b"\\n") for text in texts))
"""


def timed(*words: str, text: str = "") -> tuple[float, float, str]:
    """Seconds, peak megabytes of the process itself, and standard output of one command."""
    started = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run([sys.executable, *words], input=text, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return time.perf_counter() - started, peak / 1024 if peak > before else 0.0, done.stdout


def main(directory: Path) -> None:
    """Print the table for one directory; it is copied first, so that nothing in it changes."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "project"
        shutil.copytree(directory, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".mldebt_cache"))
        past = time.time() - 3600
        for file in copy.rglob("*"):
            if file.is_file() and not file.is_symlink():
                os.utime(file, (past, past))
        time.sleep(2.5)  # younger change times are not trusted by the cache
        scan = ("-m", "mldebt", "scan", str(copy), "--isolated", "--no-progress", "--output-format", "json")
        shown = timed("-m", "mldebt", "scan", str(copy), "--isolated", "--show-files")[2].splitlines()
        python = [str(copy / name) for name in shown if name.endswith(".py")]
        memory = timed(*scan, "-j1", "--cache-dir", f"{place}/memory")[1]
        bare, lines = (float(word) for word in timed("-c", BARE, text="".join(f"{name}\n" for name in python))[2].split())
        print(f"{len(shown)} files, {len(python)} of them Python with {lines:,.0f} lines; bare parse {bare:.2f} s")
        colds = {jobs: timed(*scan, f"-j{jobs}", "--cache-dir", f"{place}/cold{jobs}")[0] for jobs in (1, 2)}
        for jobs, seconds in colds.items():
            print(f"cold -j{jobs}           {seconds:7.2f} s   {seconds / bare:5.2f} x bare parse")
        warm = min(timed(*scan, "--cache-dir", f"{place}/cold1")[0] for _ in range(3))
        print(f"warm, no change    {warm:7.2f} s   {warm / colds[1]:5.3f} x cold -j1")
        middle = sorted(python, key=lambda name: Path(name).stat().st_size)[len(python) // 2]
        with open(middle, "a", encoding="utf-8") as file:
            file.write("\nONE_MORE_LINE = 1\n")
        changed = timed(*scan, "--cache-dir", f"{place}/cold1")[0]
        print(f"warm, one change   {changed:7.2f} s")
        print(f"peak memory -j1    {memory:7.0f} MB")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit("usage: python tests/bench/speed.py DIRECTORY")
    main(Path(sys.argv[1]))
