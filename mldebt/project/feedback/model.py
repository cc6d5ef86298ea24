"""The vocabulary of feedback: places that change or look at something outside, and the loops that they close."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Span
from mldebt.project.flow.model import Hop, Node
from mldebt.project.models.model import Fit, Prediction


class WorldSite(msgspec.Struct, frozen=True):
    """A place that acts on an entity of the world, or observes one."""

    role: str  # act, observe
    entity: str  # system, thing and field: github.issue.labels
    path: str
    span: Span
    scope: int
    value: int  # the call, or the text of the query
    api: str  # what is called, or what is read, for messages
    given: tuple[int, ...] = ()  # of an act: what it sets
    narrowed: bool = False  # the query leaves out what some actor did

    @property
    def node(self) -> Node:
        return Node(self.path, self.value)


class PredictedLabel(msgspec.Struct, frozen=True):
    """A fit whose label is made of predictions."""

    fit: Fit
    predictions: tuple[Prediction, ...]  # nearest first
    hops: tuple[Hop, ...]
    files: tuple[str, ...]  # artifacts on the way
    own: bool  # the model that is asked is the one that learns
    confidence: float


class Loop(msgspec.Struct, frozen=True):
    """An act, and what reads its effect back for a model."""

    act: WorldSite
    observed: WorldSite
    how: str  # training, input
    at: Span  # the fit or prediction that gets what was observed
    path: str
    scope: int
    fed: Prediction | None  # the prediction that the act follows; None: only the calls around it predict
    held_out: bool  # some acts are left to chance, or the query leaves out what the bot did
    confidence: float


class OwnData(msgspec.Struct, frozen=True):
    """A fit that reads what the model it trains has answered before."""

    fit: Fit
    prediction: Prediction
    artifact: str
    hops: tuple[Hop, ...]
    confidence: float
