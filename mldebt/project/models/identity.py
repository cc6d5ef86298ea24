"""Which model a value is: the calls that make or load it, through variables, fields, wrappers and files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Def, Name, Op
from mldebt.project.events import argument, callee_name
from mldebt.project.flow import Flow
from mldebt.project.flow.model import Node, Step
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_LIMIT = 200
_SAME = frozenset({"copy.copy", "copy.deepcopy"})
_ITERATES = frozenset(f"builtins.{n}" for n in ("enumerate", "zip", "list", "tuple", "sorted", "reversed", "iter", "next", "dict"))
_HELD = frozenset({"items", "values", "get"})  # of a table of models
_KEEPING = frozenset({"fit", "partial_fit", "set_params", "to", "cuda", "cpu", "eval", "half", "float", "get_booster", "best_estimator_"})


class Identities:
    """Makers of model values."""

    def __init__(self, project: Project, flow: Flow) -> None:
        self._project, self._flow = project, flow
        self._memo: dict[Node, tuple[Node, ...]] = {}
        self._wrappers: dict[Node, tuple[Node, ...]] = {}

    def of(self, node: Node) -> tuple[Node, ...]:
        """The makers, sorted; empty where none is in sight. For the model inside an object of the project it is the object's maker."""
        if node not in self._memo:
            self._memo[node], wrappers = (), dict[Node, None]()
            self._memo[node] = tuple(sorted(set(self._walk(node, wrappers)), key=lambda n: (n.path, n.index, n.calls)))
            self._wrappers[node] = tuple(wrappers)
        return self._memo[node]

    def wrappers(self, node: Node) -> tuple[Node, ...]:
        """The calls on the way to the makers that put a model into something else, such as a step of a graph of steps."""
        self.of(node)
        return self._wrappers.get(node, ())

    def _walk(self, start: Node, wrappers: dict[Node, None]) -> Iterator[Node]:
        seen, queue = {start}, deque([start])
        while queue and len(seen) < _LIMIT:
            node = queue.popleft()
            outer = self._outer(node)
            if outer is not None:
                steps: list[Step] = [Step(outer, "value")]
            else:
                made = self._maker(node)
                if made is not None:
                    yield made
                    continue
                steps = list(self._aliases(node))
                if self._wraps(node):
                    wrappers[node] = None
            for step in steps:
                if step.node not in seen:
                    seen.add(step.node)
                    queue.append(step.node)

    def _outer(self, node: Node) -> Node | None:
        """For a field of `self` in a method that was called on an object: that object."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if not node.calls or type(value) is not Attr or not self._flow.steps.is_self(module, value.base):
            return None
        path, index = node.calls[-1]
        caller = self._project.modules[path]
        call = caller.facts.values[index]
        assert type(call) is Call
        func = caller.facts.values[call.func]
        if type(func) is not Attr:
            return None
        return Node(path, func.base, node.calls[:-1])

    def _maker(self, node: Node) -> Node | None:
        """The node, when it is a call that makes or loads an object and that is not known to pass one on."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is Def:
            return _made_at(node)
        if type(value) is not Call:
            return None
        target = self._project.resolver.callee(module, value)
        if type(target) is Defined:
            return _made_at(node) if self._project.resolver.scope(target)[1].kind == "class" else None
        if type(target) is Instance and type(target.of) is Defined:
            return None
        if target is None and self._flow.steps.calls.dispatched(module, value.func):
            return None
        if any(True for _ in self._passed_on(node, module, value)):
            return None
        return _made_at(node)

    def _wraps(self, node: Node) -> bool:
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is not Call:
            return False
        target = self._project.resolver.callee(module, value)
        return any("wrap" in entry.roles for entry in self._flow.steps.entries(module, value, target))

    def _passed_on(self, node: Node, module: Module, call: Call) -> Iterator[Node]:
        """What a call of a package passes on as the same model: copies, wrappers, what `fit` returns, what a file holds."""
        target = self._project.resolver.callee(module, call)
        name = callee_name(target) if target is not None else ""
        if name in _SAME:
            yield from (node._replace(index=a) for a in call.args[:1])
            return
        if name in _ITERATES:
            yield from (node._replace(index=a) for a in call.args)
            return
        func = module.facts.values[call.func]
        if type(func) is Attr and target is None and func.name in _HELD:
            yield node._replace(index=func.base)
            return
        if type(func) is Attr and func.name in _KEEPING:
            yield node._replace(index=func.base)
            return
        entries = self._flow.steps.entries(module, call, target)
        for entry in entries:
            if "wrap" in entry.roles and (given := argument(call, entry.args.get("model"))) is not None:
                yield node._replace(index=given)
        if any("read" in e.roles for e in entries):
            handles = [i for e in entries if (i := argument(call, e.args.get("data"))) is not None]
            for at in (node, *(node._replace(index=handle) for handle in handles)):
                yield from (step.node for step in self._flow.steps.files.steps(at))

    def _aliases(self, node: Node) -> Iterator[Step]:
        """Steps on which a value stays the same object or an item of a container of such objects."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is Call:
            target = self._project.resolver.callee(module, value)
            unknown = target is None and not self._flow.steps.calls.dispatched(module, value.func)
            if unknown or type(target) is External or (type(target) is Instance and type(target.of) is External):
                yield from (Step(inner, "value") for inner in self._passed_on(node, module, value))
                return
        if type(value) is Name and not self._project.members.of_name(module, value.name):
            return
        kept = {"value", "field", "return", "parameter", "element", "part", "column"}
        if type(value) is Op and value.op in ("?:", "or"):  # one of its operands, not something made of them
            kept.add("operand")
        yield from (step for step in self._flow.steps.back(node) if step.how in kept)


def _made_at(node: Node) -> Node:
    """The maker as one of many: a function that makes a model makes another one at each call of it."""
    return Node(node.path, node.index, node.calls[-1:])


def shared(some: tuple[Node, ...], others: tuple[Node, ...]) -> bool:
    """Whether two models have a maker in common. One that is seen from any caller may be each of them."""
    return any(a[:2] == b[:2] and (a.calls == b.calls or not a.calls or not b.calls) for a in some for b in others)
