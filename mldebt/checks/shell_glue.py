"""Commands that exchange files through the shell and whose failures nobody notices (Sculley et al., section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Span
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.glue import Chain, Glue

_COMMANDS = 3
_SHOWN = 12


def check(project: Project) -> Iterator[Finding]:
    """Yields shell-glued-pipeline, one finding for each script with a chain of at least three commands."""
    for chain in Glue(project).chains():
        if len({step.command.line for step in chain.steps}) >= _COMMANDS and len({link[:2] for link in chain.passed}) >= _COMMANDS - 1:
            yield _finding(project, chain)


def _finding(project: Project, chain: Chain) -> Finding:
    maker, taker, name = chain.passed[0]
    first, second = (" ".join(_program(chain, place)) for place in (maker, taker))
    return Finding(
        rule="shell-glued-pipeline",
        location=_at(project, chain, 0),
        message=f"{len(chain.steps)} commands exchange {_files(len({name for _, _, name in chain.passed}))} through the shell, "
        f"as `{name}` from `{first}` to `{second}`; no failure stops them",
        anchor=f"{first} {second} {name}",
        evidence=tuple(
            _at(project, chain, later, f"takes `{passed}` of `{' '.join(_program(chain, earlier))}`")
            for later, (earlier, passed) in sorted({later: (earlier, passed) for earlier, later, passed in chain.passed}.items())[:_SHOWN]
        ),
        confidence=0.8,
        size=len(chain.steps),
    )


def _program(chain: Chain, place: int) -> tuple[str, ...]:
    step = chain.steps[place]
    return (step.script,) if step.script else step.command.words[:1]


def _at(project: Project, chain: Chain, place: int, message: str = "") -> Location:
    line = chain.steps[place].command.line
    return project.location(project.modules[chain.path], Span(line, 1, line, 1), message)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
