"""Backward slices: all that a value is made of, nearest first, with the way to each part."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from mldebt.facts.model import Call, Span
from mldebt.project.flow.model import Calls, Hop, Node, Step
from mldebt.project.flow.steps import Steps
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

LIMIT = 1000  # nodes of one slice
Until = Callable[[Node], bool]
Passes = Callable[[Step], bool]


class Slice:
    """What was reached from the start. `cut`: the walk stopped at its limit, so that something may be missing."""

    def __init__(self, start: tuple[Node, ...], steps: dict[Node, tuple[Node, Step] | None], cut: bool, project: Project) -> None:
        self.start, self.cut = start, cut
        self._steps, self._project = steps, project

    def __iter__(self) -> Iterator[Node]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, node: object) -> bool:
        return node in self._steps

    def way(self, node: Node) -> tuple[Step, ...]:
        """The steps that lead from the start to a node."""
        found: list[Step] = []
        reached = self._steps[node]
        while reached is not None:
            before, step = reached
            found.append(step)
            reached = self._steps[before]
        return tuple(reversed(found))

    def hops(self, node: Node) -> tuple[Hop, ...]:
        """Places on the way from a node down to the start: files, calls and columns; in the order of the data."""
        found: list[Hop] = []
        for step in reversed(self.way(node)):
            if step.how in ("file", "return", "parameter") or (step.how in ("element", "column") and step.note):
                place = self._call_of(step)
                if place is not None and (not found or (found[-1].path, found[-1].span) != (place.path, place.span)):
                    found.append(place)
        return tuple(found)

    def _call_of(self, step: Step) -> Hop | None:
        before = self._steps[step.node]
        assert before is not None
        inner = before[0]
        place = inner if step.how == "file" else step.node if step.how in ("element", "column") else None
        if step.how == "return" and step.node.calls:
            place = Node(*step.node.calls[-1])
        elif step.how == "parameter" and inner.calls:
            place = Node(*inner.calls[-1])
        elif step.how == "parameter":
            place = step.node
        if place is None:
            return None
        span = self._project.flow.span(place.path, place.index)
        return None if span is None else Hop(place.path, span, step.how, step.note)


class Flow:
    """Slices of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.steps = Steps(project)
        self._spans: dict[str, dict[int, Span]] = {}
        self._memo: dict[Node, tuple[Step, ...]] = {}

    def back(
        self,
        starts: Node | Iterable[Node],
        *,
        until: Until | None = None,
        passes: Passes | None = None,
        limit: int = LIMIT,
    ) -> Slice:
        """Walks back from the start. Nodes for which `until` holds are reached but not left; steps that do not pass are not taken."""
        first = (starts,) if isinstance(starts, Node) else tuple(starts)
        found: dict[Node, tuple[Node, Step] | None] = dict.fromkeys(first)
        queue = deque(first)
        cut = False
        while queue:
            node = queue.popleft()
            if until is not None and until(node):
                continue
            for step in self._back(node):
                if step.node not in found and (passes is None or passes(step)):
                    if len(found) >= limit:
                        cut = True
                        queue.clear()
                        break
                    found[step.node] = (node, step)
                    queue.append(step.node)
        return Slice(first, found, cut, self._project)

    def _back(self, node: Node) -> tuple[Step, ...]:
        """The steps from a node; slices overlap, so that most are asked for again."""
        found = self._memo.get(node)
        if found is None:
            found = self._memo[node] = tuple(self.steps.back(node))
        return found

    def contexts(self, path: str, scope: int, depth: int = 2, limit: int = 24) -> list[Calls]:
        """The chains of calls that lead to a function, outermost first, up to `depth` long; one empty chain where nothing calls it."""
        found: list[Calls] = []
        queue: deque[tuple[Calls, str, int]] = deque([((), path, scope)])
        while queue and len(found) < limit:
            calls, at, inner = queue.popleft()
            module = self._project.modules[at]
            function = enclosing(module, inner)
            sites = self.steps.calls.callers(Defined(at, function)) if function > 0 and len(calls) < depth else []
            sites = [s for s in sites if s not in calls]
            if not sites:
                found.append(calls)
                continue
            for site in sites:
                place = self.steps.files.site(self._project.modules[site[0]], site[1])
                if place is not None:
                    queue.append(((site, *calls), site[0], place.scope))
        return found or [()]

    def span(self, path: str, index: int) -> Span | None:
        """Where a value stands in its file: of a call its own place, of any other where it is bound, written or read first."""
        if path not in self._spans:
            facts = self._project.modules[path].facts
            spans: dict[int, Span] = {}
            for use in facts.uses:
                spans.setdefault(use.value, use.span)
            for scope in facts.scopes:
                for bindings in scope.bindings.values():
                    for binding in bindings:
                        if type(facts.values[binding.value]) is not Call:
                            spans[binding.value] = binding.span
            for write in facts.writes:
                spans.setdefault(write.value, write.span)
            for site in facts.sites:
                spans[site.value] = site.span
            for number, statement in enumerate(facts.statements):  # of a file of SQL, which has no values
                spans[number] = Span(statement.line, 1, statement.line, 1)
            self._spans[path] = spans
        return self._spans[path].get(index)


def enclosing(module: Module, scope: int) -> int:
    """The function that a scope stands in, lambdas and comprehensions left out; 0 for the module, -1 for a class body."""
    while scope > 0 and module.facts.scopes[scope].kind not in ("function", "class"):
        scope = module.facts.scopes[scope].parent
    return -1 if scope > 0 and module.facts.scopes[scope].kind == "class" else scope
