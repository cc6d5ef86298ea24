"""Where Python code reads and writes artifacts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mldebt.project.artifacts.accesses import Accesses
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from tests.project.reading import project_of


def accesses(source: str, files: Mapping[str, str] | None = None) -> list[Access]:
    return Accesses(project_of({"app.py": source, **(files or {})})).all


def shown(source: str, files: Mapping[str, str] | None = None) -> list[str]:
    """`read data/x.csv`, with the mode of a write that does not overwrite."""
    return sorted(
        " ".join([a.direction, label(a.identity) if a.identity is not None else f"?{a.why}", *([a.mode] if a.mode == "append" else [])])
        for a in accesses(source, files)
    )


CALLS = {
    "pandas": ("import pandas as pd\ndf = pd.read_csv('x.csv')\ndf.to_parquet('y.parquet')", ["read x.csv", "write y.parquet"]),
    "handle": ("import json\nwith open('x.json') as f:\n    json.load(f)", ["read x.json"]),
    "handle to write": ("import json\nwith open('x.json', 'w') as f:\n    json.dump({}, f)", ["write x.json"]),
    "mode by name": ("with open('x.txt', mode='w') as f:\n    f.write('a')", ["write x.txt"]),
    "mode of a constant": ("MODE = 'wb'\nwith open('x.txt', MODE) as f:\n    f.write('a')", ["write x.txt"]),
    "append": ("with open('x.txt', 'a') as f:\n    f.write('a')", ["write x.txt append"]),
    "binary": ("import pickle\nwith open('m.pkl', 'rb') as f:\n    m = pickle.load(f)", ["read m.pkl"]),
    "gzip": ("import gzip, json\nwith gzip.open('x.json.gz', 'rt') as f:\n    json.load(f)", ["read x.json.gz"]),
    "gzip to write": ("import gzip\nwith gzip.open('x.json.gz', 'wt') as f:\n    f.write('')", ["write x.json.gz"]),
    "path open": ("from pathlib import Path\nwith (Path('d') / 'x.txt').open('w') as f:\n    f.write('')", ["write d/x.txt"]),
    "path text": ("from pathlib import Path\nPath('x.txt').write_text(Path('y.txt').read_text())", ["read y.txt", "write x.txt"]),
    "joblib": ("import joblib\njoblib.dump(joblib.load('a.joblib'), 'b.joblib')", ["read a.joblib", "write b.joblib"]),
    "numpy adds its suffix": ("import numpy as np\nnp.save('x', a)\nnp.load('x.npy')", ["read x.npy", "write x.npy"]),
    "boto3 client": ("import boto3\nboto3.client('s3').get_object(Bucket='b', Key='k/x.csv')", ["read s3://b/k/x.csv"]),
    "boto3 object": ("import boto3\ns3 = boto3.resource('s3')\ns3.Object('b', 'k/x.csv').put(Body=data)", ["write s3://b/k/x.csv"]),
    "boto3 upload": ("import boto3\ns3 = boto3.client('s3')\ns3.upload_file('x.csv', 'b', 'k/x.csv')", ["read x.csv", "write s3://b/k/x.csv"]),
    "boto3 download": ("import boto3\nboto3.client('s3').download_file('b', 'k/x.csv', 'x.csv')", ["read s3://b/k/x.csv", "write x.csv"]),
    "gcs": (
        "from google.cloud import storage\nbucket = storage.Client().bucket('b')\nbucket.blob('k/x.csv').upload_from_filename('x.csv')",
        ["read x.csv", "write gs://b/k/x.csv"],
    ),
    "gcs download": (
        "from google.cloud import storage\nc = storage.Client()\nc.get_bucket('b').blob('k/x.csv').download_to_filename('x.csv')",
        ["read gs://b/k/x.csv", "write x.csv"],
    ),
    "spark": ("def main(spark):\n    spark.read.parquet('s3://b/x').write.mode('overwrite').parquet('s3://b/y')", ["read s3://b/x", "write s3://b/y"]),
    "spark format": ("def main(spark):\n    df = spark.read.format('csv').load('s3://b/x')", ["read s3://b/x"]),
    "query": ("import pandas as pd\npd.read_sql('select a from shop.orders', con)", ["read table shop.orders"]),
    "to_sql": ("import pandas as pd\npd.DataFrame().to_sql('orders', con, if_exists='replace')", ["write table orders"]),
    "copy": ("import shutil\nshutil.copy('a.csv', 'b.csv')", ["read a.csv", "write b.csv"]),
    "nothing known": ("import pandas as pd\ndef f(p):\n    pd.read_csv(p)", ["read ?param"]),
    "temporary": ("import os, tempfile\nd = tempfile.mkdtemp()\nopen(os.path.join(d, 'x.csv'), 'w')", ["write ?temporary"]),
    "loop": ("import pandas as pd\nfor n in ('a', 'b'):\n    pd.read_csv(f'{n}_users.csv')", ["read a_users.csv", "read b_users.csv"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), CALLS.values(), ids=CALLS.keys())
def test_calls(source: str, expected: list[str]) -> None:
    assert shown(source) == expected


def test_mongo_collections() -> None:
    source = """
    import pymongo
    client = pymongo.MongoClient('mongodb://localhost')
    client['shop']['orders'].insert_one({})
    """
    (access,) = accesses(source)
    assert access.direction == "write" and access.identity is not None
    assert access.identity.store == "table" and label(access.identity).endswith("shop.orders")


def test_a_field_holds_the_receiver() -> None:
    source = """
    import boto3
    class Store:
        def __init__(self, bucket='b'):
            self.s3 = boto3.client('s3')
            self.bucket = bucket
        def load(self):
            return self.s3.get_object(Bucket=self.bucket, Key='k/x.csv')
    Store().load()
    """
    assert shown(source) == ["read s3://b/k/x.csv"]


def test_a_constructor_fills_a_field() -> None:
    source = """
    import pandas as pd
    class Loader:
        def __init__(self, path):
            self.path = path
        def load(self):
            return pd.read_csv(self.path)
    Loader('data/x.csv').load()
    """
    assert shown(source) == ["read data/x.csv"]


def test_tests_are_left_out() -> None:
    assert shown("", {"tests/test_app.py": "import pandas as pd\npd.read_csv('x.csv')"}) == []


# helpers -----------------------------------------------------------------------------------------------------------------

HELPERS = """
import pandas as pd
def inner(path):
    return pd.read_csv(path)
