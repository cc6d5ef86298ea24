"""Data leakage: rows of the evaluation that reach training, directly or through what was learned from them.

`Leakage(project).learned()` gives what was fitted or computed on evaluation rows before the split, `shared()` the evaluations on rows
that the model was trained on. Rows are followed by `rows` (what each operation does to rows), models by the model graph.
"""

from mldebt.project.leakage.relations import Leakage, Learned, Pair, Placed, Shared
from mldebt.project.leakage.selection import Chosen

__all__ = ["Chosen", "Leakage", "Learned", "Pair", "Placed", "Shared"]
