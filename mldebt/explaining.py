"""Texts of `mldebt explain` about what is no rule: the order of a report, the baseline, the grade.

Every number in them is taken from the code that uses it, and the example is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mldebt import ranking
from mldebt.cards import Card, explain, load_cards, matching
from mldebt.config import nearest
from mldebt.findings import Coverage, Finding, Heeded, Location, Ranked
from mldebt.history import DAYS, OLDEST
from mldebt.ranking import RankingContext

_EXAMPLE = "constant-config-branch"
_PATH, _LINE = "pipeline/blocks.py", 220


def explained(word: str | None) -> str:
    """The text about a topic, or the cards of a rule's name, code or debt; None: the rules and topics, a line each.

    Raises ValueError for a word that means nothing.
    """
    cards = load_cards()
    if word is None:
        width = max((len(card.name) for card in cards.values()), default=0)
        lines = [f"{card.code}  {card.name:<{width}}  {card.severity:<8}  {card.profile:<7}  {card.title}" for card in cards.values()]
        return "\n".join((*lines, f"Topics: {', '.join(topics())}", ""))
    if text := topic(word):
        return text
    try:
        names = matching(cards, word)
    except ValueError as error:
        near = nearest(word, topics())
        raise ValueError(f"{error}; or the topic {near}?" if near else str(error)) from None
    return "\n".join(explain(card) for card in cards.values() if card.name in names)


def topics() -> tuple[str, ...]:
    """The words that have a text."""
    return tuple(_TOPICS)


def topic(word: str) -> str | None:
    """The text about `word`, as Markdown; None when there is none."""
    text = _TOPICS.get(word.strip().lower())
    return None if text is None else text()


def _ranking() -> str:
    exposure = ", ".join(f"{name} {factor:g}" for name, factor in ranking.EXPOSURE.items())
    schedule = ", ".join(f"{name} {factor:g}" for name, factor in ranking.SCHEDULE.items())
    least, most = ranking.CHURN_LEAST, ranking.CHURN_MOST
    return f"""# How findings are ranked

The list is sorted by **confidence x interest**, the dearest first. All costs are minutes of work, so that they can be added up;
a quarter has {DAYS} days.

| column | meaning |
|---|---|
| interest | minutes per quarter that the debt costs while it stays: every change around it takes longer, or breaks what is not seen |
| principal | minutes, once, to pay it: the card's base, plus an amount for each line or place where it has one |
| confidence | how sure mldebt is: the card's measured or estimated share of right findings, times how sure this finding is |
| payback | quarters until paying has saved what it cost: principal / (confidence x interest) |
| commits | in the last {DAYS} days, of the busiest file that drives the interest |
| age | days since the oldest line of the finding was written; nobody looks further back than {OLDEST} |

Interest is a product. Whatever is not known counts as 1.

    interest = base x share x reach x driver x exposure x compounding x comment

- **base**: the minutes of the rule's card; `mldebt explain RULE` shows them. **share** is below 1 where the code softens the debt.
- **reach**: 1 + log2(1 + what runs downstream). A process or model of the same owner counts 1, one of another system 2, one of another
  repository 3.
- **driver**: what makes the debt cost something. For most rules it is how often the files change, for debts between a writer and its
  readers how often the *writer's* file does: {least:g} + commits / median, at least {least:g} and at most {most:g}. The median is
  that of the files with a commit in these {DAYS} days. For rules about schedules: {schedule}.
- **exposure**: where the code runs: {exposure}.
- **compounding**: 1 + age / T, at most {1 + ranking.COMPOUNDED:g}. T is on the card; many rules have none.
- **comment**: {ranking.COMMENT:g} when a comment such as TODO or "for now" stands within {ranking.NEAR} lines.

Commits and ages come from git. Without a repository, or in a shallow clone, they count as 1 and the report says so
(`fetch-depth: 0` in GitHub Actions gives the history). Renames are followed; merges do not count; of a reformatting commit
that `.git-blame-ignore-revs` lists, the lines keep their age.

## An example

