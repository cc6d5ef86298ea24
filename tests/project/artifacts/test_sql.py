"""Queries in code and `.sql` files as accesses of artifacts."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access, Hole, Identity, Template
from mldebt.project.artifacts.sql import Touched, accesses_of_query, dialect_of, file_accesses
from tests.project.reading import project_of


def shown(*pieces: str | Hole, system: str = "") -> list[str]:
    query: Template = pieces
    return [f"{one.direction} {label(one.identity)}" for one in accesses_of_query(query, system)]


def of_files(files: dict[str, str]) -> list[Access]:
    return file_accesses(project_of(files))


def seen(accesses: list[Access]) -> list[tuple[str, str, int]]:
    return [(a.direction, label(a.identity) if a.identity else a.why, a.place.span.line) for a in accesses]


def test_queries():
    assert shown("select a from Analysis.LTV join `p.d.events_*` using (k)") == ["read table analysis.ltv", "read table p.d.events_*"]
    assert shown("insert into d.t select * from s3_copy") == ["read table s3_copy", "write table d.t"]
    assert shown("copy d.t from 's3://bucket/k.csv'") == ["read s3://bucket/k.csv", "write table d.t"]
    assert shown("create model d.churn options (model_type='x') as select * from d.t") == ["read table d.t", "write table d.churn"]
    assert shown("select * from ml.predict(model d.churn, table d.t)") == ["read table d.t", "read table d.churn"]
    assert shown("copy into t from @landing/day") == ["read dataset landing/day", "write table t"]


def test_holes_of_a_query_stay_in_the_names():
    dataset, day = Hole("dataset", "param"), Hole("day", "time")
    found = accesses_of_query(("select * from ", dataset, ".sessions where day = '", day, "'"), "bigquery")
    assert found == [Touched("read", Identity("table", ("bigquery",), (dataset, ".sessions")), bounded=True)]
    assert accesses_of_query((Hole("query"),), "") == []
    limited = accesses_of_query(("select * from t where ", Hole("where"), " ", Hole("limit")), "")
    assert limited == [Touched("read", Identity("table", (), ("t",)))]


def test_how_a_query_writes_and_whether_it_is_bounded():
    def manner(query: str) -> list[tuple[str, str, bool]]:
        return [(label(one.identity), one.mode, one.bounded) for one in accesses_of_query((query,), "")]

    assert manner("insert into d.t select * from d.s where day = '2026-01-01'") == [("table d.s", "", True), ("table d.t", "append", False)]
    assert manner("create table d.t (a int); insert into d.t select 1") == [("table d.t", "create", False)]
    assert manner("select * from d.t where day > 3; select * from d.t") == [("table d.t", "", False)]


def test_a_lone_name():
    assert shown("users") == ["read table users"]
    assert shown("daily_", Hole("region", "loop")) == ["read table daily_*"]
    assert shown("queries/users.sql") == ["read queries/users.sql"]
    assert shown("this is a sentence from here to there") == []
    assert shown("") == []


def test_tables_of_the_database_itself_are_not_artifacts():
    assert shown("select 1 from pg_database, information_schema.tables, d.information_schema.columns, sqlite_master, d.t") == [
        "read table d.t"
    ]


def test_a_plain_file():
    found = of_files(
        {"etl/load.sql": "create or replace table d.t as\nselect a\nfrom raw.t;\ninsert into ${db}.log select 1;\nselect 1 from ${all}"}
    )
    assert seen(found) == [("read", "table raw.t", 3), ("write", "table d.t", 1), ("write", "table {db}.log", 4), ("read", "env", 5)]
    assert [a.mode for a in found] == ["", "overwrite", "append", ""]
    assert not any(a.bounded for a in found)
    assert {a.certainty for a in found} == {1.0}


def test_what_was_not_parsed_is_less_certain():
    (found,) = of_files({"a.sql": "select a from d.t foo bar baz ((("})
    assert (found.certainty, label(found.identity) if found.identity else "") == (0.8, "table d.t")


def test_models_of_dbt():
    found = of_files(
        {
            "dbt/dbt_project.yml": "name: shop\nmodel-paths: [models]\n",
            "dbt/models/schema.yml": "sources:\n  - name: raw\n    schema: landing\n    tables:\n      - name: events\n",
            "dbt/models/sessions.sql": "select id\nfrom {{ source('raw', 'events') }}\njoin other.t using (id)",
            "dbt/models/carts.sql": "with s as (select * from {{ ref('sessions') }}) select * from s",
            "dbt/analyses/look.sql": "select * from {{ ref('carts') }}",
        }
    )
    assert sorted((a.place.path, *one) for a, one in zip(found, seen(found), strict=True)) == [
        ("dbt/analyses/look.sql", "read", "table carts", 1),
        ("dbt/models/carts.sql", "read", "table sessions", 1),
        ("dbt/models/carts.sql", "write", "table carts", 1),
        ("dbt/models/sessions.sql", "read", "table landing.events", 2),
        ("dbt/models/sessions.sql", "read", "table other.t", 3),
        ("dbt/models/sessions.sql", "write", "table sessions", 1),
    ]


@pytest.mark.parametrize(
    ("imports", "dialect"),
    [
        (("pandas", "google.cloud.bigquery"), "bigquery"),
        (("pyspark.sql",), "databricks"),
        (("google.cloud.storage",), ""),
        (("psycopg2", "duckdb"), ""),
        ((), ""),
    ],
)
def test_dialects(imports: tuple[str, ...], dialect: str):
    assert dialect_of(imports) == dialect


def test_every_dialect_is_known():
    from sqlglot.dialects.dialect import Dialect

    from mldebt.project.artifacts.sql import _dialects

    assert [name for name in _dialects().values() if Dialect.get(name) is None] == []
