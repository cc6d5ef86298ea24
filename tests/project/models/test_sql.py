"""Models that SQL trains and asks, and what learns from them."""

from __future__ import annotations

from mldebt.checks.correction_cascade import check
from tests.project.reading import project_of

CHURN = """
CREATE OR REPLACE MODEL shop.churn OPTIONS(model_type='logistic_reg', input_label_cols=['gone']) AS
SELECT age, visits, gone FROM shop.customers;
CREATE OR REPLACE TABLE shop.churn_scores AS
SELECT id, predicted_gone_probs[OFFSET(0)].prob AS risk FROM ML.PREDICT(MODEL shop.churn, TABLE shop.customers);
"""
VALUE = "CREATE OR REPLACE MODEL `shop.value` OPTIONS(model_type='linear_reg') AS\nSELECT * FROM `shop.customers` JOIN `{}` USING (id);\n"

Edge = tuple[str, str, int, str, str, tuple[str, ...], float]


def edges(files: dict[str, str]) -> list[Edge]:
    """How, the learning file and line, first model, second model, tables, confidence."""
    models = project_of(files).models
    return [
        (e.how, e.fit.path, e.fit.span.line, models.name(e.sources, "?"), models.name(e.targets, "?"), e.artifacts, e.confidence)
        for e in models.edges
    ]


def test_two_files_of_sql() -> None:
    files = {"churn.sql": CHURN, "value.sql": VALUE.format("shop.churn_scores")}
    assert edges(files) == [("feature", "value.sql", 1, "shop.churn", "shop.value", ("table shop.churn_scores",), 0.9)]


def test_the_finding_names_both_models_and_the_places() -> None:
    (found,) = check(project_of({"churn.sql": CHURN, "value.sql": VALUE.format("shop.churn_scores")}))
    assert found.message == "`shop.value` is trained on the output of `shop.churn` through `table shop.churn_scores`"
    assert [(e.path, e.line) for e in found.evidence] == [("churn.sql", 3), ("value.sql", 2), ("value.sql", 1)]


def test_inside_one_statement() -> None:
    text = (
        CHURN + "CREATE MODEL shop.value OPTIONS(model_type='linear_reg') AS SELECT * FROM ML.PREDICT(MODEL shop.churn, TABLE shop.rows);"
    )
    assert edges({"all.sql": text}) == [("feature", "all.sql", 5, "shop.churn", "shop.value", (), 0.9)]


def test_behind_a_table_of_features_it_is_less_sure() -> None:
    between = "CREATE OR REPLACE VIEW shop.features AS SELECT * FROM shop.churn_scores JOIN shop.visits USING (id);"
    (edge,) = edges({"a.sql": CHURN, "b.sql": between, "c.sql": VALUE.format("shop.features")})
    assert edge[5:] == (("table shop.churn_scores", "table shop.features"), 0.7)


def test_the_columns_that_a_model_learns_from() -> None:
    learns = "CREATE MODEL shop.value OPTIONS(model_type='linear_reg') AS SELECT {} FROM shop.customers JOIN shop.churn_scores USING (id)"
    for columns in ("age, risk, spent", "age, 1 - risk AS loyal, spent"):
        assert [edge[-1] for edge in edges({"a.sql": CHURN, "b.sql": learns.format(columns)})] == [0.9]
    assert edges({"a.sql": CHURN, "b.sql": learns.format("age, spent")}) == []
    unknown = CHURN.replace("id, predicted_gone_probs[OFFSET(0)].prob AS risk", "*")
    assert [edge[-1] for edge in edges({"a.sql": unknown, "b.sql": learns.format("age, spent")})] == [0.7]
    assert [edge[-1] for edge in edges({"a.sql": unknown, "b.sql": learns.format("age, predicted_gone, spent")})] == [0.9]


def test_predictions_that_a_star_leaves_out() -> None:
    learns = "CREATE MODEL shop.value OPTIONS(model_type='linear_reg') AS SELECT * EXCEPT({}) FROM shop.churn_scores"
    assert edges({"a.sql": CHURN, "b.sql": learns.format("name, risk")}) == []
    assert len(edges({"a.sql": CHURN, "b.sql": learns.format("name")})) == 1


