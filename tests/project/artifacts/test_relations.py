"""Which edges of the artifact graph couple two processes in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec
import pytest

from mldebt.catalogue import load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.facts.model import Span
from mldebt.project import Project, link
from mldebt.project.artifacts.graph import Artifact, Edge
from mldebt.project.artifacts.identity import of_path
from mldebt.project.artifacts.model import Access, Place
from mldebt.project.artifacts.relations import (
    _nearest,
    rival_writers,
    silent_edges,
    unfed_readers,
    unpinnable,
    unread_writers,
    unused_declarations,
)
from mldebt.sources.model import Language, Role, Source, Text
from mldebt.sources.read import read
from tests.project.reading import project_of

WRITE = "import pandas as pd\npd.DataFrame().to_csv('{}')\n"
READ = "import pandas as pd\npd.read_csv('{}')\n"
NAME = "data/users_clean_monthly.csv"
PAIR = {"make.py": WRITE.format(NAME), "use.py": READ.format(NAME)}


def silent(files: Mapping[str, str], config: Config | None = None) -> list[tuple[str, str]]:
    project = project_of(files, config=config)
    return sorted((e.writer.place.path, e.reader.place.path) for a in project.artifacts.artifacts for e in silent_edges(project, a))


def places(rule: Callable[[Project, Artifact], Iterable[Access]], files: Mapping[str, str]) -> list[str]:
    project = project_of(files)
    return sorted(w.place.path for artifact in project.artifacts.artifacts for w in rule(project, artifact))


# silent edges ------------------------------------------------------------------------------------------------------------

DVC = f"stages:\n  use:\n    cmd: python use.py\n    deps:\n      - use.py\n      - {NAME}\n"
CONSTANT = {"names.py": f"USERS = '{NAME}'\n"}
QUIET = {
    "one file": {"all.py": WRITE.format(NAME) + READ.format(NAME)},
    "a declaration": {**PAIR, "dvc.yaml": DVC},
    "a shared constant": {
        **CONSTANT,
        "make.py": "from names import USERS\nimport pandas as pd\npd.DataFrame().to_csv(USERS)\n",
        "use.py": "from names import USERS\nimport pandas as pd\npd.read_csv(USERS)\n",
    },
    "one calls the other": {
        "use.py": f"import pandas as pd\ndef load():\n    return pd.read_csv('{NAME}')\n",
        "make.py": "from use import load\n" + WRITE.format(NAME) + "load()\n",
    },
    "one starts the other": {**PAIR, "make.py": PAIR["make.py"] + "import subprocess\nsubprocess.run(['python', 'use.py'])\n"},
    "nothing runs the reader": {**PAIR, "use.py": f"import pandas as pd\ndef load():\n    return pd.read_csv('{NAME}')\n"},
    "the reader makes it as well": {**PAIR, "use.py": WRITE.format(NAME) + READ.format(NAME)},
    "a relay": {"make.py": "import shutil\nshutil.copy('elsewhere/users.csv', '" + NAME + "')\n", "use.py": READ.format(NAME)},
    "a short name in other folders": {"a/make.py": WRITE.format("x.csv"), "b/use.py": READ.format("x.csv")},
    "a test": {"make.py": PAIR["make.py"], "tests/test_use.py": PAIR["use.py"]},
}


@pytest.mark.parametrize("files", QUIET.values(), ids=QUIET.keys())
def test_explained(files: Mapping[str, str]) -> None:
    assert silent(files) == []


def test_silent() -> None:
    assert silent(PAIR) == [("make.py", "use.py")]
    constants = {path: f"USERS = '{NAME}'\n" + text.replace(f"'{NAME}'", "USERS") for path, text in PAIR.items()}
    assert silent(constants) == [("make.py", "use.py")], "two constants of one value are no contract"
    assert silent({"a/make.py": PAIR["make.py"], "b/use.py": PAIR["use.py"]}) == [("a/make.py", "b/use.py")]


def test_systems() -> None:
    files = {"a/make.py": PAIR["make.py"], "b/use.py": PAIR["use.py"]}
    assert silent(files, Config(systems={"all": ("a/*", "b/*")})) == []
    assert silent(files, Config(systems={"first": ("a/*",), "second": ("b/*",)})) == [("a/make.py", "b/use.py")]


def test_of_several_writers_the_nearest() -> None:
    files = {"a/make.py": PAIR["make.py"], "b/make.py": PAIR["make.py"], "a/use.py": PAIR["use.py"]}
    assert silent(files) == [("a/make.py", "a/use.py")]


def edge(writer: str, reader: str, name: str = NAME) -> Edge:
    identity = of_path((name,))
    span = Span(1, 1, 1, 2)
    return Edge(Access("write", identity, Place(writer, span)), Access("read", identity, Place(reader, span)), 20, True, True)


def test_nearest() -> None:
    near, far, other = edge("a/b/make.py", "a/b/use.py"), edge("a/make.py", "a/b/use.py"), edge("a/make.py", "c/use.py")
    assert _nearest([far, near, other]) == [near, other]
    remote = [edge("a/make.py", "b/use.py", "s3://b/users.csv"), edge("b/make.py", "b/use.py", "s3://b/users.csv")]
    assert _nearest(remote) == remote, "a bucket is the same from everywhere"
    assert _nearest([]) == []


# readers without a writer ------------------------------------------------------------------------------------------------


def test_unfed_readers() -> None:
    assert places(unfed_readers, {"use.py": READ.format("s3://bucket/users.csv")}) == ["use.py"]
    assert places(unfed_readers, PAIR) == []
    assert places(unfed_readers, {"use.py": READ.format(NAME), "dvc.yaml": DVC}) == []


def notebook(code: str) -> str:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code}
    return msgspec.json.encode({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).decode()


NOBODYS = {
    "published": {"use.py": READ.format("gs://bigquery-public-data/users.csv")},
    "published table": {"use.py": "import pandas as pd\npd.read_gbq('select a from `bigquery-public-data.shop.orders`')\n"},
    "secret": {"use.py": "with open('deploy/client_secret.json') as f:\n    f.read()\n"},
    "key": {"use.py": "with open('deploy/server.pem') as f:\n    f.read()\n"},
    "nothing runs it": {"use.py": "import pandas as pd\ndef load():\n    return pd.read_csv('s3://bucket/users.csv')\n"},
    "defined table": {
        "use.py": "import pandas as pd\npd.read_sql('select a from orders', c)\n",
        "m.py": "class O(B):\n    __tablename__ = 'orders'\n",
    },
}


@pytest.mark.parametrize("files", NOBODYS.values(), ids=NOBODYS.keys())
def test_nobodys_output(files: Mapping[str, str]) -> None:
    assert places(unfed_readers, files) == []


def test_a_web_address_is_looked_at_in_a_notebook_and_depended_on_in_a_script(tmp_path: Path) -> None:
    code = READ.format("https://storage.googleapis.com/bucket/users.csv")
    (tmp_path / "look.ipynb").write_text(notebook(code), encoding="utf-8")
    source = Source("look.ipynb", Language.NOTEBOOK, Role.NOTEBOOK)
    text = read(tmp_path, source)
    assert isinstance(text, Text)
    project = link(tmp_path, {"look.ipynb": (source, extract(source, text))}, load_catalogue(), Config())
    assert [a.web for a in project.artifacts.readers] == [True]
    assert [r for a in project.artifacts.artifacts for r in unfed_readers(project, a)] == []
    assert places(unfed_readers, {"use.py": code}) == ["use.py"]


# writers -----------------------------------------------------------------------------------------------------------------


def test_unread_writers() -> None:
    assert places(unread_writers, {"make.py": WRITE.format("data/users_clean.csv")}) == ["make.py"]
    assert places(unread_writers, PAIR) == []
    assert places(unread_writers, {"make.py": WRITE.format("out/submission.csv")}) == [], "for people"
    assert places(unread_writers, {"make.py": "open('data/users.txt', 'a')\n"}) == [], "an append"


def test_rival_writers() -> None:
    rivals = {"a.py": WRITE.format(NAME), "b.py": WRITE.format(NAME)}
    assert places(rival_writers, rivals) == ["a.py", "b.py"]
    assert places(rival_writers, {**rivals, "b.py": "import a\n" + rivals["b.py"]}) == [], "one imports the other"
    assert places(rival_writers, {"a.py": rivals["a.py"], "b.py": rivals["b.py"].replace(")", ", mode='a')")}) == ["a.py"], "an append"


def unpinned(files: Mapping[str, str]) -> list[str]:
    return sorted(writer.place.path for _, writers in unpinnable(project_of(files)) for writer in writers)


def test_unpinnable() -> None:
    assert unpinned(PAIR) == ["make.py"]
    assert unpinned({"make.py": PAIR["make.py"]}) == []
    assert unpinned({"make.py": WRITE.format("s3://bucket/users_clean.csv")}) == ["make.py"]
    dated = "import datetime\nimport pandas as pd\npd.DataFrame().to_csv(f's3://bucket/users_{datetime.date.today()}.csv')\n"
    assert unpinned({"make.py": dated}) == []
    assert unpinned({"make.py": WRITE.format("s3://bucket/users_clean.csv") + dated}) == [], "a dated copy beside it"


def test_unused_declarations() -> None:
    project = project_of({"dvc.yaml": DVC, "use.py": READ.format("data/other.csv")})
    assert [(d.system, d.who) for d in unused_declarations(project)] == [("dvc", "use")]
    assert unused_declarations(project_of({"dvc.yaml": DVC, "use.py": READ.format(NAME)})) == []
    open_read = "import pandas as pd\nimport sys\npd.read_csv(sys.argv[1])\n"
    assert unused_declarations(project_of({"dvc.yaml": DVC, "use.py": open_read})) == [], "a read that is not resolved may be it"
    elsewhere = READ.format("data/other.csv") + f"import pictures\npictures.Folder('{NAME}')\n"
    assert unused_declarations(project_of({"dvc.yaml": DVC, "use.py": elsewhere})) == [], "a call that nobody knows may read it"
    passed = DVC.replace("python use.py", f"python use.py +data.users={NAME}")
    assert unused_declarations(project_of({"dvc.yaml": passed, "use.py": READ.format("data/other.csv")})) == [], "the command passes it"


CHOSEN = """
import argparse

def chosen():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="d/a.csv")
    return parser.parse_args()
"""
STAGES = """
stages:
  a: {cmd: python use.py, deps: [use.py, d/a.csv]}
  b: {cmd: python use.py --rows d/b.csv, deps: [use.py, d/b.csv]}
"""


def test_options_of_another_file_are_what_the_stage_passes() -> None:
    use = "import pandas as pd\nfrom options import chosen\nargs = chosen()\npd.read_csv(args.rows)\n"
    project = project_of({"dvc.yaml": STAGES, "use.py": use, "options.py": CHOSEN})
    assert unused_declarations(project) == []
    assert {a.identity for a in project.artifacts.readers if a.place.path == "use.py"} == {of_path(("d/b.csv",))}
