"""Where fits run: in this process, in local processes through joblib, or on a Dask cluster; always answered in the order that was asked.

No answer depends on the choice: a fit is a function of its columns and its fold, and everywhere it does its sums in one thread.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pickle import PicklingError
from typing import TYPE_CHECKING, Protocol

from mldebt.data_pass.ablation.shared import Question, Shared, one_thread, reply
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import numpy as np

Pair = tuple[Keep, Fold]

WORTH = 120.0  # CPU seconds of fits to come from which processes are started unasked; the estimate is rough, and starting is not free
MAPPED = 100_000  # bytes from which an array is written once to a file that all processes map


class Workers:
    """Fits here, one by one."""

    @property
    def width(self) -> int:
        """Fits that run at once."""
        return 1

    def expect(self, fits: int) -> None:
        """About so many fits are still to come."""

    def ask(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray]:
        """One array per pair."""
        return [reply(learner, question, keep, fold) for keep, fold in pairs]

    def answers(self, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray]:
        """What the models say of the test rows."""
        return self.ask("answers", learner, pairs)


class Processes(Workers):
    """`jobs` local processes, with this one; with 0 as many as there are cores, from when the fits to come are worth it.

    The first of every `width` pairs is for this process: with two, a fold tends to stay where its models are, which know importances.
    """

    def __init__(self, jobs: int, opened: ExitStack) -> None:
        self._jobs, self._opened, self._asked = jobs, opened, bool(jobs)
        self._executor: Executor | None = None
        self._shared: Shared | None = None
        self._fits, self._seconds = 0, 0.0

    @property
    def width(self) -> int:
        return self._jobs or 1

    def expect(self, fits: int) -> None:
        if not self._jobs and self._fits > 1 and self._seconds / (self._fits - 1) * fits > WORTH:
            from joblib import cpu_count

            self._jobs = cpu_count()

    def ask(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray]:
        if self.width > 1 and len(pairs) > 1:
            found = self._spread(question, learner, pairs)
            if found is not None:
                return found
        started = time.process_time()
        said = super().ask(question, learner, pairs)
        if question == "answers":
            self._seconds += time.process_time() - started if self._fits else 0.0  # the first one also imports the model
            self._fits += len(pairs)
        return said

    def _spread(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray] | None:
        """None: the model cannot be sent, and nobody asked for processes."""
        if self._shared is None or self._shared.learner is not learner:
            self._shared = Shared(learner)
        places = range(len(pairs))
        mine = set(places[:: self.width])
        started = self._start()
        futures = {i: started.submit(_work, self._shared, question, *pairs[i]) for i in places if i not in mine}
        found: list[np.ndarray] | None = None
        try:
            here = {i: reply(learner, question, *pairs[i]) for i in sorted(mine)}
            found = [here[i] if i in mine else futures[i].result() for i in places]
        except BrokenProcessPool:
            pass
        except PicklingError as error:
            if self._asked:
                cause = error.__cause__ or error
                reason = (" ".join(str(cause).split()) or type(cause).__name__)[:200]
                raise DataError(f"{learner.words} cannot be sent to other processes: {reason}; use --jobs 1") from error
            self._jobs = 1
            return None
        if found is None:  # not raised above: the traceback would hold what is freed at the end
            raise DataError("a process that fits models was killed; it may want memory: try a smaller --sample, or --jobs 1")
        return found

    def _start(self) -> Executor:
        if self._executor is None:
            from joblib.executor import get_memmapping_executor

            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
            executor = get_memmapping_executor(self.width - 1, env=single, max_nbytes=MAPPED, mmap_mode="r")
            self._opened.callback(_end, executor)
            self._executor = executor
        return self._executor


class _Mapping(Protocol):
    """joblib's executor of processes, which also removes the files that are mapped."""

    def terminate(self, kill_workers: bool) -> None: ...


def _end(executor: _Mapping) -> None:
    """Ends the processes, which joblib would keep for later: the command exits without clean-up of its own."""
    executor.terminate(kill_workers=True)
    gc.collect()  # the semaphores of the queues


@lru_cache(maxsize=1)
def _first(shared: Shared) -> Shared:
    """Of all the copies that the tasks of one run bring along, the first: it keeps what its learner has prepared."""
    return shared


def _work(shared: Shared, question: Question, keep: Keep, fold: Fold) -> np.ndarray:
    return _first(shared).reply(question, keep, fold)


def ready(settings: FeatureSettings) -> None:
    """Raises DataError for what would stop the fits, before any data is read."""
    if settings.backend != "dask" or settings.structure_only:
        return
    if importlib.util.find_spec("distributed") is None:
        raise DataError("--backend dask needs Dask: pip install 'mldebt[dask]'")
    if not settings.scheduler:
        raise DataError("--backend dask needs the address of a running scheduler: --scheduler tcp://HOST:8786")


@contextmanager
def workers(settings: FeatureSettings, learner: Learner) -> Iterator[Workers]:
    """The workers that the settings ask for. Fits that are free stay here: to send them costs more."""
    with one_thread(), ExitStack() as opened:
        if settings.backend == "dask":
            from mldebt.data_pass.ablation.cluster import Cluster, connected

            ready(settings)
            client = opened.enter_context(connected(settings.scheduler))
            yield Workers() if learner.cost == "free" else Cluster(client, settings.scheduler)
        elif learner.cost == "free" or settings.jobs == 1 or (settings.jobs == 0 and learner.cost == "cheap"):
            yield Workers()
        else:
            yield Processes(min(settings.jobs, max(2, os.cpu_count() or 1)), opened)
