"""Fits on a running Dask cluster: the learner is sent once to every worker, each fold once to those that need it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from mldebt.data_pass.ablation.shared import Question, Shared
from mldebt.data_pass.ablation.workers import Pair, Workers
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.model import Keep, Learner

if TYPE_CHECKING:
    import numpy as np

PATIENCE = 10  # seconds for the scheduler to answer
SAME = ("mldebt", "numpy", "pandas", "scikit-learn", "scipy")  # other versions may answer otherwise


Future = object  # of Dask: a task, or data that a worker holds


class Client(Protocol):
    """What is used of `distributed.Client`, which has no types of its own."""

    def nthreads(self) -> Mapping[str, int]: ...
    def scatter(self, data: object, *, broadcast: bool = False, hash: bool = True) -> Future: ...
    def submit(self, func: Callable[..., np.ndarray], *args: object, pure: bool) -> Future: ...
    def gather(self, futures: Sequence[Future]) -> Sequence[np.ndarray]: ...
    def cancel(self, futures: Sequence[Future]) -> object: ...
    def run(self, function: Callable[[], dict[str, str]]) -> Mapping[str, Mapping[str, str]]: ...
    def close(self) -> object: ...


class _Security(Protocol):
    def get_connection_args(self, role: str) -> Mapping[str, object]: ...


class _Connection(Protocol):
    def close(self) -> Awaitable[object]: ...


class Cluster(Workers):
    """As many fits at once as the cluster has threads."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._width = sum(client.nthreads().values())
        self._learner: Learner | None = None
        self._shared: Future = None
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
            return list(self._client.gather(tasks))
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            self._learner, self._folds = None, {}
            return None
        except KilledWorker as error:
            raise DataError(f"--scheduler {self._address}: the fits kill the workers; try a smaller --sample") from error
        except OSError as error:
            raise DataError(f"--scheduler {self._address}: the connection broke off: {_line(error)}") from error
        except ImportError as error:
            raise DataError(f"--scheduler {self._address}: a worker lacks code of the model: {_line(error)}") from error
        except BaseException:
            self._client.cancel(tasks)
            raise

    def _sent(self, learner: Learner, folds: Sequence[Fold]) -> Future:
        try:
            if self._learner is not learner:
                self._shared, self._learner = self._client.scatter(Shared(learner), broadcast=True, hash=False), learner
            for fold in folds:
                if fold.key not in self._folds:
                    self._folds[fold.key] = self._client.scatter(fold, hash=False)
        except Exception as error:  # Dask hands on what went wrong in a worker as a bare Exception
            raise DataError(f"--scheduler {self._address}: model and data cannot be sent to the workers: {_line(error)}") from error
        return self._shared


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler, whose workers have what this process has. Raises DataError."""
    import distributed

    try:
        with concurrent.futures.ThreadPoolExecutor(1) as alone:  # a notebook has an event loop of its own in this thread
            alone.submit(lambda: asyncio.run(_knock(address))).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions; the ones that matter are compared below
            connect: Callable[..., Client] = distributed.Client
            client = connect(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # whatever answers there, if anything does
        raise DataError(f"--scheduler {address}: no Dask scheduler answers there: {_line(error)}") from error
    try:
        _check(client, address)
        yield client
    finally:
        client.close()


async def _knock(address: str) -> None:
    """Raises when nobody opens: a `Client` that never connected complains once more when it is freed."""
    from distributed.comm import core
    from distributed.security import Security

    security: Callable[[], _Security] = Security  # keys and certificates as Dask is configured
    connect: Callable[..., Awaitable[_Connection]] = core.connect
    connection = await connect(address, timeout=PATIENCE, **security().get_connection_args("client"))
    await connection.close()


def _check(client: Client, address: str) -> None:
    here = _versions_of(SAME)()
    there: Mapping[str, Mapping[str, str]] = client.run(_versions_of(SAME))
    if not there:
        raise DataError(f"--scheduler {address}: the cluster has no workers")
    for worker, found in sorted(there.items()):
        for name, version in here.items():
            if not found[name]:
                raise DataError(f"--scheduler {address}: the worker {worker} lacks {name}; it needs what is installed here")
            if found[name] != version:
                raise DataError(
                    f"--scheduler {address}: the worker {worker} has {name} {found[name]}, here it is {version}; install the same there"
                )


def _versions_of(names: Sequence[str]) -> Callable[[], dict[str, str]]:
    """A function that is sent whole, so that it also runs where mldebt is missing. "" for what is not installed."""

    def versions() -> dict[str, str]:
        import platform
        from importlib.metadata import PackageNotFoundError, version
        from importlib.util import find_spec

        found = {"Python": ".".join(platform.python_version_tuple()[:2])}
        for name in names:
            try:
                found[name] = version(name)
            except PackageNotFoundError:  # a source tree has no version of its own
                found[name] = "" if find_spec(name) is None else "of no version"
        return found

    return versions


def _work(shared: Shared, question: Question, keep: Keep, fold: Fold) -> np.ndarray:
    return shared.reply(question, keep, fold)


def _line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
