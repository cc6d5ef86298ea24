"""The facts of all files -> ranked findings: link, check, heed the comments, price. One process, no file is read."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from mldebt import suppress
from mldebt.cards import Card, matching
from mldebt.catalogue import Catalogue
from mldebt.config import Config
from mldebt.facts.model import Facts
from mldebt.findings import Coverage, Finding, Location, Ranked
from mldebt.ranking import RankingContext, rank
from mldebt.sources.model import Role, Source

EXPOSURES = {Role.TEST: "test", Role.EXAMPLE: "example", Role.NOTEBOOK: "notebook", Role.LEGACY: "legacy"}
NO_HISTORY = "git history is not read yet: the churn of every file counts as 1"

Files = Mapping[str, tuple[Source, Facts]]


class Judged(msgspec.Struct, frozen=True):
    """Everything that a run found, before the filters of its report."""

    ranked: tuple[Ranked, ...]
    suppressed: int
    coverage: dict[str, Coverage]
    notes: tuple[str, ...]


def judge(
    root: Path,
    files: Files,
    catalogue: Catalogue,
    cards: Mapping[str, Card],
    active: Collection[str],
    config: Config,
    today: datetime.date,
) -> Judged:
    """The findings of the `active` rules in `files`, ranked."""
    from mldebt import checks
    from mldebt.project import link

    facts = {path: found for path, (_, found) in files.items()}
    project = link(root, files, catalogue, config)
    findings = [*checks.run(project, active), *suppress.parse_errors(facts, active)]
    codes = {card.name: card.code for card in cards.values()}
    outcome = suppress.apply(findings, facts, codes, active, today)
    everything = (*outcome.kept, *((finding, False) for finding in outcome.extra))
    kept = _without_per_file_ignores(everything, config, cards)
    ranked = rank([(_at_notebook(finding, files), accepted) for finding, accepted in kept], cards, _context(files))
    suppressed = outcome.suppressed + len(everything) - len(kept)
    return Judged(ranked, suppressed, dict(sorted(project.coverage.items())), (NO_HISTORY,))


def _without_per_file_ignores(
    findings: Iterable[tuple[Finding, bool]], config: Config, cards: Mapping[str, Card]
) -> list[tuple[Finding, bool]]:
    if not config.per_file_ignores:
        return list(findings)
    from pathspec import GitIgnoreSpec

    ignores = [
        (GitIgnoreSpec.from_lines([pattern]), frozenset().union(*(matching(cards, rule) for rule in rules)))
        for pattern, rules in sorted(config.per_file_ignores.items())
    ]
    return [
        (finding, accepted)
        for finding, accepted in findings
        if not any(finding.rule in rules and spec.match_file(finding.location.path) for spec, rules in ignores)
    ]


def _at_notebook(finding: Finding, files: Files) -> Finding:
    """A place in a file that a notebook cell writes is a place in the notebook."""

    def move(location: Location) -> Location:
        notebook, mark, _ = location.path.partition("#")
        if not mark or location.path not in files or notebook not in files:
            return location
        return msgspec.structs.replace(location, path=notebook)

    location, evidence = move(finding.location), tuple(move(one) for one in finding.evidence)
    return msgspec.structs.replace(finding, location=location, evidence=evidence)


def _context(files: Files) -> RankingContext:
    exposures = {path: EXPOSURES[source.role] for path, (source, _) in files.items() if source.role in EXPOSURES}
    comments = {
        path: frozenset(facts.places[one.line - 1].line if 0 < one.line <= len(facts.places) else one.line for one in facts.debt_comments)
        for path, (_, facts) in files.items()
        if facts.debt_comments
    }
    return RankingContext(exposures=exposures, debt_comments=comments, notes=(NO_HISTORY,))
