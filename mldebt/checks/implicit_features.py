"""Features of a model that are chosen by a pattern of the names of columns: whoever writes such a column changes the model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Item
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.flow import Node
from mldebt.project.name_patterns import Choice, Neighbours, choices, producers
from mldebt.project.roles import is_demonstration

_NAMED = re.compile(
    r"(^|[_ ])(feat(ure)?s?|predictors?|regressors?|covariates?|labels?|targets?|model_inputs?|x_cols?|train_cols?|input_cols?)([_ ]|$)",
    re.IGNORECASE,
)
_SHOWN = 3
_LEAST = 2
_SAME = frozenset({"value", "field", "return", "parameter", "element", "operand"})  # steps from a list of names to the same names


def check(project: Project) -> Iterator[Finding]:
    """Yields implicit-feature-set, where at least two other places that can meet the choice write columns with such names."""
    found = [c for c in choices(project) if not is_demonstration(c.module)]
    if not found:
        return
    neighbours = Neighbours(project)
    written = {c: [w for w in producers(project, c.patterns) if neighbours.meet(w.module.path, c.module.path)] for c in found}
    found = [c for c in found if len(written[c]) >= _LEAST]
    fitted = _fitted(project, found) if found else {}
    alike: dict[tuple[str, ...], list[tuple[Choice, str]]] = {}
    for choice in found:
        api = fitted.get((choice.module.path, choice.value), "")
        if api or _is_named(choice):
            alike.setdefault(tuple(sorted({p.text for p in choice.patterns})), []).append((choice, api))
    for texts, chosen in sorted(alike.items()):
        choice, api = max(chosen, key=lambda one: bool(one[1]))  # one that reaches a model, else the first
        writers = written[choice]
        files = len({w.module.path for w in writers})
        name = choice.target.split()[0] if choice.target else choice.module.facts.scopes[choice.scope].name
        use = f"`{api}` gets" if api else f"`{name}` holds"
        also = (project.location(c.module, c.span, "chosen here too") for c, _ in chosen if c is not choice)
        yield Finding(
            rule="implicit-feature-set",
            location=project.location(choice.module, choice.span),
            message=f"{use} every column whose name {' or '.join(f'{p.how} `{p.text}`' for p in choice.patterns)}: {len(writers)} such "
            f"columns are written in {files} other {'file' if files == 1 else 'files'}, and each new one changes the model",
            anchor=",".join(texts),
            evidence=(*(project.location(w.module, w.span, f"writes `{w.name}`") for w in writers[:_SHOWN]), *also),
            confidence=0.85 if api and _is_named(choice) else 0.75,
            size=len(chosen),
        )


def _is_named(choice: Choice) -> bool:
    """Whether the variable, the attribute or the function is called after what a model gets."""
    return any(_NAMED.search(name) for name in (choice.target, choice.module.facts.scopes[choice.scope].name))


def _fitted(project: Project, found: list[Choice]) -> dict[tuple[str, int], str]:
    """The choices by which the features or labels of a model are selected, with what is fitted."""
    frames = {(c.module.path, c.value) for c in found if c.is_frame}
    lists = {(c.module.path, c.value) for c in found if not c.is_frame}
    reached: dict[tuple[str, int], str] = {}
    for fit in project.models.fits:
        if not fit.is_model or len(reached) == len(frames | lists):
            continue
        # What is stored in single columns on the way does not choose columns.
        for node in project.flow.back(fit.nodes((*fit.features, *fit.labels)), passes=lambda step: step.how != "column"):
            if (node.path, node.index) in frames:
                reached.setdefault((node.path, node.index), fit.api)
            value = project.modules[node.path].facts.values[node.index]
            if lists and type(value) is Item:
                for key in project.flow.back(Node(node.path, value.key, node.calls), passes=lambda step: step.how in _SAME, limit=60):
                    if (key.path, key.index) in lists:
                        reached.setdefault((key.path, key.index), fit.api)
    return reached
