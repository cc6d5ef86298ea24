"""Producers, artifacts and consumers joined across files."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.project.artifacts.graph import ArtifactGraph
from mldebt.project.artifacts.identity import label
from tests.project.reading import project_of

WRITE = "import pandas as pd\npd.DataFrame().to_csv({})\n"
READ = "import pandas as pd\npd.read_csv({})\n"


def graph_of(files: Mapping[str, str]) -> ArtifactGraph:
    return project_of(files).artifacts


def edges(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(e.writer.place.path, e.reader.place.path) for e in graph_of(files).edges]


def pair(written: str, read: str) -> dict[str, str]:
    return {"make.py": WRITE.format(written), "use.py": READ.format(read)}


def test_one_name_joins() -> None:
    (edge,) = graph_of(pair("'data/users_clean.csv'", "'data/users_clean.csv'")).edges
    assert (edge.writer.place.path, edge.reader.place.path) == ("make.py", "use.py")
    assert edge.constant and edge.whole and edge.declared is None and edge.shared == frozenset()
    assert edge.confidence == 1.0


def test_other_names_stay_apart() -> None:
    assert edges(pair("'a/model.csv'", "'b/model.csv'")) == []
    assert edges(pair("f'{a}/{b}.csv'", "'data/users_clean.csv'")) == []


def test_a_hole_joins_with_less_confidence() -> None:
    (edge,) = graph_of(pair("f'{folder}/users_clean_monthly.csv'", "'data/users_clean_monthly.csv'")).edges
    assert edge.whole and not edge.constant and edge.confidence < 1.0


def test_a_shared_constant_is_a_contract() -> None:
    settings = {"settings.py": "USERS = 'data/users_clean.csv'\n"}
    use = "from settings import USERS\n"
    (edge,) = graph_of({**settings, "make.py": use + WRITE.format("USERS"), "use.py": use + READ.format("USERS")}).edges
    assert edge.shared == {"settings.py::USERS"}


def test_a_folder_holds_its_files() -> None:
    files = {
        "make.py": WRITE.format("'out/monthly/users.csv'"),
        "use.py": "import shutil\nshutil.copytree('out/monthly', 'safe/monthly')\n",
    }
    (edge,) = graph_of(files).edges
    assert not edge.whole and edge.confidence < 1.0


def test_artifacts_group_what_edges_join() -> None:
    files = {**pair("'data/users_clean.csv'", "'./data/users_clean.csv'"), "again.py": READ.format("'data/users_clean.csv'")}
    (artifact,) = graph_of(files).artifacts
    assert label(artifact.identity) == "data/users_clean.csv"
    assert [a.place.path for a in artifact.writers] == ["make.py"]
    assert sorted(a.place.path for a in artifact.readers) == ["again.py", "use.py"]
    assert len(artifact.edges) == 2


def test_accesses_are_in_order_whatever_the_order_of_the_files() -> None:
    files = {f"m{i}.py": READ.format("'data/users_clean.csv'") for i in range(5)} | pair("'data/users_clean.csv'", "'x.csv'")
    there, back = graph_of(files), graph_of(dict(reversed(files.items())))
    assert there.accesses == back.accesses
    assert there.artifacts == back.artifacts
    assert there.edges == back.edges


def test_relays() -> None:
    """A download of somebody else's file is a relay; a copy of what the project makes is not."""
    copy = "import shutil\nshutil.copy('data/users_clean.csv', 'near/users_copy.csv')\n"
    alone = graph_of({"copy.py": copy})
    (written,) = alone.writers
    assert alone.is_relay(written)
    fed = graph_of({"copy.py": copy, "make.py": WRITE.format("'data/users_clean.csv'")})
    assert [fed.is_relay(w) for w in fed.writers if w.place.path == "copy.py"] == [False]


def test_copies_of_copies_are_fed_by_the_first() -> None:
    chain = {
        "make.py": WRITE.format("'a/users_first.csv'"),
        "one.py": "import shutil\nshutil.copy('a/users_first.csv', 'b/users_second.csv')\n",
        "two.py": "import shutil\nshutil.copy('b/users_second.csv', 'c/users_third.csv')\n",
    }
    graph = graph_of(chain)
    assert not any(graph.is_relay(w) for w in graph.writers)
    del chain["make.py"]
    graph = graph_of(chain)
    assert [w.place.path for w in graph.writers if graph.is_relay(w)] == ["one.py", "two.py"]


def test_declarations() -> None:
    dvc = "stages:\n  use:\n    cmd: python use.py\n    deps:\n      - data/users_clean.csv\n      - use.py\n"
    graph = graph_of({**pair("'data/users_clean.csv'", "'data/users_clean.csv'"), "dvc.yaml": dvc})
    (edge,) = [e for e in graph.edges if e.reader.api == "pandas.read_csv"]
    assert edge.declared is not None and edge.declared.system == "dvc"
    assert graph.consumer(edge.reader) is not None and graph.is_declared(edge.writer)


def test_the_nearest_writer_of_an_unfed_reader() -> None:
    graph = graph_of(pair("'data/users_monthly_summary.csv'", "'elsewhere/users_monthly_summary.csv'"))
    (reader,) = graph.readers
    found = graph.nearest(reader)
    assert found is not None and found[0].place.path == "make.py" and found[1] == "another folder"
    graph = graph_of(pair("'data/x.csv'", "'elsewhere/users_monthly_summary.csv'"))
    assert graph.nearest(graph.readers[0]) is None


def test_files_of_a_process() -> None:
    graph = graph_of({"run.py": "import tools\n", "tools.py": "import deep\n", "deep.py": "", "other.py": ""})
    assert graph.process_files(("run.py",)) == {"run.py", "tools.py", "deep.py"}