def test_predictions_that_are_set_in_the_training_table() -> None:
    update = """
        UPDATE shop.customers SET risk = s.predicted_gone
        FROM (SELECT * FROM ML.PREDICT(MODEL shop.churn, TABLE shop.customers)) AS s WHERE s.id = shop.customers.id;
    """
    learns = "CREATE MODEL shop.value OPTIONS(model_type='linear_reg') AS SELECT age, {} spent FROM shop.customers"
    assert len(edges({"a.sql": CHURN + update, "b.sql": learns.format("risk,")})) == 1
    assert edges({"a.sql": CHURN + update, "b.sql": learns.format("")}) == []


def test_python_learns_from_a_table_of_predictions() -> None:
    train = """
        import pandas as pd
        from sklearn.linear_model import Ridge
        rows = pd.read_gbq("SELECT c.age, s.risk, c.spent FROM shop.customers c JOIN shop.churn_scores s USING (id)")
        Ridge().fit(rows[["age", "risk"]], rows["spent"])
    """
    files = {"churn.sql": CHURN, "train.py": train}
    assert edges(files) == [("feature", "train.py", 4, "shop.churn", "Ridge", ("table shop.churn_scores",), 0.9)]


def test_python_asks_in_its_query() -> None:
    train = """
        import pandas as pd
        from sklearn.linear_model import Ridge
        rows = pd.read_gbq("SELECT * FROM ML.PREDICT(MODEL `shop.churn`, TABLE `shop.customers`)")
        Ridge().fit(rows[["predicted_gone"]], rows["spent"])
    """
    assert edges({"train.py": train}) == [("feature", "train.py", 4, "?", "Ridge", (), 0.7)]
    assert edges({"churn.sql": CHURN, "train.py": train})[0][3:] == ("shop.churn", "Ridge", (), 0.9)


def test_a_predicted_label_is_told_by_its_name() -> None:
    train = """
        import pandas as pd
        from sklearn.linear_model import Ridge
        rows = pd.read_gbq("SELECT * FROM ML.PREDICT(MODEL `shop.churn`, TABLE `shop.customers`)")
        Ridge().fit(rows[["age"]], rows["predicted_gone"])
    """
    assert "label" in {edge[0] for edge in edges({"churn.sql": CHURN, "train.py": train})}


def test_python_predicts_and_sql_learns() -> None:
    score = """
        import pandas as pd
        from sklearn.linear_model import LogisticRegression
        rows = pd.read_gbq("SELECT * FROM shop.customers")
        model = LogisticRegression().fit(rows[["age"]], rows["gone"])
        rows["risk"] = model.predict(rows[["age"]])
        rows.to_gbq("shop.churn_scores")
    """
    files = {"score.py": score, "value.sql": VALUE.format("shop.churn_scores")}
    assert edges(files) == [("feature", "value.sql", 1, "LogisticRegression", "shop.value", ("table shop.churn_scores",), 0.9)]


def test_queries_of_python_through_a_helper() -> None:
    files = {
        "db.py": """
            from google.cloud import bigquery
            def run(sql):
                return bigquery.Client().query(sql).result()
        """,
        "jobs.py": """
            from db import run
            run("CREATE OR REPLACE MODEL shop.churn OPTIONS(model_type='logistic_reg') AS SELECT age, gone FROM shop.customers")
            run("CREATE OR REPLACE TABLE shop.churn_scores AS SELECT * FROM ML.PREDICT(MODEL shop.churn, TABLE shop.customers)")
        """,
        "value.py": """
            from db import run
            run("CREATE OR REPLACE MODEL shop.value OPTIONS(model_type='linear_reg') AS SELECT * FROM shop.churn_scores")
        """,
    }
    (edge,) = edges(files)
    assert edge[:6] == ("feature", "value.py", 2, "shop.churn", "shop.value", ("table shop.churn_scores",))


def test_redshift_asks_by_a_function() -> None:
    first = """
        CREATE MODEL shop.churn FROM (SELECT age, gone FROM shop.customers) TARGET gone FUNCTION predict_churn IAM_ROLE default;
        CREATE TABLE shop.churn_scores AS SELECT id, predict_churn(age) AS risk FROM shop.customers;
    """
    second = "CREATE MODEL shop.value FROM shop.churn_scores TARGET spent FUNCTION predict_value IAM_ROLE default;"
    (edge,) = edges({"a.sql": first, "b.sql": second})
    assert edge[3:6] == ("shop.churn", "shop.value", ("table shop.churn_scores",))


