"""Checkouts of public repositories at the commits that were judged, one folder each, named <owner>__<name>.

    python tests/bench/checkouts.py DIR [--source 'https://github.com/{repo}.git']

fetches those of tests/labels into DIR; those of tests/judged too with `--judged`.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import labels

JUDGED = Path(__file__).resolve().parents[1] / "judged"


def judged_commits() -> dict[str, str]:
    """The commit that each repository of tests/judged was read at."""
    commits: dict[str, str] = {}
    for file in sorted(JUDGED.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            commits.update((row["repo"], row["commit"]) for row in csv.DictReader(rows))
    return commits


def checkout_of(repo: str, folders: Iterable[Path]) -> Path | None:
    return next((path for folder in folders if (path := folder / repo.replace("/", "__")).is_dir()), None)


def fetch(commits: Mapping[str, str], folder: Path, source: str) -> list[str]:
    """Fetches what is not there yet; those that could not be fetched, with the reason."""
    failed: list[str] = []
    for repo, commit in sorted(commits.items()):
        place = folder / repo.replace("/", "__")
        if place.exists():
            continue
        place.mkdir(parents=True)
        steps = (["init", "-q"], ["fetch", "-q", "--depth", "1", source.format(repo=repo), commit], ["checkout", "-q", "FETCH_HEAD"])
        for step in steps:
            done = subprocess.run(["git", "-C", str(place), *step], capture_output=True, text=True)
            if done.returncode:
                failed.append(f"{repo}: git {step[0]}: {done.stderr.strip()}")
                break
        print(f"{repo} {commit[:12]}", flush=True)
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judged", action="store_true", help="the repositories of tests/judged as well")
    parser.add_argument("--source", default="https://github.com/{repo}.git", help="address of a repository")
    options = parser.parse_args()
    commits = {**(judged_commits() if options.judged else {}), **labels.load()[1]}
    if failed := fetch(commits, options.folder, options.source):
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
