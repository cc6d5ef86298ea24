"""A running Dask cluster: a client of its scheduler, workers that are like this process, and a function of many items on them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import importlib.util
import logging
import queue
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Generic, NamedTuple, Protocol, TypeVar, cast

PATIENCE = 10  # seconds for the scheduler to answer, and for a worker to come back when the last one is gone
LOOK = 1.0  # seconds between two looks at whether anyone is left
AHEAD = 2  # tasks sent for each thread of the cluster: one more than it works on
TRIES = 3  # times that a task is sent whose answer got lost with a connection

T = TypeVar("T")
Label = TypeVar("Label")
Answer = TypeVar("Answer")
Refuse = Callable[[str], Exception]  # makes the error that the caller's users understand


class Future(Protocol):
    """A task, or data that a worker holds."""

    key: str

    def add_done_callback(self, fn: Callable[[Future], object]) -> None: ...
    def result(self, timeout: float) -> object: ...


class Client(Protocol):
    """What is used of `distributed.Client`, which has no types of its own."""

    status: str

    def nthreads(self) -> Mapping[str, int]: ...
    def scatter(self, data: object, *, broadcast: bool = False, hash: bool = True) -> Future: ...
    def submit(self, func: Callable[..., object], *args: object, pure: bool) -> Future: ...
    def gather(self, futures: Sequence[Future]) -> object: ...
    def cancel(self, futures: Sequence[Future]) -> object: ...
    def wait_for_workers(self, n_workers: int, timeout: float) -> object: ...
    def run(self, function: Callable[[], T]) -> Mapping[str, T]: ...
    def close(self) -> object: ...


@contextmanager
def connected(address: str, same: Sequence[str], refuse: Refuse) -> Iterator[Client]:
    """A client of the scheduler, whose workers have the packages of `same` as this process has them. Raises what `refuse` makes."""
    if importlib.util.find_spec("distributed") is None:
        raise refuse("--backend dask needs Dask: pip install 'mldebt[dask]'")
    import distributed

    try:
        with concurrent.futures.ThreadPoolExecutor(1) as alone:  # a notebook has an event loop of its own in this thread
            alone.submit(lambda: asyncio.run(_knock(address))).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions; the ones that matter are compared below
            connect = cast("Callable[..., Client]", distributed.Client)
            client = connect(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # whatever answers there, if anything does
        raise refuse(f"--scheduler {address}: no Dask scheduler answers there: {one_line(error)}") from error
    with _silent("distributed.client"):  # it logs how it tries again; what comes of that is said in one line
        try:
            _compare(client, address, same, refuse)
            yield client
        finally:
            client.close()


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def same_program(client: Client, address: str, identity: Callable[[], bytes], refuse: Refuse) -> None:
    """Raises what `refuse` makes unless every worker's code has this process's identity."""
    here = identity()
    for worker, there in sorted(_said(client, address, identity, refuse).items()):
        if there != here:
            raise refuse(f"--scheduler {address}: the worker {worker} has another state of mldebt; install the same there")


class _Security(Protocol):
    def get_connection_args(self, role: str) -> Mapping[str, object]: ...


class _Connection(Protocol):
    def close(self) -> Awaitable[object]: ...


async def _knock(address: str) -> None:
    """Raises when nobody opens: a `Client` that never connected complains once more when it is freed."""
    from distributed.comm import core
    from distributed.security import Security

    security: Callable[[], _Security] = Security  # keys and certificates as Dask is configured
    connect: Callable[..., Awaitable[_Connection]] = core.connect
    connection = await connect(address, timeout=PATIENCE, **security().get_connection_args("client"))
    await connection.close()


def _compare(client: Client, address: str, same: Sequence[str], refuse: Refuse) -> None:
    here = _versions_of(same)()
    for worker, found in sorted(_said(client, address, _versions_of(same), refuse).items()):
        for name, version in here.items():
            if not found[name]:
                raise refuse(f"--scheduler {address}: the worker {worker} lacks {name}; it needs what is installed here")
            if found[name] != version:
                raise refuse(
                    f"--scheduler {address}: the worker {worker} has {name} {found[name]}, here it is {version}; install the same there"
                )


def _said(client: Client, address: str, function: Callable[[], T], refuse: Refuse) -> Mapping[str, T]:
    """What the function gives on each worker; there is at least one."""
    try:
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(1, timeout=PATIENCE)  # one that starts again is back soon
        found = client.run(function)
    except Exception as error:  # of a worker or of the connection
        raise refuse(f"--scheduler {address}: a worker cannot be asked what it has: {one_line(error)}") from error
    if not found:
        raise refuse(f"--scheduler {address}: the cluster has no workers")
    return found


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


def one_line(error: BaseException) -> str:
    """What an error says, short enough for a message."""
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def answers(
    client: Client, address: str, function: Callable[[bytes], Answer], items: Iterable[tuple[Label, bytes]], refuse: Refuse
) -> Iterator[tuple[Label, Answer | None]]:
    """What `function` makes of each labelled item, as it gets ready; None for one that has killed its workers again and again.

    An item is sent with its task, so that any worker can do it over, and when a thread may soon take it, so that few are in memory.
    Raises what `refuse` makes when the cluster is lost.
    """
    spread: _Spread[Label, Answer] = _Spread(client, address, function, refuse)
    try:
        yield from spread.answers(iter(items))
    finally:
        spread.cancel()


class _Task(NamedTuple, Generic[Label]):
    future: Future
    label: Label
    data: bytes
    tries: int


class _Spread(Generic[Label, Answer]):
    def __init__(self, client: Client, address: str, function: Callable[[bytes], Answer], refuse: Refuse) -> None:
        self._client, self._address, self._function, self._refuse = client, address, function, refuse
        self._room = AHEAD * sum(client.nthreads().values())
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._sent: dict[str, _Task[Label]] = {}
        self._gone = 0.0  # when no worker was left

    def answers(self, items: Iterator[tuple[Label, bytes]]) -> Iterator[tuple[Label, Answer | None]]:
        for label, data in islice(items, self._room):
            self._send(label, data, 1)
        while self._sent:
            future = self._next()
            task = self._sent.pop(future.key)
            try:
                found = self._result(future)
            except (asyncio.CancelledError, concurrent.futures.CancelledError):
                if task.tries == TRIES or self._client.status != "running":
                    raise self._lost("the connection broke off") from None
                self._send(task.label, task.data, task.tries + 1)
                continue
            for label, data in islice(items, 1):
                self._send(label, data, 1)
            yield task.label, found

    def _send(self, label: Label, data: bytes, tries: int) -> None:
        future = self._client.submit(self._function, data, pure=False)
        self._sent[future.key] = _Task(future, label, data, tries)
        future.add_done_callback(self._done.put)

    def _next(self) -> Future:
        while True:
            try:
                return self._done.get(timeout=LOOK)
            except queue.Empty:
                self._look()

    def _look(self) -> None:
        """Raises when nobody is left who could answer."""
        try:
            threads = self._client.status == "running" and self._client.nthreads()
        except Exception as error:  # of the connection
            raise self._lost(f"the connection broke off: {one_line(error)}") from error
        if threads is False:
            raise self._lost("the connection broke off")
        now = time.monotonic()
        self._gone = 0.0 if threads else self._gone or now
        if self._gone and now - self._gone > PATIENCE:
            raise self._lost("the cluster lost its workers")

    def _result(self, future: Future) -> Answer | None:
        from distributed import KilledWorker

        while True:
            try:
                return cast("Answer", future.result(timeout=LOOK))
            except KilledWorker:
                return None
            except TimeoutError:  # it has been lost with its worker, and is made once more
                self._look()
            except (asyncio.CancelledError, concurrent.futures.CancelledError):
                raise
            except Exception as error:
                raise self._lost(f"a worker failed: {type(error).__name__}: {one_line(error)}") from error

    def _lost(self, why: str) -> Exception:
        return self._refuse(f"--scheduler {self._address}: {why}")

    def cancel(self) -> None:
        if self._sent and self._client.status == "running":
            with contextlib.suppress(Exception):
                self._client.cancel([task.future for task in self._sent.values()])
