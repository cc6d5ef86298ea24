"""The findings of the rules about data tests and monitoring: places, messages, anchors, confidence."""

from __future__ import annotations

from tests.checks.conftest import Found

WEB = """import joblib
from flask import Flask, request

app = Flask(__name__)
model = joblib.load("m.joblib")


@app.route("/a", methods=["POST"])
def a():
    row = request.get_json()
{body}    return str(model.predict([row]))
"""


def test_a_request_that_reaches_a_model(found: Found) -> None:
    (finding,) = found("unvalidated_request", {"web.py": WEB.format(body="")})
    (cast,) = found("unvalidated_request", {"web.py": WEB.format(body="    row = [float(v) for v in row]\n")})

    assert (finding.location.path, finding.location.line, finding.anchor) == ("web.py", 9, "a")
    assert [(place.line, place.message) for place in finding.evidence] == [(11, "the model is asked here")]
    assert finding.confidence > cast.confidence


def test_a_long_condition_that_refuses_a_request(found: Found) -> None:
    body = """    rows = pd.DataFrame(row)
    if not rows["a"].between(0, 9).all() or not rows["b"].between(0, 9).all():
        abort(422)
"""
    web = "import pandas as pd\nfrom flask import abort\n" + WEB
    assert (
        len(found("unvalidated_request", {"web.py": web.format(body=body.replace("abort(422)", "note = 1\n    else:\n        note = 2"))}))
        == 1
    )
    assert found("unvalidated_request", {"web.py": web.format(body=body)}) == []


def test_an_answer_that_nobody_keeps(found: Found) -> None:
    (silent,) = found("unmonitored_prediction", {"web.py": WEB.format(body="")})
    (printed,) = found("unmonitored_prediction", {"web.py": WEB.format(body="    print(row)\n")})

    assert silent.message == "nothing on the path of `a` records inputs or predictions"
    assert printed.message.endswith("they are printed") and printed.confidence < silent.confidence


def test_one_finding_for_each_file_that_brings_data_in(found: Found) -> None:
    load = "import pandas as pd\n\n\ndef load():\n    return pd.read_parquet('s3://lake/rows.parquet')\n"
    train = "from sklearn.linear_model import Ridge\nfrom load import load\n\nrows = load()\nRidge().fit(rows[['a']], rows['b'])\n"
    (finding,) = found("untested_input", {"load.py": load, "one.py": train, "two.py": train})

    assert (finding.location.path, finding.anchor) == ("load.py", "s3://lake/rows.parquet")
    assert "reaches `Ridge`" in finding.message
    assert {place.path for place in finding.evidence} >= {"one.py", "two.py"}


def test_one_finding_for_each_table(found: Found) -> None:
    read = "import pandas as pd\nfrom sklearn.linear_model import Ridge\n\nrows = pd.read_sql('SELECT a, b FROM crm.rows', engine)\n"
    fit = "Ridge().fit(rows[['a']], rows['b'])\n"
    (finding,) = found("unsnapshot_table", {"one.py": read + fit, "two.py": read + fit})

    assert (finding.location.path, finding.anchor, finding.size) == ("one.py", "table crm.rows", 2)
    assert finding.message == "trains on `crm.rows`, which nothing here writes, without a time bound"


def test_one_finding_for_each_thing_that_is_changed(found: Found) -> None:
    text = (
        "import joblib\nimport stripe\n\nmodel = joblib.load('m')\n\ndef pay(c):\n    stripe.Refund.create(amount=model.predict([c])[0])\n"
    )
    (finding,) = found("missing_action_limit", {"pay.py": text})

    assert (finding.anchor, finding.scope) == ("stripe.payment", "pay")
    assert not found("missing_action_limit", {"pay.py": text.replace("model.predict([c])[0]", "7")})


def test_sources_of_one_project_are_one_finding(found: Found) -> None:
    files = {
        "dbt_project.yml": "name: w\n",
        "models/m.sql": "select 1 from {{ source('shop', 'orders') }} join {{ source('crm', 'leads') }} using (id)\n",
        "models/s.yml": "sources:\n  - name: shop\n    tables:\n      - name: orders\n  - name: crm\n    tables:\n      - name: leads\n",
    }
    (finding,) = found("missing_freshness", files)

    assert (finding.location.line, finding.size, finding.anchor) == (2, 2, "dbt_project.yml")
    assert finding.message == "`shop` and other sources that are read have no freshness objective"


def test_the_files_of_a_service_are_one_finding(found: Found) -> None:
    (one,) = found("unmonitored_prediction", {"api/a.py": WEB.format(body=""), "api/b.py": WEB.format(body="")})
    assert one.size == 2 and [place.path for place in one.evidence] == ["api/a.py", "api/b.py"]
    two = found("unmonitored_prediction", {"api/a.py": WEB.format(body=""), "web/b.py": WEB.format(body="")})
    assert [f.location.path for f in two] == ["api/a.py", "web/b.py"]


def test_the_caller_of_an_endpoint_keeps_its_answers(found: Found) -> None:
    ask = "import boto3\n\nclient = boto3.client('sagemaker-runtime')\nanswer = client.invoke_endpoint(EndpointName='a', Body=b'x')\n"
    assert found("unmonitored_prediction", {"web.py": WEB.format(body=""), "ask.py": ask})
    keep = ask + "import pandas as pd\n\npd.DataFrame([answer]).to_parquet('s3://lake/answers.parquet')\n"
    assert not found("unmonitored_prediction", {"web.py": WEB.format(body=""), "ask.py": keep})
