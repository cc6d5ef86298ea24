"""Which edges of the artifact graph couple two processes in silence."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase

from mldebt.facts.model import Const
from mldebt.project.artifacts.declared.match import expired, same
from mldebt.project.artifacts.graph import Artifact, Edge
from mldebt.project.artifacts.identity import of_path
from mldebt.project.artifacts.model import Access, Declaration, Hole, Identity
from mldebt.project.artifacts.published import PUBLISHED
from mldebt.project.artifacts.shapes import shape
from mldebt.project.artifacts.templates import is_constant, segments, text
from mldebt.project.project import Project
from mldebt.sources.model import Role

_TELLING = 8
_IMAGE = frozenset({"COPY", "ADD"})  # of a folder: whatever is in it
_CONFIGURATION = (".ini", ".cfg", ".toml", ".conf", ".env")
_FOR_PEOPLE = re.compile(r"submission|report|result|summary|final|export|\.(csv\.gz|html|md|png|pdf|xlsx|log)$", re.IGNORECASE)
_SECRET = re.compile(r"secret|credential|private[-_]?key|\.(pem|key|crt)$", re.IGNORECASE)
DEFINED = "create"  # the statement that makes an empty table


def silent_edges(project: Project, artifact: Artifact) -> list[Edge]:
    """Edges between different files that no declaration, shared constant or common code explains."""
    found = [e for e in artifact.edges if e.declared is None and not e.shared and _crosses(e) and not _only_listed(project, e)]
    writers = [*artifact.writers, *(e.writer for e in artifact.edges)]
    own = {w.place.path for w in writers if w.mode != "append" or _is_local(w)}  # who adds to a shared table does not own it
    found = [e for e in found if e.reader.place.path not in own and _same_place(e) and not _one_system(project, e)]
    found = [e for e in found if not _explained(project, e)]
    return _nearest(_surest(found))


def _explained(project: Project, edge: Edge) -> bool:
    """Whether the code itself ties the ends: one calls the other, nothing runs one of them, the table is the application's own."""
    processes = project.artifacts.processes
    return (
        project.artifacts.is_relay(edge.writer)
        or processes.defines(edge.reader)
        or processes.is_migration(edge.writer)
        or processes.is_migration(edge.reader)
        or processes.together(edge.writer, edge.reader)
        or (edge.reader.api in _IMAGE and not edge.constant)
        or _is_configuration(edge.reader)
        or processes.is_idle(edge.writer)
        or processes.is_idle(edge.reader)
    )


def _surest(edges: list[Edge]) -> list[Edge]:
    """For each reader the writers that spell the name out, where there are any."""
    spelled = {e.reader for e in edges if e.whole and e.constant}
    return [e for e in edges if e.reader not in spelled or (e.whole and e.constant)]


def _only_listed(project: Project, edge: Edge) -> bool:
    """Whether an end is no process of its own: an artifact list of a pipeline file, the definition of a table, a folder of code."""
    if edge.reader.api in PUBLISHED or edge.writer.api in PUBLISHED or edge.writer.api == DEFINED:
        return True
    named = edge.reader.identity
    if named is None or named.store != "file" or not is_constant(named.name):
        return False
    return "".join(str(p) for p in named.name).removeprefix("./") in project.artifacts.code_folders


def unfed_readers(project: Project, artifact: Artifact) -> list[Access]:
    """Readers of an artifact that no scanned code writes and nobody declares, as a whole or in part."""
    graph = project.artifacts
    if artifact.writers or artifact.edges:
        return []
    found = [r for r in _own(project, artifact.readers) if r.identity is not None and graph.declared(r) is None]
    found = [r for r in found if not _is_nobodys_output(project, r)]
    return [r for r in found if not (graph.processes.defines(r) or graph.processes.is_idle(r) or graph.processes.is_migration(r))]


def _is_nobodys_output(project: Project, reader: Access) -> bool:
    """Whether what is read is published, looked at through its web address by code that is not run for good, or a secret of an operator."""
    identity = reader.identity
    if identity is None:
        return False
    if _SECRET.search("/".join(p for p in (*identity.namespace, *identity.name) if isinstance(p, str))):
        return True
    if reader.web and project.modules[reader.place.path].source.role is not Role.CODE:
        return True
    first = identity.name[0] if identity.store == "table" and identity.name else ""
    spaces = {"".join(p for p in identity.namespace if isinstance(p, str)), first.partition(".")[0] if isinstance(first, str) else ""}
    return bool(spaces & project.catalogue.public)


