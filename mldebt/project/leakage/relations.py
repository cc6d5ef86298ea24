"""Which rows reach training that should not: the relations between fits, evaluations and what was learned before the split.

After Yang et al., "Data Leakage in Notebooks" (2022): a model's training rows, the rows that it is evaluated on, and operations that
reduce or copy rows on the way to either. Here the values of all files are followed, and functions that nobody calls are analysed too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from mldebt.facts.model import Attr, Call, Item, Name, Store
from mldebt.project.flow.model import ALL, Calls, Node
from mldebt.project.leakage import operations
from mldebt.project.leakage.overlap import Overlaps
from mldebt.project.leakage.rows import Rows
from mldebt.project.leakage.sites import Sites, Use
from mldebt.project.project import Module, Project

if TYPE_CHECKING:
    from mldebt.project.leakage.selection import Selection
    from mldebt.project.leakage.target import Targets
    from mldebt.project.leakage.unions import Unions

_CONTEXTS = 6
_WATCHED = frozenset({"eval_set", "evals", "validation_data", "validation_split", "valid_sets"})
_EVALUATES = frozenset({"predict", "score"})


class Placed(msgspec.Struct, frozen=True):
    """A use as it is reached through a chain of calls."""

    use: Use
    calls: Calls

    @property
    def features(self) -> Node | None:
        return Node(self.use.path, self.use.features[0], self.calls, ALL) if self.use.features else None


class Pair(msgspec.Struct, frozen=True):
    """A model's fit and a later evaluation of that model. For a call that does both they are the same."""

    fit: Placed
    evaluation: Placed


class Learned(msgspec.Struct, frozen=True):
    """Something that was computed from rows of the evaluation and that training or evaluation rows depend on."""

    at: Node  # the call that learns
    source: Node  # the rows that it learns from
    pair: Pair
    trains: bool  # it reaches the training rows, not only those of the evaluation


_METRICS = ("_score", "_error", "_loss", "_report", "_matrix", "_curve", "rmse", "rmsle")


class Shared(msgspec.Struct, frozen=True):
    """Rows that training and evaluation have in common; `at` the call that copied them, if one did."""

    pair: Pair
    at: Node | None


