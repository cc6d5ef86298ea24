"""Names that a file reads and nothing defines, grouped by what is missing."""

from __future__ import annotations

from collections import defaultdict

from mldebt.facts.model import Undefined
from mldebt.project.project import Module, Project

# Names of Python 2, often read behind a version test.
_PYTHON2 = frozenset({
    "apply", "basestring", "buffer", "cmp", "execfile", "file", "intern", "long", "raw_input", "raw_unicode", "reduce", "reload",
    "unichr", "unicode", "xrange",
})  # fmt: skip


def missing_names(project: Project, module: Module) -> list[list[Undefined]]:
    """Reads of undefined names in text order, functions that lack a common name together; of a file that lacks many, all."""
    added = project.added_names
    by_scope: dict[int, list[Undefined]] = defaultdict(list)
    for use in module.facts.undefined:
        if use.name not in _PYTHON2 and use.name not in added and not _inside(module, use.block, ("try", "except", "dead")):
            by_scope[use.scope].append(use)
    groups: list[tuple[set[str], list[Undefined]]] = []
    for _, uses in sorted(by_scope.items()):
        names = {u.name for u in uses}
        joined = [g for g in groups if g[0] & names]
        groups = [g for g in groups if g not in joined]
        groups.append((names.union(*(g[0] for g in joined)), [u for g in joined for u in g[1]] + uses))
    if len(groups) > 2:
        groups = [(set(), [u for _, uses in groups for u in uses])]
    return [sorted(uses, key=lambda u: (u.span.line, u.span.column)) for _, uses in groups]


def _inside(module: Module, block: int, kinds: tuple[str, ...]) -> bool:
    while block >= 0:
        if module.facts.blocks[block].kind in kinds:
            return True
        block = module.facts.blocks[block].parent
    return False
