"""Guards between two models: code that compares the first one with the one that the second was trained on (DEFINITIONS 6.2 e)."""

from __future__ import annotations

from mldebt.facts.model import Attr, Call, Guard, Op
from mldebt.project.flow.model import Node
from mldebt.project.models.graph import ModelGraph
from mldebt.project.models.identity import shared
from mldebt.project.project import Module, Project

_LIMIT = 80


def guarded(project: Project, models: ModelGraph, sources: tuple[Node, ...], targets: tuple[Node, ...]) -> str:
    """`raised` or `warned` when a condition compares attributes of both models, or of one with what the other is loaded by; else ""."""
    best = ""
    for path in sorted({maker.path for maker in (*sources, *targets)}):
        module = project.modules[path]
        for guard in module.facts.guards:
            test = module.facts.values[guard.test]
            if type(test) is Op and test.op in ("==", "!=") and len(test.operands) == 2:
                one, other = (_told(project, models, module, side) for side in test.operands)
                for first, second in ((one, other), (other, one)):
                    if _is_about(first, sources, project) and _is_about(second, targets, project):
                        best = "raised" if _raises(module, guard) else best or "warned"
    return best


class _Told:
    """What one side of a comparison tells of models: whose attributes, and which values."""

    def __init__(self, makers: tuple[Node, ...], values: frozenset[tuple[str, int]]) -> None:
        self.makers, self.values = makers, values


def _told(project: Project, models: ModelGraph, module: Module, index: int) -> _Told:
    makers: list[Node] = []
    values: set[tuple[str, int]] = set()
    for node in project.flow.back(Node(module.path, index), limit=_LIMIT):
        owner = project.modules[node.path]
        value = owner.facts.values[node.index]
        values.add((node.path, node.index))
        if type(value) is Attr:
            makers += models.identity(Node(node.path, value.base, node.calls))
    return _Told(tuple(makers), frozenset(values))


def _is_about(told: _Told, makers: tuple[Node, ...], project: Project) -> bool:
    if shared(told.makers, makers):
        return True
    for maker in makers:
        call = project.modules[maker.path].facts.values[maker.index]
        given = (*call.args, *(v for _, v in call.keywords)) if type(call) is Call else ()
        if any((maker.path, value) in told.values for value in given):
            return True
    return False


def _raises(module: Module, guard: Guard) -> bool:
    return any(one.block == guard.body_block for one in module.facts.raises)
