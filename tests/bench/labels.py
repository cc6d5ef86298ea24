"""Places of debt and of clean look-alikes in public code, marked by hand before the rules existed (tests/labels), and their score.

`places.csv`: a range of lines, the debt, whether it is `debt` or `clean`, how sure the reader was (`high`, `medium`), and in `also` other
places of the same debt. `read.csv`: the files that were read completely; only there a missing label means that there is no debt.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "labels"
SLACK = 3
_ALSO = re.compile(r"(.*?):([\d,\-]+)")
_JUNGLE = "pipeline-jungle"  # only its labels may stand for a whole file
_WHOLE = 60


class Span(NamedTuple):
    path: str
    first: int
    last: int

    def meets(self, other: Span) -> bool:
        return self.path == other.path and self.first <= other.last and other.first <= self.last


class Label(NamedTuple):
    debt: str
    path: str
    is_debt: bool
    high: bool
    unreadable: bool
    spans: tuple[Span, ...]


class Found(NamedTuple):
    """A finding of any tool, in the debt that it speaks of; the first span is its place."""

    debt: str
    spans: tuple[Span, ...]


def load() -> tuple[dict[str, list[Label]], dict[str, str], dict[str, frozenset[str]]]:
    """Labels, commit and completely read files of each repository."""
    labels: dict[str, list[Label]] = defaultdict(list)
    commits: dict[str, str] = {}
    read: dict[str, set[str]] = defaultdict(set)
    with (FOLDER / "places.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            commits[row["repo"]] = row["commit"]
            labels[row["repo"]].append(
                Label(
                    row["debt"],
                    row["path"],
                    row["verdict"] == "debt",
                    row["confidence"] == "high",
                    row["note"] == "unreadable",
                    tuple(_spans(row)),
                )
            )
    with (FOLDER / "read.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            read[row["repo"]].add(row["path"])
    return dict(labels), commits, {repo: frozenset(paths) for repo, paths in read.items()}


def _spans(row: Mapping[str, str]) -> Iterator[Span]:
    first, last = int(row["first"]), int(row["last"])
    if row["debt"] == _JUNGLE and first == 1 and last > _WHOLE:
        yield Span(row["path"], 1, 10**9)
    else:
        yield Span(row["path"], first - SLACK, last + SLACK)
    for part in row["also"].split(";"):
        if found := _ALSO.fullmatch(part):
            for lines in found[2].split(","):
                ends = [int(end) for end in lines.split("-") if end]
                if ends:
                    yield Span(found[1], ends[0] - SLACK, ends[-1] + SLACK)


def score(labels: Iterable[Label], read: frozenset[str], findings: Iterable[Found]) -> dict[str, Counter[str]]:
    """By debt: `labels`, `hit`, `high`, `high_hit` of what can be read; `on_debt`, `on_clean`, `open` of the findings in read files."""
    labels, findings = list(labels), list(findings)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for label in labels:
        if not label.is_debt or label.path not in read or label.unreadable:
            continue
        hit = any(found.debt == label.debt and _meet(label, found) for found in findings)
        table[label.debt].update(labels=1, hit=hit, high=label.high, high_hit=hit and label.high)
    for found in findings:
        if found.spans[0].path in read:
            met = [label for label in labels if label.debt == found.debt and _meet(label, found)]
            verdict = "on_debt" if any(label.is_debt for label in met) else "on_clean" if met else "open"
            table[found.debt][verdict] += 1
    return dict(table)


def _meet(label: Label, found: Found) -> bool:
    return any(mine.meets(its) for mine in label.spans for its in found.spans)
