"""Numbers and places in words, the same in every format for people. Everything returned is safe to print."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from mldebt.findings import Coverage, Location, Ranked, Severity
from mldebt.report.terminal import safe

# Why the name of an artifact is not known.
_REASONS = {
    "param": "named by a parameter",
    "cli": "named on the command line",
    "env": "named by the environment",
    "config": "named by a configuration",
    "loop": "named in a loop",
    "glob": "named by a pattern",
    "time": "named by the time",
    "run": "named by the run",
    "temporary": "temporary",
    "unknown": "named by a value that is not known",
    "variable": "named by a variable of a script",
    "no name": "without a name",
}
_PYTHON = (".py", ".pyi", ".ipynb")
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)[.!?](?=\s+[A-Z`\"'(])")


def duration(minutes: float, *, compact: bool = False) -> str:
    """`45 min`, `2 h 10 min`, and from ten hours on whole hours; `45m`, `2h 10m`, `15h` when compact."""
    if not math.isfinite(minutes):
        return "?"
    hour, minute = ("h", "m") if compact else (" h", " min")
    if 0 < minutes < 0.5:
        return f"<1{minute}"
    whole = math.floor(minutes + 0.5)
    if whole < 60:
        return f"{max(whole, 0)}{minute}"
    if whole >= 600:
        return f"{math.floor(minutes / 60 + 0.5):,}{hour}"
    hours, rest = divmod(whole, 60)
    return f"{hours}{hour} {rest}{minute}" if rest else f"{hours}{hour}"


def percent(share: float) -> str:
    """A share from 0 to 1 in percent; only a true 1 is written as 100."""
    if not math.isfinite(share):
        return "? %"
    whole = math.floor(share * 100 + 0.5)
    return f"{min(whole, 99) if share < 1 else whole} %"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `1,204 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def age(days: int) -> str:
    """`240 days old`; nobody looks further back than a year."""
    from mldebt.history import OLDEST

    return "a year old or more" if days >= OLDEST else f"{count(days, 'day')} old"


def exposed(ranked: Ranked) -> str:
    """`serving code`; what is no Python is code of no library."""
    if ranked.exposure == "library" and not ranked.finding.location.path.endswith(_PYTHON):
        return "configuration or commands"
    return f"{safe(ranked.exposure)} code"


def drivers(ranked: Ranked) -> str:
    """What the interest was reckoned from: `serving code, reach 2.6, 12 commits in 90 days, 240 days old, @ml-team`."""
    said = [exposed(ranked)]
    if ranked.reach > 1:
        said.append(f"reach {ranked.reach:.1f}")
    if ranked.commits is not None:
        said.append(f"{count(ranked.commits, 'commit')} in 90 days")
    if ranked.age_days is not None:
        said.append(age(ranked.age_days))
    said += [safe(owner) for owner in ranked.owners]
    return ", ".join(said)


def place(location: Location, *, column: bool = False) -> str:
    """`path:line`, with the column if wanted, and in a notebook ` (cell 3, line 2)` after it."""
    path = safe(location.path)
    if location.line < 1:
        return path
    where = f"{path}:{location.line}:{max(location.column, 1)}" if column else f"{path}:{location.line}"
    return where + cell(location)


def cell(location: Location) -> str:
    """` (cell 3, line 2)` in a notebook, nothing elsewhere."""
    if location.cell is None:
        return ""
    line = "" if location.cell_line is None else f", line {location.cell_line}"
    return f" (cell {location.cell}{line})"


def prose(text: str) -> str:
    """Text of several lines as one paragraph."""
    return safe(" ".join(text.split()))


def first_sentence(text: str) -> str:
    """The first sentence of the text, as one line."""
    whole = prose(text)
    end = _SENTENCE_END.search(whole)
    return whole[: end.end()] if end else whole


def by_severity(findings: Iterable[Ranked]) -> str:
    """`2 errors, 4 warnings, 1 info`, worst first."""
    levels = [ranked.severity for ranked in findings]
    plurals = {Severity.INFO: "info", Severity.ADVISORY: "advisory"}
    present = [severity for severity in Severity if severity in levels]
    return ", ".join(count(levels.count(severity), severity, plurals.get(severity, "")) for severity in present)


def resolved(coverage: Mapping[str, Coverage]) -> str:
    """`flags 41 of 52 (79 %), models 3 of 3 (100 %)`; what the project does not have is left out."""
    present = [(safe(name), seen) for name, seen in sorted(coverage.items()) if seen.total > 0]
    return ", ".join(f"{name} {seen.resolved:,} of {seen.total:,} ({percent(seen.resolved / seen.total)})" for name, seen in present)


def unknown(seen: Coverage) -> str:
    """`12 by a parameter, 3 by a configuration`: why the rest is not resolved, most frequent first."""
    ordered = sorted(seen.unknown.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {_REASONS.get(why, safe(why))}" for why, number in ordered)
