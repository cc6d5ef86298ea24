"""Loops from a model back to itself: through labels made of predictions, through files, and through the world outside.

`labels.predicted_labels(project)` gives fits whose label is a prediction, `loops.loops(project)` pairs of a place that acts on the
world and a place that reads back what it changed for a model.
"""
