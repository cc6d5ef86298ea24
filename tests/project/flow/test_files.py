"""From what a script reads to what another one wrote."""

from __future__ import annotations

import pytest

from mldebt.facts.model import Call
from mldebt.project import Project
from mldebt.project.artifacts.identity import label
from mldebt.project.flow.model import Node
from tests.project.flow.tracing import linked, numbers, slice_of, start, way_to

PD = "import pandas as pd\n"
WRITTEN = f"{PD}f = load()\nf['a'] = 1\nf['b'] = 2\nf.to_csv('data/scores.csv')\n"


def files(writer: str, reader: str, **others: str) -> dict[str, str]:
    return {"write.py": writer, "read.py": reader, **{f"{name}.py": text for name, text in others.items()}}


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        ("see(pd.read_csv('data/scores.csv'))", [1, 2]),
        ("see(pd.read_csv('data/scores.csv')['b'])", [2]),
        ("see(pd.read_csv('data/scores.csv')[['b']])", [2]),
        ("see(pd.read_csv('data/scores.csv').drop(columns='a'))", [2]),
        ("see(pd.read_csv('data/others.csv'))", []),
        ("see(pd.read_csv('elsewhere/scores.csv'))", []),
        ("import os\nsee(pd.read_csv(os.path.join('data', 'scores.csv'))['a'])", [1]),
        ("from pathlib import Path\nsee(pd.read_csv(Path('data') / 'scores.csv')['a'])", [1]),
    ],
)
def test_a_table_between_scripts_with_its_columns(reader: str, expected: list[int]):
    assert numbers(files(WRITTEN, PD + reader)) == expected


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ("import joblib\njoblib.dump([1], 'm.joblib')", "import joblib\nsee(joblib.load('m.joblib'))"),
        (
            "import pickle\nwith open('m.pkl', 'wb') as h:\n    pickle.dump([1], h)",
            "import pickle\nwith open('m.pkl', 'rb') as h:\n    see(pickle.load(h))",
        ),
        ("import pickle\npickle.dump(1, open('m.pkl', 'wb'))", "import pickle\nsee(pickle.load(open('m.pkl', 'rb')))"),
        ("import numpy as np\nnp.save('m.npy', 1)", "import numpy as np\nsee(np.load('m.npy'))"),
        (
            "import json\nwith open('m.json', 'w') as h:\n    json.dump({'a': 1}, h)",
            "import json\nwith open('m.json') as h:\n    see(json.load(h))",
        ),
        (
            "import json\nwith open('m.json', 'w') as h:\n    h.write(json.dumps({'a': 1}))",
            "import json\nwith open('m.json') as h:\n    see(json.loads(h.read()))",
        ),
        ("f = make(1)\nf.to_parquet('x.parquet')", f"{PD}see(pd.read_parquet('x.parquet'))"),
        (
            f"{PD}import sqlite3\nc = sqlite3.connect('x.db')\nf = make(1)\nf.to_sql('scores', c)",
            f"{PD}import sqlite3\nc = sqlite3.connect('x.db')\nsee(pd.read_sql('select a from scores', c))",
        ),
        (
            "class Store:\n    def __init__(self, path):\n        self.path = path\n\n    def put(self, x):\n        import joblib\n"
            "        joblib.dump(x, self.path)\n\nStore('a.joblib').put(1)",
            "import joblib\nsee(joblib.load('a.joblib'))",
        ),
    ],
)
def test_what_is_written_is_what_is_read(writer: str, reader: str):
    assert numbers(files(writer, reader)) == [1]


def test_two_files_through_one_pair_of_helpers_stay_two():
    text = {
        "tools.py": f"{PD}def save(f, path):\n    f.to_csv(path)\n\ndef get(path):\n    return pd.read_csv(path)\n",
        "write.py": "from tools import save\nsave(1, 'd/x.csv')\nsave(2, 'd/y.csv')\n",
        "read.py": "from tools import get\nget('d/y.csv')\nsee(get('d/x.csv'))\n",
    }
    assert numbers(text) == [1]
    assert numbers({**text, "read.py": "from tools import get\nget('d/x.csv')\nsee(get('d/y.csv'))\n"}) == [2]