def _crosses(edge: Edge) -> bool:
    return edge.writer.place.path != edge.reader.place.path and not edge.writer.terminal


def _one_system(project: Project, edge: Edge) -> bool:
    """Whether both ends belong to one of the systems that the project names in its settings."""
    here, there = edge.reader.place.path, edge.writer.place.path

    def inside(path: str, globs: tuple[str, ...]) -> bool:
        foreign = project.is_foreign(path)  # and not meant by `**`
        return any(fnmatchcase(path, glob) and (":" in glob or not foreign) for glob in globs)

    return any(inside(here, globs) and inside(there, globs) for globs in project.config.systems.values())


def _own(project: Project, accesses: tuple[Access, ...]) -> list[Access]:
    """Those of this project, not of an imported one."""
    return [a for a in accesses if not project.is_foreign(a.place.path)]


def _same_place(edge: Edge) -> bool:
    """Whether two relative paths that say little may be the same file: both processes run in one folder, or one above the other."""
    if edge.specificity >= _TELLING or not (_is_relative(edge.writer) and _is_relative(edge.reader)):
        return True
    here, there = posixpath.dirname(edge.reader.place.path), posixpath.dirname(edge.writer.place.path)
    if here == there:
        return True
    named = edge.reader.identity
    if named is None or (named.store == "file" and len(segments(named.name)) < 2):
        return False
    return (
        _above(here, there) or _above(there, here) or here.split("/")[0] == there.split("/")[0] or here.count("/") == there.count("/") == 0
    )


def _above(folder: str, other: str) -> bool:
    return folder == "" or other.startswith(folder + "/")


def _is_relative(access: Access) -> bool:
    """Whether the name counts from where the process runs: a local path, a table without its schema."""
    identity = access.identity
    if identity is None:
        return False
    return identity.store == "file" or (identity.store == "table" and "." not in "".join(p for p in identity.name if isinstance(p, str)))


def _is_configuration(access: Access) -> bool:
    return access.identity is not None and _last_text(access.identity).lower().endswith(_CONFIGURATION)


def _is_local(access: Access) -> bool:
    return access.identity is not None and access.identity.store == "file"


def _nearest(edges: list[Edge]) -> list[Edge]:
    """Of several writers of one relative path, those that stand closest to the reader: copies of one tree have their own."""
    best: dict[tuple[object, Identity | None], int] = {}
    for edge in edges:
        key = (edge.reader.place, edge.reader.identity)
        best[key] = max(best.get(key, 0), _shared_depth(edge))
    return [e for e in edges if not _is_local(e.reader) or _shared_depth(e) == best[e.reader.place, e.reader.identity]]


def _shared_depth(edge: Edge) -> int:
    common = 0
    for a, b in zip(edge.reader.place.path.split("/")[:-1], edge.writer.place.path.split("/")[:-1], strict=False):
        if a != b:
            break
        common += 1
    return common


def unread_writers(project: Project, artifact: Artifact) -> list[Access]:
    """Writers of a named artifact that nothing reads, in whole or as a part, and nobody declares."""
    graph = project.artifacts
    if artifact.readers or artifact.edges or _last_text(artifact.identity) == "":
        return []
    if _FOR_PEOPLE.search(_last_text(artifact.identity)) or graph.read_names.is_held(artifact.identity):
        return []
    own = _own(project, artifact.writers)
    return [w for w in own if not w.terminal and w.mode != "append" and not graph.is_declared(w)]


def rival_writers(project: Project, artifact: Artifact) -> list[Access]:
    """Overwriting writers of one constant name in different files, none of which imports another."""
    found = [
        w
        for w in artifact.writers
        if w.mode == "overwrite" and not w.terminal and w.identity == artifact.identity and is_constant(artifact.identity.name)
    ]
    imported = project.imported_by_file
    paths = {w.place.path for w in found}
    if not _own(project, tuple(found)):
        return []
    return [w for w in found if not any(w.place.path in imported.get(p, ()) or p in imported.get(w.place.path, ()) for p in paths)]


