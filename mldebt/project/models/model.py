"""The vocabulary of the model graph."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Span
from mldebt.project.flow.model import Calls, Hop, Node

# Kinds of things that learn and are no models of their own: they prepare what a model gets.
PREPARING = frozenset({"transformer", "label-encoder", "stateless-transformer", "resampler"})


class Fit(msgspec.Struct, frozen=True):
    """A call in which something learns, as it is reached through `calls`."""

    path: str
    value: int  # the call
    span: Span
    scope: int
    calls: Calls
    # The catalogue's kind of what learns; `loop` for a training loop, `trial` for models that are thrown away, `program` for a command
    # line, `model` or `unknown` where only names tell.
    kind: str
    api: str  # what is called: `estimator.fit`, `lightgbm.train`
    model: int  # what learns: the receiver or the argument; the call itself, where it returns the model
    features: tuple[int, ...] = ()
    labels: tuple[int, ...] = ()
    evaluation: tuple[int, ...] = ()
    init: tuple[int, ...] = ()

    @property
    def is_model(self) -> bool:
        return self.kind not in PREPARING and self.kind != "unknown"

    @property
    def node(self) -> Node:
        return Node(self.path, self.value, self.calls)

    def nodes(self, values: tuple[int, ...]) -> tuple[Node, ...]:
        """Values of the fit as starts of slices."""
        return tuple(Node(self.path, value, self.calls) for value in values)


class Prediction(msgspec.Struct, frozen=True):
    """A call that asks a model."""

    path: str
    value: int
    span: Span
    scope: int
    kind: str
    api: str
    model: int
    features: tuple[int, ...] = ()
    embeds: bool = False  # what it returns is a representation


class ModelEdge(msgspec.Struct, frozen=True):
    """Something that one model gave reaches what another one learns from."""

    how: str  # feature, label, residual, state; asked: the second model is asked about it, and may have been trained elsewhere
    fit: Fit
    prediction: Prediction | None  # None: a file whose name says that it holds predictions
    at: Node  # the prediction, or the call that reads such a file
    hops: tuple[Hop, ...]
    artifacts: tuple[str, ...]  # files and tables on the way
    confidence: float
    sources: tuple[Node, ...] = ()  # where the first model is made
    targets: tuple[Node, ...] = ()  # where the second one is
    source: str = ""  # names of models that no call makes: programs, models in a database
    target: str = ""
    guard: str = ""  # `warned` or `raised` where the code compares the first model with the one that the second was trained on
