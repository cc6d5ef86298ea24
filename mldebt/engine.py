"""One run, stage by stage: which files, what each says (from the cache or read now), what they say together, what is reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt.config import Config, Loaded, load
from mldebt.findings import Ranked, Report, Severity, Unread
from mldebt.reading import Progress, contents, decoded
from mldebt.repository import repository
from mldebt.runs import (
    Clock,
    Request,
    Run,
    Scanned,
    Stored,
    file_settings,
    files_of,
    is_project,
    no_collector,
    opened,
    unread_of,
)
from mldebt.shown import report
from mldebt.sources.discover import Discovery, SourceError, discover
from mldebt.sources.languages import source_of

if TYPE_CHECKING:
    from mldebt.project import Project

__all__ = ["Request", "Scanned", "at_commits", "fails", "find_sources", "link", "placed", "run", "scan", "scan_paths", "start_of"]
_SILENT: Callable[[str], None] = lambda text: None  # noqa: E731


def scan_paths(paths: Sequence[Path | str], config: Config | None = None, *, cache: bool = False) -> Report:
    """The report of `paths`; nothing is written to disk unless `cache`."""
    places = tuple(Path(path) for path in paths) or (Path(),)
    start = start_of(places)
    loaded = load(start) if config is None else Loaded(start.resolve(), config)
    return scan(loaded, Request(places, cache=cache))


def scan(
    loaded: Loaded, request: Request, *, warn: Callable[[str], None] = _SILENT, progress: Progress = lambda done, total: None
) -> Report:
    """The report of one run, without a baseline."""
    return report(run(loaded, request, warn=warn, progress=progress))


def start_of(paths: Sequence[Path]) -> Path:
    """The directory that holds all of `paths`."""
    absolute = [os.path.abspath(path) for path in paths]
    common = Path(os.path.commonpath(absolute)) if absolute else Path.cwd()
    return common if common.is_dir() else common.parent


def placed(loaded: Loaded, *, whole: bool = False) -> Loaded:
    """With the project root: where the settings are, else what was named if it is a project by itself, else its repository's top.

    `whole`: what was named only says what to look at, so without settings and repository the working directory is the project.
    """
    if loaded.file is not None or (not whole and is_project(loaded.root)):
        return loaded
    root = repository(loaded.root) or (Path.cwd() if whole else loaded.root)
    return msgspec.structs.replace(loaded, root=root)


def find_sources(loaded: Loaded, request: Request) -> Discovery:
    """The files that a run reads."""
    paths = (loaded.root,) if request.focus else request.paths
    if request.focus:
        for path in request.paths:
            if not os.path.lexists(path) and not request.given:
                raise SourceError(str(path), "no such file or directory; check the spelling")
    found = discover(loaded.root, paths, file_settings(loaded.config))
    new = [source for path in request.given if not os.path.lexists(loaded.root / path) and (source := source_of(path))]
    return msgspec.structs.replace(found, sources=tuple(sorted((*found.sources, *new)))) if new else found


def run(
    loaded: Loaded,
    request: Request,
    *,
    warn: Callable[[str], None] = _SILENT,
    progress: Progress = lambda done, total: None,
    look: Callable[[Project], None] | None = None,
) -> Scanned:
    """One run. `look` gets the linked project, which is then linked even when the result is remembered."""
    clock = Clock()
    found = find_sources(loaded, request)
    clock.lap("discover")
    with opened(loaded, request, bool(found.sources), warn) as cache:
        work = Run(loaded, request, cache, warn, progress)
        content = contents(loaded.root, found.sources, cache, hashing=work.remembers, given=request.given)
        clock.lap("hash")
        stored = work.result(content, clock, look)
        before = None
        if request.since:
            before = tuple(one for one in work.at(request.since).ranked if not (one.ignored or one.accepted))
            clock.lap("since")
    return Scanned(loaded, request, found, stored, work.partial, before, clock.spent)


def at_commits(
    loaded: Loaded,
    commits: Sequence[str],
    request: Request,
    *,
    warn: Callable[[str], None] = _SILENT,
    progress: Progress = lambda done, total: None,
) -> Iterator[Stored]:
    """What the project was at each of the commits, by the present settings, rules and day, and without history."""
    with opened(loaded, request, True, warn) as cache:
        work = Run(loaded, request, cache, warn, progress)
        for commit in commits:
            yield work.at(commit)


def link(
    loaded: Loaded,
    request: Request,
    *,
    warn: Callable[[str], None] = _SILENT,
    progress: Progress = lambda done, total: None,
) -> tuple[Project, tuple[Unread, ...]]:
    """The linked project of one run, of cached facts where there are some, and the files that could not be read."""
    found = find_sources(loaded, request)
    with opened(loaded, request, bool(found.sources), warn) as cache:
        from mldebt.project import link as linked

        work = Run(loaded, request, cache, warn, progress)
        told = work.knowledge
        content = contents(loaded.root, found.sources, cache, hashing=work.remembers, given=request.given)
        with no_collector():
            entries = decoded(loaded.root, work.encoded(loaded.root, content))
            files = dict(sorted(files_of(entries)))
            project = linked(
                loaded.root, files, told.catalogue, loaded.config, partial=work.partial, foreign=told.foreign, today=work.today
            )
    return project, tuple(sorted((*found.unread, *unread_of(entries))))


def fails(report: Report, fail_on: str) -> bool:
    """Whether debt that nobody has accepted reaches the severity `fail_on`."""
    return any(is_failing(one, fail_on) for one in report.findings)


def is_failing(one: Ranked, fail_on: str) -> bool:
    """The same of one finding."""
    return fail_on != "never" and one.severity.level >= Severity(fail_on).level and not one.accepted