def test_snowflake() -> None:
    first = """
        CREATE SNOWFLAKE.ML.FORECAST shop.demand(INPUT_DATA => TABLE(shop.sales), TARGET_COLNAME => 'sold');
        CALL shop.demand!FORECAST(FORECASTING_PERIODS => 7);
        CREATE OR REPLACE TABLE shop.next_week AS SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
    """
    second = "CREATE SNOWFLAKE.ML.CLASSIFICATION shop.staff(INPUT_DATA => TABLE(shop.next_week), TARGET_COLNAME => 'busy');"
    (edge,) = edges({"a.sql": first, "b.sql": second})
    assert edge[3:6] == ("shop.demand", "shop.staff", ("table shop.next_week",))


def test_dbt_models_that_are_models() -> None:
    learns = "{{ config(materialized='model', ml_config={}) }}\nselect * from {{ ref('%s') }}\n"
    files = {
        "dbt_project.yml": "name: shop\nmodel-paths: [models]\n",
        "models/customers.sql": "select * from {{ source('raw', 'customers') }}\n",
        "models/churn.sql": learns % "customers",
        "models/churn_scores.sql": "select * from {{ dbt_ml.predict(ref('churn'), ref('customers')) }}\n",
        "models/value.sql": learns % "churn_scores",
    }
    assert edges(files) == [("feature", "models/value.sql", 2, "churn", "value", ("table churn_scores",), 0.9)]


def test_what_is_no_cascade() -> None:
    axes = """
        CREATE MODEL shop.axes OPTIONS(model_type='PCA') AS SELECT * FROM shop.customers;
        CREATE TABLE shop.axes_of AS SELECT * FROM ML.PREDICT(MODEL shop.axes, TABLE shop.customers);
    """
    assert edges({"a.sql": axes, "b.sql": VALUE.format("shop.axes_of")}) == []
    metrics = "CREATE TABLE shop.metrics AS SELECT * FROM ML.EVALUATE(MODEL shop.churn);"
    assert edges({"a.sql": CHURN, "b.sql": metrics, "c.sql": VALUE.format("shop.metrics")}) == []
    again = CHURN.replace("FROM shop.customers;", "FROM shop.churn_scores;")
    assert edges({"a.sql": again}) == []  # its own earlier answers: another debt
    only = "CREATE TABLE shop.report AS SELECT * FROM shop.churn_scores;"
    assert edges({"a.sql": CHURN, "b.sql": only}) == []


def test_a_table_whose_name_is_open_is_any_table_of_its_schema() -> None:
    scored = CHURN.replace("shop.churn_scores", "shop.{{ table }}")
    assert edges({"churn.sql": scored, "value.sql": VALUE.format("shop.orders")}) == []
    scored = CHURN.replace("shop.churn_scores", "shop.churn_scores_{{ day }}")
    assert len(edges({"churn.sql": scored, "value.sql": VALUE.format("shop.churn_scores_2024")})) == 1


def test_somebody_elses_model_counts_less() -> None:
    text = """
        CREATE MODEL shop.text REMOTE WITH CONNECTION `us.c` OPTIONS(endpoint='text-embedding');
        CREATE TABLE shop.vectors AS SELECT * FROM ML.GENERATE_EMBEDDING(MODEL shop.text, TABLE shop.notes);
    """
    assert edges({"a.sql": text, "b.sql": VALUE.format("shop.vectors")})[0][-1] == 0.5
    unknown = "CREATE TABLE shop.vectors AS SELECT * FROM ML.PREDICT(MODEL other.text, TABLE shop.notes);"
    assert edges({"a.sql": unknown, "b.sql": VALUE.format("shop.vectors")})[0][-1] == 0.7


def test_no_model_no_queries() -> None:
    assert project_of({"a.sql": "CREATE TABLE t AS SELECT * FROM s", "b.py": "x = 1"}).models.sql.queries == ()


def test_the_order_of_files_does_not_matter() -> None:
    files = {"churn.sql": CHURN, "value.sql": VALUE.format("shop.churn_scores"), "other.sql": VALUE.format("shop.churn_scores")}
    assert edges(files) == edges(dict(reversed(files.items())))
