"""What one run remembers and what it works out anew: of the files as they are, and as a commit has them."""

from __future__ import annotations

import contextlib
import datetime
import gc
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt.blame import IGNORED
from mldebt.cache import Cache, Stat, digest, program_identity, tree_digest
from mldebt.config import Config, ConfigError, Loaded
from mldebt.data_pass import STORED
from mldebt.findings import Coverage, Glue, Ranked, Unread
from mldebt.git import GitError
from mldebt.owners import Owners
from mldebt.reading import Content, Encoded, Progress, Where, contents, decoded, encoded
from mldebt.repository import head, repository, shallow
from mldebt.revisions import MISSING, materialise, resolve
from mldebt.sources.discover import Discovery, FileSettings, discover
from mldebt.sources.languages import language_of
from mldebt.sources.model import Language, Source

if TYPE_CHECKING:
    from mldebt.data_pass.stored import Passes
    from mldebt.facts.model import Facts
    from mldebt.history import History
    from mldebt.jobs import Entry
    from mldebt.judge import Knowledge
    from mldebt.project import Project

_MARKERS = (
    *("mldebt.toml", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml", "dvc.yaml", "MLproject"),
    *("README.md", "README.rst", "README"),
)
_CODE = (Language.PYTHON, Language.NOTEBOOK, Language.SQL, Language.SHELL)  # what is written, not what is set or told
# They filter or place the report, and change no finding.
_NOT_IN_RESULTS = ("top", "min_severity", "min_confidence", "fail_on", "jobs", "cache_dir", "output_format", "features", "baseline")


class Request(msgspec.Struct, frozen=True):
    """What one run is asked for beyond the settings."""

    paths: tuple[Path, ...]
    focus: bool = False  # analyse the whole project, report what touches `paths`
    cache: bool = True
    today: datetime.date | None = None
    given: Mapping[str, bytes] = {}  # content that replaces that of the disk, by path
    since: str = ""  # a commit: its findings are looked for too
    scheduler: str = ""  # of Dask, whose workers parse the files


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """The part of a run that depends only on the content of the files, the knowledge, the settings, history and the day."""

    ranked: tuple[Ranked, ...]  # with those that a comment ignores
    left_out: int  # by per-file-ignores
    active: frozenset[str]  # rules
    coverage: dict[str, Coverage]
    notes: tuple[str, ...]
    files: int
    lines: int
    code_lines: int
    languages: dict[str, int]
    unread: tuple[Unread, ...]
    probes: dict[str, bool]  # files besides, and whether the disk had them
    aged: dict[str, bytes]  # files whose lines history was asked about, with the hash of their content
    glue: Glue
    elsewhere: bytes  # the state of sources of other languages, where a check asked for them


class Scanned(msgspec.Struct, frozen=True):
    """One run before the filters of its report. `before` are the findings at the commit `request.since`."""

    loaded: Loaded
    request: Request
    found: Discovery
    stored: Stored
    partial: bool
    before: tuple[Ranked, ...] | None
    timings: dict[str, float]


class Clock:
    """Counts the seconds of each stage."""

    def __init__(self) -> None:
        self.last = time.perf_counter()
        self.spent: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """What went by since the last call was this stage."""
        now = time.perf_counter()
        self.spent[stage] = now - self.last
        self.last = now


class Run:
    """What the parts of one run share: the cache, the knowledge, the day."""

    def __init__(self, loaded: Loaded, request: Request, cache: Cache, warn: Callable[[str], None], progress: Progress) -> None:
        self.loaded, self.request, self.cache, self.warn, self.progress = loaded, request, cache, warn, progress
        self.remembers = request.cache
        self.today = request.today or datetime.datetime.now(datetime.UTC).date()  # git's days, and equal everywhere
        self.partial = is_partial(loaded, request)
        self.program = program_identity()
        self.measured = _data_passes(loaded.root, cache, self.today, warn)
        self.owners = Owners(loaded.root)
        self._knowledge: Knowledge | None = None

    @property
    def knowledge(self) -> Knowledge:
        """It may be refused: ask before the long work."""
        if self._knowledge is None:
            from mldebt.judge import load_knowledge

            self._knowledge = load_knowledge(self.loaded.root, self.loaded.config)
        return self._knowledge

    def encoded(self, root: Path, content: Sequence[Content]) -> Encoded:
        config = self.loaded.config
        where = Where(config.jobs, self.request.scheduler, config.max_file_seconds)
        return encoded(root, content, self.cache, self.program, where, self.progress)

    def result(self, content: Sequence[Content], clock: Clock, look: Callable[[Project], None] | None) -> Stored:
        """Of the files as they are now. Remembered by their content and, because many edits change nothing that a file says, by that."""
        root, base = self.loaded.root, self._base() if self.remembers else b""
        keeps = bool(base) and not self.request.given  # a buffer has many states, and few are seen again
        top = repository(root)
        state = f"{top is not None} {_head(root)} {top is not None and shallow(top)}"
        key = digest(base, state, *_identity(content)) if base else b""
        hashes = {one.source.path: one.hash for one in content}
        stored = None if look else self._recall(self.cache.result(key) or b"", hashes)
        if stored is not None:
            return stored
        _ = self.knowledge
        clock.lap("knowledge")
        with no_collector():
            read = self.encoded(root, content)
            clock.lap("parse")
            said = digest(base, state, *(part for source in read.entries for part in _parts(source)), *read.parts()) if base else b""
            stored = None if look else self._recall(said, hashes)
            if stored is None:
                stored, lasting = self._judged(root, read, hashes, self._history(), look)
                clock.lap("judge")
                if read.complete and lasting and keeps:
                    self.cache.add_result(said, msgspec.msgpack.encode(stored))
            else:
                lasting = True
            if read.complete and lasting and keeps:
                self.cache.add_result(key, said)
        return stored

    def at(self, commit: str) -> Stored:
        """Of the files as that commit has them."""
        from mldebt.history import Past

        key = digest(self._base(), "commit", commit, *(str(path) for path in self._places()))
        with contextlib.suppress(msgspec.MsgspecError):
            if data := self.cache.facts([key]).get(key):
                return msgspec.msgpack.decode(data, type=Stored)
        settings = file_settings(self.loaded.config)
        with tempfile.TemporaryDirectory(prefix="mldebt-") as folder, no_collector():
            root = Path(os.path.realpath(folder)) / (self.loaded.root.name or "project")
            root.mkdir()
            complete = self._written_out(commit, root)
            places = [root / place for place in self._places() if (root / place).exists()]
            sources = discover(root, places, settings).sources if places else ()
            content = contents(root, sources, Cache(None, self.warn), hashing=True, given={})
            read = self.encoded(root, content)
            past = Past(self.loaded.root, self.today, commit, root)
            stored, _ = self._judged(root, read, {}, past, None)
        if read.complete and complete:
            self.cache.add_facts({key: msgspec.msgpack.encode(stored)})
        return stored

    def _written_out(self, commit: str, root: Path) -> bool:
        """Whether all files of the commit are below `root` now; a ConfigError when git does not have what they hold."""
        try:
            left_out = materialise(self.loaded.root, commit, root, _matters)
        except GitError as error:
            raise ConfigError(f"{commit[:12]}: git cannot say what its files hold: {error}") from None
        missing = [path for path, why in left_out if why == MISSING]
        if missing:
            lack = f"git has not fetched {len(missing)} of its files, the first: {missing[0]}"
            raise ConfigError(f"{commit[:12]}: {lack}; fetch them (a partial clone: without --filter)")
        for path, why in left_out:
            self.warn(f"{commit[:12]}: {path}: {why}: not read there, so that what it holds counts as new")
        return not left_out

    def _places(self) -> tuple[Path, ...]:
        """What is scanned, relative to the project root."""
        root = self.loaded.root.resolve()
        if self.request.focus:
            return (Path(),)
        return tuple(Path(os.path.relpath(path.resolve(), root)) for path in self.request.paths)

    def _base(self) -> bytes:
        from mldebt.catalogue import rules_dir

        loaded, defaults = self.loaded, Config()
        settings = msgspec.structs.replace(loaded.config, **{name: getattr(defaults, name) for name in _NOT_IN_RESULTS})
        own = (*loaded.config.catalogues, *loaded.config.imports)
        knowledge = tree_digest((rules_dir(), *(loaded.root / path for path in own), *self._beside()))
        measured = self.measured.identity if self.measured else b""
        day = f"{self.today.isoformat()} {self.partial}"
        return digest(self.program, knowledge, day, msgspec.msgpack.encode(settings), measured)

    def _recall(self, said: bytes, hashes: Mapping[str, bytes]) -> Stored | None:
        data = self.cache.result(said) if said else None
        try:
            stored = None if data is None else msgspec.msgpack.decode(data, type=Stored)
        except msgspec.MsgspecError:
            return None
        if stored is None or any(hashes.get(path) != content for path, content in stored.aged.items()):
            return None
        if stored.probes:
            from mldebt.project.modules import on_disk

            if any(on_disk(self.loaded.root, stem) != found for stem, found in stored.probes.items()):
                return None
        if stored.elsewhere:
            from mldebt.project.settings.elsewhere import state, texts

            if state(texts(self.loaded.root)) != stored.elsewhere:
                return None
        return stored

    def _beside(self) -> tuple[Path, ...]:
        """Files of the repository that are no sources and that costs depend on."""
        top = repository(self.loaded.root) or self.loaded.root
        return tuple(top / name for name in (self.owners.file, IGNORED) if name)

    def _history(self) -> History:
        from mldebt.history import History, NoHistory

        kind = History if self.loaded.config.history else NoHistory
        return kind(self.loaded.root, self.today, self._store(), self.request.given)

    def _store(self) -> Store:
        return Store(self.cache, self.program)

    def _judged(
        self, root: Path, read: Encoded, hashes: Mapping[str, bytes], history: History, look: Callable[[Project], None] | None
    ) -> tuple[Stored, bool]:
        """What the files say, and whether another run would say the same: git may have failed this once."""
        from mldebt.judge import judge

        entries = decoded(root, read)
        files = dict(sorted(files_of(entries)))
        judged = judge(
            root,
            files,
            self.knowledge,
            self.loaded.config,
            self.today,
            partial=self.partial,
            measured=self.measured,
            owners=self.owners,
            history=history,
            look=look,
        )
        seen = {source: entry for source, entry in entries.items() if not entry.facts.unread}
        stored = Stored(
            ranked=judged.ranked,
            left_out=judged.left_out,
            active=self.knowledge.active,
            coverage=judged.coverage,
            notes=judged.notes,
            files=len(seen),
            lines=sum(entry.facts.lines for entry in seen.values()),
            code_lines=sum(entry.code_lines for source, entry in seen.items() if source.language in _CODE),
            languages=dict(sorted(Counter(source.language.value for source in seen).items())),
            unread=unread_of(entries),
            probes=judged.probes,
            aged={path: hashes.get(path, b"") for path in judged.aged},
            glue=judged.glue,
            elsewhere=judged.elsewhere,
        )
        return stored, judged.lasting


class Store(msgspec.Struct, frozen=True):
    """The cache, for what git said."""

    cache: Cache
    program: bytes

    def get(self, key: bytes) -> bytes | None:
        own = digest(self.program, "git", key)
        return self.cache.facts([own]).get(own)

    def put(self, key: bytes, data: bytes) -> None:
        self.cache.add_facts({digest(self.program, "git", key): data})


def _head(root: Path) -> str:
    """The commit that is checked out; git is asked where its files do not tell, as they need not."""
    known = head(root)
    if known or repository(root) is None:
        return known
    with contextlib.suppress(GitError):
        return resolve(root, "HEAD") or ""
    return ""


def _matters(path: str) -> bool:
    """Whether a file of a commit says something: data need not be written out."""
    return path.rpartition("/")[2] == ".gitignore" or language_of(path) is not None


def opened(loaded: Loaded, request: Request, useful: bool, warn: Callable[[str], None]) -> Cache:
    """The project's cache, one that remembers nothing when it is not wanted or there is nothing to read."""
    return Cache(loaded.root / loaded.config.cache_dir if request.cache and useful else None, warn)


def _identity(content: Iterable[Content]) -> Iterator[bytes | str]:
    for one in content:
        yield from (*_parts(one.source), one.hash, one.problem)


def _parts(source: Source) -> tuple[str, str, str]:
    return source.path, source.role, source.language


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """Facts only grow and have no cycles (judging 74,000 lines: 0.81-0.90 s with the collector, 0.76 s without).

    What was made stays out of the collector's sight until the next run: looking through it once would take 0.2 s.
    """
    was = gc.isenabled()
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


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


def is_partial(loaded: Loaded, request: Request) -> bool:
    """Whether files of the same project stay unread: only some paths are scanned, or a folder that is no project by itself."""
    if request.focus:
        return False
    top = repository(loaded.root)
    whole = loaded.file is not None or top is None or top == loaded.root.resolve() or is_project(loaded.root)
    return not whole or is_narrow(loaded, request.paths)


def is_narrow(loaded: Loaded, paths: Iterable[Path]) -> bool:
    """Whether the paths are less than the project."""
    root = loaded.root.resolve()
    return any(path.resolve() != root for path in paths)


def is_project(folder: Path) -> bool:
    """Whether a folder is a project by itself, also inside a larger repository."""
    return any((folder / name).exists() for name in _MARKERS)


def unread_of(entries: Mapping[Source, Entry]) -> tuple[Unread, ...]:
    """Those that could not be read, or not in full, and why."""
    return tuple(Unread(s.path, why) for s, e in entries.items() if (why := e.facts.unread or e.facts.partly))


def files_of(entries: Mapping[Source, Entry]) -> Iterator[tuple[str, tuple[Source, Facts]]]:
    """The facts by path, those of files that a notebook writes after the notebook."""
    for source, entry in entries.items():
        yield source.path, (source, entry.facts)
        for path, facts in entry.written:
            yield path, (Source(path, Language.PYTHON, source.role), facts)


def _data_passes(root: Path, cache: Cache, today: datetime.date, warn: Callable[[str], None]) -> Passes | None:
    """The stored results of data passes, None when the project has none. Hashes of data are remembered like those of sources."""
    if not (root / STORED).is_file():
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
