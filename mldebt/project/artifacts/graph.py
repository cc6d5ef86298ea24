"""The artifact graph: every access joined with the accesses of the same artifact, and what somebody declared of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import msgspec

from mldebt.project.artifacts.accesses import Accesses
from mldebt.project.artifacts.declared import Declared, declarations
from mldebt.project.artifacts.declared.match import Answers, expired
from mldebt.project.artifacts.identity import PATHS, label
from mldebt.project.artifacts.learners import Program
from mldebt.project.artifacts.matching import Match, common_text, contains, joins, key, specificity, unify
from mldebt.project.artifacts.model import Access, Declaration, Identity
from mldebt.project.artifacts.near_miss import near_miss
from mldebt.project.artifacts.nearby import Nearby
from mldebt.project.artifacts.opaque import decided
from mldebt.project.artifacts.shapes import shape
from mldebt.project.artifacts.templates import segments
from mldebt.project.artifacts.together import Processes
from mldebt.project.project import Project

_OWN_FOLDER = 4  # characters of a folder's name that are not everybody's words
_CANDIDATES = 300  # names that are compared with one name for a slip
_OWN_NAME = 16  # characters of a file name that two artifacts are not likely to share by chance


class Edge(msgspec.Struct, frozen=True):
    """A writer and a reader of one artifact."""

    writer: Access
    reader: Access
    specificity: int
    constant: bool  # both ends name it without holes
    whole: bool  # the same path or name; False: a folder or pattern that holds it
    declared: Declaration | None = None
    shared: frozenset[str] = frozenset()  # named constants that both ends use

    @property
    def confidence(self) -> float:
        """How sure it is that both ends mean the same artifact."""
        name = 1.0 if self.constant and self.whole else 0.9 if self.specificity >= 12 else 0.8
        return round(name * (1.0 if self.whole else 0.85) * min(self.writer.certainty, self.reader.certainty), 3)


class Artifact(msgspec.Struct, frozen=True):
    """Accesses that name the same thing."""

    identity: Identity  # the most telling spelling
    writers: tuple[Access, ...]
    readers: tuple[Access, ...]
    edges: tuple[Edge, ...]


class ArtifactGraph:
    """Producers, artifacts and consumers of one project."""

    SHARED = frozenset({"s3", "gs", "azure", "hdfs", "dbfs", "table", "topic"})  # stores that other systems write to as well

    def __init__(self, project: Project) -> None:
        from mldebt.project.artifacts import shell, sql

        self._project = project
        python, moves = Accesses(project), shell.Moves(project)
        known = [*python.all, *sql.file_accesses(project), *moves.accesses]
        guessed, unknown = decided(moves.unknown, known)
        self.accesses: tuple[Access, ...] = tuple(sorted([*known, *guessed], key=_order))
        self.programs: tuple[Program, ...] = tuple(sorted([*moves.programs, *unknown], key=lambda one: one.place))
        self._sources = {written: read for read, written in python.copies if read.identity is not None}
        self._sources.update((written, read) for read, written in moves.copies)
        self.declarations = (*declarations(project), *project.foreign.declarations)
        self._valid = [d for d in self.declarations if not expired(d, project.today)]
        self._declared = Declared(project, self._valid)
        said = [d for d in self._valid if not d.order_only]
        self._said, self._produced = Answers(said), Answers(d for d in said if d.role != "consumes")
        self._answers: dict[tuple[Identity, str, str], Declaration | None] = {}
        self._made = [d for d in self.declarations if d.role != "consumes" and not d.order_only]
        named = [a for a in (*self.accesses, *project.foreign.accesses) if a.identity is not None]
        self.writers = [a for a in named if a.direction == "write"]
        self.readers = [a for a in named if a.direction == "read"]
        self.edges: tuple[Edge, ...] = tuple(self._join())
        self.artifacts: tuple[Artifact, ...] = tuple(self._grouped())
        self.processes = Processes(project)
        self._fed = self._fed_readers()

    def _fed_readers(self) -> frozenset[Access]:
        """Readers of what some scanned code really makes, copies of copies followed."""
        producing = {w for w in self.writers if w not in self._sources}
        while True:
            fed = frozenset(e.reader for e in self.edges if e.writer in producing)
            more = {written for written, read in self._sources.items() if read in fed} - producing
            if not more:
                return fed
            producing |= more

    def is_relay(self, writer: Access) -> bool:
        """Whether it only brings to a local place what no scanned code makes: a committed file, somebody else's object."""
        source = self._sources.get(writer)
        local = writer.identity is not None and writer.identity.store == "file"
        return local and source is not None and source not in self._fed

    def source(self, writer: Access) -> Access | None:
        """What is read where the writer only copies, uploads or downloads."""
        return self._sources.get(writer)

    # joining ---------------------------------------------------------------------------------------------------------

    def _join(self) -> Iterable[Edge]:
        """Every writer with every reader of the same artifact; names are compared once, however many accesses share them."""
        project = self._project
        writers, readers = _by_identity(self.writers), _by_identity(self.readers)
        by_key: dict[str, list[Identity]] = defaultdict(list)
        for identity in writers:
            by_key[key(identity)].append(identity)
        outer = {i for i in (*writers, *readers) if _may_hold(i)}
        anywhere = [*by_key.get("", ()), *(i for i in writers if key(i) and _is_folder(i))]
        nearby = Nearby(writers)
        for there in readers:
            last = key(there)
            same_name = by_key.get(last, ()) if last and not _is_folder(there) else writers
            related = set(nearby.related(there))
            for here in dict.fromkeys(i for i in (*same_name, *anywhere) if i in related):
                match = unify(here, there)
                whole = match is not None and joins(match)
                if whole or (here in outer and contains(here, there)) or (there in outer and contains(there, here)):
                    for reader in readers[there]:
                        for writer in writers[here]:
                            if not (project.is_foreign(writer.place.path) and project.is_foreign(reader.place.path)):
                                yield self._edge(writer, reader, match, whole)

    def _edge(self, writer: Access, reader: Access, match: Match | None, whole: bool) -> Edge:
        assert reader.identity is not None
        place = (reader.identity, reader.place.path, writer.place.path)
        if place not in self._answers:
            self._answers[place] = self._declared.edge(*place)
        return Edge(
            writer,
            reader,
            match.specificity if match is not None else 0,
            match.constant if match is not None else False,
            whole,
            self._answers[place],
            writer.constants & reader.constants,
        )

    # artifacts -------------------------------------------------------------------------------------------------------

    def _grouped(self) -> Iterable[Artifact]:
        """Classes of accesses: equal names, and names that an edge joins whole."""
        leader: dict[Identity, Identity] = {}

        def find(identity: Identity) -> Identity:
            while leader.setdefault(identity, identity) != identity:
                identity = leader[identity]
            return identity

        for edge in self.edges:
            a, b = edge.writer.identity, edge.reader.identity
            if edge.whole and a is not None and b is not None and find(a) != find(b):
                leader[max(find(a), find(b), key=label)] = min(find(a), find(b), key=label)
        groups: dict[Identity, list[Access]] = defaultdict(list)
        for access in (*self.writers, *self.readers):
            if access.identity is not None:
                groups[find(access.identity)].append(access)
        edges: dict[Identity, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            if edge.reader.identity is not None:
                edges[find(edge.reader.identity)].append(edge)
        for identity in sorted(groups, key=label):
            members = groups[identity]
            if all(self._project.is_foreign(a.place.path) for a in members):
                continue  # of other projects alone
            yield Artifact(
                identity,
                tuple(a for a in members if a.direction == "write"),
                tuple(a for a in members if a.direction == "read"),
                tuple(edges[identity]),
            )

    def declared(self, reader: Access) -> Declaration | None:
        """A declaration that the reader consumes the artifact, or that somebody outside produces it."""
        assert reader.identity is not None
        found = self._declared.consumer(reader.identity, reader.place.path)
        return found or self._produced.first(reader.identity)

    def consumer(self, reader: Access) -> Declaration | None:
        """The declaration that the reader consumes the artifact."""
        return None if reader.identity is None else self._declared.consumer(reader.identity, reader.place.path)

    def is_declared(self, writer: Access) -> bool:
        """Whether anybody declares what is written, to produce or to consume it."""
        return writer.identity is not None and self._said.first(writer.identity) is not None

    def process_files(self, files: tuple[str, ...]) -> frozenset[str]:
        """The files and all that they import."""
        found, queue = set(files), list(files)
        while queue:
            more = self._project.imported_by_file.get(queue.pop(), frozenset()) - found
            found |= more
            queue += more
        return frozenset(found)

    def nearest(self, reader: Access) -> tuple[Access, str] | None:
        """The writer in another file whose artifact almost has the reader's name, and the difference in words."""
        assert reader.identity is not None
        candidates = dict.fromkeys(i for name in _neighbours(reader.identity) for i in self._written_near.get(name, ()))
        for differs in (near_miss, _moved):
            for identity in candidates:
                if difference := differs(identity, reader.identity):
                    writers = self._written[identity]
                    writer = next((w for w in writers if w.place.path != reader.place.path and not self.is_relay(w)), None)
                    if writer is not None:
                        return writer, difference
        return None

    @cached_property
    def read_names(self) -> Nearby:
        """What is read, to be asked for the folders and patterns that hold a name."""
        return Nearby(r.identity for r in self.readers if r.identity is not None)

    @cached_property
    def code_folders(self) -> frozenset[str]:
        """Every folder of the project that holds files which were read, at any depth."""
        parts = [path.split("/") for path in self._project.modules]
        return frozenset("/".join(p[:depth]) for p in parts for depth in range(1, len(p)))

    @cached_property
    def _written(self) -> dict[Identity, list[Access]]:
        return _by_identity(w for w in self.writers if not w.terminal)

    @cached_property
    def _written_near(self) -> dict[str, list[Identity]]:
        """Written names by their last segment and by their folder, at most a few hundred of each."""
        found: dict[str, list[Identity]] = defaultdict(list)
        for identity in self._written:
            for name in _neighbours(identity):
                if len(found[name]) < _CANDIDATES:
                    found[name].append(identity)
        return found


def _neighbours(identity: Identity) -> list[str]:
    """Keys that two names share when they differ in one step: the last segment, its plain words, or the folder."""
    segments = shape(identity).segments
    if not segments:
        return []
    last = segments[-1]
    words = "".join(c for c in last.rpartition(".")[0] or last if c.isascii() and c.isalpha()).lower()
    return [f"last {last}", f"words {words[-_OWN_NAME:]}", *([f"folder {segments[-2]}"] if len(segments) > 1 else [])]


def _moved(a: Identity, b: Identity) -> str:
    """Whether two paths end in the same telling file name, in folders that do not agree."""
    if a.store not in PATHS or b.store not in PATHS:
        return ""
    here, there = shape(a).segments, shape(b).segments
    common = common_text(here[-1], there[-1]) if min(len(here), len(there)) > 1 else None
    same = common is not None and sum(c.isalpha() for c in common.rpartition(".")[0] or common) >= _OWN_NAME
    return "another folder" if same else ""


def _order(access: Access) -> tuple[str, int, int, str, str]:
    span = access.place.span
    return access.place.path, span.line, span.column, access.direction, "" if access.identity is None else label(access.identity)


def _by_identity(accesses: Iterable[Access]) -> dict[Identity, list[Access]]:
    found: dict[Identity, list[Access]] = defaultdict(list)
    for access in accesses:
        if access.identity is not None:
            found[access.identity].append(access)
    return found


def _is_folder(identity: Identity) -> bool:
    """Whether files of other names may lie below it."""
    last = identity.name[-1] if identity.name else ""
    return isinstance(last, str) and "." not in last.rpartition("/")[2]


def _may_hold(identity: Identity) -> bool:
    """Whether it is a folder or pattern with a name of its own, or one that is spelled out two folders deep."""
    last = identity.name[-1] if identity.name else ""
    if isinstance(last, str) and not _is_folder(identity):
        return False
    folders = [s for s in segments(identity.name) if s and all(isinstance(p, str) and p.strip(".") for p in s)]
    return len(folders) > 1 or specificity(identity) >= _OWN_FOLDER
