"""The map over a Dask cluster of two processes: the bytes of files go there, the same entries come back, nothing is run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt import cluster, jobs
from mldebt.cache import program_identity
from mldebt.config import ConfigError
from mldebt.sources.model import Language, Role, Source

distributed = pytest.importorskip("distributed")

SETTINGS = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None, "host": "127.0.0.1"}


@pytest.fixture(scope="module")
def local() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(**SETTINGS) as found:
        yield found


@pytest.fixture(scope="module")
def scheduler(local: distributed.LocalCluster) -> str:
    return local.scheduler_address


def folder(root: Path, count: int = 30) -> dict[Source, int]:
    """Files of several kinds, some of them bad, and their sizes."""
    contents: dict[str, bytes] = {f"m{number:02}.py": b"import os\nx = f(a=[1, 'b'])\n" * (1 + number * 7) for number in range(count)}
    contents |= {"broken.py": b"def f(:\n", "latin.py": b"x = '\xe9'\n", "settings.yaml": b"a: 1\n", "q.sql": b"SELECT a FROM t"}
    contents[os.fsdecode(b"\xff.py")] = b"import os\n"
    marker = root / "executed"
    contents["stops.py"] = b"raise SystemExit(3)\n"
    contents["writes.py"] = f"open({str(marker)!r}, 'w').write('x')\n".encode()
    sizes = {}
    for name, content in contents.items():
        (root / name).write_bytes(content)
        language = {".py": Language.PYTHON, ".yaml": Language.YAML, ".sql": Language.SQL}[Path(name).suffix]
        sizes[Source(name, language, Role.CODE)] = len(content)
    return sizes


def test_every_entry_is_the_same_to_the_byte_and_nothing_is_run(tmp_path: Path, scheduler: str):
    sizes = folder(tmp_path)
    here = list(jobs.run(tmp_path, sizes, 1))
    backwards = dict(reversed(sizes.items()))
    there = list(jobs.run(tmp_path, backwards, 1, scheduler=scheduler, identity=program_identity))
    assert sorted(there) == sorted(here) and len(there) == len(sizes)
    assert not (tmp_path / "executed").exists()


def test_no_file_system_is_shared(tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch):
    sizes = folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    here = dict(jobs.run(tmp_path, sizes, 1))
    assert dict(jobs.run(Path(), sizes, 1, scheduler=scheduler)) == here  # the workers stand elsewhere


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, scheduler: str):
    sizes = folder(tmp_path, 3)
    gone = Source("gone.py", Language.PYTHON, Role.CODE)
    entries = dict(jobs.run(tmp_path, {**sizes, gone: 1}, 1, scheduler=scheduler))
    assert len(entries) == len(sizes) + 1
    assert jobs.decoder().decode(entries["gone.py"]).facts.unread == "cannot be read: No such file or directory"


def test_more_chunks_than_fit_at_once(tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "MAX_CHUNK", 1)
    sizes = folder(tmp_path)
    assert sorted(jobs.run(tmp_path, sizes, 1, scheduler=scheduler)) == sorted(jobs.run(tmp_path, sizes, 1))


def test_a_worker_killed_on_the_way_costs_nothing(tmp_path: Path, local: distributed.LocalCluster):
    sizes = folder(tmp_path, 60)
    entries: dict[str, bytes] = {}
    for path, data in jobs.run(tmp_path, sizes, 1, scheduler=local.scheduler_address):
        if not entries:
            os.kill(local.workers[0].pid, signal.SIGKILL)
        entries[path] = data
    assert entries == dict(jobs.run(tmp_path, sizes, 1))


def test_a_file_that_kills_its_workers_is_reported_and_ends_nothing(tmp_path: Path, local: distributed.LocalCluster):
    sizes = folder(tmp_path, 4)
    bad = next(one for one in sizes if one.path == "m02.py")
    with cluster.connected(local.scheduler_address, (), ConfigError) as client:
        found = dict(cluster.answers(client, "", deadly, ((one.path, one.path.encode("utf8", "replace")) for one in sizes), ConfigError))
    assert found[bad.path] is None
    assert found["broken.py"] == b"broken.py"


def deadly(name: bytes) -> bytes:
    if name == b"m02.py":
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def test_a_file_that_takes_too_long_is_unread(tmp_path: Path, scheduler: str):
    sizes = folder(tmp_path, 6)
    (tmp_path / "slow.sql").write_text("SELECT * FROM a " + " ".join(f"JOIN wanted_{number}" for number in range(24)))
    slow = Source("slow.sql", Language.SQL, Role.CODE)
    entries = dict(jobs.run(tmp_path, {**sizes, slow: 900}, 1, scheduler=scheduler, seconds=3.0))
    found = jobs.decoder().decode(entries.pop("slow.sql"))
    assert found.facts.unread == "took longer than 3 s to analyse" and not found.lasting
    assert entries == dict(jobs.run(tmp_path, sizes, 1))


def test_a_cluster_without_workers_is_refused(tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(distributed.Client, "run", lambda self, function: {})
    with pytest.raises(ConfigError, match=r"^--scheduler \S+: the cluster has no workers$"):
        list(jobs.run(tmp_path, folder(tmp_path, 1), 1, scheduler=scheduler))


def test_a_worker_that_leaves_while_it_is_asked_is_one_line(tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch):
    def run(self, function):
        raise OSError("Timed out\nduring handshake")

    monkeypatch.setattr(distributed.Client, "run", run)
    with pytest.raises(ConfigError, match=r"^--scheduler \S+: a worker cannot be asked what it has: Timed out during handshake$"):
        list(jobs.run(tmp_path, folder(tmp_path, 1), 1, scheduler=scheduler))


class Silent:
    """A client whose cluster never answers."""

    def __init__(self, status: str, threads: list[dict[str, int]]) -> None:
        self.status, self.threads, self.cancelled = status, threads, 0

    def nthreads(self) -> dict[str, int]:
        return self.threads.pop(0) if len(self.threads) > 1 else self.threads[0]

    def submit(self, function, data, *, pure):
        return self

    key = "only"

    def add_done_callback(self, function) -> None:
        pass

    def cancel(self, futures) -> None:
        self.cancelled += len(futures)


def test_a_cluster_that_goes_away_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "LOOK", 0.01)
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    client = Silent("running", [{"a": 1}, {"a": 1}, {}, {"b": 1}, {}])
    with pytest.raises(ConfigError, match=r"^--scheduler here: the cluster lost its workers$"):
        list(cluster.answers(client, "here", bytes, [(1, b"")], ConfigError))
    assert client.cancelled == 1
    with pytest.raises(ConfigError, match=r"^--scheduler here: the connection broke off$"):
        list(cluster.answers(Silent("connecting", [{"a": 1}]), "here", bytes, [(1, b"")], ConfigError))


def test_an_interrupt_takes_back_what_was_sent(monkeypatch: pytest.MonkeyPatch):
    client = Silent("running", [{"a": 1}])

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster._Spread, "_next", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(cluster.answers(client, "here", bytes, [(1, b"")], ConfigError))
    assert client.cancelled == 1


def test_what_a_worker_raises_is_one_line(scheduler: str):
    with (
        cluster.connected(scheduler, (), ConfigError) as client,
        pytest.raises(ConfigError, match=r"^--scheduler here: a worker failed: ValueError: invalid literal .*'x'$"),
    ):
        list(cluster.answers(client, "here", int, [(1, b"x")], ConfigError))


def test_workers_with_another_state_of_the_code_are_refused(tmp_path: Path, scheduler: str):
    def identity() -> bytes:  # no two processes have it in common
        return str(os.getpid()).encode()

    with pytest.raises(ConfigError, match=r"^--scheduler \S+: the worker \S+ has another state of mldebt; install the same there$"):
        list(jobs.run(tmp_path, folder(tmp_path, 1), 1, scheduler=scheduler, identity=identity))


def test_a_worker_without_a_package_is_refused(tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "SAME", ("mldebt", "no_such_package"))
    with pytest.raises(ConfigError, match=r"the worker \S+ lacks no_such_package; it needs what is installed here$"):
        list(jobs.run(tmp_path, folder(tmp_path, 1), 1, scheduler=scheduler))


def test_nobody_at_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with pytest.raises(ConfigError, match=r"^--scheduler tcp://127\.0\.0\.1:1: no Dask scheduler answers there: \S[^\n]*$"):
        list(jobs.run(tmp_path, folder(tmp_path, 1), 1, scheduler="tcp://127.0.0.1:1"))


def test_nothing_to_read_needs_no_cluster(tmp_path: Path):
    assert list(jobs.run(tmp_path, {}, 1, scheduler="tcp://127.0.0.1:1")) == []
