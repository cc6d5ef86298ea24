"""What was declared of an artifact against what the code does: unused declarations, and reads that a declaration forbids."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import each, located
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.relations import private_reads, unused_declarations


def check(project: Project) -> Iterator[Finding]:
    """Yields over-declared-consumer and private-artifact-access."""
    for declaration in unused_declarations(project):
        name = label(declaration.identity)
        yield Finding(
            rule="over-declared-consumer",
            location=Location(declaration.path, declaration.line),
            message=f"`{declaration.path}` declares that {declaration.who} uses `{name}`; no read of it was found in its files",
            anchor=f"{declaration.who}:{name}",
            confidence=0.8,
        )
    for declaration, reads in private_reads(project):
        readers = each(reads)
        name, owner = label(declaration.identity), declaration.owner or declaration.who
        yield Finding(
            rule="private-artifact-access",
            location=located(project, readers[0]),
            message=f"`{readers[0].place.path}` reads `{name}`, declared {declaration.visibility} to {owner}",
            anchor=name,
            evidence=(
                Location(declaration.path, declaration.line, message=f"declares it {declaration.visibility}"),
                *(located(project, r, "reads it too") for r in readers[1:]),
            ),
            confidence=min(r.certainty for r in readers),
            size=len(readers),
        )
