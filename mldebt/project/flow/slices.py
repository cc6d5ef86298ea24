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

    def __init__(self, start: tuple[Node, ...], before: dict[int, int], cut: bool, flow: Flow, passes: Passes | None) -> None:
        self.start, self.cut = start, cut
        self._before, self._flow, self._passes = before, flow, passes  # from which node each one was reached first, -1: the start

    def __iter__(self) -> Iterator[Node]:
        return map(self._flow.nodes.__getitem__, self._before)

    def __len__(self) -> int:
        return len(self._before)

    def __contains__(self, node: Node) -> bool:
        return self._flow.number(node) in self._before

    @property
    def numbers(self) -> Iterable[int]:
        """The nodes by their numbers, in the same order."""
        return self._before

    def way(self, node: Node) -> tuple[Step, ...]:
        """The steps that lead from the start to a node."""
        found: list[Step] = []
        number = self._flow.number(node)
        while (before := self._before[number]) >= 0:
            found.append(self._flow.step(before, number, self._passes))
            number = before
        return tuple(reversed(found))

    def last(self, node: Node) -> Step | None:
        """The last step of the way to a node; None for one of the start."""
        number = self._flow.number(node)
        before = self._before[number]
        return None if before < 0 else self._flow.step(before, number, self._passes)

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
        inner = self._flow.nodes[self._before[self._flow.number(step.node)]]
        place = inner if step.how == "file" else step.node if step.how in ("element", "column") else None
        if step.how == "return" and step.node.calls:
            place = Node(*step.node.calls[-1])
        elif step.how == "parameter" and inner.calls:
            place = Node(*inner.calls[-1])
        elif step.how == "parameter":
            place = step.node
        if place is None:
            return None
        span = self._flow.span(place.path, place.index)
        return None if span is None else Hop(place.path, span, step.how, step.note)


class Flow:
    """Slices of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.steps = Steps(project)
        self._spans: dict[str, dict[int, Span]] = {}
        self.nodes: list[Node] = []  # by number: a walk compares numbers, since a node with its calls is dear to hash
        self._numbers: dict[Node, int] = {}
        self._memo: list[tuple[tuple[int, ...], tuple[Step, ...]] | None] = []

    def number(self, node: Node) -> int:
        """The number of a node."""
        found = self._numbers.get(node)
        if found is None:
            found = self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
            self._memo.append(None)
        return found

    def back(
        self,
        starts: Node | Iterable[Node],
        *,
        until: Until | None = None,
        passes: Passes | None = None,
        limit: int = LIMIT,
        known: dict[int, bool] | None = None,
    ) -> Slice:
        """Walks back from the start. Nodes for which `until` holds are reached but not left; steps that do not pass are not taken.

        `known`: what `until` said of nodes before, by their numbers; for questions that are asked often.
        """
        first = (starts,) if isinstance(starts, Node) else tuple(starts)
        found = dict.fromkeys(map(self.number, first), -1)
        order, most = list(found), max(limit, len(found))
        said = {} if known is None else known
        for number in order:  # grows on the way
            if until is not None:
                if number not in said:
                    said[number] = until(self.nodes[number])
                if said[number]:
                    continue
            targets, steps = self._memo[number] or self._left(number)
            if passes is None:
                for target in targets:
                    if target not in found:
                        found[target] = number
                        order.append(target)
            else:
                for target, step in zip(targets, steps, strict=True):
                    if target not in found and passes(step):
                        found[target] = number
                        order.append(target)
            if len(found) > most:
                for extra in order[most:]:
                    del found[extra]
                return Slice(first, found, True, self, passes)
        return Slice(first, found, False, self, passes)

    def step(self, before: int, number: int, passes: Passes | None = None) -> Step:
        """The first step from one node to another."""
        targets, steps = self._memo[before] or self._left(before)
        return next(s for target, s in zip(targets, steps, strict=True) if target == number and (passes is None or passes(s)))

    def steps_from(self, node: Node) -> tuple[Step, ...]:
        """The steps back from a node; walks overlap, so that most are asked for again."""
        number = self.number(node)
        return (self._memo[number] or self._left(number))[1]

    def _left(self, number: int) -> tuple[tuple[int, ...], tuple[Step, ...]]:
        steps = tuple(self.steps.back(self.nodes[number]))
        found = self._memo[number] = tuple([self.number(step.node) for step in steps]), steps
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