{_example()}"""


def _example() -> str:
    """One finding of a real card, priced by the functions that price all."""
    card = load_cards()[_EXAMPLE]
    finding = Finding(_EXAMPLE, Location(_PATH, _LINE, end_line=_LINE + 3), "", anchor="", size=4)
    busy, calm = (_priced(card, finding, commits) for commits in (6, 0))
    context = _context(6)
    factor = ranking.churn_factor(6, 4)
    base = card.interest + card.interest_per * finding.size
    exposure = max(card.exposure_floor, ranking.EXPOSURE[busy.exposure])
    older = "" if busy.age_days is None else f" x {ranking.age_factor(busy.age_days, card.compounding_days):g} (compounding)"
    known = "" if busy.age_days is None else f", {busy.age_days} days old (T = {card.compounding_days})"
    return f"""`{card.name}` ({card.code}) in `{_PATH}`, {finding.size} lines that a scheduled job runs{known}. The file has
{context.churn[_PATH]} commits in the quarter, the median file 4, and nothing else depends on it.

    interest   = {base:g} (base) x {busy.reach:g} (reach) x {factor:g} (driver) x {exposure:g} (exposure){older}
               = {busy.interest_minutes_per_quarter:g} minutes per quarter
    confidence = {busy.finding.confidence:g}, so it is ranked by {busy.finding.confidence * busy.interest_minutes_per_quarter:.3g}
    principal  = {busy.principal_minutes:g} minutes
    payback    = {ranking.payback(busy):.2g} quarters

Had nobody touched the file in the quarter, its driver were {ranking.churn_factor(0, 4):g}, the interest
{calm.interest_minutes_per_quarter:g} minutes and the payback {ranking.payback(calm):.2g} quarters: the same debt, and less urgent.
"""


def _priced(card: Card, finding: Finding, commits: int) -> Ranked:
    (one,) = ranking.rank([Heeded(finding)], {card.name: card}, _context(commits))
    return one


def _context(commits: int) -> RankingContext:
    others = {f"{name}.py": count for name, count in (("a", 2), ("b", 4), ("c", 4), ("d", 9))}
    churn: Mapping[str, int] = {_PATH: commits, **others}
    return RankingContext(churn=churn, ages={(_PATH, _LINE): 20}, exposures={_PATH: "scheduled"})


def _grade() -> str:
    rows, last = [], 0.0
    for letter, highest in ranking.BANDS:
        rows.append(f"| {letter} | {f'above {last:.0%}, ' if last else ''}up to {highest:.0%} |")
        last = highest
    rows.append(f"| {ranking.WORST} | above {last:.0%} |")
    bands = "\n".join(rows)
    seen = {"artifacts": Coverage(40, 50)}
    one = ranking.grade(9_000, 4_000, seen)
    return f"""# The grade of a project

The debt ratio is what it would cost to pay all debt of the report, over what it costs to write the code:

    ratio = principal / (lines of code x {ranking.MINUTES_PER_LINE:g} minutes)

Lines of code are those of Python, notebooks, SQL and shell that are not blank; settings and prose are not counted.

| grade | ratio |
|---|---|
{bands}

For example, 9,000 minutes of principal in 4,000 lines are a ratio of {one.ratio:.1%}: {one.letter}.

The letter is refused when it would say more about mldebt than about the project: when fewer than {ranking.LEAST_COVERAGE:.0%} of the
places that read or write could be resolved, when no read, write or model was recognised, or when there is no code. The ratio hides what
is urgent: a project with a good grade may have one debt that must be paid today. Plan with the list, and watch the grade.
"""


def _baseline() -> str:
    return """# The baseline: debt that you know

A baseline is a file that lists the debt of today, so that a run fails on *new* debt only.

    mldebt scan --baseline .mldebt-baseline.jsonl --update-baseline     write it, and commit it
    mldebt scan --baseline .mldebt-baseline.jsonl                       report only what it does not have
    mldebt scan --baseline .mldebt-baseline.jsonl --prune-baseline      take out what is paid; add nothing

- One line per finding, sorted: it merges like any text.
- A finding is recognised by its rule, file, scope and what it is about, never by a line number, a count or a date: code above
  it may come and go. Two alike in one place are told apart by their order.
- A file that was renamed keeps its entries.
- Entries that no finding meets any more are *stale*: paid, or gone. The report says so; `--error-stale-baseline` makes it an error.

`mldebt scan --since origin/main` needs no file: it compares with the commit where the branch began. To live with one debt
and say why, write `# mldebt: accept[rule] until=2027-03-01 reason` beside it instead; it is counted, and returns when the date is past.
"""


_TOPICS: Mapping[str, Callable[[], str]] = {"ranking": _ranking, "baseline": _baseline, "grade": _grade}
