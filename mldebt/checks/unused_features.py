"""Columns that code computes and that reach no model and no output; those that a list of excluded names switches off are another rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from mldebt.facts.model import Const, Name, Op, Span
from mldebt.findings import Finding, Location
from mldebt.project import Module, Project
from mldebt.project.columns import Columns
from mldebt.project.columns_copies import together
from mldebt.project.columns_file import Definition, FileColumns
from mldebt.project.columns_flow import Flow, Way
from mldebt.project.roles import is_demonstration

RULE = "computed-unused-feature"
DISABLED = "disabled-feature"
_LIST = 3  # a shorter list selects, but does not tell that features are chosen by name
_MOSTLY = 2 / 3  # share of the models whose features are selected by name
_OUTPUT = re.compile(r"(^|_)(pred(s|ict\w*)?|prob(a|s|ability)?|score[ds]?|target|label|y|output|result|submission)(_|$)", re.IGNORECASE)
_LEFT_OUT = "is computed and stored, but the lists that select the features of the models do not name it"

Group = list[Definition]


class _Reason(msgspec.Struct, frozen=True):
    """Why a column is unused. `place` drops or excludes it."""

    rule: str
    text: str
    confidence: float
    place: tuple[Module, Span] | None = None


def check(project: Project) -> Iterator[Finding]:
    """Yields computed-unused-feature and disabled-feature, one finding for a column and a reason."""
    yield from together(project, _found(project))


def _found(project: Project) -> Iterator[Finding]:
    columns = project.columns
    unused = _Unused(project, columns)
    stored: dict[str, list[tuple[Group, _Reason | None]]] = defaultdict(list)
    for group in _by_column(columns.definitions):
        if is_demonstration(group[0].module):
            continue
        reason = unused.reason(group)
        if reason is not None and reason.text != _LEFT_OUT:
            yield _finding(project, group, reason, ())
        else:
            stored[group[0].name].append((group, reason))
    for same in stored.values():
        # In whichever files the column is computed, no list names it: one finding for all of them.
        found = [(group, reason) for group, reason in same if reason is not None]
        for group, reason in found[:1]:
            elsewhere = [d for other, _ in same if other is not group and unused.is_stored(other) for d in other]
            yield _finding(project, [*group, *elsewhere], reason, unused.trained_by)


def _by_column(definitions: Iterable[Definition]) -> list[Group]:
    found: dict[tuple[str, str], Group] = defaultdict(list)
    for one in definitions:
        found[one.module.path, one.name].append(one)
    return list(found.values())


def _finding(project: Project, group: Group, reason: _Reason, more: tuple[Location, ...]) -> Finding:
    first = group[0]
    places = [project.location(d.module, d.span, "computed here too") for d in group[1:]]
    if reason.place is not None:
        places.append(project.location(*reason.place, "left out here"))
    return Finding(
        rule=reason.rule,
        location=project.location(first.module, first.span),
        message=f"`{first.name}` {reason.text}",
        anchor=first.name,
        scope=min(d.module.qualname(d.scope) for d in group if d.module is first.module),
        evidence=(*places, *more),
        confidence=reason.confidence,
        size=len(group),
    )


class _Unused:
    """Decides for one column of one file at a time."""

    def __init__(self, project: Project, columns: Columns) -> None:
        self._columns, self._flow = columns, Flow(project, columns.files)
        trained = columns.selections.trained()
        chosen = [(event, s) for event, s in trained if len(s.names) >= _LIST]
        self._by_name = len(chosen) >= _MOSTLY * len(trained)
        self._selected = frozenset().union(*(s.names for _, s in chosen))
        self._spelled = "\0".join(sorted(self._selected))
        self._open = {e.module.path for e, s in trained if not s.names}
        self._groups: dict[tuple[str, int], set[str]] = defaultdict(set)
        for one in columns.definitions:
            self._groups[one.module.path, one.scope].add(one.name)
        largest = max(chosen, key=lambda pair: len(pair[1].names), default=None)
        place = () if largest is None else (project.location(largest[0].module, largest[0].site.span, "trained on selected columns"),)
        self.trained_by: tuple[Location, ...] = place

        self._former = {name: place for module in project.python for name, place in _commented(module)}

    def reason(self, group: Group) -> _Reason | None:
        """Why nothing uses a column; None when something may."""
        found = self._unused(group)
        comment = self._former.get(group[0].name)
        if found is None or comment is None or found.rule == DISABLED:
            return found
        return _Reason(DISABLED, "is computed, and all that names it is a comment behind a list", 0.85, comment)

    def _unused(self, group: Group) -> _Reason | None:
        columns, first = self._columns, group[0]
        file = columns.files[first.module.path]
        excluded = self._excluded(first)
        if excluded is not None or columns.in_file(first) or any(file.predicts(d.value) for d in group):
            return excluded
        if file.explores and not self._by_name:
            return None
        ways = self._ways(group)
        constant = all(_is_constant(file, d.value) for d in group)  # a place holder: rows are told apart, columns are aligned
        if ways is not None and not ways and not file.explores and not constant:
            dropped = next((i for kind, i in file.mentions(first.name) if kind == "drop"), None)
            if dropped is not None:
                return _Reason(RULE, "is computed and dropped again without being used", 0.9, _place(file, dropped))
            return _Reason(RULE, "is computed, and nothing reads it before the frame goes out of use", 0.85)
        beside = self._groups[first.module.path, first.scope]
        selected = self._by_name and any(name in self._selected or (len(name) > _LIST and name in self._spelled) for name in beside)
        if selected and self.is_stored(group) and not _OUTPUT.search(first.name) and not columns.anywhere(first.name):
            return _Reason(RULE, _LEFT_OUT, 0.8)
        return None

    def is_stored(self, group: Group) -> bool:
        """Whether the frame goes to no model of the same file that takes what it gets, and to no text that people read."""
        ways = self._ways(group)
        return ways is not None and not any(w.kind == "text" for w in ways) and group[0].module.path not in self._open

    def _excluded(self, one: Definition) -> _Reason | None:
        """A column whose only other mention is a list of names to leave out."""
        columns = self._columns
        if one.name not in columns.excluded or columns.anywhere(one.name):
            return None
        left_out = [(file, index) for file, index in columns.mentions(one.name, "exclude") if self._together(one.module, file.module)]
        if not left_out:
            return None
        file, index = left_out[0]
        return _Reason(DISABLED, "is computed, and a list of excluded columns is all that names it", 0.8, _place(file, index))

    def _together(self, one: Module, other: Module) -> bool:
        """Whether a list of one file can be meant for the columns of another: the same file, or one that imports the other."""
        imported = self._columns.project.imported_by_file
        return one is other or other.path in imported.get(one.path, ()) or one.path in imported.get(other.path, ())

    def _ways(self, group: Group) -> frozenset[Way] | None:
        if any(d.version < 0 for d in group):
            return None
        return frozenset().union(*(self._flow.ways(d.module, d.version, d.name) for d in group))


def _commented(module: Module) -> Iterator[tuple[str, tuple[Module, Span]]]:
    """Names in the comment that keeps the former end of a list."""
    for comment in module.facts.commented:
        if comment.kind == "former list":
            for name in re.findall(r"[\"']([^\"']+)[\"']", comment.head):
                yield name, (module, comment.span)


def _is_constant(file: FileColumns, index: int) -> bool:
    seen = {index}
    stack = [index]
    while stack:
        value = file.values[stack.pop()]
        if type(value) is Op:
            fresh = set(value.operands) - seen
            seen |= fresh
            stack.extend(fresh)
        elif type(value) not in (Const, Name):
            return False
    return True


def _place(file: FileColumns, index: int) -> tuple[Module, Span] | None:
    """The text of a value, where the facts know it: a call, a chain that is read, or a variable."""
    facts = file.module.facts
    at: int | None = index
    while at is not None:
        spans = [s.span for s in facts.sites if s.value == at] or [u.span for u in facts.uses if u.value == at]
        spans = spans or [b.span for s in facts.scopes for bindings in s.bindings.values() for b in bindings if b.value == at]
        if spans:
            return file.module, spans[0]
        at = next((p for p in file.parents.get(at, ()) if p > at), None)
    return None
