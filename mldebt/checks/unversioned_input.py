"""Inputs whose reference can come to mean other bytes while nothing changes here: branches, `latest`, newest objects, loose images."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.moving import Reference, load_moving
from mldebt.project.moving_code import in_code
from mldebt.project.moving_files import in_files


def check(project: Project) -> Iterator[Finding]:
    """Yields unversioned-input: one finding per reference, with every place that names it."""
    words = load_moving()
    groups: dict[tuple[str, str], list[Reference]] = {}
    for reference in (*in_code(project, words), *in_files(project, words)):
        groups.setdefault((reference.kind, reference.cause or reference.text), []).append(reference)
    for group in groups.values():
        first, *others = sorted({r.location: r for r in reversed(group)}.values(), key=lambda r: (-r.confidence, r.location))
        evidence: list[Location] = list(first.used)
        for other in others:
            evidence += [msgspec.structs.replace(other.location, message="named here too"), *other.used]
        yield Finding(
            rule="unversioned-input",
            location=first.location,
            message=f"{first.what} `{first.text}` is a moving reference ({first.why})",
            anchor=f"{first.kind}:{first.text}",
            evidence=tuple(dict.fromkeys(e for e in evidence if e.line != first.location.line or e.path != first.location.path)),
            confidence=first.confidence,
            size=1 + len(others),
        )
