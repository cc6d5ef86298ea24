"""The link between the data pass and the code: the lines of each column, the producers that would go with the dropped ones, and what
code computes that never came into the data. Facts only: nothing is imported, no file is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.data_pass.mentions import ROLES, Mention, Mentions
from mldebt.data_pass.result import CodePlace, Column, Cost, Evidence, Result
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

PRODUCER = "producer"
_SHOWN = 20  # places of one column; `Cost` counts all
_EFFECTS = ("write", "train")
_NOTE = "code: "
_GOES = "creates no column that stays: it goes too"
_ROLE_SETTINGS = ("target", "groups", "time", "weights")
_NAME_SETTINGS = ("drop", "keep", "ignore")


class Producer(msgspec.Struct, frozen=True, order=True):
    """A function or SQL statement whose columns would all go."""

    path: str  # as reports show it
    line: int
    name: str  # of the function; empty for SQL
    columns: tuple[str, ...]

    @property
    def message(self) -> str:
        """With its place, for a report that has no other."""
        return f"{self._what} ({self.path}:{self.line}) {_GOES}"

    @property
    def claim(self) -> str:
        return f"{self._what} {_GOES}"

    @property
    def _what(self) -> str:
        return f"`{self.name}`" if self.name else "the statement"


def attach(result: Result, project: Project) -> Result:
    """The result with the lines of the project that speak of each column, and what follows from them. Doing it again replaces them."""
    mentions = Mentions(project, (column.name for column in result.columns))
    by_column: dict[str, list[Producer]] = defaultdict(list)
    for producer in producers(result, mentions):
        for name in producer.columns:
            by_column[name].append(producer)
    columns = tuple(_with_code(column, mentions, by_column[column.name]) for column in result.columns)
    unnamed = [column.name for column in columns if not column.cost.code_lines]
    notes = [note for note in result.notes if not note.startswith(_NOTE)]
    if unnamed:
        notes.append(
            f"{_NOTE}{len(unnamed)} of {len(columns)} columns are named on no line: they come from data that is loaded whole, "
            "or their names are made at run time"
        )
    return msgspec.structs.replace(result, columns=columns, unused_in_code=unused_in_code(result, mentions), notes=tuple(notes))


def _with_code(column: Column, mentions: Mentions, found: list[Producer]) -> Column:
    places = mentions.of(column.name)
    first = sorted(places, key=lambda m: ROLES.index(m.role))[:_SHOWN]  # what creates it before what reads it
    code = sorted({CodePlace(place.path, place.line, m.role) for m in first for place in (mentions.location(m),)})
    evidence = (
        *(e for e in column.evidence if e.type != PRODUCER),
        *(Evidence(PRODUCER, p.message, tuple(n for n in p.columns if n != column.name)) for p in found),
    )
    old = column.cost
    cost = Cost(old.bytes, old.null_share, len(places), len({m.module.path for m in places}))
    return msgspec.structs.replace(column, code=tuple(code), evidence=evidence, cost=cost)


# producers -----------------------------------------------------------------------------------------------------------


def producers(result: Result, mentions: Mentions) -> tuple[Producer, ...]:
    """Functions and SQL statements that create only columns of the drop set. A function that writes or trains does more, and stays."""
    dropped = frozenset(column.name for column in result.columns if column.action == "drop")
    made: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for name in sorted(dropped):
        for mention in mentions.of(name):
            if mention.role == "creates":
                made[_unit(mention)].add(name)
    return tuple(sorted(_dead(result, mentions, dropped, made)))


def _unit(mention: Mention) -> tuple[str, int, int]:
    """What creates a column: a function by its scope, an SQL statement by its line."""
    module = mention.module
    return (module.path, -1, mention.span.line) if module.source.language is Language.SQL else (module.path, mention.scope, 0)


def _dead(result: Result, mentions: Mentions, dropped: frozenset[str], made: dict[tuple[str, int, int], set[str]]) -> Iterator[Producer]:
    project = mentions.project
    kept = mentions.columns - dropped
    busy = {(event.module.path, event.site.scope) for role in _EFFECTS for event in project.calls(role)}
    others = {_unit(m) for name in kept for m in mentions.of(name) if m.role == "creates"}
    for unit, names in made.items():
        path, scope, line = unit
        module = project.modules[path]
        if unit in others:
            continue
        if scope < 0:
            selected = next((s.columns for s in module.facts.statements if s.line == line), ())
            if not kept.intersection(selected):
                yield Producer(path, line, "", tuple(sorted(names)))
            continue
        found = module.facts.scopes[scope] if scope < len(module.facts.scopes) else None
        if found is None or found.kind != "function" or (path, scope) in busy:
            continue
        written = {d.name for d in project.columns.files[path].definitions if d.scope == scope}
        if written <= dropped:
            place = project.location(module, found.span)
            yield Producer(place.path, place.line, found.qualname or found.name, tuple(sorted(names)))


# columns that never came into the data ---------------------------------------------------------------------------------


def unused_in_code(result: Result, mentions: Mentions) -> tuple[str, ...]:
    """Columns that code stores into a frame beside columns of the data, that nothing reads or drops, and that the data does not have."""
    project = mentions.project
    known = mentions.columns | _excepted(result)
    beside: dict[tuple[str, int], set[str]] = defaultdict(set)
    for definition in project.columns.definitions:
        beside[definition.module.path, _root(project, definition.module, definition.version)].add(definition.name)
    absent: set[str] = set()
    for (_, root), names in beside.items():
        shared = names & mentions.columns
        lost = {name for name in names - known if not _is_used(project, name)} if root >= 0 and shared else set()
        absent.update(lost if len(lost) <= len(shared) else ())  # else it is another table that shares some names
    return tuple(sorted(absent))


def _root(project: Project, module: Module, version: int) -> int:
    return project.columns.files[module.path].root(version) if version >= 0 else -1


def _is_used(project: Project, name: str) -> bool:
    """Whether something reads the column, or takes it away again."""
    columns = project.columns
    if columns.anywhere(name) or any(columns.mentions(name, "drop", "exclude")):
        return True
    return any(columns.in_file(definition) for definition in columns.by_name.get(name, ()))


def _excepted(result: Result) -> frozenset[str]:
    """Columns that the settings name: they are in the data, but are no features."""
    found = {value for key in _ROLE_SETTINGS if isinstance(value := result.settings.get(key), str)}
    for key in _NAME_SETTINGS:
        value = result.settings.get(key)
        found.update(one for one in value if isinstance(one, str)) if isinstance(value, (list, tuple)) else None
    return frozenset({*found, *result.identifiers, *(leak.column for leak in result.leaks)})
