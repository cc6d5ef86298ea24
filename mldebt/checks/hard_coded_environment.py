"""Values of one environment that stand in the code (Sculley et al., section 6: configuration)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.environment_literals import EnvironmentLiterals, Literal

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


def check(project: Project) -> Iterator[Finding]:
    """Yields hard-coded-environment, one for each store, disk, host, run or credential, and for each class or module of settings."""
    groups: dict[tuple[str, str, str], list[Literal]] = {}
    for literal in EnvironmentLiterals(project).all():
        where = "" if literal.shared else literal.location.path
        groups.setdefault((literal.kind, literal.owner if literal.shared else "", where), []).append(literal)
    for (kind, _, _), literals in groups.items():
        yield _finding(kind, sorted(literals, key=lambda literal: (-literal.confidence, literal.location)))


def _finding(kind: str, literals: list[Literal]) -> Finding:
    first = literals[0]
    files = len({literal.location.path for literal in literals})
    places = {(literal.location.path, literal.location.line): literal.location for literal in literals}
    del places[(first.location.path, first.location.line)]
    return Finding(
        rule="hard-coded-environment",
        location=first.location,
        message=_SAYS[kind].format(owner=first.owner) + (f", in {files} files" if files > 1 else ""),
        anchor=f"{kind} {first.owner}".strip(),
        scope=first.scope if files == 1 and len(literals) == 1 else "",
        evidence=tuple(msgspec.structs.replace(place, message="here too") for _, place in sorted(places.items())[:_SHOWN]),
        confidence=first.confidence,
        size=len(places) + 1,
    )
