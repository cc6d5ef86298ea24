"""MLD402: an object of an ML package that one part of the project asks another for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.glue.boundary import Leak, leaks

RULE = "vendor-type-leak"
_SHOWN = 20
_CLEAR, _WEAK = 0.75, 0.6  # more than one function asks, or only one


def check(project: Project) -> Iterator[Finding]:
    """One finding per vendor and program, at the first function that asks for one of its types."""
    home = project.vendors.programs
    groups: dict[tuple[str, str], list[Leak]] = defaultdict(list)
    for leak in leaks(project):
        groups[home.get(leak.module.path, ""), leak.vendor].append(leak)
    for (_, vendor), found in sorted(groups.items()):
        yield _finding(project, vendor, found)


def _finding(project: Project, vendor: str, found: list[Leak]) -> Finding:
    first = found[0]
    functions = {(leak.module.path, leak.scope) for leak in found}
    here, there = _folder(first.module.path), _folder(first.calls[0][0].path)
    more = f" and {len(functions) - 1} more functions" if len(functions) > 2 else " and one more function" if len(functions) > 1 else ""
    return Finding(
        RULE,
        project.location(first.module, first.span),
        f"`{first.type}` crosses from {there} to {here} in `{first.module.qualname(first.scope)}`{more}",
        anchor=f"{vendor} {first.type}",
        evidence=tuple(list(dict.fromkeys(_places(project, found)))[:_SHOWN]),
        confidence=_CLEAR if len(functions) > 1 else _WEAK,
        size=len(functions),
    )


def _places(project: Project, found: list[Leak]) -> Iterator[Location]:
    for number, leak in enumerate(found):
        if number:
            yield project.location(leak.module, leak.span, f"takes `{leak.type}`")
        for module, site in leak.calls:
            yield project.location(module, site.span, f"calls `{leak.module.qualname(leak.scope)}`")


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "the root"
