"""Names that a file reads and nothing defines, grouped by what is missing."""

from __future__ import annotations

from collections import defaultdict

from mldebt.facts.model import Undefined
from mldebt.project.project import Module

# Names of Python 2, often read behind a version test.
_PYTHON2 = frozenset({
    "apply", "basestring", "buffer", "cmp", "execfile", "file", "intern", "long", "raw_input", "raw_unicode", "reduce", "reload",
    "unichr", "unicode", "xrange",
})  # fmt: skip


def missing_names(module: Module) -> list[list[Undefined]]:
    """Reads of undefined names in text order, functions that lack a common name together."""
    by_scope: dict[int, list[Undefined]] = defaultdict(list)
    for use in module.facts.undefined:
        if use.name not in _PYTHON2 and not _in_try(module, use.block):
            by_scope[use.scope].append(use)
    groups: list[tuple[set[str], list[Undefined]]] = []
    for _, uses in sorted(by_scope.items()):
        names = {u.name for u in uses}
        joined = [g for g in groups if g[0] & names]
        groups = [g for g in groups if g not in joined]
        groups.append((names.union(*(g[0] for g in joined)), [u for g in joined for u in g[1]] + uses))
    return [sorted(uses, key=lambda u: (u.span.line, u.span.column)) for _, uses in groups]


def _in_try(module: Module, block: int) -> bool:
    while block >= 0:
        if module.facts.blocks[block].kind in ("try", "except"):
            return True
        block = module.facts.blocks[block].parent
    return False
