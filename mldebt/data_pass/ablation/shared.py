"""A learner for many tasks: what it prepares stays with the worker, and what it says is what this process would say."""

from __future__ import annotations

import threading
import uuid
from copy import copy
from typing import TYPE_CHECKING, Literal

import numpy as np

from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner

if TYPE_CHECKING:
    from threadpoolctl import threadpool_limits

Question = Literal["answers", "importance", "unused"]


class Shared:
    """A learner by a name of its own: copies in one worker are equal. Each thread works with a learner of its own, on the same data."""

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self._name = uuid.uuid4().hex
        self._own: dict[int, Learner] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shared) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_own": {}}

    def reply(self, question: Question, keep: Keep, fold: Fold) -> np.ndarray:
        """Called by a worker."""
        thread = threading.get_ident()
        if thread not in self._own:
            one_thread()
            self._own[thread] = copy(self.learner)
        return reply(self._own[thread], question, keep, fold)


def reply(learner: Learner, question: Question, keep: Keep, fold: Fold) -> np.ndarray:
    """What the learner says: of the test rows, of each column, or which columns are unused."""
    if question == "answers":
        return learner.answers(keep, fold)
    if question == "importance":
        return learner.importance(keep, fold)
    return np.asarray(learner.unused(keep, (fold,)), dtype=np.intp)


def one_thread() -> threadpool_limits:
    """Limits the threads of linear algebra and of tree growing from now on, in a `with` to its end: sums in several threads differ in
    their last bits from machine to machine."""
    import sklearn  # noqa: F401  the limits are for libraries that are loaded
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
