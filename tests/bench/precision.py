"""Recomputes the precision of each rule from the verdicts in tests/judged, and the recall on hand labels.

    python tests/bench/precision.py DIR [DIR ...] [--profile default] [--unjudged]

DIR holds checkouts of the judged repositories at the commits of the CSV files, named <owner>__<name>. A finding counts with the verdict
of the same repository, path and code within three lines; findings that nobody judged are counted apart (`--unjudged` lists them).
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

JUDGED = Path(__file__).resolve().parents[1] / "judged"
SLACK = 3
Verdicts = dict[tuple[str, str, str], list[tuple[int, str]]]


def verdicts() -> tuple[Verdicts, dict[str, str]]:
    """Verdicts by (repository, path, code), and the commit that each repository was read at."""
    found: Verdicts = defaultdict(list)
    commits: dict[str, str] = {}
    for file in sorted(JUDGED.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                found[row["repo"], row["path"], row["code"]].append((int(row["line"]), row["verdict"]))
                commits[row["repo"]] = row["commit"]
    return found, commits


def findings(checkout: Path, profile: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "mldebt", "scan", ".", "--isolated", "--no-cache", "--exit-zero"]
    done = subprocess.run([*command, "--profile", profile, "--output-format", "json"], cwd=checkout, capture_output=True, check=True)
    return list(json.loads(done.stdout)["findings"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--unjudged", action="store_true", help="list the findings without a verdict")
    options = parser.parse_args()
    known, commits = verdicts()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seen = 0
    for repo in sorted(commits):
        checkout = next((p for f in options.folders if (p := f / repo.replace("/", "__")).is_dir()), None)
        if checkout is None:
            continue
        seen += 1
        for finding in findings(checkout, options.profile):
            code, path, line = str(finding["code"]), str(finding["path"]), int(str(finding["line"]))
            near = [(abs(at - line), verdict) for at, verdict in known.get((repo, path, code), ()) if abs(at - line) <= SLACK]
            verdict = min(near)[1] if near else "unjudged"
            counts[code][verdict] += 1
            if options.unjudged and verdict == "unjudged":
                print(f"{code} {repo} {path}:{line} {finding['message']}")
    print(f"{seen} of {len(commits)} judged repositories, profile {options.profile}")
    print(f"{'code':8}{'right':>7}{'wrong':>7}{'precision':>11}{'unjudged':>10}")
    for code, count in sorted(counts.items()):
        judged = count["right"] + count["wrong"]
        share = f"{count['right'] / judged:.2f}" if judged else "-"
        print(f"{code:8}{count['right']:7}{count['wrong']:7}{share:>11}{count['unjudged']:10}")


if __name__ == "__main__":
    main()
