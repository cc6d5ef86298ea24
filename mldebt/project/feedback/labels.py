"""Fits whose label is what a model answered: pseudo-labels, distilled labels, files of predictions that are read as labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Item, Name, Op, Param, Seq, Store
from mldebt.project.feedback.model import PredictedLabel
from mldebt.project.flow.model import Node, Step
from mldebt.project.models.graph import Source
from mldebt.project.models.identity import shared
from mldebt.project.models.model import Fit, Prediction
from mldebt.project.project import Project

_MANY = 4  # predictions named in one finding
_FAR = 28  # steps
# Words of code in which learning from one's own estimates is the method: value functions of agents.
_AGENT = frozenset({"reward", "rewards", "gamma", "replay", "episode", "episodes", "next_state", "next_states", "q_values", "done", "env"})
_DECIDES = frozenset({">", "<", ">=", "<=", "&", "|", "and", "or", "not", "~", "?:", "%", "//"})
_AVERAGES = frozenset({"+", "*", "/", "**"})


def predicted_labels(project: Project) -> list[PredictedLabel]:
    """One for each fit in the text, the surest of the chains of calls that lead to it."""
    best: dict[tuple[str, int], PredictedLabel] = {}
    for fit in project.models.fits:
        if not fit.is_model or not fit.labels or _teaches_an_agent(project, fit):
            continue
        found = _of_fit(project, fit)
        key = (fit.path, fit.value)
        if found is not None and (key not in best or best[key].confidence < found.confidence):
            best[key] = found
    return [best[key] for key in sorted(best, key=lambda k: (k[0], best[k].fit.span))]


def _of_fit(project: Project, fit: Fit) -> PredictedLabel | None:
    slice_, sources = project.models.sources(fit.nodes(fit.labels))
    targets = project.models.learner(fit)
    shown: list[tuple[float, bool, Source]] = []
    for source in sources:
        prediction = source.prediction
        if prediction is None or prediction.embeds or project.modules[prediction.path].is_test:
            continue
        way = slice_.way(source.at)
        sure = _confidence(project, fit.nodes(fit.labels), way)
        if prediction.api.endswith("__call__"):
            sure = round(sure * 0.9, 3)  # what it returns may hold what it was given
        if sure:
            own = shared(project.models.asked(source.at), targets)
            if own and any(step.how == "parameter" for step in way):
                sure = round(sure * 0.8, 3)  # a table of its callers that the model fills and reads, column by column
            shown.append((sure, own, source))
    if not shown:
        return None
    surest = max(sure for sure, _, _ in shown)
    first = next(source for sure, _, source in shown if sure == surest)
    files = tuple(dict.fromkeys(step.note for step in reversed(slice_.way(first.at)) if step.how == "file"))
    predictions = [s.prediction for sure, _, s in shown if sure == surest and s.prediction is not None]
    own = any(own for sure, own, _ in shown if sure == surest)
    return PredictedLabel(fit, tuple(_once(predictions)), slice_.hops(first.at), files, own, surest)


def _once(predictions: list[Prediction]) -> Iterator[Prediction]:
    seen: set[tuple[str, int]] = set()
    for prediction in predictions:
        if (prediction.path, prediction.value) not in seen and len(seen) < _MANY:
            seen.add((prediction.path, prediction.value))
            yield prediction


def _confidence(project: Project, start: tuple[Node, ...], way: tuple[Step, ...]) -> float:
    """How sure it is that the label is the prediction; 0 where it is a difference to it, or says whether it was right."""
    sure = 0.9
    before = start[0] if start else None
    chosen = False  # one column was asked for on the way, so that another one of the same frame is no label
    wanted: frozenset[str] | None = None  # that column
    lost = False  # it cannot be told any more which one it was
    for step in way:
        value = None if before is None else project.modules[before.path].facts.values[before.index]
        chosen = chosen or step.node.demand.names is not None or (before is not None and _picks_a_column(project, before))
        names = step.node.demand.names
        if step.how not in ("column", "element") and before is not None and before.demand.names is not None and names is None:
            lost = True
        wanted = wanted if wanted is not None else names
        if names and wanted and not names & wanted:
            sure *= 0.5  # of another frame that was put beside it
            wanted = names
        if step.how == "operand":
            operation = value.op if type(value) is Op else _operation(project, start, step.node)
            if operation not in _DECIDES and operation not in _AVERAGES:
                return 0.0
            sure *= 1.0 if operation in _DECIDES else 0.985
        elif step.how == "argument" and type(value) is Call:
            sure *= 0.985
        elif step.how == "column":
            asked = not lost and before is not None and before.demand.names is not None and step.note
            sure *= 1.0 if asked else 0.6 if chosen or _sets_a_column(project, before) else 0.92
            if asked:
                chosen, wanted = False, None  # what was put into the column is a value of its own
        elif step.how in ("field", "held"):
            sure *= 0.85
        before = step.node
    return round(sure if len(way) <= _FAR else sure * 0.5, 3)


def _sets_a_column(project: Project, node: Node | None) -> bool:
    """Whether the value is a table after `table.iloc[rows, column] = ...`."""
    if node is None:
        return False
    values = project.modules[node.path].facts.values
    value = values[node.index]
    return type(value) is Store and value.key >= 0 and type(values[value.key]) is Seq


def _picks_a_column(project: Project, node: Node) -> bool:
    """Whether the value is `frame[name]` with a name that is only known at run time."""
    values = project.modules[node.path].facts.values
    value = values[node.index]
    return type(value) is Item and type(values[value.key]) in (Param, Bound, Attr, Name, Call)


def _operation(project: Project, start: tuple[Node, ...], operand: Node) -> str:
    """The operator of the label itself of which a node is an operand."""
    for node in start:
        value = project.modules[node.path].facts.values[node.index]
        if type(value) is Op and operand.index in value.operands:
            return value.op
    return ""


def _teaches_an_agent(project: Project, fit: Fit) -> bool:
    """Whether the code around is about rewards: an agent learns from its own estimates by design."""
    module = project.modules[fit.path]
    scope = module.facts.scopes[fit.scope]
    words = set(scope.names) | set(scope.bindings) | {p.name for p in scope.parameters}
    return (
        len(words & _AGENT) > 1 or re.search(r"(^|[_./])(rl|dqn|qlearning|reinforcement\w*|agents?)([_./]|$)", fit.path, re.I) is not None
    )
