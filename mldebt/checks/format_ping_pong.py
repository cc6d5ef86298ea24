"""MLD403: data that go back and forth between forms on their way to a model."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding
from mldebt.project.conversions.chains import Chain, chains
from mldebt.project.project import Project

RULE = "format-ping-pong"
_SINKS = 6


def check(project: Project) -> Iterator[Finding]:
    """One finding for the function from which on the forms go back and forth, whoever gets the result."""
    groups: dict[tuple[str, int], list[Chain]] = {}
    for chain in chains(project):
        groups.setdefault((chain.conversions[0][0], chain.scope), []).append(chain)
    for (_, scope), group in groups.items():
        chain = max(group, key=lambda one: len(one.forms))  # the first of the longest
        spans = [(path, _span(project, path, index, chain)) for path, index in chain.conversions]
        (path, span), *others = spans
        module = project.modules[path]
        evidence = [project.location(project.modules[p], s, "converted again") for p, s in others]
        sinks = sorted({(one.path, one.site.span) for one in group})[:_SINKS]
        evidence += [project.location(project.modules[p], s, "gets the result") for p, s in sinks]
        count = len(chain.forms) - 1
        yield Finding(
            RULE,
            project.location(module, span),
            f"{count} conversions before `{chain.name}`: {' -> '.join(chain.forms)}",
            anchor=f"{chain.name} {' '.join(chain.forms)}",
            scope=module.qualname(scope),
            evidence=tuple(evidence),
            confidence=0.8,
            size=count,
        )


def _span(project: Project, path: str, index: int, chain: Chain) -> Span:
    """Where a conversion stands; an attribute that no chain of names ends with, at the call that gets the result."""
    facts = project.modules[path].facts
    found = next((s.span for s in facts.sites if s.value == index), None) or next((u.span for u in facts.uses if u.value == index), None)
    return found or chain.site.span
