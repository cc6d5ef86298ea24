"""Whether a read of a table asks for a state of it that stays the same."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.lessons import Lessons
from mldebt.project.models.sql import Query
from mldebt.project.project import Project
from mldebt.project.roles import is_demonstration

_DATED = re.compile(r"\d{6,}|(?:^|[_.@$])(?:v\d+|snap\w*|backup|archive\w*|frozen|static|\d{4})(?:$|[_.@$\d])|@", re.IGNORECASE)
# Words of a query that is put together, or of a filter on the frame that was read, for a time or a past state.
_TIME = re.compile(
    r"(?:^|_)(?:date|dates|datetime|timestamp|day|days|week|month|year|ds|dt|partition\w*|asof|as_of|since|until|cutoff|snapshot\w*|"
    r"version(?:_?as_?of)?|window|period|sample_date|run_id|batch_id|build_id|[a-z]*_at)(?:$|_)",
    re.IGNORECASE,
)

_DEEP = 4  # tables between a table from elsewhere and a model


def is_open(project: Project, access: Access) -> bool:
    """Whether a read names a table of somebody else as it stands, with no time, partition, version or past state near it.

    A name without a schema may be one of the query itself, or of the run.
    """
    identity = access.identity
    if access.direction != "read" or identity is None or identity.store != "table" or access.bounded or access.model:
        return False
    name = label(identity)
    if "." not in name or "{" in name or "*" in name or _DATED.search(name) or project.is_foreign(access.place.path):
        return False
    return not any(_says_time(project, place.path, place.span.line) for place in (access.place, *access.via))


def _says_time(project: Project, path: str, line: int) -> bool:
    """Whether the function around a line uses a name, a key or a column of time."""
    module = project.modules.get(path)
    if module is None or not module.is_python:
        return False
    inner = [s for s in module.facts.scopes if s.kind == "function" and s.span.line <= line <= s.span.end_line]
    scopes = inner or module.facts.scopes[:1]
    words = (word for s in scopes for word in (*s.names, *s.strings, *s.bindings, *(p.name for p in s.parameters)))
    return any(_TIME.search(word) for word in words)


def trained_in_sql(project: Project) -> Iterator[tuple[Access, Query]]:
    """Open reads of tables from elsewhere that SQL trains on, with the statement that trains; tables made on the way are followed."""
    queries, lessons = project.models.sql.queries, Lessons(project)
    writing = {access: query for query in queries for access in query.writes}
    edges: dict[Access, list[Access]] = defaultdict(list)
    for edge in project.artifacts.edges if queries else ():
        edges[edge.reader].append(edge.writer)
    for query in queries:
        made = query.trains or (query.writes if query.learns else ())
        module = project.modules[query.place.path]
        if not made or lessons.is_lesson(module) or is_demonstration(module):
            continue
        left, seen = deque([(query, 0)]), {query.node}
        while left:
            one, depth = left.popleft()
            for read in one.reads:
                makers = edges.get(read, [])
                if not makers and not _is_published(project, read) and is_open(project, read):
                    yield read, query
                for maker in (writing[w] for w in makers if w in writing and depth < _DEEP):
                    if not read.bounded and maker.node not in seen:
                        seen.add(maker.node)
                        left.append((maker, depth + 1))


def _is_published(project: Project, access: Access) -> bool:
    """Whether its owner shows the table to everybody, as one to learn and to play with."""
    assert access.identity is not None
    return label(access.identity).removeprefix("table ").partition(".")[0] in project.catalogue.public
