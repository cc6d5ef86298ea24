"""SQL text -> statements: which tables, files and models each one reads and writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from mldebt.facts.model import Facts, Statement
from mldebt.facts.sql_guess import Names, dialect_of
from mldebt.facts.sql_models import asked
from mldebt.facts.sql_text import SELF, Prepared, fill, is_hole, prepare, restored

if TYPE_CHECKING:
    from sqlglot import Dialect, Token, exp

__all__ = ["Statement", "fill", "statements", "with_statements"]

_LONGEST = 200_000  # characters
_DEEPEST = 60  # open parentheses; a parser that recurses is near its limit there
_RETRIES = ("", "snowflake", "bigquery", "databricks", "postgres")
_RETRIED = 4_000  # tokens; a statement that is longer is tried in its own dialect and the generic one only
_REPAIRS = 8
_FAILURES = 20  # statements of a file that were tried in every dialect; it is hardly SQL
_TELLS = re.compile(r"\s*(?:CREATE|INSERT|ALTER|LOAD|COPY|MERGE|EXPORT)\b", re.IGNORECASE)  # other commands name no tables
_UNLOAD = re.compile(r"\(\s*'(?P<query>(?:[^']|'')*)'\s*\)\s*TO\s*'(?P<path>[^']*)'", re.IGNORECASE | re.DOTALL)


def statements(text: str, dialect: str = "") -> tuple[Statement, ...]:
    """The statements of a script or query. Never raises: what cannot be read has `failed` set.

    A name is as written, without quotes; `dbt:model` and `dbt:source.table` are dbt's references, `path:...` a file or location,
    `stage:...` a stage. Templating in names stays as written, and `{n}` is the n-th hole of `fill`. Names made and used within the
    script alone (CTEs, temporary tables) are left out. Each name has the line, from 1, where it stands; a string that of its statement.
    """
    if len(text) > _LONGEST:
        return (Statement(failed=f"longer than {_LONGEST} characters"),)
    ready = prepare(text)
    if not ready.text.strip(" \n\t\r;"):
        return ()
    found = _Script(ready, dialect or dialect_of(text)).read()
    if ready.learns and found and found[-1].kind == "select":
        found[-1] = msgspec.structs.replace(found[-1], kind="model")
    return tuple(_with_references(found, ready))


def with_statements(facts: Facts, text: str) -> Facts:
    """The facts of a .sql file with its statements; those that were not parsed are named."""
    found = statements(text)
    failed = [f"line {one.line}: {one.failed}" for one in found if one.failed]
    partly = f"{len(failed)} of {len(found)} statements were not parsed ({failed[0]})" if failed else ""
    return msgspec.structs.replace(facts, statements=found, partly=partly)


class _Parsed(NamedTuple):
    tree: exp.Expr | None
    before: int = 0  # lines of the text before the one that the tree calls 1
    why: str = ""


class _Script:
    def __init__(self, ready: Prepared, dialect: str) -> None:
        from logging import ERROR, getLogger

        from sqlglot.dialects.dialect import Dialect

        getLogger("sqlglot").setLevel(ERROR)  # what it does not support is in our own result
        self._ready = ready
        known = dialect if Dialect.get(dialect) else ""
        self._dialects: list[Dialect] = [Dialect.get_or_raise(name) for name in dict.fromkeys((known, *_RETRIES))]
        self._asked = asked(ready.text)
        self._temporary: set[str] = set()
        self._emptied: set[str] = set()
        self._failures = 0

    def read(self) -> list[Statement]:
        from sqlglot.errors import SqlglotError

        if _depth(self._ready.text) > _DEEPEST:
            return [self._by_pattern(self._ready.text, 1, "too deeply nested")]
        tokens: list[Token] = []
        why = ""
        for dialect in self._dialects:
            try:
                tokens = dialect.tokenize(self._ready.text)
            except SqlglotError as error:
                why = why or _reason(error)
                continue
            self._dialects = [dialect, *(d for d in self._dialects if d is not dialect)]
            break
        else:
            return [self._by_pattern(self._ready.text, 1, why)]
        found = (self._statement(part) for part in _split(tokens))
        return [one for one in found if one is not None]

    def _statement(self, tokens: list[Token]) -> Statement | None:
        source = self._ready.text[tokens[0].start : tokens[-1].end + 1]
        first = tokens[0].line
        parsed = self._parsed(tokens, source)
        if parsed.tree is None:
            return self._by_pattern(source, first, parsed.why)
        from sqlglot import exp

        if isinstance(parsed.tree, exp.Command):
            return self._command(parsed.tree, source, first)
        return self._read_tree(parsed.tree, first, parsed.before)

    def _read_tree(self, tree: exp.Expr, first: int, before: int) -> Statement | None:
        from mldebt.facts.sql_tree import Tree

        reader = Tree(tree, self._ready.marks, first, before, self._asked)
        one = reader.statement()
        written = {name.lower() for name, _ in one.writes}
        if reader.temporary:
            self._temporary |= written
        if one.kind in ("insert", "create", "create-as", "copy", "load") and written & self._emptied:
            one = msgspec.structs.replace(one, mode="overwrite")
        self._emptied |= {name.lower() for name in reader.dropped}
        if one.kind != "drop":
            self._emptied -= written if one.kind not in ("truncate", "delete") else set()
        one = self._without_temporary(one)
        silent = one.kind in ("other", "drop") and not (one.reads or one.writes or one.models_read)
        return None if silent else one

    def _without_temporary(self, one: Statement) -> Statement:
        if not self._temporary:
            return one
        reads, writes = (tuple(pair for pair in pairs if pair[0].lower() not in self._temporary) for pairs in (one.reads, one.writes))
        return msgspec.structs.replace(one, reads=reads, writes=writes)

    def _parsed(self, tokens: list[Token], source: str) -> _Parsed:
        """The tree, from the first dialect that takes the statement; else why the likeliest one does not."""
        from sqlglot import exp

        why = ""
        named: exp.Expr | None = None
        for number, dialect in enumerate(self._dialects):
            if number and (self._failures > _FAILURES or (number > 1 and len(tokens) > _RETRIED)):
                break
            tree, problem = self._try(dialect, tokens if number == 0 else None, source)
            if isinstance(tree, exp.Command) and _TELLS.match(source):
                named = named or tree
            elif tree is not None:
                return _Parsed(tree, tokens[0].line - 1 if number else 0)
            why = why or problem
        self._failures += 1
        return _Parsed(named, why=why)

    def _try(self, dialect: Dialect, tokens: list[Token] | None, source: str) -> tuple[exp.Expr | None, str]:
        """Parses; where a template's hole is what disturbs, without it."""
        from sqlglot.errors import ParseError, SqlglotError

        why = ""
        try:
            left = list(tokens) if tokens is not None else dialect.tokenize(source)
            for _ in range(_REPAIRS):
                try:
                    trees = dialect.parser().parse(left, source if tokens is None else self._ready.text)
                    return (trees[0], "") if trees else (None, "empty")
                except ParseError as error:
                    why = why or _reason(error)
                    culprit = _culprit(left, error, commas=self._ready.templated)
                    if culprit is None:
                        return None, why
                    del left[culprit]
        except SqlglotError as error:
            return None, why or _reason(error)
        except RecursionError:
            return None, "too deeply nested"
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:  # of the parser, on what it did not foresee
            return None, type(error).__name__
        return None, why

    def _command(self, tree: exp.Command, source: str, first: int) -> Statement | None:
        """A statement that the parser only names: a query in it is read, the rest has no tables."""
        body = tree.expression if isinstance(tree.expression, str) else getattr(tree.expression, "name", "")
        kind = str(tree.this).upper()
        if kind == "UNLOAD" and (found := _UNLOAD.search(source)):
            inner = self._inner(found["query"].replace("''", "'"))
            path = f"path:{restored(found['path'], self._ready.marks)}"
            line = first + source.count("\n", 0, found.start("path"))
            reads = tuple((name, at + first - 1) for name, at in inner.reads)
            return msgspec.structs.replace(inner, kind="export", reads=reads, writes=((path, line),), line=first)
        if kind == "EXPLAIN":
            inner = self._inner(re.sub(r"^\s*(?:ANALYZE|VERBOSE)\b", "", body, flags=re.IGNORECASE))
            return msgspec.structs.replace(inner, reads=tuple((name, at + first - 1) for name, at in inner.reads), writes=(), line=first)
        guessed = self._by_pattern(source, first, f"{kind.lower()} statements are not parsed")
        return guessed if guessed.reads or guessed.writes else None

    def _inner(self, query: str) -> Statement:
        found = _Script(msgspec.structs.replace(self._ready, text=query), "").read()
        return found[0] if found else Statement()

    def _by_pattern(self, source: str, first: int, why: str) -> Statement:
        names = Names(source)

        def at(pairs: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
            shown = ((restored(name, self._ready.marks), line + first - 1) for name, line in pairs)
            kept = ((name, line) for name, line in shown if name != SELF and name.lower() not in self._temporary)
            return tuple(dict.fromkeys(kept))

        return Statement("unknown", at(names.reads), at(names.writes), (), at(names.models), line=first, failed=why)


def _split(tokens: list[Token]) -> list[list[Token]]:
    """Statement by statement, without the semicolons."""
    from sqlglot.tokenizer_core import TokenType

    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _culprit(tokens: list[Token], error: Exception, *, commas: bool) -> int | None:
    """The token that stands for unknown text, or a comma that a loop left behind, where parsing stopped."""
    errors = getattr(error, "errors", None)
    if not errors:
        return None
    where = errors[0].get("line"), errors[0].get("col")
    at = next((number for number, token in enumerate(tokens) if (token.line, token.col) == where), None)
    if at is None:
        return None
    near = (number for number in (at, at - 1, at + 1) if 0 <= number < len(tokens))
    return next((number for number in near if is_hole(tokens[number].text) or (commas and tokens[number].text == ",")), None)


def _depth(text: str) -> int:
    deepest = depth = 0
    for found in re.finditer(r"[()]", text):
        depth += 1 if found[0] == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _reason(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    if errors:
        return f"{errors[0].get('description')} near {errors[0].get('highlight')!r}"
    return str(error).split("\n")[0][:120]


def _with_references(found: Sequence[Statement], ready: Prepared) -> list[Statement]:
    """dbt takes every reference of a model as a dependency, in whichever branch or comment it stands."""
    result = list(found)
    seen = {name for one in result for name, _ in one.reads}
    missing = tuple(dict.fromkeys((name, line) for name, line in ready.references if name not in seen))
    if missing and result:
        result[-1] = msgspec.structs.replace(result[-1], reads=(*result[-1].reads, *missing))
    elif missing:
        result.append(Statement("unknown", missing, line=missing[0][1]))
    return result
