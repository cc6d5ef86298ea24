"""Whether a call runs, seen from the constants that its function was called with."""

from __future__ import annotations

from mldebt.facts.model import Const, Param
from mldebt.project.evaluate import Constant
from mldebt.project.flow.model import Node
from mldebt.project.project import Module, Project


class Branches:
    """Conditions on parameters: `if fit: scaler.fit_transform(rows) else: scaler.transform(rows)`."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def runs(self, node: Node, module: Module) -> bool:
        """False only when a condition around the call cannot hold for the calls that lead to it."""
        site = self._project.flow.steps.files.site(module, node.index)
        if site is None or not node.calls:
            return True

        def passed(where: Module, index: int) -> frozenset[Constant] | None:
            value = where.facts.values[index]
            if where.path != node.path or type(value) is not Param:
                return None
            steps = self._project.flow.steps_from(node._replace(index=index))
            if len(steps) != 1:
                return None
            given = self._project.modules[steps[0].node.path].facts.values[steps[0].node.index]
            return frozenset({given.value}) if type(given) is Const else None

        block = site.block
        while block >= 0:
            at = module.facts.blocks[block]
            if at.kind in ("if", "else") and at.guard >= 0:
                truth = self._project.evaluator.truth(module, module.facts.guards[at.guard].test, passed)
                if truth is not None and truth != (at.kind == "if"):
                    return False
            block = at.parent
        return True
