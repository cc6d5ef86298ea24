"""Choices that are made by looking at the rows which also give the reported result."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Const, Guard, Name, Op, Phi, Seq, Site
from mldebt.project.events import argument
from mldebt.project.flow.model import ALL, Node
from mldebt.project.leakage.names import Called
from mldebt.project.leakage.relations import Leakage, Pair, Placed
from mldebt.project.leakage.sites import Use
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Target

_STOPS = re.compile(r"early_?stop|use_best_model|^od_wait$", re.IGNORECASE)
_HELD_OUT = re.compile(r"(?:^|_)(?:x_?)?te?sts?(?:_|$|x|\d)|(?:^|_)(?:holdout|hold_out)", re.IGNORECASE)
_FOR_CHOOSING = re.compile(r"(?:^|_)(?:x_?)?(?:val|valid|validation|dev|cv|oof|eval|fold)(?:_|$|x|\d)", re.IGNORECASE)
_PROMOTES = re.compile(r"register_model|create_model_version|model_version_stage|model_alias|promote", re.IGNORECASE)
_TEST_METRIC = re.compile(r"(?:^|[^a-z])te?st(?:[^a-z]|$)", re.IGNORECASE)
_ORDERS = frozenset({"order_by", "sort_by", "sort", "ordering"})
_COMPARES = frozenset({"<", ">", "<=", ">="})
_AVERAGES = frozenset({"mean", "average", "nanmean", "median"})
_SLICE, _NEAR = 400, 8


class Chosen(msgspec.Struct, frozen=True):
    """A choice: `what` is chosen at `at`, looking at the rows of `evaluation`."""

    what: str
    at: Node
    evaluation: Placed | None
    fit: Placed | None


class Selection:
    """Choices of one project."""

    def __init__(self, project: Project, leakage: Leakage) -> None:
        self._project, self._leakage = project, leakage
        self._called = Called(project)

    # stopping --------------------------------------------------------------------------------------------------------

    def stopped(self) -> Iterator[Chosen]:
        """Fits that stop on rows on which alone their model is scored afterwards."""
        scored: dict[Placed, list[Pair]] = defaultdict(list)
        for pair in self._leakage.pairs:
            use = pair.evaluation.use
            if (use.path, use.value) in self._leakage.measured and pair.fit is not pair.evaluation:
                scored[pair.fit].append(pair)
        for fit, pairs in scored.items():
            if Defined(fit.use.path, fit.use.site.scope) in self._objectives:
                continue  # the score of a trial is what a search needs, and nobody reports it
            watched = self._watched(fit)
            if watched is None or fit.features is None:
                continue
            seen = self._leakage.overlaps.rows(watched).nodes
            mine = self._leakage.overlaps.rows(fit.features).nodes
            same: list[Pair] = []
            for pair in pairs:
                test = pair.evaluation.features
                assert test is not None
                held = {k for k in self._leakage.overlaps.same(test).nodes if self._leakage.overlaps.holds_rows(k)}
                if held & mine.keys():
                    continue  # a score on the training rows
                if not held & seen.keys():
                    same = []
                    break  # there is a further test set
                same.append(pair)
            if same:
                yield Chosen("the number of rounds", fit.use.node(fit.calls), same[0].evaluation, fit)

    @cached_property
    def _objectives(self) -> frozenset[Target]:
        """Functions whose result a search makes small."""
        found: set[Target] = set()
        for event in self._project.calls("search"):
            given = argument(event.call, event.entry.args.get("fn"))
            target = self._project.resolver.target(event.module, given) if given is not None else None
            if target is not None:
                found.add(target)
        return frozenset(found)

    def _watched(self, fit: Placed) -> Node | None:
        """The rows that an early stopping looks at."""
        module = self._project.modules[fit.use.path]
        call = module.facts.values[fit.use.value]
        assert type(call) is Call
        if not self._stops(module, call, fit):
            return None
        target = self._project.resolver.callee(module, call)
        for entry in self._project.flow.steps.entries(module, call, target):
            given = argument(call, entry.args.get("evaluation"))
            if given is not None:
                return Node(module.path, given, fit.calls, ALL)
        given = next((v for k, v in call.keywords if k in ("eval_set", "validation_data", "evals", "valid_sets")), None)
        return None if given is None else Node(module.path, given, fit.calls, ALL)

    def _stops(self, module: Module, call: Call, fit: Placed) -> bool:
        names = [k for k, _ in call.keywords]
        for key, value in call.keywords:
            if key == "callbacks":
                names += [self._word(n.path, n.index) for n in self._project.flow.back(Node(module.path, value, fit.calls), limit=_SLICE)]
        for path, index in sorted(r for r in self._leakage.roots(fit) if isinstance(r, tuple) and len(r) == 2 and isinstance(r[1], int)):
            made = self._project.modules[path].facts.values[index]
            names += [k for k, _ in made.keywords] if type(made) is Call else []
        return any(_STOPS.search(n) for n in names)

    def _word(self, path: str, index: int) -> str:
        value = self._project.modules[path].facts.values[index]
        return value.name.rpartition(".")[2] if type(value) is Name else self._callee(path, value) if type(value) is Call else ""

    def _callee(self, path: str, call: Call) -> str:
        func = self._project.modules[path].facts.values[call.func]
        return func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""

    # promotion -------------------------------------------------------------------------------------------------------

    def promoted(self) -> Iterator[Chosen]:
        """Models that are registered because a metric of the test set ranks them first."""
        for module in self._project.python:
            ordered = {site.value for site, call, _ in module.calls if call.keywords and self._ranks_by_test(module, call)}
            if not ordered:
                continue
            for site in module.facts.sites:
                call = module.facts.values[site.value]
                assert type(call) is Call
                if not _PROMOTES.search(self._callee(module.path, call)):
                    continue
                given = [Node(module.path, i) for i in (*call.args, *(v for _, v in call.keywords))]
                reached = self._project.flow.back(given, limit=_SLICE)
                for index in sorted({n.index for n in reached if n.path == module.path} & ordered):
                    yield Chosen("the model to register", Node(module.path, index), None, None)

    def _ranks_by_test(self, module: Module, call: Call) -> bool:
        for key, value in call.keywords:
            if key in _ORDERS:
                given = module.facts.values[value]
                items = given.items if type(given) is Seq else (value,)
                texts = [self._project.evaluator.string(module, i) or "" for i in items[:1]]
                return any(_TEST_METRIC.search(t) for t in texts)
        return False

    # best so far -----------------------------------------------------------------------------------------------------

    def best_so_far(self) -> Iterator[Chosen]:
        """Loops that keep the best by its score on a test set: `if score > best`."""
        measured = self._leakage.measured
        fitted: dict[tuple[str, int], list[Placed]] = defaultdict(list)
        for pair in self._leakage.pairs:
            fitted[pair.evaluation.use.path, pair.evaluation.use.value].append(pair.fit)
        for module in self._project.python:
            for guard in module.facts.guards:
                if guard.kind not in ("if", "elif") or not self._loops(module, guard):
                    continue
                for evaluation in self._compared(module, guard):
                    key = (evaluation.path, evaluation.value)
                    if key not in measured and evaluation.kind not in ("forward", "score"):
                        continue
                    placed = Placed(evaluation, ())
                    names = self._names_of(placed)
                    if not any(_HELD_OUT.search(n) for n in names) or any(_FOR_CHOOSING.search(n) for n in names):
                        continue
                    fits = [f for f in fitted.get(key, ()) if f.use.path != module.path or self._inside(module, f.use.site, guard)]
                    if fits:
                        yield Chosen("the best model", Node(module.path, guard.test), placed, fits[0])
                        break

    def _loops(self, module: Module, guard: Guard) -> bool:
        block = guard.block
        while block >= 0 and module.facts.blocks[block].kind != "function":
            if module.facts.blocks[block].loop:
                return True
            block = module.facts.blocks[block].parent
        return False

    def _inside(self, module: Module, site: Site, guard: Guard) -> bool:
        """Whether the call stands in one of the loops around the condition, or in another function."""
        if site.scope != guard.scope:
            return True
        loops = set()
        block = guard.block
        while block >= 0:
            if module.facts.blocks[block].loop:
                loops.add(block)
            block = module.facts.blocks[block].parent
        block = site.block
        while block >= 0:
            if block in loops:
                return True
            block = module.facts.blocks[block].parent
        return False

    def _compared(self, module: Module, guard: Guard) -> list[Use]:
        """Evaluations whose result is compared with a value kept from earlier rounds."""
        test = module.facts.values[guard.test]
        if type(test) is not Op or test.op not in _COMPARES or len(test.operands) != 2:
            return []
        kept = [o for o in test.operands if type(module.facts.values[o]) is Phi]
        new = [o for o in test.operands if o not in kept]
        if len(kept) != 1 or type(module.facts.values[new[0]]) is Const:
            return []
        if any(_FOR_CHOOSING.search(name) for operand in test.operands for name in self._called.of(Node(module.path, operand))):
            return []
        found = []
        reached = list(self._project.flow.back(Node(module.path, new[0]), limit=_SLICE))
        if any(self._word(n.path, n.index) in _AVERAGES for n in reached[:_NEAR]):
            return []  # of several scores, as in cross-validation
        reached += self._project.flow.back([g for n in reached for g in self._judged(n)], limit=_SLICE)
        for node in reached:
            use = self._leakage.sites.use(node.path, node.index)
            if use is not None and use.kind in ("predict", "score", "forward"):
                found.append(use)
        return found

    def _judged(self, node: Node) -> list[Node]:
        """What a metric is given."""
        module = self._project.modules[node.path]
        call = module.facts.values[node.index]
        if type(call) is not Call or "metric" not in self._leakage.sites.roles(module, node.index):
            return []
        return [node._replace(index=i, demand=ALL) for i in (*call.args, *(v for _, v in call.keywords))]

    def _names_of(self, placed: Placed) -> set[str]:
        """What the rows of an evaluation are called."""
        start = placed.features
        if start is None:
            return set()
        found: set[str] = set()
        for node in self._leakage.overlaps.same(start).nodes.values():
            found |= self._called.of(node)
        for node, edge in self._leakage.overlaps.rows(start).edges[:6]:
            found |= self._called.of(edge.node) | self._called.of(node)
        return found
