"""Features that training and serving compute with two pieces of code."""

from __future__ import annotations

from tests.checks.conftest import Found

FIT = "from sklearn.linear_model import Ridge\n"
SERVE = "from flask import Flask, request\napp = Flask('a')\n"
ADD = "def add(f):\n    f['rate'] = f['won'] / f['played']\n    return f\n"


def test_one_feature_of_two_common_inputs(found: Found) -> None:
    (one,) = found(
        "duplicated_featuriser",
        {
            "train.py": f"{FIT}{ADD}Ridge().fit(add(frame), y)\n",
            "app.py": f"{SERVE}def row_of(r):\n    row = {{}}\n    row['rate'] = r['won'] / max(r['played'], 1)\n    return row\n",
        },
    )

    assert (one.location.path, one.location.line) == ("app.py", 5)
    assert [(e.path, e.line) for e in one.evidence] == [("train.py", 3)]
    assert "`rate` from `played`, `won`" in one.message


def test_one_finding_for_all_places_of_one_training(found: Found) -> None:
    serving = f"{SERVE}def row_of(r):\n    return {{'rate': r['won'] / r['played']}}\n"
    (one,) = found(
        "duplicated_featuriser",
        {"train.py": f"{FIT}{ADD}Ridge().fit(add(frame), y)\n", "web/app.py": serving, "lambda/app.py": serving},
    )

    assert one.size == 2
    assert {e.path for e in one.evidence} | {one.location.path} == {"train.py", "web/app.py", "lambda/app.py"}


def test_the_nearest_training_is_the_twin(found: Found) -> None:
    train = f"{FIT}{ADD}Ridge().fit(add(frame), y)\n"
    (one,) = found(
        "duplicated_featuriser",
        {"x/train.py": train, "y/train.py": train, "y/app.py": f"{SERVE}def row_of(r):\n    return {{'rate': r['won'] / r['played']}}\n"},
    )

    assert [e.path for e in one.evidence] == ["y/train.py"]


def test_fields_of_a_form_called_as_columns(found: Found) -> None:
    (one,) = found(
        "duplicated_featuriser",
        {
            "train.py": f"{FIT}import pandas as pd\nf = pd.read_csv('x.csv')\n"
            "f['start_day'] = pd.to_datetime(f['Start']).dt.day\nf['start_hour'] = pd.to_datetime(f['Start']).dt.hour\n"
            "f['stay'] = f['End'] - f['Start']\nRidge().fit(f, y)\n",
            "app.py": f"{SERVE}import pandas as pd\n@app.route('/p')\ndef p():\n    start = request.form['from']\n"
            "    start_day = pd.to_datetime(start).day\n    start_hour = pd.to_datetime(start).hour\n"
            "    stay = float(request.form['until']) - float(start)\n    return model.predict([[start_day, start_hour, stay]])\n",
        },
    )

    assert "`start_day`, `start_hour`, `stay`" in one.message


def test_one_helper_of_both_sides_is_silent(found: Found) -> None:
    assert not found(
        "duplicated_featuriser",
        {
            "prepare.py": ADD,
            "train.py": f"{FIT}from prepare import add\nRidge().fit(add(frame), y)\n",
            "app.py": f"{SERVE}from prepare import add\n@app.route('/p')\ndef p():\n    return model.predict(add(request.json))\n",
        },
    )


def test_a_project_that_only_trains_is_silent(found: Found) -> None:
    train = f"{FIT}{ADD}Ridge().fit(add(frame), y)\n"

    assert not found("duplicated_featuriser", {"a.py": train, "b.py": train})
