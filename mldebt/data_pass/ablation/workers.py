"""Where fits run: in this process, in local processes through joblib, or on a Dask cluster; always answered in the order that was asked.

No answer depends on the choice: a fit is a function of its columns and its fold, and everywhere it does its sums in one thread.
"""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pickle import PicklingError
from typing import TYPE_CHECKING

from mldebt.data_pass.ablation.shared import Question, Shared, one_thread, reply
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    import numpy as np
    from joblib import Parallel

Pair = tuple[Keep, Fold]

WORTH = 30.0  # seconds of fits to come from which processes are started unasked; one needs 1 to 3 s to import scikit-learn
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
    """`jobs` local processes; with 0 as many as there are cores, from when the fits to come are worth it."""

    def __init__(self, jobs: int, opened: ExitStack) -> None:
        self._jobs, self._opened, self._asked = jobs, opened, bool(jobs)
        self._parallel: Parallel | None = None
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
        started = time.perf_counter()
        said = super().ask(question, learner, pairs)
        if question == "answers":
            self._seconds += time.perf_counter() - started if self._fits else 0.0  # the first one also imports the model
            self._fits += len(pairs)
        return said

    def _spread(self, question: Question, learner: Learner, pairs: Sequence[Pair]) -> list[np.ndarray] | None:
        """None: the model cannot be sent, and nobody asked for processes."""
        from joblib import delayed

        if self._shared is None or self._shared.learner is not learner:
            self._shared = Shared(learner)
        shared = self._shared
        try:
            found = self._start()(delayed(_work)(shared, question, keep, fold) for keep, fold in pairs)
        except BrokenProcessPool:
            found = None
        except PicklingError as error:
            if self._asked:
                cause = error.__cause__ or error
                reason = (" ".join(str(cause).split()) or type(cause).__name__)[:200]
                raise DataError(f"{learner.words} cannot be sent to other processes: {reason}; use --jobs 1") from error
            self._jobs = 1
            return None
        if found is None:  # not raised above: the traceback of joblib would hold what `_end` frees
            raise DataError("a process that fits models was killed; it may want memory: try a smaller --sample, or --jobs 1")
        return list(found)

    def _start(self) -> Parallel:
        if self._parallel is None:
            from joblib import Parallel, parallel_config

            with parallel_config(backend="loky", inner_max_num_threads=1):
                self._parallel = Parallel(n_jobs=self._jobs, max_nbytes=MAPPED, mmap_mode="r", batch_size=1)
            self._opened.callback(_end)
            self._opened.enter_context(self._parallel)
        return self._parallel


def _end() -> None:
    """Ends the processes, which joblib would keep for later, and what is left of them: the command exits without clean-up of its own."""
    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(reuse=True)
    getattr(executor, "terminate", executor.shutdown)(kill_workers=True)  # joblib's own also removes the files that are mapped
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
            yield Processes(settings.jobs, opened)
