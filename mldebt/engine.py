"""One run, stage by stage: which files, what each says (from the cache or read now), what they say together, what is reported."""

from __future__ import annotations

import contextlib
import datetime
import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt.cache import Cache, Stat, digest, program_identity, tree_digest
from mldebt.config import Config, Loaded, load
from mldebt.data_pass import STORED
from mldebt.facts.model import Facts
from mldebt.findings import Coverage, Ranked, Report, Severity, Summary, Unread
from mldebt.jobs import Entry, decoder, run, workers
from mldebt.repository import head, repository
from mldebt.sources.discover import Discovery, FileSettings, SourceError, discover
from mldebt.sources.model import Language, Source

if TYPE_CHECKING:
    from mldebt.data_pass.stored import Passes
    from mldebt.judge import Knowledge
    from mldebt.project import Project

# A folder with one of these is a project by itself, also inside a larger repository.
_MARKERS = (
    *("mldebt.toml", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml", "dvc.yaml", "MLproject"),
    *("README.md", "README.rst", "README"),
)
NOT_IN_RESULTS = ("top", "min_severity", "min_confidence", "fail_on", "jobs", "cache_dir", "output_format", "features")


class Request(msgspec.Struct, frozen=True):
    """What one run is asked for beyond the settings."""

    paths: tuple[Path, ...]
    focus: bool = False  # analyse the whole project, report what touches `paths`
    cache: bool = True
    today: datetime.date | None = None


class _Content(msgspec.Struct, frozen=True):
    """One source with the identity of its content; `problem` when it cannot even be opened."""

    source: Source
    size: int = 0
    stat: Stat | None = None
    hash: bytes = b""
    problem: str = ""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """The part of a report that depends only on the content of the files, the knowledge and the settings."""

    ranked: tuple[Ranked, ...]
    left_out: int
    coverage: dict[str, Coverage]
    notes: tuple[str, ...]
    files: int
    lines: int
    languages: dict[str, int]
    unread: tuple[Unread, ...]
    probes: dict[str, bool]  # files besides, and whether the disk had them


class _Clock:
    def __init__(self) -> None:
        self.started = self.last = time.perf_counter()
        self.spent: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.spent[stage] = now - self.last
        self.last = now


def scan_paths(paths: Sequence[Path | str], config: Config | None = None, *, cache: bool = False) -> Report:
    """The report of `paths`; nothing is written to disk unless `cache`."""
    places = tuple(Path(path) for path in paths) or (Path(),)
    start = start_of(places)
    loaded = load(start) if config is None else Loaded(start.resolve(), config)
    return scan(loaded, Request(places, cache=cache))


def start_of(paths: Sequence[Path]) -> Path:
    """The directory that holds all of `paths`."""
    absolute = [os.path.abspath(path) for path in paths]
    common = Path(os.path.commonpath(absolute)) if absolute else Path.cwd()
    return common if common.is_dir() else common.parent


def file_settings(config: Config) -> FileSettings:
    """What the settings say about files."""
    settings = FileSettings(
        extend_exclude=config.extend_exclude, respect_gitignore=config.respect_gitignore, force_exclude=config.force_exclude
    )
    if config.exclude is not None:
        settings = msgspec.structs.replace(settings, exclude=config.exclude)
    if config.max_file_size is not None:
        limit = int(config.max_file_size * 1_000_000)
        settings = msgspec.structs.replace(settings, max_bytes=limit, max_notebook_bytes=limit, max_config_bytes=limit)
    return settings


def find_sources(loaded: Loaded, request: Request) -> Discovery:
    """The files that a run reads."""
    paths = (loaded.root,) if request.focus else request.paths
    if request.focus:
        for path in request.paths:
            if not os.path.lexists(path):
                raise SourceError(str(path), "no such file or directory; check the spelling")
    return discover(loaded.root, paths, file_settings(loaded.config))


def scan(
    loaded: Loaded,
    request: Request,
    *,
    warn: Callable[[str], None] = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """The report of one run."""
    clock = _Clock()
    found = find_sources(loaded, request)
    clock.lap("discover")
    directory = loaded.root / loaded.config.cache_dir if request.cache else None
    today = request.today or datetime.date.today()
    with Cache(directory if found.sources else None, warn) as cache:
        contents = _contents(loaded.root, found.sources, cache, hashing=directory is not None)
        program = program_identity()
        partial = is_partial(loaded, request)
        measured = _data_passes(loaded.root, cache, today, warn)
        key = _result_key(program, loaded, contents, today, partial, measured) if directory else b""
        clock.lap("hash")
        stored = _recall(cache, key, loaded.root)
        if stored is None:
            from mldebt.judge import load_knowledge

            knowledge = load_knowledge(loaded.root, loaded.config)  # before the long work: it may be refused
            clock.lap("knowledge")
            with _no_collector():
                entries, complete = _entries(loaded, contents, cache, program, progress)
                clock.lap("parse")
                stored = _judged(loaded, entries, knowledge, today, partial, measured)
                clock.lap("judge")
            if complete:
                cache.add_result(key, msgspec.msgpack.encode(stored))
    return _report(loaded, request, found, stored, clock)


def link(
    loaded: Loaded,
    request: Request,
    *,
    warn: Callable[[str], None] = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Project, tuple[Unread, ...]]:
    """The linked project of one run, of cached facts where there are some, and the files that could not be read."""
    found = find_sources(loaded, request)
    directory = loaded.root / loaded.config.cache_dir if request.cache else None
    with Cache(directory if found.sources else None, warn) as cache:
        from mldebt.judge import load_knowledge
        from mldebt.project import link as linked

        knowledge = load_knowledge(loaded.root, loaded.config)
        contents = _contents(loaded.root, found.sources, cache, hashing=directory is not None)
        with _no_collector():
            entries, _ = _entries(loaded, contents, cache, program_identity(), progress)
            files = dict(sorted(_files(entries)))
            partial, today = is_partial(loaded, request), request.today or datetime.date.today()
            told = knowledge.foreign
            project = linked(loaded.root, files, knowledge.catalogue, loaded.config, partial=partial, foreign=told, today=today)
    return project, tuple(sorted((*found.unread, *_unread(entries))))


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Facts only grow and have no cycles (judging 74,000 lines: 0.81-0.90 s with the collector, 0.76 s without)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _contents(root: Path, sources: Sequence[Source], cache: Cache, *, hashing: bool) -> list[_Content]:
    prefix = f"{root}{os.sep}"
    stats: dict[str, Stat] = {}
    problems: dict[str, str] = {}
    for source in sources:
        try:
            stats[source.path] = Stat.of(prefix + source.path)
        except OSError as error:
            problems[source.path] = f"cannot be read: {error.strerror}"
    known = cache.hashes(stats) if hashing else {}
    fresh: dict[str, tuple[Stat, bytes]] = {}
    if hashing:
        for path, stat in stats.items():
            if path in known:
                continue
            try:
                with open(prefix + path, "rb") as file:
                    known[path] = digest(file.read())
            except OSError as error:
                problems[path] = f"cannot be read: {error.strerror}"
            else:
                fresh[path] = (stat, known[path])
        cache.add_hashes(fresh)
    return [
        _Content(source, problem=problems[source.path])
        if source.path in problems
        else _Content(source, stats[source.path].size, stats[source.path], known.get(source.path, b""))
        for source in sources
    ]


def _recall(cache: Cache, key: bytes, root: Path) -> _Stored | None:
    data = cache.result(key) if key else None
    try:
        stored = None if data is None else msgspec.msgpack.decode(data, type=_Stored)
    except msgspec.MsgspecError:
        return None
    if stored is not None and stored.probes:
        from mldebt.project.modules import on_disk

        if any(on_disk(root, stem) != found for stem, found in stored.probes.items()):
            return None
    return stored


def _entries(
    loaded: Loaded, contents: Sequence[_Content], cache: Cache, program: bytes, progress: Callable[[int, int], None]
) -> tuple[dict[Source, Entry], bool]:
    """The entry of each source in path order, and whether all of them may be remembered."""
    root = loaded.root
    keys = {one.source.path: digest(program, one.source.language, one.hash) for one in contents if one.hash}
    decode = decoder().decode
    entries: dict[str, Entry] = {}
    for one in contents:
        if one.problem:
            entries[one.source.path] = Entry(Facts(one.source.language, unread=one.problem))
    cached = cache.facts(keys.values())
    for path, key in keys.items():
        if key in cached:
            try:
                entries[path] = decode(cached[key])
            except msgspec.MsgspecError:
                continue
    todo = {one.source.path: one for one in contents if one.source.path not in entries}
    sizes = {one.source: one.size for one in todo.values()}
    fresh: dict[bytes, bytes] = {}
    complete = True
    for path, data in run(root, sizes, workers(loaded.config.jobs, sizes.values())):
        entry = entries[path] = decode(data)
        if not entry.lasting or _changed(root, todo[path]):
            complete = False
        elif path in keys:
            fresh[keys[path]] = data
        progress(len(entries) - len(contents) + len(todo), len(todo))
    if fresh:
        cache.add_facts(fresh)
    return {one.source: entries[one.source.path] for one in contents}, complete


def _changed(root: Path, content: _Content) -> bool:
    """Whether the file was written to while it was read: its facts may then not be those of its hash."""
    try:
        return Stat.of(f"{root}{os.sep}{content.source.path}") != content.stat
    except OSError:
        return True


def is_partial(loaded: Loaded, request: Request) -> bool:
    """Whether files of the same project stay unread: only some paths are scanned, or a folder that is no project by itself."""
    if request.focus:
        return False
    root = loaded.root.resolve()
    if any(path.resolve() != root for path in request.paths):
        return True
    top = repository(root)
    return loaded.file is None and top is not None and top != root and not any((root / name).exists() for name in _MARKERS)


def _judged(
    loaded: Loaded,
    entries: Mapping[Source, Entry],
    knowledge: Knowledge,
    today: datetime.date,
    partial: bool,
    measured: Passes | None,
) -> _Stored:
    from mldebt.judge import judge

    judged = judge(loaded.root, dict(sorted(_files(entries))), knowledge, loaded.config, today, partial=partial, measured=measured)
    read = [source for source, entry in entries.items() if not entry.facts.unread]
    return _Stored(
        ranked=judged.ranked,
        left_out=judged.left_out,
        coverage=judged.coverage,
        notes=judged.notes,
        files=len(read),
        lines=sum(entry.facts.lines for entry in entries.values() if not entry.facts.unread),
        languages=dict(sorted(Counter(source.language.value for source in read).items())),
        unread=_unread(entries),
        probes=judged.probes,
    )


def _unread(entries: Mapping[Source, Entry]) -> tuple[Unread, ...]:
    return tuple(Unread(s.path, why) for s, e in entries.items() if (why := e.facts.unread or e.facts.partly))


def _files(entries: Mapping[Source, Entry]) -> Iterator[tuple[str, tuple[Source, Facts]]]:
    for source, entry in entries.items():
        yield source.path, (source, entry.facts)
        for path, facts in entry.written:
            yield path, (Source(path, Language.PYTHON, source.role), facts)


def _data_passes(root: Path, cache: Cache, today: datetime.date, warn: Callable[[str], None]) -> Passes | None:
    """The stored results of data passes, None when the project has none. Hashes of data are remembered like those of sources."""
    if not (root / STORED).exists():
        return None
    from mldebt.data_pass.stored import hash_files, passes

    def remembered(paths: Sequence[Path]) -> list[str]:
        stats = {f"{path}": Stat.of(f"{path}") for path in paths}
        known = cache.hashes(stats)
        todo = [path for path in paths if f"{path}" not in known]
        fresh = {f"{path}": bytes.fromhex(text) for path, text in zip(todo, hash_files(todo), strict=True)}
        cache.add_hashes({path: (stats[path], content) for path, content in fresh.items()})
        return [{**known, **fresh}[f"{path}"].hex() for path in paths]

    found = passes(root, today=today, hasher=remembered)
    if found.problem:
        warn(found.problem)
    return found


def _result_key(
    program: bytes, loaded: Loaded, contents: Iterable[_Content], today: datetime.date, partial: bool, measured: Passes | None
) -> bytes:
    from mldebt.catalogue import rules_dir

    defaults = Config()
    settings = msgspec.structs.replace(loaded.config, **{name: getattr(defaults, name) for name in NOT_IN_RESULTS})
    knowledge = tree_digest((rules_dir(), *(loaded.root / path for path in (*loaded.config.catalogues, *loaded.config.imports))))
    history = f"{today.isoformat()} {head(loaded.root)} {partial}"
    files = [part for one in contents for part in (one.source.path, one.source.role, one.source.language, one.hash, one.problem)]
    return digest(program, knowledge, history, msgspec.msgpack.encode(settings), measured.identity if measured else b"", *files)


def _report(loaded: Loaded, request: Request, found: Discovery, stored: _Stored, clock: _Clock) -> Report:
    config = loaded.config
    focus = _focus(loaded.root, request) if request.focus else None
    heard = [one for one in stored.ranked if not one.ignored]
    shown = [
        one
        for one in heard
        if one.severity.level >= config.min_severity.level
        and one.finding.confidence >= config.min_confidence
        and (focus is None or any(_inside(place.path, focus) for place in (one.finding.location, *one.finding.evidence)))
    ]
    ranked = tuple(msgspec.structs.replace(one, rank=position) for position, one in enumerate(shown, 1))
    clock.lap("report")
    summary = Summary(
        files=stored.files,
        lines=stored.lines,
        seconds=clock.last - clock.started,
        findings=len(ranked),
        principal_minutes=sum(one.principal_minutes for one in ranked),
        interest_minutes_per_quarter=sum(one.interest_minutes_per_quarter for one in ranked),
        coverage=stored.coverage,
        unread=tuple(sorted((*found.unread, *stored.unread))),
        suppressed=stored.left_out + len(stored.ranked) - len(heard),
        accepted=sum(one.accepted for one in ranked),
        filtered=len(heard) - len(ranked),
        notes=(*stored.notes, *_left_out(found)),
        timings=clock.spent,
        languages=stored.languages,
    )
    return Report(str(loaded.root), config.profile, summary, ranked)


def _left_out(found: Discovery) -> tuple[str, ...]:
    if not found.ignored:
        return ()
    return (f"left out by .gitignore: {found.ignored} files and folders; --no-respect-gitignore reads those that git tracks all the same",)


def _focus(root: Path, request: Request) -> tuple[str, ...]:
    focus: list[str] = []
    for path in request.paths:
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute, root)
        if relative.startswith(".."):
            relative = os.path.relpath(os.path.realpath(absolute), os.path.realpath(root))
        if relative.startswith(".."):
            raise SourceError(str(path), f"outside the project root {root}; name a path inside it")
        focus.append(relative.replace(os.sep, "/"))
    return tuple(focus)


def _inside(path: str, focus: Iterable[str]) -> bool:
    return any(path == one or one == "." or path.startswith(f"{one}/") for one in focus)


def fails(report: Report, fail_on: str) -> bool:
    """Whether debt that nobody has accepted reaches the severity `fail_on`."""
    if fail_on == "never":
        return False
    floor = Severity(fail_on).level
    return any(one.severity.level >= floor and not one.accepted for one in report.findings)
