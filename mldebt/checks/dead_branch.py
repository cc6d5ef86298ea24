"""MLD420: branches that no value can reach - constant conditions, code after a leap, clauses that an earlier one covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Dead, Guard
from mldebt.findings import Finding
from mldebt.project.project import Module, Project
from mldebt.project.render import lines
from mldebt.project.settled import Settled, covered_by, origins_of, settled, switch_of
from mldebt.project.spelling import canonical
from mldebt.sources.model import Language

RULE = "dead-experimental-branch"
_AFTER = {
    "return": "after `return`",
    "raise": "after `raise`",
    "continue": "after `continue`",
    "break": "after `break`",
    "exit": "after the program has ended",
    "loop": "after an endless loop",
}


def check(project: Project) -> Iterator[Finding]:
    """Code that cannot run, proved from literals, reaching definitions and single assignments."""
    for module in project.python:
        if module.is_test:
            continue
        for dead in module.facts.dead:
            if dead.scope == 0 and module.source.language is Language.NOTEBOOK:
                continue  # the cells below can be run all the same
            yield _after(project, module, dead)
        decided: dict[object, list[Settled]] = defaultdict(list)
        for number, guard in enumerate(module.facts.guards):
            if guard.kind in ("if", "elif", "while", "ifexp"):
                covered = covered_by(module, guard)
                if covered is not None:
                    yield _covered_finding(project, module, guard, covered)
                elif (case := settled(project, module, guard)) is not None:
                    decided[switch_of(project, module, guard) or number].append(case)
        for cases in decided.values():
            yield _finding(project, module, cases)


def _after(project: Project, module: Module, dead: Dead) -> Finding:
    count = dead.span.end_line - dead.span.line + 1
    if dead.why == "except":
        message, note = "this `except` clause can never run: an earlier clause takes the same exceptions", "the clause that takes them"
    else:
        message = f"{lines(count)} {_AFTER.get(dead.why, 'that control flow never reaches')} can never run"
        note = "control leaves here"
    return Finding(
        RULE,
        project.location(module, dead.span),
        message,
        anchor=f"{dead.why}",
        scope=module.qualname(dead.scope),
        evidence=(project.location(module, dead.after, note),),
        size=count,
    )


def _finding(project: Project, module: Module, cases: list[Settled]) -> Finding:
    main = max(cases, key=lambda c: (c.dead.end_line - c.dead.line, -c.guard.span.line))
    size = sum(c.dead.end_line - c.dead.line + 1 for c in cases)
    where = "the else branch" if main.verdict else "the loop body" if main.guard.kind == "while" else "this branch"
    message = f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}: {where} ({lines(size)}) never runs"
    if len(cases) > 1:
        message = f"`{main.guard.text}` is always {'true' if main.verdict else 'false'}: {len(cases)} branches ({lines(size)}) never run"
    scope, anchor = min((module.qualname(c.guard.scope), f"{c.guard.kind} {canonical(c.guard.text)}") for c in cases)
    origins = (project.location(module, b.span, f"`{name}` is set here") for name, b in origins_of(module, main.guard))
    return Finding(
        RULE,
        project.location(module, main.guard.span),
        message,
        anchor=anchor,
        scope=scope,
        confidence=min(c.confidence for c in cases),
        size=size,
        evidence=(*origins, *(project.location(module, c.dead, "never runs") for c in cases[:8])),
    )


def _covered_finding(project: Project, module: Module, guard: Guard, covered: int) -> Finding:
    earlier, size = module.facts.guards[covered], guard.body.end_line - guard.body.line + 1
    return Finding(
        RULE,
        project.location(module, guard.span),
        f"`{guard.text}` cannot hold here: the condition above already takes it; {lines(size)} can never run",
        anchor=f"covered {canonical(guard.text)}",
        scope=module.qualname(guard.scope),
        evidence=(project.location(module, earlier.span, "this condition comes first"),),
        size=size,
    )