def test_a_helper_of_a_helper():
    text = {
        "tools.py": f"{PD}def get(path):\n    return pd.read_csv(path)\n\ndef named(name):\n    return get(f'd/{{name}}.csv')\n",
        "write.py": "make(1).to_csv('d/x.csv')\nmake(2).to_csv('d/y.csv')\n",
        "read.py": "from tools import named\nnamed('y')\nsee(named('x'))\n",
    }
    assert numbers(text) == [1]


def test_a_path_that_another_file_names():
    text = files(
        "from paths import OUT\nmake(1).to_parquet(OUT)", f"{PD}import paths\nsee(pd.read_parquet(paths.OUT))", paths="OUT = 'd/x.parquet'"
    )
    assert numbers(text) == [1]


def test_a_file_that_is_written_and_read_in_one_script():
    assert numbers(f"{PD}def run():\n    make(1).to_parquet('x.parquet')\n    see(pd.read_parquet('x.parquet'))") == [1]


def test_two_handles_of_one_script_stay_two():
    writer = "import pickle\nwith open('m.pkl', 'wb') as h:\n    pickle.dump(1, h)\nwith open('n.pkl', 'wb') as h:\n    pickle.dump(2, h)\n"
    assert numbers(files(writer, "import pickle\nwith open('n.pkl', 'rb') as h:\n    see(pickle.load(h))\n")) == [2]


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_copies_of_copies(copies: int):
    lines = ["import shutil", *(f"shutil.copy('m{n}.joblib', 'm{n + 1}.joblib')" for n in range(copies))]
    text = files(
        "import joblib\njoblib.dump([1], 'm0.joblib')\n",
        f"import joblib\nsee(joblib.load('m{copies}.joblib'))\n",
        copy="\n".join(lines) + "\n",
    )
    assert numbers(text) == [1]


def test_copies_in_a_ring_end():
    text = files(
        "import joblib\njoblib.dump([1], 'a.joblib')\n",
        "import joblib\nsee(joblib.load('b.joblib'))\n",
        copy="import shutil\nshutil.copy('a.joblib', 'b.joblib')\nshutil.copy('b.joblib', 'a.joblib')\n",
    )
    assert numbers(text) == [1]


def test_a_file_that_is_moved():
    text = files(
        "import joblib\njoblib.dump([1], 'm.joblib')\n",
        "import joblib\nsee(joblib.load('n.joblib'))\n",
        move="import os\nos.rename('m.joblib', 'n.joblib')\n",
    )
    assert numbers(text) == [1]


def test_the_way_names_the_file():
    assert ("file", "data/scores.csv") in way_to(files(WRITTEN, f"{PD}see(pd.read_csv('data/scores.csv')['b'])"), 2)


def reading(project: Project) -> Node:
    """The call that reads, in a slice."""
    (found,) = [n for n in slice_of(project) if project.flow.steps.files.access(n) is not None]
    return found


def test_the_access_and_the_edges_of_a_call_that_reads():
    project = linked(files(WRITTEN, f"{PD}see(pd.read_csv('data/scores.csv')['b'])"))
    node = reading(project)
    assert isinstance(project.modules[node.path].facts.values[node.index], Call)
    access = project.flow.steps.files.access(node)
    assert access is not None and access.identity is not None and label(access.identity) == "data/scores.csv"
    (edge,) = project.flow.steps.files.edges(node)
    assert (edge.writer.place.path, edge.reader.place.path) == ("write.py", "read.py")
    (written,) = project.flow.steps.files.written(edge.writer)
    assert written.path == "write.py"


def test_a_file_that_nobody_writes_has_an_access_and_no_edges():
    project = linked(f"{PD}see(pd.read_csv('other.csv'))")
    node = reading(project)
    assert project.flow.steps.files.edges(node) == []
    assert [n for n in slice_of(project) if n.path != "module.py"] == []


def test_a_value_that_is_no_call_reads_nothing():
    project = linked("see(1)")
    assert project.flow.steps.files.access(start(project)) is None
    assert project.flow.steps.files.edges(start(project)) == []
