"""Fits on a running Dask cluster: the learner is sent once to every worker, each fold once to those that need it."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from mldebt import cluster
from mldebt.cluster import Client, Future, one_line
from mldebt.data_pass.ablation.shared import Question, Shared
from mldebt.data_pass.ablation.workers import Pair, Workers
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner

if TYPE_CHECKING:
    import numpy as np

SAME = ("mldebt", "numpy", "pandas", "scikit-learn", "scipy")  # other versions may answer otherwise


class Cluster(Workers):
    """As many fits at once as the cluster has threads."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._width = sum(client.nthreads().values())
        self._learner: Learner | None = None
        self._shared: Future | None = None
        self._folds: dict[tuple[int, int], Future] = {}

    @property
    def width(self) -> int:
        return self._width

    def ask(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray]:
        said = self._ask(question, learner, pairs) or self._ask(question, learner, pairs)
        if said is None:
            raise DataError(f"--scheduler {self._address}: the cluster lost its workers")
        return said

    def _ask(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray] | None:
        """None: a worker left and took with it what had been sent, which is forgotten here too."""
        from distributed import KilledWorker

        sent = self._sent(learner, [fold for _, fold in pairs])
        tasks: list[Future] = []
        try:
            for keep, fold in pairs:
                tasks.append(self._client.submit(_work, sent, question, keep, self._folds[fold.key], pure=False))
            return list(cast("Sequence[np.ndarray]", self._client.gather(tasks)))
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            self._learner, self._folds = None, {}
            return None
        except KilledWorker as error:
            raise DataError(f"--scheduler {self._address}: the fits kill the workers; try a smaller --sample") from error
        except OSError as error:
            raise DataError(f"--scheduler {self._address}: the connection broke off: {one_line(error)}") from error
        except ImportError as error:
            raise DataError(f"--scheduler {self._address}: a worker lacks code of the model: {one_line(error)}") from error
        except BaseException:
            self._client.cancel(tasks)
            raise

    def _sent(self, learner: Learner, folds: Sequence[Fold]) -> Future | None:
        try:
            if self._learner is not learner:
                self._shared, self._learner = self._client.scatter(Shared(learner), broadcast=True, hash=False), learner
            for fold in folds:
                if fold.key not in self._folds:
                    self._folds[fold.key] = self._client.scatter(fold, hash=False)
        except Exception as error:  # Dask hands on what went wrong in a worker as a bare Exception
            raise DataError(f"--scheduler {self._address}: model and data cannot be sent to the workers: {one_line(error)}") from error
        return self._shared


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler, whose workers have what this process has. Raises DataError."""
    with cluster.connected(address, SAME, DataError) as client:
        yield client


def _work(shared: Shared, question: Question, keep: Keep, fold: Fold) -> np.ndarray:
    return shared.reply(question, keep, fold)
