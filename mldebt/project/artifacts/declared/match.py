"""Whether somebody declared that one file reads what another writes."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable

from mldebt.project.artifacts.matching import contains, joins, unify
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.artifacts.nearby import Nearby
from mldebt.project.project import Project

JOB = "job"  # the store of identities that stand for a job, in declarations of order


class Declared:
    """Answers for many edges of one project."""

    def __init__(self, project: Project, declarations: Iterable[Declaration]) -> None:
        self._project = project
        self._closure: dict[str, frozenset[str]] = {}
        self._by_file: dict[str, list[Declaration]] = defaultdict(list)
        self._jobs_of: dict[str, set[Identity]] = defaultdict(set)
        self._after: dict[Identity, list[Declaration]] = defaultdict(list)
        self._orders: dict[str, dict[str, Declaration]] = {}
        anyone: list[Declaration] = []
        for one in declarations:
            if one.order_only:
                self._add_order(one)
            elif one.role == "consumes" and one.files:
                for path in sorted(self._reached(one.files)):
                    self._by_file[path].append(one)
            elif one.role == "consumes":
                anyone.append(one)
        self._anyone = Answers(anyone)

    def edge(self, artifact: Identity, reader: str, writer: str) -> Declaration | None:
        """The declaration that `reader` uses the artifact; else the one that it runs after `writer`; else None."""
        return self.consumer(artifact, reader) or self.order(reader, writer)

    def consumer(self, artifact: Identity, reader: str) -> Declaration | None:
        """The first declaration that a job with this file consumes the artifact, or the folder that holds it."""
        mine = next((one for one in self._by_file.get(reader, ()) if same(one.identity, artifact)), None)
        return mine or self._anyone.first(artifact)

    def order(self, reader: str, writer: str) -> Declaration | None:
        """The declaration that a job with `reader` runs after one with `writer`, perhaps with others between."""
        if writer not in self._orders:
            self._orders[writer] = self._later(writer)
        later: dict[str, Declaration] = self._orders[writer]
        return later.get(reader)

    def _add_order(self, one: Declaration) -> None:
        if one.role == "produces":
            for path in self._reached(one.files):
                self._jobs_of[path].add(one.identity)
        elif one.role == "consumes":
            self._after[one.identity].append(one)

    def _later(self, writer: str) -> dict[str, Declaration]:
        found: dict[str, Declaration] = {}
        queue = sorted(self._jobs_of.get(writer, ()), key=repr)
        seen = set(queue)
        while queue:
            for one in self._after.get(queue.pop(0), ()):
                for path in self._reached(one.files):
                    found.setdefault(path, one)
                job = Identity(JOB, one.identity.namespace, (one.who,))
                if job not in seen:
                    seen.add(job)
                    queue.append(job)
        return found

    def _reached(self, files: tuple[str, ...]) -> frozenset[str]:
        """The files and what they import: all that runs in the process."""
        return frozenset().union(*(self._imports(path) for path in files))

    def _imports(self, path: str) -> frozenset[str]:
        if path not in self._closure:
            found, queue = {path}, [path]
            while queue:
                more = self._project.imported_by_file.get(queue.pop(), frozenset()) - found
                found |= more
                queue.extend(more)
            self._closure[path] = frozenset(found)
        return self._closure[path]


class Answers:
    """The first of several declarations that is about an identity; remembered."""

    def __init__(self, declarations: Iterable[Declaration]) -> None:
        self._first: dict[Identity, Declaration] = {}
        for one in declarations:
            self._first.setdefault(one.identity, one)
        self._nearby = Nearby(self._first)
        self._known: dict[Identity, Declaration | None] = {}

    def first(self, identity: Identity) -> Declaration | None:
        if identity not in self._known:
            found = next((one for one in self._nearby.related(identity) if same(one, identity)), None)
            self._known[identity] = None if found is None else self._first[found]
        return self._known[identity]


def same(declared: Identity, artifact: Identity) -> bool:
    """Whether a declaration is about the artifact: the same name, or one is a folder or pattern that holds the other."""
    match = unify(declared, artifact)
    return (match is not None and joins(match)) or contains(declared, artifact) or contains(artifact, declared)


def expired(one: Declaration, today: datetime.date) -> bool:
    """Whether the declaration was made until a day that has passed."""
    try:
        return bool(one.expires) and datetime.date.fromisoformat(one.expires) < today
    except ValueError:
        return False


def order(
    system: str, workflow: str, before: tuple[str, tuple[str, ...]], after: tuple[str, tuple[str, ...]], path: str, line: int
) -> tuple[Declaration, Declaration]:
    """The two halves of "`after` runs after `before`"; each is a job's name and its files."""
    job = Identity(JOB, (f"{system}:{workflow}",), (before[0] or "?",))
    first = Declaration(system, "produces", job, before[0], path, line, before[1], order_only=True)
    return first, Declaration(system, "consumes", job, after[0], path, line, after[1], order_only=True)
