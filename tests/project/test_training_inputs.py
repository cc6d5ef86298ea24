"""Reads from elsewhere that reach a fit, tables without a bound, and what checks them."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.identity import label
from mldebt.project.snapshots import is_open, trained_in_sql
from mldebt.project.training_inputs import training_reads
from mldebt.project.validation import Validation
from tests.project.reading import project_of

TRAIN = """
import pandas as pd
from sklearn.linear_model import Ridge

rows = pd.read_parquet("s3://lake/rows.parquet")
{check}
Ridge().fit(rows[["a"]], rows["b"])
"""


def test_a_read_with_the_files_on_its_way() -> None:
    files = {
        "load.py": "import pandas as pd\n\n\ndef load():\n    return pd.read_parquet('s3://lake/rows.parquet')\n",
        "train.py": "from sklearn.linear_model import Ridge\nfrom load import load\n\nrows = load()\nRidge().fit(rows[['a']], rows['b'])\n",
    }
    reads = list(training_reads(project_of(files)))

    assert {label(read.access.identity) for read in reads if read.access.identity} == {"s3://lake/rows.parquet"}
    assert {(read.entry, read.files) for read in reads} == {("train.py", frozenset(files))}


def test_what_the_project_makes_is_not_from_elsewhere() -> None:
    files = {
        "make.py": "import pandas as pd\n\npd.read_csv('raw.csv').to_parquet('s3://lake/rows.parquet')\n",
        "train.py": TRAIN.format(check=""),
    }
    assert {label(read.access.identity) for read in training_reads(project_of(files)) if read.access.identity} == {"raw.csv"}


@pytest.mark.parametrize(
    ("check", "checked"),
    [
        ("", False),
        ("assert len(rows) > 100", True),
        ("assert rows['a'].between(0, 1).all()", True),
        ("if rows.isna().any().any():\n    raise ValueError", True),
        ("if rows.empty:\n    print('empty')", False),
        ("assert model_name in NAMES", False),
        ("validate_rows(rows)", True),
        ("cross_validate(rows)", False),
    ],
)
def test_what_counts_as_a_check(check: str, checked: bool) -> None:
    assert Validation(project_of({"train.py": TRAIN.format(check=check)})).checks_data(["train.py"]) is checked


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("great_expectations/expectations/rows.json", '{"expectations": []}'),
        (".github/workflows/data.yml", "jobs:\n  a:\n    steps:\n      - run: dbt test\n"),
        ("checks.py", "import pandera as pa\n\npa.DataFrameSchema({}).validate(frame)\n"),
    ],
)
def test_a_project_that_tests_its_data(path: str, text: str) -> None:
    assert Validation(project_of({path: text, "train.py": TRAIN.format(check="")})).is_practised
    assert not Validation(project_of({"train.py": TRAIN.format(check="")})).is_practised


@pytest.mark.parametrize(
    ("query", "is_open_read"),
    [
        ("SELECT a FROM crm.rows", True),
        ("SELECT a FROM rows", False),
        ("SELECT a FROM crm.rows WHERE created_at < '2024-01-01'", False),
        ("SELECT a FROM crm.rows_20240101", False),
        ("SELECT a FROM crm.rows WHERE region = 'eu'", True),
    ],
)
def test_tables_that_are_read_as_they_stand(query: str, is_open_read: bool) -> None:
    project = project_of({"read.py": f'import pandas as pd\n\nrows = pd.read_sql("{query}", engine)\n'})

    assert [is_open(project, access) for access in project.artifacts.readers] == [is_open_read]


def test_tables_below_views_that_sql_trains_on() -> None:
    view = "CREATE VIEW m.v AS SELECT a, b FROM erp.rows;\n"
    model = "CREATE OR REPLACE MODEL m.x OPTIONS (model_type = 'linear_reg') AS SELECT * FROM m.v;\n"
    bound = model.replace("m.v;", "m.v WHERE day = '2024-01-01';")

    def open_tables(*texts: str) -> list[str]:
        project = project_of({f"{n}.sql": text for n, text in enumerate(texts)})
        return [label(access.identity) for access, _ in trained_in_sql(project) if access.identity]

    assert open_tables(view, model) == ["table erp.rows"]
    assert open_tables(view, bound) == []
    assert open_tables(view) == []
