"""Mutate the files of folders and run them through reading, extraction and all rules; print each unique crash with a small input.

    python tests/bench/fuzz.py SECONDS FOLDER... [--seed N] [--slow SECONDS] [--limit SECONDS] [--largest BYTES] [--out FOLDER]

Each trial is a small project: one to three files of one folder (all of a small one), most of them mutated (`tests/fuzz/mutations.py`).
Trials run in a worker process with a memory limit; one that does not answer within --limit seconds is a hang. A crash is known by its
exception and the last frames in mldebt; its input is made smaller by leaving out files, then lines, then characters, as long as the crash
stays the same.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from mldebt.sources.languages import language_of
from tests.fuzz.mutations import encoded, mutated
from tests.fuzz.trial import judged

MEMORY = 3_000_000_000
SMALL = 6  # files: a folder without more is one project
Files = dict[str, bytes]


class Outcome(NamedTuple):
    """How a trial ended: "" when well; `detail` is the traceback."""

    crash: str
    detail: str
    seconds: float


def attempt(files: Files) -> Outcome:
    """One trial in this process."""
    started = time.perf_counter()
    folder = tempfile.mkdtemp(prefix="fuzz")
    crash = detail = ""
    try:
        judged(Path(folder), files)
    except MemoryError:
        crash = "MemoryError"
    except Exception as error:
        detail = traceback.format_exc(limit=-12)
        frames = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
            if "/mldebt/" in frame.filename
        ]
        places = sorted(set(frames[-60:]))[:1] if isinstance(error, RecursionError) else frames[-2:]
        crash = f"{type(error).__name__} in {' < '.join(reversed(places))}"
        if type(error).__name__ == "Broken":
            crash = f"Broken: {str(error).partition(':')[0]}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(crash, detail, time.perf_counter() - started)


def serve(connection: Connection) -> None:
    """A worker: answers each project with its outcome."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            connection.send(attempt(connection.recv()))


class Worker:
    """A process that can be killed and replaced."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.connection, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def ask(self, files: Files, limit: float) -> Outcome:
        """The outcome of a trial, which may be a hang or a dead process."""
        self.connection.send(files)
        try:
            if self.connection.poll(limit):
                return self.connection.recv()
            outcome = Outcome("hang", "", limit)
        except (EOFError, ConnectionError):
            outcome = Outcome("process died", "", 0)
        self.process.kill()
        self.process.join()
        self._start()
        return outcome


class Pool:
    """Real files, by folder."""

    def __init__(self, folders: Sequence[Path], largest: int) -> None:
        self.files: dict[Path, dict[str, list[Path]]] = {}
        for folder in folders:
            by_language: dict[str, list[Path]] = {}
            for directory, below, names in os.walk(folder):
                below[:] = sorted(name for name in below if name not in (".git", "node_modules"))
                for name in sorted(names):
                    path = Path(directory, name)
                    language = language_of(name)
                    if language and not path.is_symlink() and 0 < path.stat().st_size <= largest:
                        by_language.setdefault(language, []).append(path)
            if by_language:
                self.files[folder] = by_language
        if not self.files:
            raise SystemExit("no file that mldebt reads in these folders")

    def project(self, random: Random) -> Files:
        """One to three files of one folder, mutated."""
        folder = random.choice(sorted(self.files))
        by_language = self.files[folder]
        whole = [(path, language) for language in sorted(by_language) for path in by_language[language]]
        if len(whole) > SMALL:
            languages = [
                "python" if "python" in by_language and random.random() < 0.4 else random.choice(sorted(by_language)) for _ in range(3)
            ]
            whole = [(random.choice(by_language[language]), language) for language in languages[: random.choice((1, 1, 2, 3))]]
        project: Files = {}
        for path, language in whole:
            text, donor = (one.read_bytes().decode("utf-8", "replace") for one in (path, random.choice(by_language[language])))
            name = str(path.relative_to(folder))
            project[name] = encoded(random, mutated(random, text, donor)) if random.random() < 0.9 else text.encode()
        return project


def smaller(files: Files, same: Callable[[Files], bool], until: float) -> Files:
    """The same crash of less input: fewer files, lines, characters."""
    for path in list(files):
        rest = {name: raw for name, raw in files.items() if name != path}
        if rest and same(rest):
            files = rest
    for path in list(files):
        for unit in (b"\n", b""):
            raw = files[path]
            parts = raw.split(unit) if unit else [raw[i : i + 1] for i in range(len(raw))]
            size = max(1, len(parts) // 2)
            while size and time.monotonic() < until:
                at = 0
                while at < len(parts) and time.monotonic() < until:
                    fewer = parts[:at] + parts[at + size :]
                    if same({**files, path: unit.join(fewer)}):
                        parts = fewer
                    else:
                        at += size
                size //= 2
            files = {**files, path: unit.join(parts)}
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", type=float, default=5, help="tell of trials that take longer")
    parser.add_argument("--limit", type=float, default=40, help="a trial that takes longer is a hang")
    parser.add_argument("--largest", type=int, default=60_000, help="of the files, in bytes")
    parser.add_argument("--out", type=Path, help="keep the inputs here")
    arguments = parser.parse_args()
    pool, random, worker = Pool(arguments.folders, arguments.largest), Random(arguments.seed), Worker()
    end = time.monotonic() + arguments.seconds
    seen: Counter[str] = Counter()
    trials = 0
    while time.monotonic() < end:
        project = pool.project(random)
        trials += 1
        outcome = worker.ask(project, arguments.limit)
        crash = outcome.crash or ("slow" if outcome.seconds > arguments.slow else "")
        if not crash:
            continue
        seen[crash] += 1
        if seen[crash] > (8 if crash in ("slow", "hang") else 1):
            continue
        limit = max(2.0, arguments.slow) if crash == "hang" else arguments.limit
        small = project
        if crash != "slow":
            small = smaller(project, lambda files: worker.ask(files, limit).crash == crash, time.monotonic() + 20)  # noqa: B023
        print(f"== {crash}  ({outcome.seconds:.1f} s, trial {trials})\n{outcome.detail}", flush=True)
        for path, raw in small.items():
            print(f"-- {path} ({len(raw)} bytes)\n{raw[:1500]!r}", flush=True)
        if arguments.out:
            place = arguments.out / hashlib.sha1(f"{crash}{trials}".encode()).hexdigest()[:8]
            for path, raw in small.items():
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(raw)
            print(f"kept in {place}", flush=True)
    print(f"{trials} trials, {len(seen)} kinds of trouble: {dict(sorted(seen.items()))}")
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main())
