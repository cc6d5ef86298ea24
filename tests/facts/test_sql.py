"""What SQL statements read and write, in the dialects and templates that data projects use."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mldebt.facts import extract
from mldebt.facts.model import Statement
from mldebt.facts.sql import fill, statements
from mldebt.sources.model import Language, Role, Source, Text


def one(text: str, dialect: str = "") -> Statement:
    (found,) = statements(dedent(text), dialect)
    assert not found.failed, found.failed
    return found


def names(pairs: tuple[tuple[str, int], ...]) -> list[str]:
    return [name for name, _ in pairs]


@pytest.mark.parametrize(
    ("text", "reads", "writes", "mode"),
    [
        ("insert into a select x from b join c using (k)", ["b", "c"], ["a"], "append"),
        ("CREATE OR REPLACE TABLE `proj.ds.t` PARTITION BY d AS SELECT * FROM `proj`.ds.`u`", ["proj.ds.u"], ["proj.ds.t"], "overwrite"),
        ("insert overwrite table a.b partition (dt='x') select * from c", ["c"], ["a.b"], "overwrite"),
        ("merge into a using b on a.x = b.x when matched then update set y = 1", ["b"], ["a"], ""),
        ("update t set a = 1 from s", ["s"], ["t"], ""),
        ("alter table a rename to b", ["a"], ["b"], ""),
        ("create table x like y", [], ["x"], "create"),
        ("create table x clone y", ["y"], ["x"], "create"),
        ("replace into t select * from s", ["s"], ["t"], "append"),
        ("select * into [dbo].[copy] from [dbo].[t] with (nolock)", ["dbo.t"], ["dbo.copy"], "create"),
        ("explain analyze select * from t", ["t"], [], ""),
    ],
)
def test_tables(text: str, reads: list[str], writes: list[str], mode: str):
    found = one(text)
    assert (names(found.reads), names(found.writes), found.mode) == (reads, writes, mode)


@pytest.mark.parametrize(
    ("text", "reads", "writes"),
    [
        ("copy into t from @stage/day.csv file_format = (type = csv)", ["stage:stage/day.csv"], ["t"]),
        ("copy into @out/x from (select * from t)", ["t"], ["stage:out/x"]),
        ("copy t from 's3://b/k'", ["path:s3://b/k"], ["t"]),
        ("copy t from stdin", [], ["t"]),
        ("\\copy t from 'x.csv' csv", ["path:x.csv"], ["t"]),
        ("copy (select 1 from t) to 'x.parquet'", ["t"], ["path:x.parquet"]),
        ("unload ('select a from t where d = ''x''') to 's3://b/k' iam_role 'x'", ["t"], ["path:s3://b/k"]),
        ("export data options (uri='gs://x/*') as select z from t", ["t"], ["path:gs://x/*"]),
        ("load data into d.t from files (format='CSV', uris=['gs://b/x*'])", ["path:gs://b/x*"], ["d.t"]),
        ("create table t using parquet location 's3://b/k'", ["path:s3://b/k"], ["t"]),
        ("create table t using parquet location 's3://b/k' as select a from u", ["u"], ["t", "path:s3://b/k"]),
        ("create external table d.t options (format='csv', uris=['gs://b/x*'])", ["path:gs://b/x*"], ["d.t"]),
        ("insert overwrite directory 's3://x' using parquet select * from t", ["t"], ["path:s3://x"]),
        ("select * from parquet.`s3://b/k`", ["path:s3://b/k"], []),
        ("select * from read_parquet(['x/a', 'y/b'])", ["path:x/a", "path:y/b"], []),
        ("select * from 'file.csv'", ["path:file.csv"], []),
    ],
)
def test_files_and_stages(text: str, reads: list[str], writes: list[str]):
    found = one(text)
    assert (names(found.reads), names(found.writes)) == (reads, writes)


def test_models():
    made = one("create or replace model d.m transform (a) options (model_type='linear_reg') as select * from d.t")
    assert (made.kind, made.models_written, names(made.reads), made.writes) == ("model", (("d.m", 1),), ["d.t"], ())
    used = one("select * from ML.PREDICT(MODEL `d.m`, (select * from d.x)) p join\n ml.evaluate(model d.m2, table d.t2)")
    assert used.models_read == (("d.m", 1), ("d.m2", 2))
    assert used.reads == (("d.x", 1), ("d.t2", 2))


@pytest.mark.parametrize(
    "text",
    [
        "with recursive r as (select 1 union all select * from r) select * from r",
        "select x from unnest([1, 2]) x",
        "select * from (select 1 as y) t, table(generator(rowcount => 3))",
        "create function f() returns int as $$ select 1 from t $$ language sql",
        "grant select on a to b",
        "drop table a",
        "create index i on t (a)",
    ],
)
def test_what_is_not_read(text: str):
    assert [pair for found in statements(text) for pair in (*found.reads, *found.writes)] == []


def test_a_cte_hides_a_table_only_where_it_is_seen():
    found = one("with a as (select x from a), b as (select x from a) select * from b join db.a on true")
    assert names(found.reads) == ["a", "db.a"]


def test_temporary_tables_stay_in_the_script():
    made, used = statements("create temp table q as select y from w; insert into z select y from q")
    assert (names(made.reads), made.writes) == (["w"], ())
    assert (used.reads, names(used.writes)) == ((), ["z"])
    first, second = statements("select * into #t from a; select x from #t")
    assert (names(first.reads), first.writes, second.reads) == (["a"], (), ())


@pytest.mark.parametrize("before", ["truncate table a", "drop table if exists a", "delete from a"])
def test_what_was_emptied_is_overwritten(before: str):
    assert statements(f"{before}; insert into a select 1 from b")[-1].mode == "overwrite"
    assert statements(f"{before}; insert into other select 1 from b")[-1].mode == "append"


def test_columns():
    assert one("select a, t.b, c + 1 as d, max(e) from t").columns == ("a", "b", "d")
    assert (one("select *, a from t").columns, one("select *, a from t").star) == ((), True)
    looked_through = one("with f as (select x, y from t) select * from f")
    assert (looked_through.columns, looked_through.star) == (("x", "y"), False)
    assert (one("select a, {more} from t").columns, one("select a, {more} from t").star) == ((), False)
    assert one("select count(*) as n from t").star is False
    assert one("select a from t union all select b from u").columns == ("a",)


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("select * from t where ts between '2020' and '2021'", True),
        ("select * from `p.d.e_*` where _TABLE_SUFFIX > '20200101'", True),
        ("select * from t where submission_date = {date}", True),
        ("select * from d.t for system_time as of timestamp '2020-01-01'", True),
        ("select * from d.t version as of 3", True),
        ("select * from t where event_type = 'x'", False),
        ("select * from t, s where t.date = s.date", False),
        ("select * from t where date is not null", False),
    ],
)
def test_bounds(text: str, bounded: bool):
    assert one(text).bounded is bounded


def test_placeholders_and_holes():
    found = one("select a from t where a = %s and b = :x and c = ? and e = %(y)s and f = ${x} and g = {z} and h like '%s' and i = @v")
    assert names(found.reads) == ["t"]
    assert names(one("select {cols} from {db}.t_{env} where {w} {limit} {more}").reads) == ["{db}.t_{env}"]
    pieces = ["select a from ", None, ".t_", None, " where d > '", None, "'"]
    assert names(one(fill(pieces)).reads) == ["{0}.t_{1}"]
    assert statements(fill([None])) == ()


def test_dbt():
    found = one(
        """
        {{ config(materialized='table') }}
        -- depends_on: {{ ref('seen_in_a_comment') }}
        {% set days = ref('in_a_set') %}
        select a,
        {% for x in names %} sum({{ x }}) as {{ x }}_sum, {% endfor %}
        from {{ ref('package', 'm') }} join {{ source('raw', 'events') }} using (k)
        {% if is_incremental() %} where d > (select max(d) from {{ this }}) {% else %} where 1 = {{ ref('branch') }} {% endif %}
        """
    )
    assert found.reads == (("dbt:m", 7), ("dbt:raw.events", 7), ("dbt:seen_in_a_comment", 3), ("dbt:in_a_set", 4), ("dbt:branch", 8))
    assert found.columns == ("a", "{{ x }}_sum")
    assert statements("{% macro m() %} select 1 from t {% endmacro %}") == ()


def test_a_loop_of_one_turn():
    found = one("{% for x in xs %} select a from t_{{ x }} {% if not loop.last %} union all {% endif %} {% endfor %}")
    assert (found.kind, names(found.reads)) == ("select", ["t_{{ x }}"])
    assert names(one("{{ config(post_hook=\"{{ grant('x') }}\") }} with a as (select 1) select * from b").reads) == ["b"]


def test_lines():
    first, second = statements("-- a comment\n\nselect 1\nfrom a;\n\ninsert into b\nselect *\nfrom c\njoin d on true;")
    assert (first.line, first.reads) == (3, (("a", 4),))
    assert (second.line, second.writes, second.reads) == (6, (("b", 6),), (("c", 8), ("d", 9)))


def test_lines_in_another_dialect():
    first, second = statements(
        "select a from t;\nselect x\nfrom t, lateral view explode(y) z;\n".replace("t, lateral", "t lateral"), "postgres"
    )
    assert (first.failed, second.failed) == ("", "")
    assert (second.line, second.reads) == (2, (("t", 3),))


def test_what_is_not_parsed_still_names_tables():
    (found,) = statements("with q as (select 1)\nselect extract(year from d) from [dbo].[t] foo bar baz join `p.d`.u, q -- from x")
    assert found.failed
    assert found.reads == (("dbo.t", 2), ("p.d.u", 2))
    (prose,) = statements("this is a sentence from here to there")
    assert (prose.reads, bool(prose.failed)) == ((), True)


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 5000,
        "{%" * 50_000,
        "{#" * 50_000,
        "from a," * 4_000,
        "EXTERNAL TABLE " * 10_000,
        "select 'open",
        "select " + "not " * 3000 + "a from t",
        "select 1;" * 3_000,
        "{% if x %}",
        "{{ {{",
        "/*",
        "$$",
        "\x00",
        "/*{{",
    ],
)
def test_nothing_raises(text: str):
    statements(text)


def test_a_file_has_its_statements():
    facts = extract(Source("a.sql", Language.SQL, Role.CODE), Text("select a from t;\nselect b from (((;\n", 2))
    assert [found.line for found in facts.statements] == [1, 2]
    assert facts.partly.startswith("1 of 2 statements were not parsed (line 2: ")
