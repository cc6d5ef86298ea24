"""Decisions on the score of a model with a number that nobody chooses again when the model changes."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.spelling import canonical
from mldebt.project.standing import Standing
from mldebt.project.thresholds import Decision, Thresholds

_NUMBERS = 3  # shown in a message


def check(project: Project) -> Iterator[Finding]:
    """Yields fixed-decision-threshold: one finding for the numbers of one function, with every copy of each of them."""
    for group in _groups(list(Thresholds(project).decisions())):
        numbers = sorted({number for decision in group for number in decision.numbers}, key=_order)
        first = next((d for d in group if d.score.prediction is not None), group[0])
        places = [_place(project, number) for number in numbers]
        places += [project.location(d.module, d.span, "decides here") for d in group]
        if first.score.prediction is not None:
            asked = first.score.prediction
            places.append(project.location(project.modules[asked.path], asked.span, "the model is asked here"))
        at = project.location(project.modules[numbers[0].path], numbers[0].span)
        values = list(dict.fromkeys(f"{number.value:g}" for number in numbers))
        shown = ", ".join(values[:_NUMBERS]) + (" ..." if len(values) > _NUMBERS else "")
        what = f"`{first.score.name}`" if first.score.name else "a model's answer"
        yield Finding(
            rule="fixed-decision-threshold",
            location=at,
            message=f"decision on {what} uses the constant{'s' if len(values) > 1 else ''} {shown}",
            anchor=min((number.name for number in numbers if number.name), default=min(canonical(d.text) for d in group)),
            scope=min(d.module.qualname(d.scope) for d in group),
            evidence=tuple(dict.fromkeys(p for p in places if (p.path, p.line) != (at.path, at.line))),
            confidence=max(d.confidence for d in group),
            size=len(numbers),
        )


def _order(number: Standing) -> tuple[bool, str, int, Standing]:
    return number.how == "passed", number.path, number.span.line, number


def _place(project: Project, number: Standing) -> Location:
    words = {"passed": "passed here again", "entry": "an entry", "default": "its default", "option": "the default of the option"}
    return project.location(project.modules[number.path], number.span, f"{number.value:g} {words.get(number.how, 'stands here')}")


def _groups(decisions: list[Decision]) -> list[list[Decision]]:
    """Decisions that share a number, or that stand in one function and are equally sure."""
    groups: list[list[Decision]] = []
    keys: list[set[object]] = []
    for decision in decisions:
        mine: set[object] = {(n.path, n.span) for n in decision.numbers}
        mine.add((decision.module.path, decision.module.qualname(decision.scope).split(".<")[0]))
        joined, rest, all_keys = [decision], [], mine
        rest_keys = []
        for group, held in zip(groups, keys, strict=True):
            if held & mine:
                joined, all_keys = [*group, *joined], all_keys | held
            else:
                rest.append(group)
                rest_keys.append(held)
        groups, keys = [*rest, joined], [*rest_keys, all_keys]
    return groups
