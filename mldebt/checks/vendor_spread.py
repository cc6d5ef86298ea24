"""MLD401: an ML package that many files of a program call themselves."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.glue.spread import spreads

RULE = "vendor-spread"
_FILES = 5
_SHARE = 0.15  # of the files of the program
_WRAPPED = 0.5  # of the files that call the vendor: from there on it is wrapped
_SHOWN = 20


def check(project: Project) -> Iterator[Finding]:
    """One finding per vendor. Silent when a part of the project was not read, since shares would be wrong."""
    if project.partial:
        return
    for spread in spreads(project):
        calls = len(spread.first)
        if calls < max(_FILES, _SHARE * spread.files) or spread.wrappers >= _WRAPPED * calls:
            continue
        first, *others = spread.first
        wrap = "wraps" if spread.wrappers == 1 else "wrap"
        wrapped = f"; {spread.wrappers} of them {wrap} it" if spread.wrappers else ""
        yield Finding(
            RULE,
            project.location(first.module, first.site.span),
            f"models of {spread.vendor} are made or trained in {calls} of {spread.files} files ({100 * calls // spread.files} %){wrapped}",
            anchor=spread.vendor,
            evidence=tuple(project.location(b.module, b.site.span, f"calls {spread.vendor} too") for b in others[: _SHOWN - 1]),
            confidence=0.8,
            size=calls,
        )
