"""Models whose label is still a column of their features."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.leakage.roles import is_unit_test

_SURE, _MAY_SELECT = 0.85, 0.5
_SELECTS = re.compile("Pipeline|Search|Transformer|pipe", re.IGNORECASE)  # may choose columns of its own


def check(project: Project) -> Iterator[Finding]:
    """Yields target-in-features, one for each fit."""
    done: set[tuple[str, int]] = set()
    for kept in project.leakage.targets.kept():
        use = kept.fit.use
        module = project.modules[use.path]
        if (use.path, use.value) in done or is_unit_test(module):
            continue
        done.add((use.path, use.value))
        yield Finding(
            rule="target-in-features",
            location=project.location(module, use.site.span),
            message=f"`{kept.column}` is the label of `{use.label}` and a column of its features",
            anchor=kept.column,
            scope=module.qualname(use.site.scope),
            confidence=_SURE if use.known and not _SELECTS.search(use.label) else _MAY_SELECT,
        )
