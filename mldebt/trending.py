"""`mldebt history`: the debt of a project over time, from commits sampled evenly."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from mldebt import engine
from mldebt.config import ConfigError, Loaded
from mldebt.findings import Point
from mldebt.linking import LinkArguments
from mldebt.progress import Bar
from mldebt.reading import Progress
from mldebt.report.options import Color, Options
from mldebt.report.terminal import emit, use_color, use_width
from mldebt.report.trend import as_json, as_text
from mldebt.repository import repository
from mldebt.revisions import sample
from mldebt.runs import Stored

POINTS = 12
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,4}[. ](day|week|month|year)s?([. ]ago)?|yesterday")


class HistoryArguments(LinkArguments, frozen=True):
    """The command line of `mldebt history`."""

    since: str = "6.months"
    points: int = POINTS
    profile: str | None = None
    output_format: str = "text"
    color: Color = "auto"


def history_command(arguments: HistoryArguments, say: Callable[[str], None]) -> int:
    """Print the debt at sampled commits, oldest first, and return the exit code."""
    warn = arguments.warner(say)
    loaded = arguments.load(warn, {"profile": arguments.profile} if arguments.profile else {})
    with Bar(not (arguments.no_progress or arguments.quiet)) as bar:
        trend = points(loaded, arguments.request(), arguments.since, arguments.points, warn=warn, progress=bar.update)
    if arguments.output_format == "json":
        emit(as_json(trend), sys.stdout)
    else:
        settled: Color = "always" if use_color(sys.stdout, arguments.color) else "never"
        emit(as_text(trend, loaded.root.name, Options(color=settled, width=use_width(sys.stdout, None))), sys.stdout)
    return 0 if trend else 3


def points(
    loaded: Loaded,
    request: engine.Request,
    since: str,
    number: int = POINTS,
    *,
    warn: Callable[[str], None],
    progress: Progress = lambda done, total: None,
) -> tuple[Point, ...]:
    """The debt of at most `number` commits since a date, oldest first, by the settings and rules of today and without git's churn."""
    from mldebt.git import GitError

    if repository(loaded.root) is None:
        raise ConfigError(f"{loaded.root}: not in a git repository, so there is no history to sample")
    if not _DATE.fullmatch(since.strip()):
        raise ConfigError(f"{since!r} is no date: write 6.months, 30.days, 2.years or 2026-01-31")
    try:
        commits = sample(loaded.root, since, number)
        found = list(engine.at_commits(loaded, [sha for sha, _ in commits], request, warn=warn, progress=progress))
    except GitError as error:
        raise ConfigError(f"{loaded.root}: git: {error}") from None
    return tuple(_point(sha, date, stored) for (sha, date), stored in zip(commits, found, strict=True))


def _point(sha: str, date: str, stored: Stored) -> Point:
    heard = [one for one in stored.ranked if not one.ignored]
    debts: dict[str, float] = {}
    for one in heard:
        debts[one.debt] = debts.get(one.debt, 0.0) + one.interest_minutes_per_quarter
    return Point(
        commit=sha,
        date=date,
        findings=len(heard),
        principal_minutes=sum(one.principal_minutes for one in heard),
        interest_minutes_per_quarter=sum(one.interest_minutes_per_quarter for one in heard),
        lines=stored.lines,
        debts=dict(sorted(debts.items())),
    )