class Leakage:
    """Relations of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.sites = Sites(project)
        self.rows = Rows(project, self.sites)
        self.overlaps = Overlaps(project, self.rows)

    @cached_property
    def selection(self) -> Selection:
        from mldebt.project.leakage.selection import Selection

        return Selection(self._project, self)

    @cached_property
    def targets(self) -> Targets:
        from mldebt.project.leakage.target import Targets

        return Targets(self._project, self)

    @cached_property
    def unions(self) -> Unions:
        from mldebt.project.leakage.unions import Unions

        return Unions(self._project, self)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        contexts: dict[tuple[str, int], list[Calls]] = {}
        found = []
        for use in self.sites.uses:
            key = (use.path, use.site.scope)
            if key not in contexts:
                contexts[key] = self._project.flow.contexts(*key, depth=2, limit=_CONTEXTS) if use.site.scope > 0 else [()]
            found += [Placed(use, calls) for calls in contexts[key]]
        return tuple(found)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every evaluation with the nearest fit of its model before it."""
        fits: dict[object, list[Placed]] = defaultdict(list)
        evaluations: list[Placed] = []
        found: list[Pair] = []
        for placed in self.placed:
            kind = placed.use.kind
            if kind == "forward":
                kind = "fit" if (placed.use.path, placed.use.value) in self._trained else "predict"
            if kind == "fit":
                for root in self.roots(placed):
                    fits[root].append(placed)
            elif kind in _EVALUATES:
                evaluations.append(placed)
            elif kind == "validate":
                found.append(Pair(placed, placed))
        for evaluation in evaluations:
            mine = {(f.use.path, f.use.value, f.calls): f for root in self.roots(evaluation) for f in fits.get(root, ())}
            found += [Pair(fit, evaluation) for fit in _nearest(list(mine.values()), evaluation)]
        return tuple(found)

    @cached_property
    def _trained(self) -> frozenset[tuple[str, int]]:
        """Forward passes whose answers reach a loss that is propagated back."""
        found: set[tuple[str, int]] = set()
        for loss in self.sites.losses():
            found |= {(n.path, n.index) for n in self.overlaps.all(loss).nodes.values()}
        return frozenset(found)

    def roots(self, placed: Placed) -> frozenset[object]:
        return self.sites.roots(Node(placed.use.path, placed.use.object, placed.calls, ALL))

    # relations -------------------------------------------------------------------------------------------------------

    def learned(self) -> Iterator[Learned]:
        """What is learned from rows of the evaluation on the way to training or evaluation."""
        for pair in self.pairs:
            train, test = pair.fit.features, pair.evaluation.features
            if train is None or test is None:
                continue
            both = pair.fit is pair.evaluation
            if not both and self.overlaps.shared(train, test) is not None:
                continue
            seen: set[tuple[str, int]] = set()
            for start, trains in ((train, True), (test, False)):
                for _, edge in self.overlaps.all(start).edges:
                    if edge.kind != "learned" or edge.at is None or (edge.at.path, edge.at.index) in seen:
                        continue
                    if self.overlaps.informs(edge.node, test) and not self._is_of_one_row(edge.at, edge.node):
                        seen.add((edge.at.path, edge.at.index))
                        yield Learned(edge.at, edge.node, pair, trains)

    def _is_of_one_row(self, at: Node, source: Node) -> bool:
        """Whether the call stands in a loop over rows and learns from what the loop has of the row at hand."""
        module = self._project.modules[at.path]
        site = self._project.flow.steps.files.site(module, at.index)
        loops = set()
        block = site.block if site is not None else -1
        while block >= 0:
            if module.facts.blocks[block].loop:
                loops |= {block, module.facts.blocks[block].parent}
            block = module.facts.blocks[block].parent
        if not loops or site is None:
            return False
        elements = set()
        for bindings in module.facts.scopes[site.scope].bindings.values():
            for binding in bindings:
                if binding.how == "for" and binding.block in loops:
                    value = binding.value
                    while type(item := module.facts.values[value]) is Item:
                        value = item.base
                    elements.add(value)
        for node, edge in self.overlaps.all(source).edges:
            if edge.kind == "element" and node.path == at.path:
                part = module.facts.values[node.index]
                if node.index in elements or (type(part) is Item and part.key in elements):
                    return True
        return False

    def shared(self) -> Iterator[Shared]:
        """Evaluations on rows that the model was trained on."""
        for pair in self.pairs:
            train, test = pair.fit.features, pair.evaluation.features
            if train is None or test is None or pair.fit is pair.evaluation:
                continue
            copy = self.overlaps.copied(train, test)
            if copy is not None:
                yield Shared(pair, copy)
            elif self.overlaps.shared(train, test) is not None:
                yield Shared(pair, None)

    @cached_property
    def measured(self) -> frozenset[tuple[str, int]]:
        """Predictions whose result goes into a metric, and scores."""
        found = {(u.path, u.value) for u in self.sites.uses if u.kind in ("score", "validate")}
        predictions = {(u.path, u.value) for u in self.sites.uses if u.kind == "predict"}
        if not predictions:
            return frozenset(found)
        flow = self._project.flow
        known: dict[int, tuple[str, int] | None] = {}  # by the number of a node: the prediction that it is
        for module, call in self._measuring():
            for index in (*call.args, *(v for _, v in call.keywords)):
                for number in self.overlaps.all(Node(module.path, index)).numbers:
                    if number not in known:
                        place = flow.nodes[number][:2]
                        known[number] = place if place in predictions else None
                    if (prediction := known[number]) is not None:
                        found.add(prediction)
        return frozenset(found)

    def _measuring(self) -> Iterator[tuple[Module, Call]]:
        """Calls of metrics, by the catalogue or by their name."""
        metrics = {(e.module.path, e.site.value) for e in self._project.calls("metric")}
        for module in self._project.python:
            for site, call, func in module.calls:
                last = func.name.rpartition(".")[2] if type(func) is Attr or type(func) is Name else ""
                if last.endswith(_METRICS) or (module.path, site.value) in metrics:
                    yield module, call

    def is_inner(self, evaluation: Placed) -> bool:
        """Whether the rows of the evaluation are a fold of rows from which others were held back before."""
        node = evaluation.features
        if node is None:
            return False
        module = self._project.modules
        parts = [n for n in self.overlaps.rows(node).nodes.values() if self.sites.is_part(module[n.path], n.index)]
        return len({(n.path, module[n.path].facts.values[n.index].base) for n in parts}) > 1  # type: ignore[union-attr]

    def is_measured(self, placed: Placed) -> bool:
        return (placed.use.path, placed.use.value) in self.measured

    def certainty(self, shared: Shared) -> float:
        """How sure it is that an overlap is no training score: least where the same value is given to both."""
        train, test = shared.pair.fit.features, shared.pair.evaluation.features
        assert train is not None and test is not None
        held = {k for k in self.overlaps.same(test).nodes if self.overlaps.holds_rows(k)}
        if held & self.overlaps.same(train).nodes.keys():
            return 0.4
        joined = self.overlaps.rows(train)
        through = any(self._is_union(n) for key in held & joined.nodes.keys() for n, _ in joined.way(joined.nodes[key]))
        return 0.85 if through else 0.6

    def _is_union(self, node: Node) -> bool:
        module = self._project.modules[node.path]
        call = module.facts.values[node.index]
        return type(call) is Call and self.name(node) in operations.UNIONS

    def watches(self, fit: Placed) -> bool:
        """Whether the fit itself reports a score on other rows."""
        call = self._project.modules[fit.use.path].facts.values[fit.use.value]
        assert type(call) is Call
        return any(k in _WATCHED for k, _ in call.keywords)

    def called(self, path: str, index: int) -> str:
        return self.name(Node(path, index))

    def is_fit(self, node: Node) -> bool:
        """Whether the call fits something, rather than computing a statistic."""
        return self.sites.use(node.path, node.index) is not None

    def name(self, node: Node) -> str:
        """What a call is, for readers."""
        use = self.sites.use(node.path, node.index)
        if use is not None:
            return use.label
        module = self._project.modules[node.path]
        call = module.facts.values[node.index]
        func = module.facts.values[call.func] if type(call) is Call else None
        return func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""

    def is_weak(self, node: Node) -> bool:
        """Whether it is an operation from which features seldom learn of other rows, or one for each group or window of rows."""
        if self.is_fit(node):
            return False
        return self.name(node) in operations.WEAK_STATISTICS or self._is_grouped(node)

    def _is_grouped(self, node: Node) -> bool:
        values = self._project.modules[node.path].facts.values
        value = values[node.index]
        for _ in range(8):
            if type(value) is Call:
                func = values[value.func]
                if type(func) is Attr and func.name in operations.GROUPS:
                    return True
                value = func
            elif type(value) in (Attr, Item, Store):
                value = values[value.base]
            else:
                break
        return False


def _nearest(fits: list[Placed], evaluation: Placed) -> list[Placed]:
    """The last fit before the evaluation in its function, else the fits of other functions."""
    use = evaluation.use
    here = [f for f in fits if f.use.path == use.path and f.use.site.scope == use.site.scope]
    same = [f for f in here if f.calls == evaluation.calls]
    before = [f for f in same if f.use.site.span <= use.site.span]
    if before:
        last = max(before, key=lambda f: f.use.site.span)
        return [last]
    if here:
        return sorted(same, key=lambda f: f.use.site.span)[:1]
    return sorted(fits, key=lambda f: (f.use.path != use.path, f.use.path, f.use.site.span, f.calls))[:4]
