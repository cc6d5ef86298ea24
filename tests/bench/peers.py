"""What other linters say of the same code, each in the debts for which it has a rule.

A finding without a line (of a tool that judges whole files) stands for every line of its file. Tools are looked for in one folder of
programs (`--peers VENV/bin`); those that are not there are left out.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from labels import Found, Span

from mldebt.sources.notebook import NotebookError, notebook

_FILE = 10**9
# the rules of each tool that speak of a debt; what is left out has no counterpart
_RUFF = {
    "S301": "unsafe-loading",
    "S506": "unsafe-loading",
    "NPY002": "reproducibility-debt",
    "ERA001": "dead-experimental-path",
    "PLR2004": "fixed-threshold",
    "B006": "entanglement",
    "S105": "configuration-debt",
    "S106": "configuration-debt",
    "S108": "configuration-debt",
}
_BANDIT = {
    "B301": "unsafe-loading",
    "B506": "unsafe-loading",
    "B614": "unsafe-loading",
    "B615": "unstable-data-dependency",
    "B105": "configuration-debt",
    "B106": "configuration-debt",
    "B108": "configuration-debt",
}
_SMELLS = (  # how the names of its smells begin
    ("data leakage", "data-leakage"),
    ("potential data leakage", "data-leakage"),
    ("randomness control", "reproducibility-debt"),
    ("no random seed", "reproducibility-debt"),
    ("incomplete seed", "reproducibility-debt"),
    ("random state", "reproducibility-debt"),
    ("magic number", "fixed-threshold"),
    ("hardcoded file path", "configuration-debt"),
    ("hyperparameter", "configuration-debt"),
    ("unused feature", "underutilized-dependency"),
    ("column selection", "underutilized-dependency"),
    ("model versioning", "unstable-data-dependency"),
)
_VULTURE = re.compile(r"(.+?):(\d+): ")
_TORCHFIX = re.compile(r"(.+?):(\d+):\d+: (TOR\d+)")
_LINE = re.compile(r"Line (\d+)")


def _run(command: list[str], folder: Path) -> str:
    """Standard output; linters end with 1 when they find something."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace").stdout


def _relative(path: str, folder: Path) -> str:
    place = Path(path)
    return (place.relative_to(folder) if place.is_absolute() else Path(*place.parts)).as_posix()


def _ruff(program: str, folder: Path) -> Iterator[Found]:
    said = _run([program, "check", "--isolated", "--no-cache", "--select", ",".join(_RUFF), "--output-format", "json", "."], folder)
    lines: dict[str, dict[tuple[int, int], int]] = {}
    for one in json.loads(said or "[]"):
        if one["code"] not in _RUFF:
            continue
        path, line = _relative(one["filename"], folder), one["location"]["row"]
        if one.get("cell"):
            if path not in lines:
                lines[path] = _cells(folder / path)
            line = lines[path].get((one["cell"], line), 0)
        yield Found(_RUFF[one["code"]], (Span(path, line, line),))


def _cells(path: Path) -> dict[tuple[int, int], int]:
    """The line of the notebook for each line of each cell."""
    try:
        places = notebook(path.read_text(encoding="utf-8", errors="replace")).places
    except NotebookError:
        return {}
    return {(place.cell, place.cell_line): place.line for place in places}


def _bandit(program: str, folder: Path) -> Iterator[Found]:
    said = json.loads(_run([program, "-q", "-r", ".", "-f", "json", "-t", ",".join(_BANDIT)], folder) or "{}")
    for one in said.get("results", ()):
        yield Found(_BANDIT[one["test_id"]], (Span(_relative(one["filename"], folder), one["line_number"], one["line_number"]),))


def _vulture(program: str, folder: Path) -> Iterator[Found]:
    for line in _run([program, "."], folder).splitlines():
        if found := _VULTURE.match(line):
            yield Found("dead-experimental-path", (Span(_relative(found[1], folder), int(found[2]), int(found[2])),))


def _torchfix(program: str, folder: Path) -> Iterator[Found]:
    for line in _run([program, "--select", "ALL", "."], folder).splitlines():
        if (found := _TORCHFIX.match(line)) and found[3] == "TOR102":
            yield Found("unsafe-loading", (Span(_relative(found[1], folder), int(found[2]), int(found[2])),))


def _smells(program: str, folder: Path) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as made:
        _run([program, "--output-dir", made, "analyze", "."], folder)
        report = Path(made) / "analysis_report.csv"
        rows = list(csv.DictReader(report.open(encoding="utf-8", errors="replace", newline=""))) if report.exists() else []
    for row in rows:
        name = (row["Smell/Checker Name"] or "").lower()
        debt = next((debt for start, debt in _SMELLS if name.startswith(start)), None)
        if debt is None or not row["File Path"]:
            continue
        at = _LINE.match(row["Location"] or "")
        first, last = (int(at[1]), int(at[1])) if at else (1, _FILE)
        yield Found(debt, (Span(_relative(row["File Path"], folder), first, last),))


PEERS: Mapping[str, tuple[str, Callable[[str, Path], Iterator[Found]]]] = {
    "ruff": ("ruff", _ruff),
    "bandit": ("bandit", _bandit),
    "vulture": ("vulture", _vulture),
    "TorchFix": ("torchfix", _torchfix),
    "ml-code-smell-detector": ("ml_smell_detector", _smells),
}


def versions(programs: Path) -> dict[str, str]:
    """The installed version of each peer that is there."""
    python = next(iter(sorted(programs.glob("python3*"))), None)
    found: dict[str, str] = {}
    for name, (program, _) in PEERS.items():
        if python is not None and (programs / program).exists():
            asked = f"from importlib.metadata import version; print(version({name.lower()!r}))"
            found[name] = subprocess.run([python, "-c", asked], capture_output=True, text=True).stdout.strip() or "unknown"
    return found


def said_by(name: str, programs: Path, folder: Path) -> list[Found]:
    """The findings of one peer in one checkout."""
    program, read = PEERS[name]
    return list(read(str((programs / program).absolute()), folder.absolute()))
