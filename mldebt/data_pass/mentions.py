"""Where the project speaks of the columns of a data set: the lines that create, read or drop each of them.

A name counts where code puts columns: subscripts, arguments of frame methods, lists of column names, attributes of frames, SQL select
lists, lists in configuration files, and names put together from text that is known in part (`f"bureau_{c}"`). Tests do not count. What
is not seen: names that only exist at run time, and the line within a list or a statement (it is the statement's first line).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import msgspec

from mldebt.data_pass.mentions_file import FileMentions, Found, Names
from mldebt.facts.model import Span
from mldebt.findings import Location
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

ROLES = ("creates", "drops", "reads")  # the first wins where a line does more than one
COMMON = frozenset({
    "age", "category", "class", "code", "count", "data", "date", "day", "description", "features", "file", "group", "hour", "index",
    "key", "label", "labels", "length", "level", "list", "mean", "model", "month", "name", "names", "number", "path", "price", "rate",
    "row", "rows", "score", "size", "sort", "source", "state", "status", "sum", "target", "test", "text", "time", "timestamp", "title",
    "total", "train", "type", "url", "user", "value", "values", "version", "week", "weight", "width", "year",
})  # fmt: skip
_LISTS = re.compile(r"feature|column|\bcols?\b|_cols?$|field|schema|numeric|categor|variable|predictor|input", re.IGNORECASE)
_OWN = ("mldebt.toml",)


class Mention(msgspec.Struct, frozen=True):
    """One line that speaks of `column`."""

    column: str
    module: Module
    span: Span
    scope: int  # of a Python file
    role: str

    @property
    def place(self) -> tuple[str, int]:
        return self.module.path, self.span.line


def is_common(name: str) -> bool:
    """Whether the name alone does not tell that a column is meant."""
    return len(name) < 3 or name.lower() in COMMON


class Mentions:
    """The lines of a project that speak of `columns`, all of them columns of one data set."""

    def __init__(self, project: Project, columns: Iterable[str]) -> None:
        self.project, self.columns = project, frozenset(columns)
        self._plain = frozenset(name for name in self.columns if not is_common(name))

    def of(self, column: str) -> tuple[Mention, ...]:
        """The lines of a column in path and text order, each once."""
        return self._by_column.get(column, ())

    def location(self, mention: Mention, message: str = "") -> Location:
        """The line as reports show it."""
        return self.project.location(mention.module, mention.span, message)

    @cached_property
    def _by_column(self) -> dict[str, tuple[Mention, ...]]:
        found: dict[tuple[str, str, int], Mention] = {}
        for mention in self._all():
            key = (mention.column, *mention.place)
            old = found.get(key)
            if old is None or ROLES.index(mention.role) < ROLES.index(old.role):
                found[key] = mention
        ordered: dict[str, list[Mention]] = defaultdict(list)
        for key in sorted(found):
            ordered[key[0]].append(found[key])
        return {name: tuple(mentions) for name, mentions in ordered.items()}

    def _all(self) -> Iterator[Mention]:
        names = Names(self.columns, self._plain)
        for path, file in self.project.columns.files.items():
            module = self.project.modules[path]
            for one in FileMentions(file, names).found():
                yield _mention(module, one)
        for module in self.project.modules.values():
            if module.is_python or module.is_test or module.path.rpartition("/")[2] in _OWN:
                continue
            if module.source.language is Language.SQL:
                yield from self._selected(module)
            elif module.facts.settings:
                yield from self._configured(module)

    def _selected(self, module: Module) -> Iterator[Mention]:
        """Columns in the select list of a statement: they come into the data there."""
        for statement in module.facts.statements:
            for name in sorted(self.columns.intersection(statement.columns)):
                if name in self._plain or self._beside(statement.columns):
                    yield Mention(name, module, Span(statement.line, 1, statement.line, 1), 0, "creates")

    def _configured(self, module: Module) -> Iterator[Mention]:
        """Columns in the lists and tables of a configuration file: under a key that speaks of columns, or beside another column."""
        groups: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
        for setting in module.facts.settings:
            if setting.keys[:2] == ("tool", "mldebt"):
                continue
            if isinstance(setting.value, str) and setting.value in self.columns:
                groups[setting.keys[:-1] if setting.keys[-1].isdigit() else setting.keys].append((setting.value, setting.line))
            for depth, key in enumerate(setting.keys):
                if key in self.columns:
                    groups[setting.keys[:depth]].append((key, setting.line))
        for keys, found in sorted(groups.items()):
            named = any(_LISTS.search(key) for key in keys)
            if not named and not self._beside([name for name, _ in found]):
                continue
            lines: dict[str, int] = {}
            for name, line in found:
                lines[name] = min(line, lines.get(name, line))
            for name, line in sorted(lines.items()):
                if name in self._plain or named:
                    yield Mention(name, module, Span(line, 1, line, 1), 0, "reads")

    def _beside(self, names: Sequence[str]) -> bool:
        return len(self.columns.intersection(names)) > 1 and not self._plain.isdisjoint(names)


def _mention(module: Module, one: Found) -> Mention:
    return Mention(one.column, module, one.span, one.scope, one.role)
