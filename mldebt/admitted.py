"""`mldebt scan --debt-comments`: the debt that authors admit in comments, nearest to what mldebt finds first.

A comment is never a finding by itself (self-admitted debt in ML code: OBrien et al. 2022, Bhatia et al. 2023); near a finding it raises
its interest, see `mldebt explain ranking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from mldebt import ranking
from mldebt.findings import Ranked

if TYPE_CHECKING:
    from mldebt.project import Module, Project


_DESCRIBE = frozenset({"legacy", "deprecated", "simulate", "simulates", "simulated"})  # these say what code is, not that it is owed


class Admitted(msgspec.Struct, frozen=True):
    """One comment of debt. `exposure`: where its code runs; `rank`, `rule`: the first finding that it stands beside (0 and "": none)."""

    path: str
    line: int
    word: str
    text: str
    exposure: str
    rank: int = 0
    rule: str = ""
    cell: int | None = None
    cell_line: int | None = None


def admitted(project: Project, found: Sequence[Ranked]) -> tuple[Admitted, ...]:
    """All comments of debt: those beside the findings `found` in their order, then by exposure and place."""
    near: dict[str, list[Ranked]] = {}
    for one in found:
        near.setdefault(one.finding.location.path, []).append(one)
    comments = [comment for module in project.modules.values() for comment in _of(project, module, near)]
    return tuple(sorted(comments, key=_order))


def _order(one: Admitted) -> tuple[float | str, ...]:
    return (one.rank or float("inf"), -ranking.EXPOSURE[one.exposure], one.path, one.line, one.text)


def _of(project: Project, module: Module, near: dict[str, list[Ranked]]) -> Iterator[Admitted]:
    if not module.facts.debt_comments:
        return
    path, exposure, places = project.notebook_of(module.path), project.world.exposure(module), module.facts.places
    for comment in module.facts.debt_comments:
        if comment.word in _DESCRIBE:
            continue
        place = places[comment.line - 1] if 0 < comment.line <= len(places) else None
        line = comment.line if place is None else place.line
        beside = next((one for one in near.get(path, ()) if ranking.is_beside(line, one.finding)), None)
        yield Admitted(
            path,
            line,
            comment.word,
            comment.text,
            exposure,
            beside.rank if beside else 0,
            beside.name if beside else "",
            place.cell if place else None,
            place.cell_line if place else None,
        )
