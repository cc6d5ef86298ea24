"""Sources, contracts and artifacts without a limit on their age."""

from __future__ import annotations

import pytest

from mldebt.project.freshness import without_freshness
from tests.project.reading import project_of

DBT = {
    "dbt_project.yml": "name: w\nmodel-paths: [models]\n",
    "models/m.sql": "select 1 from {{ source('shop', 'orders') }}\n",
}
SOURCES = "sources:\n  - name: shop\n    tables:\n      - name: orders\n"


def test_a_source_with_the_tables_that_are_read() -> None:
    (found,) = without_freshness(project_of({**DBT, "models/s.yml": SOURCES + "      - name: unread\n"}))

    assert (found.name, found.path, found.line, found.practised) == ("shop", "models/s.yml", 2, False)
    assert [name for name, _ in found.tables] == ["orders"]


@pytest.mark.parametrize(
    "sources",
    [
        SOURCES.replace("    tables", "    freshness:\n      warn_after: {count: 1, period: day}\n    tables"),
        SOURCES.replace("    tables", "    freshness: null\n    tables"),
        SOURCES + "        freshness:\n          warn_after: {count: 1, period: day}\n",
        SOURCES + "        tests:\n          - dbt_utils.recency:\n              field: at\n",
        SOURCES.replace("shop", "other"),
    ],
)
def test_limits_and_sources_that_nobody_reads(sources: str) -> None:
    assert not list(without_freshness(project_of({**DBT, "models/s.yml": sources})))


def test_other_sources_have_a_limit() -> None:
    other = "  - name: crm\n    freshness:\n      warn_after: {count: 1, period: day}\n    tables:\n      - name: leads\n"
    (found,) = without_freshness(project_of({**DBT, "models/s.yml": SOURCES + other}))

    assert found.practised


@pytest.mark.parametrize(("levels", "stale"), [("", ["rows"]), ("slaProperties:\n  - property: latency\n    value: 4\n", [])])
def test_a_contract_of_data_that_is_read(levels: str, stale: list[str]) -> None:
    contract = f"kind: DataContract\nid: rows\nname: rows\nservers:\n  - type: s3\n    location: s3://lake/rows.parquet\n{levels}"
    read = "import pandas as pd\n\npd.read_parquet('s3://lake/rows.parquet')\n"

    assert [one.name for one in without_freshness(project_of({"rows.odcs.yaml": contract, "read.py": read}))] == stale
    assert not list(without_freshness(project_of({"rows.odcs.yaml": contract})))