def unpinnable(project: Project) -> Iterator[tuple[Artifact, list[Access]]]:
    """Artifacts with writers that overwrite one fixed name in a store of several systems, or one that other files read.

    Silent where the name holds a date or run, where a copy that holds one is written beside it, and where a pipeline keeps versions.
    """
    graph = project.artifacts
    dated: dict[tuple[str, str], set[str]] = defaultdict(set)  # store and word of a file name -> files that write a dated one
    for writer in graph.writers:
        if writer.identity is not None and not _is_fixed(writer.identity):
            for word in _words(writer.identity):
                dated[writer.identity.store, word].add(writer.place.path)
    for artifact in graph.artifacts:
        crossing = {e.writer for e in artifact.edges if e.whole and _crosses(e)}
        found = [
            writer
            for writer in _own(project, artifact.writers)
            if writer.identity is not None and writer.mode == "overwrite" and not writer.terminal and _is_fixed(writer.identity)
            if writer in crossing or writer.identity.store in graph.SHARED - {"topic"}
        ]
        if found:
            beside = set().union(*(dated.get((artifact.identity.store, word), ()) for word in _words(artifact.identity)))
            if kept := [w for w in found if w.place.path not in beside and not graph.is_declared(w)]:
                yield artifact, kept


def _is_fixed(identity: Identity) -> bool:
    """Whether every run writes the same name: nothing in it but text, variables of the environment and settings."""
    fixed = all(type(p) is not Hole or p.origin in ("env", "config") for p in (*identity.namespace, *identity.name))
    return fixed and not shape(identity).partition and bool(_last_text(identity))


def _words(identity: Identity) -> list[str]:
    """The words of a file name, whatever its folders."""
    last = _last_text(identity)
    return re.findall(r"[A-Za-z]{4,}", last.rpartition(".")[0] or last)


def unused_declarations(project: Project) -> list[Declaration]:
    """Declarations of a consumer whose known files have no read of the artifact, nor its name, where all their reads are resolved."""
    graph = project.artifacts
    found: list[Declaration] = []
    for one in graph.declarations:
        if one.role != "consumes" or one.order_only or not one.files or one.identity.store == "dataset" or project.is_foreign(one.path):
            continue
        files = graph.process_files(one.files)
        reads = [a for a in graph.accesses if a.direction == "read" and a.place.path in files]
        if not reads or any(a.identity is None or same(one.identity, a.identity) for a in reads):
            continue
        if not any(same(one.identity, named) for text in _named(project, one, files) if (named := of_path((text,))) is not None):
            found.append(one)
    return found


def _named(project: Project, one: Declaration, files: frozenset[str]) -> Iterator[str]:
    """Texts that end as the artifact does, in what the files are run with and in their code: calls that nobody knows may read it."""
    last = _last_text(one.identity)
    for path in sorted(files):
        words = (text(word).rpartition("=")[2] for run in project.artifact_runs.by_script.get(path, ()) for word in run.argv)
        module = project.modules.get(path)
        values = (module.facts.values[index] for index in module.of_kind(Const)) if module is not None else ()
        constants = (v.value for v in values if type(v) is Const and isinstance(v.value, str))
        yield from (found for found in (*words, *constants) if last and found.rstrip("/").endswith(last))


def expired_declarations(project: Project) -> list[tuple[Declaration, list[Access]]]:
    """Declarations of a consumer whose day has passed, each with the reads of this project that it covered."""
    graph = project.artifacts
    found: list[tuple[Declaration, list[Access]]] = []
    for one in graph.declarations:
        if one.role == "consumes" and not project.is_foreign(one.path) and expired(one, project.today):
            files = graph.process_files(one.files)
            reads = [r for r in graph.readers if r.place.path in files and r.identity is not None and same(one.identity, r.identity)]
            found.append((one, reads))
    return found


def private_reads(project: Project) -> list[tuple[Declaration, list[Access]]]:
    """Reads, outside the files of the owner, of artifacts that are declared private or protected."""
    graph = project.artifacts
    found: list[tuple[Declaration, list[Access]]] = []
    for one in graph.declarations:
        if one.visibility != "private" or one.role == "consumes" or not one.files:
            continue
        own = graph.process_files(one.files)
        reads = [
            r
            for r in _own(project, tuple(graph.readers))
            if r.place.path not in own and r.identity is not None and same(one.identity, r.identity) and graph.consumer(r) is None
        ]
        if reads:
            found.append((one, reads))
    return found


def _last_text(identity: Identity) -> str:
    last = segments(identity.name)[-1:]
    return "".join(p for part in last for p in part if isinstance(p, str))
