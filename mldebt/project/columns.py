"""Columns of data frames by name: where code computes them, and whether anything else mentions them.

A name is looked up as text, in the whole project, because a frame may pass through files that no analysis follows. What only stores
the column, drops it or changes it in place is not a use; everything else that spells the name is, also as a part of a longer string.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from mldebt.facts.model import Const, Item, Op, Template
from mldebt.project.columns_file import EXCLUDES, Definition, FileColumns
from mldebt.project.columns_selected import Selections
from mldebt.project.project import Project
from mldebt.sources.model import Language


class Columns:
    """The columns of all files, and the words of everything else."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.selections = Selections(project)
        self.files = {m.path: FileColumns(project, m, self.selections) for m in project.python if not m.is_test}

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        return tuple(d for file in self.files.values() for d in file.definitions)

    @cached_property
    def by_name(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = defaultdict(list)
        for definition in self.definitions:
            found[definition.name].append(definition)
        return found

    @cached_property
    def _attributes(self) -> frozenset[str]:
        """Names read as attributes or passed as keywords anywhere: `frame.name`, `agg(name=...)`."""
        return frozenset().union(*(file.attributes for file in self.files.values()))

    @cached_property
    def _text(self) -> str:
        """Every distinct string of the code, and of what is not Python every value and word."""
        found: set[str] = set()
        for module in self.project.modules.values():
            facts = module.facts
            if module.is_python:
                found.update(v.value for v in facts.values if type(v) is Const and isinstance(v.value, str))
            elif module.source.language is not Language.DOCUMENT:
                found.update(f"\x01{word}" for word in facts.words)
                found.update(f"\x01{s.value}" for s in facts.settings if isinstance(s.value, str))
                found.update(f"\x01{key}" for s in facts.settings for key in s.keys)
        return "\0".join(("", *sorted(found), ""))

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Keys that are put together where a frame is read: `frame[f"{column}_mean"]`."""
        found: set[str] = set()
        for file in self.files.values():
            for index in file.module.of_kind(Item):
                pattern = _pattern(file, file.values[index].key)  # type: ignore[union-attr]
                if pattern and (index in file.read or index in file.kept or file.parents.get(index)):
                    found.add(pattern)
        return tuple(re.compile(p, re.DOTALL) for p in sorted(found))

    def in_file(self, definition: Definition) -> bool:
        """Whether the file that computes the column mentions it otherwise, by any spelling."""
        file, name = self.files[definition.module.path], definition.name
        if name in file.attributes or file.uses(name) or file.text.count(name) > file.text.count(f"\0{name}\0"):
            return True
        return any(p.fullmatch(name) for p in self.patterns)

    def anywhere(self, name: str) -> bool:
        """Whether anything in the project mentions the column but to store, drop or exclude it."""
        if name in self._attributes or any(f.uses(name) for f in self._files_of.get(name, ())):
            return True
        return self._text.count(name) > self._text.count(f"\0{name}\0") or any(p.fullmatch(name) for p in self.patterns)

    @cached_property
    def excluded(self) -> frozenset[str]:
        """Names in lists that are called after what is left out."""
        names = {name for file in self.files.values() for scope in file.module.facts.scopes for name in scope.bindings}
        telling = {name for name in names if EXCLUDES.search(name)}
        lists = (
            (file, binding.value)
            for file in self.files.values()
            for scope in file.module.facts.scopes
            for name in scope.bindings.keys() & telling
            for binding in scope.bindings[name]
        )
        return frozenset(name for file, index in lists for name in file.names(index))

    def mentions(self, name: str, *kinds: str) -> list[tuple[FileColumns, int]]:
        """The values that drop or exclude the column, in path and text order."""
        return [(f, i) for f in self._files_of.get(name, ()) for kind, i in f.mentions(name) if kind in kinds]

    @cached_property
    def _files_of(self) -> dict[str, list[FileColumns]]:
        """The files that spell a name."""
        found: dict[str, list[FileColumns]] = defaultdict(list)
        for file in self.files.values():
            for name in file.strings:
                found[name].append(file)
        return found


def _pattern(file: FileColumns, key: int) -> str:
    """A regular expression of a key that is put together from text and what is not known, else empty."""
    value = file.values[key]
    if type(value) is Template:
        parts = value.parts
    elif type(value) is Op and value.op == "+":
        parts = value.operands
    else:
        return ""
    texts = [file.values[p] for p in parts]
    if not any(type(t) is Const and isinstance(t.value, str) and t.value for t in texts):
        return ""
    return "".join(re.escape(str(t.value)) if type(t) is Const else ".*" for t in texts)
