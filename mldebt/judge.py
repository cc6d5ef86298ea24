"""The facts of all files -> ranked findings: link, check, heed the comments, price. One process, no file is read."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt import checks, suppress
from mldebt.cards import Card, CardError, load_cards, matching, select
from mldebt.catalogue import Catalogue, CatalogueError, load_catalogue
from mldebt.config import Config, ConfigError
from mldebt.facts.model import Facts
from mldebt.findings import Coverage, Finding, Glue, Heeded, Ranked
from mldebt.project import Project, link
from mldebt.project.foreign import Foreign
from mldebt.project.glue.figure import figure
from mldebt.ranking import RankingContext, rank
from mldebt.sources.ignore import compiled
from mldebt.sources.model import Source

if TYPE_CHECKING:
    from mldebt.data_pass.stored import Passes
    from mldebt.history import History
    from mldebt.owners import Owners

PARTIAL = "only a part of the project was read: what the rest uses, sets or calls is not seen, and such claims are left out"

Files = Mapping[str, tuple[Source, Facts]]


class Judged(msgspec.Struct, frozen=True):
    """Everything that a run found, before the filters of its report."""

    ranked: tuple[Ranked, ...]  # with those that a comment ignores
    left_out: int  # by per-file-ignores
    coverage: dict[str, Coverage]
    notes: tuple[str, ...]
    probes: dict[str, bool] = {}  # what the disk was asked for besides the files read
    aged: tuple[str, ...] = ()  # files whose lines history was asked about
    glue: Glue = Glue()
    elsewhere: bytes = b""  # the state of sources of other languages, where a check asked for them
    lasting: bool = True  # False: git failed, and may not the next time


class Knowledge(msgspec.Struct, frozen=True):
    """What is known before a file is read: the rules, those that are on, where they are off, and the packages."""

    cards: dict[str, Card]
    active: frozenset[str]
    ignores: tuple[tuple[str, frozenset[str]], ...]  # file pattern, rules
    catalogue: Catalogue
    foreign: Foreign = Foreign()  # what other repositories exported


def load_knowledge(root: Path, config: Config) -> Knowledge:
    """The knowledge that the settings ask for; a ConfigError names what is wrong with it."""
    try:
        cards = load_cards()
        return Knowledge(
            cards=cards,
            active=select(cards, config.profile, config.select, config.ignore, config.extend_select),
            ignores=tuple(
                (_pattern(pattern), frozenset(name for rule in rules for name in matching(cards, rule)))
                for pattern, rules in sorted(config.per_file_ignores.items())
            ),
            catalogue=load_catalogue(tuple(root / path for path in config.catalogues)),
            foreign=_foreign(root, config),
        )
    except (CardError, CatalogueError, ValueError) as error:
        raise ConfigError(str(error)) from None


def _pattern(pattern: str) -> str:
    try:
        compiled([pattern])
    except ValueError as error:
        raise ConfigError(f"per-file-ignores: {pattern[:60]!r}: {error}; write it as in .gitignore") from None
    return pattern


def _foreign(root: Path, config: Config) -> Foreign:
    if not config.imports:
        return Foreign()
    from mldebt.exports.reading import load_foreign

    return load_foreign(root, config.imports)


def judge(
    root: Path,
    files: Files,
    knowledge: Knowledge,
    config: Config,
    today: datetime.date,
    *,
    partial: bool = False,
    measured: Passes | None = None,
    history: History | None = None,
    owners: Owners | None = None,
    look: Callable[[Project], None] | None = None,
) -> Judged:
    """The findings of the active rules in `files`, ranked.

    `partial`: they are only a part of their project. `measured`: what its data passes found. `look` gets the linked project.
    """
    cards, active = knowledge.cards, knowledge.active
    project = link(root, files, knowledge.catalogue, config, partial=partial, foreign=knowledge.foreign, today=today, history=history)
    if look is not None:
        look(project)
    coverage = dict(sorted(project.coverage().items()))
    texts = [(_reported(path, files), facts) for path, (_, facts) in sorted(files.items())]
    told, passed = _measured(project, measured, active)
    findings = [*checks.run(project, active), *told, *suppress.parse_errors(texts, active)]
    codes = {card.name: card.code for card in cards.values()}
    outcome = suppress.apply(findings, texts, codes, active, today)
    least = project.thresholds.least_confidence  # after the comments: one that a lower profile needs is not unused
    everything = (*(one for one in outcome.heeded if one.finding.confidence >= least), *(Heeded(finding) for finding in outcome.extra))
    kept = _without_per_file_ignores(everything, knowledge.ignores)
    ranked = rank(kept, cards, _context(project, [one.finding for one in kept], cards, owners))
    left_out = len(everything) - len(kept)
    silent = project.history.note
    notes = (*((f"churn and ages count as 1: {silent}",) if silent else ()), *_ageless(project), *((PARTIAL,) if partial else ()), *passed)
    return Judged(
        ranked,
        left_out,
        coverage,
        notes,
        project.index.probes,
        project.history.asked,
        figure(project),
        project.index.elsewhere,
        not project.history.failed,
    )


def _measured(project: Project, measured: Passes | None, active: frozenset[str]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What the data passes found, and a note for each."""
    if measured is None:
        return (), ()
    from mldebt.data_pass.findings import found, notes
    from mldebt.data_pass.result import RULES

    return (found(project, measured, active), notes(measured)) if active.intersection(RULES.values()) else ((), ())


def _without_per_file_ignores(findings: Iterable[Heeded], ignores: Sequence[tuple[str, frozenset[str]]]) -> list[Heeded]:
    if not ignores:
        return list(findings)
    specs = [(compiled([pattern]), rules) for pattern, rules in ignores]
    return [
        one
        for one in findings
        if not any(one.finding.rule in rules and spec.match_file(one.finding.location.path) for spec, rules in specs)
    ]


def _reported(path: str, files: Files) -> str:
    """Where reports place the text: a file that a notebook's cell writes stands in the notebook."""
    notebook, mark, _ = path.rpartition("#")
    return notebook if mark and notebook in files else path


def _context(project: Project, findings: Sequence[Finding], cards: Mapping[str, Card], owners: Owners | None) -> RankingContext:
    paths = {place.path for finding in findings for place in (finding.location, *finding.evidence)} & project.modules.keys()
    modules = {path: project.modules[path] for path in sorted(paths)}
    exposures = {path: project.world.exposure(module) for path, module in modules.items()}
    comments = {path: frozenset(_debt_lines(module.facts)) for path, module in modules.items() if module.facts.debt_comments}
    spans: dict[str, list[tuple[int, int]]] = {}
    for finding in findings:
        place = finding.location
        if cards[finding.rule].compounding_days and place.path in project.modules:
            spans.setdefault(place.path, []).append((place.line, max(place.line, place.end_line)))
    return RankingContext(
        churn=project.history.churn,
        ages=project.history.ages(spans),
        exposures=exposures,
        debt_comments=comments,
        owners={path: names for path in sorted(paths) if (names := owners.of(path))} if owners else {},
    )


def _ageless(project: Project) -> tuple[str, ...]:
    unknown = project.history.unknown_ages
    if not unknown:
        return ()
    path, why = next(iter(unknown.items()))
    return (f"git does not tell the ages of {len(unknown)} files, which count as 1; the first, {path}: {why}",)


def _debt_lines(facts: Facts) -> Iterator[int]:
    for comment in facts.debt_comments:
        yield facts.places[comment.line - 1].line if 0 < comment.line <= len(facts.places) else comment.line
