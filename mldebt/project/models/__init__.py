"""Models of the project: where they are made, fitted, asked, saved and loaded, and which of them learn from which.

`project.models` gives
- `fits`: every place where a model, encoder or scaler learns, once for each chain of calls that leads there (`Fit.calls`), with the
  values of its features, labels, evaluation data and initial state. `Fit.is_model` leaves out encoders, scalers and label encoders;
- `predictions`: every call that asks a model (`Prediction`), `at(node)` the one that a node of a slice is;
- `identity(node)`: the constructor or loading calls that a model value stems from, as nodes; the same model has the same identity;
- `sources(nodes)`: the predictions that values are made of, each with its slice (`slice.hops(node)` is the way to show);
- `edges`: which model learns from which (`ModelEdge`); `inventory`: the models one by one, with chains and their depth;
- `coverage()`: of how many places the model is known.
"""

from mldebt.project.models.model import Fit, ModelEdge, Prediction

__all__ = ["Fit", "ModelEdge", "Prediction"]