def middle(name):
    return inner(f'data/{name}')
def outer(stem):
    return middle(stem + '.csv')
"""


def test_helpers_three_deep() -> None:
    assert shown(HELPERS + "outer('users')\nouter('orders')\n") == ["read data/orders.csv", "read data/users.csv"]


def test_the_place_is_the_call_in_the_file_that_names_the_artifact() -> None:
    files = {"io_tools.py": "import pandas as pd\ndef load(path):\n    return pd.read_csv(path)\n"}
    (access,) = accesses("from io_tools import load\ndef train():\n    load('data/users.csv')\n", files)
    assert (access.place.path, access.place.span.line, access.scope) == ("app.py", 3, "train")
    assert [(p.path, p.span.line) for p in access.via] == [("io_tools.py", 3)]


def test_the_place_stays_where_the_name_is_told() -> None:
    files = {"io_tools.py": "import pandas as pd\ndef load(folder):\n    return pd.read_csv(folder + '/users_all.csv')\n"}
    (access,) = accesses("from io_tools import load\nload('data')\n", files)
    assert access.identity is not None and label(access.identity) == "data/users_all.csv"
    assert access.place.path in ("app.py", "io_tools.py")


def test_in_one_file_the_place_is_the_call_that_first_tells_the_name() -> None:
    (access,) = accesses(HELPERS + "outer('users')\n")
    assert (access.scope, access.place.span.line, [p.span.line for p in access.via]) == ("outer", 7, [5, 3])
    (access,) = accesses("import pandas as pd\ndef load(p):\n    return pd.read_csv('data/users_' + p)\nload('x.csv')\n")
    assert (access.scope, access.place.span.line, access.via) == ("load", 3, ())


def test_a_default_serves_where_nobody_calls() -> None:
    assert shown("import pandas as pd\ndef load(path='data/x.csv'):\n    return pd.read_csv(path)") == ["read data/x.csv"]


def test_recursion_of_helpers_ends() -> None:
    source = "import pandas as pd\ndef load(p, n):\n    if n:\n        load(p, n - 1)\n    return pd.read_csv(p)\nload('x_users.csv', 3)\n"
    assert "read x_users.csv" in shown(source)


# what is remembered ------------------------------------------------------------------------------------------------------


def test_copies_are_pairs() -> None:
    found = Accesses(project_of({"app.py": "import shutil\nshutil.copy('a.csv', 'b.csv')"}))
    ((read, written),) = found.copies
    assert [label(a.identity) for a in (read, written) if a.identity is not None] == ["a.csv", "b.csv"]
    assert (read.direction, written.direction, written.mode) == ("read", "write", "overwrite")


def test_constants_of_both_ends() -> None:
    files = {"settings.py": "USERS = 'data/users.csv'\n"}
    (access,) = accesses("import pandas as pd\nfrom settings import USERS\npd.read_csv(USERS)", files)
    assert access.constants == {"settings.py::USERS"}


def test_web_addresses_and_certainty() -> None:
    (access,) = accesses("import pandas as pd\npd.read_csv('https://example.org/x.csv')")
    assert access.web and access.certainty == 1.0
    (access,) = accesses("import pandas as pd\npd.read_csv(f'data/{x}/users.csv')")
    assert not access.web and access.certainty < 1.0


def test_queries_are_read_in_the_dialect_of_the_imports():
    query = "import {}\ncursor = {}.connect().cursor()\ncursor.execute('SEL * FROM d.t')\n"
    assert shown(query.format("teradatasql", "teradatasql")) == ["read table d.t"]
    assert shown(query.format("psycopg2", "psycopg2")) == []


def test_queries_keep_their_mode_and_bounds():
    body = (
        "import sqlite3\ncursor = sqlite3.connect('x.db').cursor()\n"
        "cursor.execute('create table t (a int)')\ncursor.execute('insert into t select a from s where day > 3')\n"
    )
    found = [(label(a.identity), a.direction, a.mode, a.bounded) for a in accesses(body) if a.identity and a.identity.store == "table"]
    assert found == [("table t", "write", "create", False), ("table s", "read", "", True), ("table t", "write", "append", False)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("s3.Object('b', 'k').put(Body=body)", ["write s3://b/k"]),
        ("one = s3.Object('b', 'k')\n    one.put(Body=body)", ["write s3://b/k"]),
        ("return s3.Object('b', 'k').get()['Body']", ["read s3://b/k"]),
        ("s3.Bucket('b').upload_file('x.csv', 'k')", ["read x.csv", "write s3://b/k"]),
        ("s3.Bucket('b').download_file('k', 'x.csv')", ["read s3://b/k", "write x.csv"]),
        ("s3.get_container_client('b').upload_blob('k', body)", ["write az://b/k"]),
        ("s3.Object('b', 'k').delete()", []),
        ("s3.put(body)\n    s3.get('k')", []),
    ],
)
def test_methods_of_what_an_unknown_client_makes(body: str, found: list[str]):
    assert shown(f"def save(s3, body):\n    {body}\n") == found


def test_methods_of_a_field_that_an_unknown_client_made():
    head = "class Store:\n    def __init__(self, client):\n        self.bucket = client.Bucket('b')\n"
    assert shown(f"{head}    def save(self, body):\n        self.bucket.put_object(Key='k', Body=body)\n") == ["write s3://b/k"]
    twice = f"{head}        self.bucket = other\n    def save(self):\n        self.bucket.upload_file('x.csv', 'k')\n"
    assert "write s3://b/k" not in shown(twice)


@pytest.mark.parametrize(
    "path",
    [
        "os.path.dirname()",
        "os.path.basename(p='x')",
        "os.path.splitext()[0]",
        "os.path.split()[1]",
        "os.path.expanduser()",
        "'x'.replace()",
        "now.replace(hour=1)",
        "'x'.with_suffix()",
        "'a'.join()",
        "'{}'.format()",
        "str()",
    ],
)
def test_calls_without_their_arguments_name_nothing_that_is_known(path: str) -> None:
    project = project_of({"a.py": f"import os\nimport datetime\nnow = datetime.datetime.now()\nopen({path})\n"})

    assert len(project.artifacts.accesses) == 1
