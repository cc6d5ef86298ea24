"""Columns that code computes and that reach no model and no output; those that a list of excluded names switches off are another rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.columns import Columns, Definition, FileColumns
from mldebt.project.columns_flow import Flow, Way
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language

RULE = "computed-unused-feature"
DISABLED = "disabled-feature"
_LIST = 3  # a shorter list selects, but does not tell that features are chosen by name
_MOSTLY = 2 / 3  # share of the models whose features are selected by name
_OUTPUT = re.compile(r"(^|_)(pred(s|ict\w*)?|prob(a|s|ability)?|score[ds]?|target|label|y|output|result|submission)(_|$)", re.IGNORECASE)


def check(project: Project) -> Iterator[Finding]:
    """Yields computed-unused-feature and disabled-feature, one finding for a column in a file."""
    columns = Columns(project)
    unused = _Unused(project, columns)
    for definitions in _by_column(columns.definitions):
        first = definitions[0]
        if is_demonstration(first.module):
            continue
        excluded = unused.excluded(first)
        why = excluded or unused.why(definitions)
        if why:
            yield _finding(project, definitions, DISABLED if excluded else RULE, *why)


def _by_column(definitions: Iterable[Definition]) -> list[list[Definition]]:
    found: dict[tuple[str, str], list[Definition]] = defaultdict(list)
    for one in definitions:
        found[one.module.path, one.name].append(one)
    return [sorted(same, key=lambda d: d.span.line) for same in found.values()]


def _finding(
    project: Project, definitions: list[Definition], rule: str, message: str, confidence: float, where: tuple[FileColumns, Span] | None
) -> Finding:
    first = definitions[0]
    places = [project.location(d.module, d.span, "computed again") for d in definitions[1:]]
    if where is not None:
        places.append(project.location(where[0].module, where[1], "left out here"))
    return Finding(
        rule=rule,
        location=project.location(first.module, first.span),
        message=f"`{first.name}` {message}",
        anchor=first.name,
        scope=first.module.qualname(first.scope),
        evidence=tuple(places),
        confidence=confidence,
        size=len(definitions),
    )


class _Unused:
    """Decides for one column at a time."""

    def __init__(self, project: Project, columns: Columns) -> None:
        self._columns, self._flow = columns, Flow(project, columns.files)
        trained = columns.selections.trained()
        chosen = [s for _, s in trained if len(s.names) >= _LIST]
        self._by_name = len(chosen) >= _MOSTLY * len(trained)
        self._selected = frozenset().union(*(s.names for s in chosen))
        self._spelled = "\0".join(sorted(self._selected))
        self._open = {e.module.path for e, s in trained if not s.names}
        self._groups: dict[tuple[str, int], set[str]] = defaultdict(set)
        for one in columns.definitions:
            self._groups[one.module.path, one.scope].add(one.name)

    def excluded(self, one: Definition) -> tuple[str, float, tuple[FileColumns, Span] | None] | None:
        """A column whose only other mention is a list of names to leave out."""
        columns = self._columns
        left_out = columns.mentions(one.name, "exclude")
        if not left_out or columns.anywhere(one.name):
            return None
        file, index = left_out[0]
        return "is computed, and a list of excluded columns is all that names it", 0.8, _place(file, index)

    def why(self, definitions: list[Definition]) -> tuple[str, float, tuple[FileColumns, Span] | None] | None:
        columns, first = self._columns, definitions[0]
        file = columns.files[first.module.path]
        if columns.in_file(first) or any(file.predicts(d.value) for d in definitions):
            return None
        ways = self._ways(definitions)
        notebook = first.module.source.language is Language.NOTEBOOK
        if ways is not None and not ways and not notebook:
            dropped = next((i for kind, i in file.mentions(first.name) if kind == "drop"), None)
            if dropped is not None:
                return "is computed and dropped again without being used", 0.9, _place(file, dropped)
            return "is computed, and nothing reads it before the frame goes out of use", 0.85, None
        if self._left_out(definitions, ways):
            return "is computed and stored, but the lists that select the features of the models do not name it", 0.8, None
        return None

    def _ways(self, definitions: list[Definition]) -> frozenset[Way] | None:
        if any(d.version < 0 for d in definitions):
            return None
        return frozenset().union(*(self._flow.ways(d.module, d.version, d.name) for d in definitions))

    def _left_out(self, definitions: list[Definition], ways: frozenset[Way] | None) -> bool:
        """Whether the models select by name, columns that are computed beside this one among them, and nothing names this one."""
        first = definitions[0]
        if (
            not self._by_name
            or ways is None
            or any(w.kind == "text" for w in ways)
            or _OUTPUT.search(first.name)
            or first.module.path in self._open
        ):
            return False
        beside = self._groups[first.module.path, first.scope]
        selected = any(name in self._selected or (len(name) > 3 and name in self._spelled) for name in beside)
        return selected and not self._columns.anywhere(first.name)


def _place(file: FileColumns, index: int) -> tuple[FileColumns, Span] | None:
    """The text of a value, where the facts know it: a call, a chain that is read, or a variable."""
    facts = file.module.facts
    for site in facts.sites:
        if site.value == index:
            return file, site.span
    for use in facts.uses:
        if use.value == index:
            return file, use.span
    for scope in facts.scopes:
        for bindings in scope.bindings.values():
            for binding in bindings:
                if binding.value == index:
                    return file, binding.span
    above = [p for p in file.parents.get(index, ()) if p > index]
    return _place(file, above[0]) if above else None
