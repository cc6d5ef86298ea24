"""Models in SQL, in the words of each system."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.facts.sql import statements
from mldebt.facts.sql_models import asked, is_model, macro, rewritten


def only(text: str) -> tuple[str, list[str], list[str], tuple[str, ...], str]:
    """Kind, tables read, models trained, models asked and type of the only statement."""
    (one,) = statements(text)
    assert not one.failed
    return one.kind, [n for n, _ in one.reads], [n for n, _ in one.models_written], one.asked, one.learner


def test_bigquery_trains_with_a_type() -> None:
    text = "CREATE OR REPLACE MODEL `shop.churn` OPTIONS(model_type='LOGISTIC_REG', input_label_cols=['left']) AS SELECT a FROM shop.rows"
    assert only(text) == ("model", ["shop.rows"], ["shop.churn"], (), "logistic_reg")


@pytest.mark.parametrize("function", ["PREDICT", "FORECAST", "DETECT_ANOMALIES", "RECOMMEND", "GENERATE_EMBEDDING", "EXPLAIN_PREDICT"])
def test_functions_that_predict(function: str) -> None:
    kind, _, _, models, _ = only(f"CREATE TABLE shop.scores AS SELECT * FROM ML.{function}(MODEL `shop.churn`, TABLE shop.rows)")
    assert (kind, models) == ("create-as", ("shop.churn",))


@pytest.mark.parametrize("function", ["EVALUATE", "WEIGHTS", "TRAINING_INFO", "FEATURE_INFO", "ROC_CURVE", "TRANSFORM"])
def test_functions_that_tell_of_the_model(function: str) -> None:
    (one,) = statements(f"SELECT * FROM ML.{function}(MODEL shop.churn, TABLE shop.rows)")
    assert [name for name, _ in one.models_read] == ["shop.churn"]
    assert one.asked == ()


def test_redshift_trains_from_a_table_or_a_query() -> None:
    text = "CREATE MODEL shop.churn FROM (SELECT age, gone FROM shop.rows) TARGET gone FUNCTION shop.predict_churn IAM_ROLE default"
    assert only(text)[:3] == ("model", ["shop.rows"], ["shop.churn"])
    (one,) = statements("CREATE MODEL churn FROM shop.rows TARGET gone FUNCTION predict_churn\nIAM_ROLE default SETTINGS (S3_BUCKET 'x')")
    assert ([n for n, _ in one.reads], one.functions) == (["shop.rows"], ("predict_churn",))


def test_functions_that_no_parser_knows() -> None:
    (one,) = statements("INSERT INTO shop.scores SELECT id, shop.predict_churn(age), upper(name) FROM shop.rows")
    assert one.functions == ("shop.predict_churn",)


@pytest.mark.parametrize(
    "source",
    ["SYSTEM$REFERENCE('VIEW', 'shop.sales')", "TABLE(shop.sales)", "SYSTEM$QUERY_REFERENCE('select day, sold from shop.sales')"],
)
def test_snowflake_trains(source: str) -> None:
    text = f"CREATE OR REPLACE SNOWFLAKE.ML.FORECAST shop.demand(\n  INPUT_DATA => {source},\n  TARGET_COLNAME => 'sold'\n);"
    assert only(text) == ("model", ["shop.sales"], ["shop.demand"], (), "forecast")


def test_snowflake_asks_by_method_and_takes_the_last_result() -> None:
    assert only("CREATE TABLE shop.next AS SELECT * FROM TABLE(shop.demand!FORECAST(FORECASTING_PERIODS => 7))")[3] == ("shop.demand",)
    assert only("INSERT INTO shop.scores SELECT *, churn!PREDICT(INPUT_DATA => object_construct(*)) FROM shop.rows")[3] == ("churn",)
    script = (
        "CALL shop.demand!FORECAST(FORECASTING_PERIODS => 7);\nCREATE TABLE shop.next AS SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));"
    )
    assert only(script)[3] == ("shop.demand",)


def test_a_result_without_a_call_is_no_prediction() -> None:
    assert only("CREATE TABLE shop.next AS SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")[3] == ()


def test_dbt_makes_and_asks_a_model() -> None:
    (trained,) = statements("{{ config(materialized='model', ml_config={'model_type': 'linear_reg'}) }}\nselect * from {{ ref('rows') }}")
    assert (trained.kind, trained.reads) == ("model", (("dbt:rows", 2),))
    (scored,) = statements("{{ config(materialized='table') }}\nselect * from {{ dbt_ml.predict(ref('churn'), ref('rows')) }}")
    assert (scored.kind, scored.asked) == ("select", ("dbt:churn",))
    assert {name for name, _ in scored.reads} == {"dbt:rows", "dbt:churn"}


@pytest.mark.parametrize("name", ["`shop.churn`", "`shop`.churn", "shop.`churn`", "`shop` . `churn`", "shop.churn"])
def test_spellings_of_a_name(name: str) -> None:
    for space in (" ", "") if name.startswith("`") else (" ",):
        (one,) = statements(f"SELECT * FROM ML.PREDICT (MODEL{space}{name}, TABLE shop.rows)")
        assert one.asked == ("shop.churn",)


@pytest.mark.parametrize("head", ['EXECUTE IMMEDIATE """{}"""', 'EXECUTE IMMEDIATE format("""{}""", today)', "EXECUTE IMMEDIATE $${}$$"])
def test_a_statement_that_is_executed_from_a_text(head: str) -> None:
    inner = "\nCREATE OR REPLACE TABLE shop.scores AS\nSELECT * FROM ML.PREDICT(MODEL shop.churn, TABLE shop.rows)\n"
    first, second = statements(f"{head.format(inner)};\nSELECT 1 FROM shop.other")
    assert (first.kind, first.writes, first.asked) == ("create-as", (("shop.scores", 2),), ("shop.churn",))
    assert second.line == 5


def test_lines_stay() -> None:
    text = (
        "CREATE SNOWFLAKE.ML.FORECAST m(\n  INPUT_DATA => TABLE(v),\n  TARGET_COLNAME => 'y'\n);\n"
        "CREATE MODEL n FROM (\n select 1\n)\nTARGET y FUNCTION f\nIAM_ROLE default;\nSELECT 1 FROM t"
    )
    changed = rewritten(text)
    assert changed != text
    assert changed.count("\n") == text.count("\n")
    assert changed.split("\n")[-1] == "SELECT 1 FROM t"
    assert [one.line for one in statements(text)] == [1, 5, 10]


@pytest.mark.parametrize(
    "text", ["SELECT a FROM t WHERE NOT b", "CREATE FUNCTION f() RETURNS INT AS 'select 1'", "SELECT 'm!PREDICT' FROM t"]
)
def test_other_sql_stays(text: str) -> None:
    assert rewritten(text) == text


_PIECES = (
    *("CREATE MODEL m FROM ", "CREATE SNOWFLAKE.ML.FORECAST m", "(", ")", "INPUT_DATA => TABLE(v)", "FUNCTION f", ";", "\n", "'", "$$"),
    *("m!PREDICT(", "CALL m!FORECAST(", "TABLE(RESULT_SCAN(LAST_QUERY_ID()))", "EXECUTE IMMEDIATE ", '"""', " SELECT 1 ", "`a`.b", ","),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_text_keeps_its_lines(text: str) -> None:
    assert rewritten(text).count("\n") == text.count("\n")
    statements(text)


@pytest.mark.parametrize("text", ["EXPLAIN; SELECT 1 FROM t", "CALL; SELECT 1 FROM t", "FETCH; SELECT 1 FROM t"])
def test_a_command_of_one_word(text: str) -> None:
    assert [name for one in statements(text) for name, _ in one.reads] == ["t"]


def test_words_of_macros_and_configurations() -> None:
    assert macro("dbt_ml.predict(ref('m'), 'rows')") == ("PREDICT", "ref('m')", "'rows'")
    assert macro("ref('predict')") is None
    assert is_model("{{ config(materialized = 'model') }}")
    assert not is_model("{{ config(materialized='table') }}")
    assert asked("ML.PREDICT(__mark_3__, x) ML.EVALUATE(__mark_4__)") == {"__mark_3__"}
