"""What SQL reads and writes: the queries in code, and the `.sql` files of the project."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec
import tomli

from mldebt.catalogue import rules_dir
from mldebt.facts.model import Span, Statement
from mldebt.project.artifacts.identity import of_path, of_table
from mldebt.project.artifacts.model import Access, Hole, Identity, Place, Template
from mldebt.project.artifacts.templates import parse, template
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

_HOLE = re.compile(r"\{(\d{1,9})\}")
_TABLE_NAME = re.compile(r"[\w.$\-`\"\[\]]+")
_SYSTEM = re.compile(
    r"(?i)(?:^|\.)(?:information_schema|pg_catalog|sqlite_\w+|account_usage)(?:\.|$)|^(?:pg_\w+|sys\.\w+|dual)$"
)  # of the database
_GUESSED = 0.8  # certainty of a name in a statement that no parser took
_PARSED = 1.0


class Touched(msgspec.Struct, frozen=True):
    """What one query does with one artifact: the mode of the first statement that writes it, `bounded` when every read of it is."""

    direction: str
    identity: Identity
    mode: str = ""
    bounded: bool = False
    model: str = ""
    format: str = ""


def accesses_of_query(pieces: Template, system: str, dialect: str = "") -> list[Touched]:
    """What a query reads and writes, in text order; a lone name is a table that is read whole.

    `system` is the namespace of the tables; `dialect` is sqlglot's name, when the caller knows it.
    """
    from mldebt.facts.sql import fill, statements

    holes = tuple(piece for piece in pieces if type(piece) is Hole)
    text = fill([piece if isinstance(piece, str) else None for piece in pieces]).strip()
    if len(holes) == len(pieces):
        return []
    script = text.endswith(".sql") and not re.search(r"\s", text)
    if script or _TABLE_NAME.fullmatch(text):
        named = of_path(pieces) if script else of_table(system, pieces)
        return [Touched("read", named)] if named is not None else []
    found: dict[tuple[str, Identity], Touched] = {}
    for statement in statements(text, dialect):
        for direction, name, _, model in _names(statement):
            identity = _identity(_with_holes(name, holes), name, system)
            if identity is None:
                continue
            one = Touched(direction, identity, *_manner(statement, direction), model, _format(statement, model))
            before = found.setdefault((direction, identity), one)
            bounded, told = before.bounded and one.bounded, "asked" if one.model == "asked" else before.model
            if (bounded, told) != (before.bounded, before.model):
                found[direction, identity] = msgspec.structs.replace(before, bounded=bounded, model=told)
    return list(found.values())


def _manner(statement: Statement, direction: str) -> tuple[str, bool]:
    """How a statement writes, and whether what it reads is bounded in time."""
    return (statement.mode, False) if direction == "write" else ("", statement.bounded)


def file_accesses(project: Project) -> list[Access]:
    """What the statements of the `.sql` files read and write; a model of dbt writes its own relation."""
    files = [module for module in project.modules.values() if module.source.language is Language.SQL and module.facts.statements]
    if not files:
        return []
    models = _Models(project)
    return [access for module in files for access in (*models.accesses(module), *_plain(module, models))]


def dialect_of(imports: Iterable[str]) -> str:
    """The dialect that imported packages tell (rules/dialects.toml); empty when none does, or several disagree."""
    known = _dialects()
    found = {known[name] for imported in imports if (name := _longest(imported, known))}
    return found.pop() if len(found) == 1 else ""


class _Models:
    """The models of dbt: what each file makes and what it refers to, as dbt's own files declare it."""

    def __init__(self, project: Project) -> None:
        from mldebt.project.artifacts.declared.dbt import declarations

        self._made: dict[str, list[tuple[str, Identity, int]]] = defaultdict(list)
        for one in declarations(project):
            if len(one.files) == 1 and one.role in ("produces", "consumes"):
                direction = "write" if one.role == "produces" else "read"
                self._made[one.files[0]].append((direction, one.identity, one.line))

    def __contains__(self, path: str) -> bool:
        return path in self._made

    def accesses(self, module: Module) -> Iterator[Access]:
        for direction, identity, line in self._made.get(module.path, ()):
            yield Access(direction, identity, _place(module, line), api="dbt")


def _plain(module: Module, models: _Models) -> Iterator[Access]:
    """The accesses that the text itself names; what a model refers to through dbt is known from its declarations."""
    for statement in module.facts.statements:
        for direction, name, line, model in _names(statement):
            if name.startswith("dbt:") and module.path in models:
                continue
            identity = _identity(parse(name), name, "")
            unknown = identity is None or all(type(part) is Hole for part in identity.name)
            holes = [part for part in parse(name) if type(part) is Hole]
            mode, bounded = _manner(statement, direction)
            yield Access(
                direction,
                None if unknown else identity,
                _place(module, line),
                api=statement.kind,
                format=_format(statement, model),
                mode=mode,
                bounded=bounded,
                certainty=_GUESSED if statement.failed else _PARSED,
                why=(holes[0].origin if holes else "no name") if unknown else "",
                model=model,
            )


def _names(statement: Statement) -> Iterator[tuple[str, str, int, str]]:
    """(direction, name, line, what is done with it when it is a model); a model that SQL trains is named, and stored, as a table is."""
    for direction, pairs, model in (
        ("read", statement.reads, ""),
        ("read", statement.models_read, "inspected"),
        ("write", statement.writes, ""),
        ("write", statement.models_written, "trained"),
    ):
        for name, line in pairs:
            if not _SYSTEM.search(name):
                yield direction, name, line, "asked" if model == "inspected" and name in statement.asked else model


def _format(statement: Statement, model: str) -> str:
    """The type of a model that is trained."""
    return statement.learner if model == "trained" else ""


def _identity(named: Template, name: str, system: str) -> Identity | None:
    """The identity of a name as facts spell it: a path, a stage, a reference of dbt or a table."""
    prefix = name.partition(":")[0]
    if prefix not in ("path", "stage", "dbt"):
        return of_table(system, named)
    first = named[0]
    assert isinstance(first, str)
    rest = template(first.removeprefix(f"{prefix}:"), *named[1:])
    if prefix == "path":
        return of_path(rest)
    if prefix == "stage":
        return Identity("dataset", (f"{system or 'sql'} stage",), rest) if rest else None
    return of_table("", rest)


def _with_holes(name: str, holes: tuple[Hole, ...]) -> Template:
    """The template of a name in which `{n}` is the n-th hole of the query."""
    pieces: list[str | Hole | Template] = []
    for number, part in enumerate(_HOLE.split(name)):
        if number % 2 == 0:
            pieces.append(parse(part))
        else:
            pieces.append(holes[int(part)] if int(part) < len(holes) else Hole())
    return template(*pieces)


def _place(module: Module, line: int) -> Place:
    return Place(module.path, Span(line, 1, line, 1))


def _longest(imported: str, known: dict[str, str]) -> str:
    parts = imported.split(".")
    return next((name for size in range(len(parts), 0, -1) if (name := ".".join(parts[:size])) in known), "")


@cache
def _dialects() -> dict[str, str]:
    table = tomli.loads((rules_dir() / "dialects.toml").read_text("utf8"))["imports"]
    return {str(name): str(dialect) for name, dialect in table.items()}
