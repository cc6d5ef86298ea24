"""Which code runs in one process."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mldebt.project import Project
from mldebt.project.artifacts.model import Access
from tests.project.reading import project_of

LOAD = "import pandas as pd\ndef load():\n    return pd.read_csv('data/users_clean.csv')\n"
MAKE = "import pandas as pd\npd.DataFrame().to_csv('data/users_clean.csv')\n"


def ends(files: Mapping[str, str]) -> tuple[Project, Access, Access]:
    project = project_of(files)
    (writer,), (reader,) = project.artifacts.writers, project.artifacts.readers
    return project, writer, reader


TOGETHER = {
    "caller": {"load.py": LOAD, "make.py": "from load import load\n" + MAKE + "load()\n"},
    "caller of a caller": {
        "load.py": LOAD,
        "mid.py": "from load import load\ndef go():\n    load()\n",
        "make.py": "from mid import go\n" + MAKE + "go()\n",
    },
    "method": {
        "load.py": "import pandas as pd\nclass Loader:\n    def load(self):\n        return pd.read_csv('data/users_clean.csv')\n",
        "make.py": "from load import Loader\n" + MAKE + "Loader().load()\n",
    },
    "constructor": {
        "load.py": "import pandas as pd\nclass Loader:\n    def load(self):\n        return pd.read_csv('data/users_clean.csv')\n",
        "make.py": "from load import Loader\n" + MAKE + "loader = Loader()\nuse(loader)\n",
    },
    "subprocess": {"load.py": LOAD + "load()\n", "make.py": "import subprocess\n" + MAKE + "subprocess.run(['python', 'load.py'])\n"},
}  # fmt: skip
APART = {
    "nothing": {"load.py": LOAD + "load()\n", "make.py": MAKE},
    "a caller in a third file": {"load.py": LOAD, "make.py": MAKE, "run.py": "from load import load\nload()\n"},
    "only a test": {"load.py": LOAD, "make.py": MAKE, "tests/test_load.py": "from load import load\nload()\n"},
    "another function": {"load.py": LOAD + "def other(): pass\n", "make.py": "from load import other\n" + MAKE + "other()\n"},
    "recursion": {"load.py": LOAD.replace("    return", "    load()\n    return"), "make.py": MAKE},
}


@pytest.mark.parametrize("files", TOGETHER.values(), ids=TOGETHER.keys())
def test_together(files: Mapping[str, str]) -> None:
    project, writer, reader = ends(files)
    assert project.artifacts.processes.together(writer, reader)
    assert project.artifacts.processes.together(reader, writer)


@pytest.mark.parametrize("files", APART.values(), ids=APART.keys())
def test_apart(files: Mapping[str, str]) -> None:
    project, writer, reader = ends(files)
    assert not project.artifacts.processes.together(writer, reader)


def test_idle_code() -> None:
    project, writer, reader = ends({"load.py": LOAD, "make.py": MAKE})
    processes = project.artifacts.processes
    assert processes.is_idle(reader) and not processes.is_idle(writer), "the code of a module runs with it"
    project, _, reader = ends({"load.py": LOAD + "load()\n", "make.py": MAKE})
    assert not project.artifacts.processes.is_idle(reader)
    library = {"setup.py": "from setuptools import setup\nsetup(name='pkg')\n", "pkg/__init__.py": "", "pkg/load.py": LOAD, "make.py": MAKE}
    project, _, reader = ends(library)
    assert not project.artifacts.processes.is_idle(reader), "the callers of a library are not in sight"


READ = "import pandas as pd\npd.read_sql('select id from shop.orders', con)\n"
DEFINED = {
    "ddl": {"schema.sql": "CREATE TABLE shop.orders (id int);\n"},
    "mapped class": {"models.py": "class Order(Base):\n    __tablename__ = 'orders'\n"},
    "alembic": {"versions/a.py": "from alembic import op\ndef upgrade():\n    op.create_table('orders')\n"},
}


@pytest.mark.parametrize("files", DEFINED.values(), ids=DEFINED.keys())
def test_tables_that_the_project_defines(files: Mapping[str, str]) -> None:
    graph = project_of({"use.py": READ, **files}).artifacts
    (reader,) = [r for r in graph.readers if r.place.path == "use.py"]
    assert graph.processes.defines(reader)


def test_tables_of_somebody_else() -> None:
    graph = project_of({"use.py": READ, "models.py": "class User(Base):\n    __tablename__ = 'users'\n"}).artifacts
    (reader,) = graph.readers
    assert not graph.processes.defines(reader) and not graph.processes.is_migration(reader)


def test_migrations() -> None:
    graph = project_of({"alembic/versions/a.py": READ}).artifacts
    assert [graph.processes.is_migration(r) for r in graph.readers] == [True]
