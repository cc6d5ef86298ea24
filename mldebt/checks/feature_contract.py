"""MLD722: categories that training codes in one way and serving in another."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.project import Project
from mldebt.project.skew.contracts import Contract, contracts
from mldebt.project.skew.sides import Sides

RULE = "feature-contract-divergence"


def check(project: Project) -> Iterator[Finding]:
    """One finding per table of the applying side that differs from its nearest kin on the training side."""
    sides = Sides(project)
    if not sides.trainers or not sides.appliers:
        return
    for contract in contracts(project, sides):
        if contract.difference:
            yield _finding(project, contract)


def _finding(project: Project, contract: Contract) -> Finding:
    here, there = contract.here, contract.there
    kin = (there, *contract.others)
    return Finding(
        RULE,
        project.location(here.module, here.span),
        f"these codes are not those of training ({there.module.path}): {_said(contract)}",
        anchor=" ".join(sorted({there.module.path, *(n for n, _ in here.codes)})),
        scope=here.module.qualname(here.scope),
        evidence=tuple(project.location(e.module, e.span, "the codes in training") for e in kin),
        confidence=0.85,
        size=len(here.codes),
        reach=1.0,
    )


def _said(contract: Contract) -> str:
    found = contract.difference
    here, there = dict(contract.here.codes), dict(contract.there.codes)
    parts = []
    if found.only_here:
        parts.append(f"{_listed(found.only_here)} stands only here")
    if found.only_there:
        parts.append(f"{_listed(found.only_there)} only there")
    if found.other:
        parts.append(", ".join(f"`{n}` is {here[n]} here and {there[n]} there" for n in found.other[:3]))
    return "; ".join(parts)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{n}`" for n in names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")
