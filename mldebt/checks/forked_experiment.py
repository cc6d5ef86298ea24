"""MLD425: copies of one experiment kept side by side under names such as `_v2`, `_old`, `_final`."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.project import Project

RULE = "forked-experiment"


def check(project: Project) -> Iterator[Finding]:
    """One finding per family of copies, at the first that could go."""
    for fork in project.forks:
        first = fork.copies[0]
        named = ", ".join(m.path for m in fork.members[:4])
        yield Finding(
            RULE,
            project.location(first, first.facts.scopes[0].span),
            f"{len(fork.members)} copies of one experiment ({fork.share:.0%} of their lines are equal): {named}"
            + (f"; {fork.keeper.path} is the one in use" if fork.live else "; nothing runs any of them"),
            anchor=" ".join(sorted(m.path for m in fork.members)),
            confidence=0.6 if fork.live else 0.5,
            size=sum(m.facts.lines for m in fork.copies),
            evidence=tuple(
                project.location(m, m.facts.scopes[0].span, "in use" if m in fork.live else "a copy")
                for m in fork.members
                if m is not first
            ),
        )
