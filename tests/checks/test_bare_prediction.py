from __future__ import annotations

import pytest

from tests.checks.conftest import Found

HEAD = "import joblib\nfrom flask import jsonify\nfrom fastapi import FastAPI\n\napp = FastAPI()\nmodel = joblib.load('m.joblib')\n\n"


def test_the_answer_and_where_the_model_is_asked(found: Found) -> None:
    files = {
        "ask.py": "import joblib\n\nmodel = joblib.load('m.joblib')\n\ndef ask(row):\n    return model.predict([row])[0]\n",
        "web.py": f"from ask import ask\n{HEAD}@app.post('/a')\ndef a(row):\n    return {{'v': ask(row)}}\n",
    }
    (finding,) = found("bare_prediction", files)
    assert (finding.location.path, finding.scope) == ("web.py", "a")
    assert [(place.path, place.line) for place in finding.evidence] == [("ask.py", 6)]


@pytest.mark.parametrize(
    "answer",
    [
        "{'value': model.predict([row])[0], 'model_version': '3'}",
        "{'value': model.predict([row])[0], 'meta': {'run_id': model.run}}",
        "f'version 3: {model.predict([row])[0]}'",
        "{'rows': len(row)}",
        "jsonify(value=model.predict([row])[0], model='forest 3')",
    ],
)
def test_answers_that_name_the_model_or_hold_no_prediction(found: Found, answer: str) -> None:
    assert found("bare_prediction", {"web.py": f"{HEAD}@app.post('/a')\ndef a(row):\n    return {answer}\n"}) == []


def test_a_model_that_a_call_is_given_is_no_name_in_the_answer(found: Found) -> None:
    answer = "shown(model.predict([row])[0], model=model)"
    assert (
        len(found("bare_prediction", {"web.py": f"from outside import shown\n{HEAD}@app.post('/a')\ndef a(row):\n    return {answer}\n"}))
        == 1
    )


def test_a_function_that_no_server_calls(found: Found) -> None:
    assert found("bare_prediction", {"web.py": f"{HEAD}def a(row):\n    return model.predict([row])[0]\n"}) == []
