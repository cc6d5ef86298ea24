"""Values of one environment that stand in the code (Sculley et al., section 6: configuration)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.environment_literals import Literal

_SHOWN = 30
_SAYS = {
    "credential": "a password or key for `{owner}` stands in the code",
    "run": "the run `{owner}` is chosen in the code: another model needs an edit",
    "disk": "`{owner}` is a place on one machine",
    "store": "the bucket `{owner}` is fixed in the code",
    "account": "the account `{owner}` is fixed in the code",
    "host": "the host `{owner}` is fixed in the code",
    "settings": "`{owner}` fixes places that a sibling reads from the configuration",
    "embedded": "settings stand as a text that is parsed at import: no configuration can change them",
}
_HERE = {"credential": "one for `{owner}`", "embedded": "settings as a text"}  # the others say what it is


def check(project: Project) -> Iterator[Finding]:
    """Yields hard-coded-environment, one for each store, disk, host, run or credential, and for each class or module of settings."""
    files: dict[str, set[str]] = {}
    for literal in project.environment_literals:
        files.setdefault(literal.shared, set()).add(literal.location.path)
    groups: dict[tuple[str, str, str], list[Literal]] = {}
    for literal in project.environment_literals:
        one = literal.shared != "" and (literal.shared == literal.owner or len(files[literal.shared]) > 1)
        groups.setdefault((literal.kind, literal.shared if one else "", "" if one else literal.location.path), []).append(literal)
    for (kind, _, _), literals in groups.items():
        yield _finding(kind, sorted(literals, key=lambda literal: (-literal.confidence, literal.location)))


def _finding(kind: str, literals: list[Literal]) -> Finding:
    first = literals[0]
    files = len({literal.location.path for literal in literals})
    places = {(literal.location.path, literal.location.line): literal for literal in reversed(literals)}
    del places[(first.location.path, first.location.line)]
    return Finding(
        rule="hard-coded-environment",
        location=first.location,
        message=_SAYS[kind].format(owner=first.owner) + (f", in {files} files" if files > 1 else ""),
        anchor=f"{kind} {first.owner}".strip(),
        scope=first.scope if files == 1 and len(literals) == 1 else "",
        evidence=tuple(
            msgspec.structs.replace(one.location, message=_HERE.get(kind, "`{owner}`").format(owner=one.owner))
            for _, one in sorted(places.items())[:_SHOWN]
        ),
        confidence=first.confidence,
        size=len(places) + 1,
    )
