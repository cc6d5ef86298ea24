"""From a request to a prediction: which functions answer, what they take, what is kept."""

from __future__ import annotations

import pytest

from mldebt.project.recording import Recording
from mldebt.project.serving_paths import ServingPath, serving_paths
from mldebt.project.validation import Validation
from tests.project.reading import project_of

HEAD = """
import joblib
from fastapi import FastAPI, File, Request, UploadFile
from flask import Flask, request
from pydantic import BaseModel

app = FastAPI()
web = Flask(__name__)
model = joblib.load("m.joblib")


class Row(BaseModel):
    age: int

"""


def path_of(body: str, path: str = "app.py", **others: str) -> ServingPath:
    (found,) = serving_paths(project_of({path: HEAD + body, **{f"{name}.py": text for name, text in others.items()}}))
    return found


@pytest.mark.parametrize(
    ("parameter", "asked", "kind"),
    [
        ("row: Row", "row", "typed"),
        ("age: float", "[age]", "typed"),
        ("rows: list[float]", "rows", "typed"),
        ("row: dict", "row", "structured"),
        ("request: Request", "request.json()", "structured"),
        ("image: UploadFile", "image.file", "file"),
        ("image: bytes = File(...)", "image", "file"),
        ("text: str", "text", "text"),
    ],
)
def test_what_a_handler_takes(parameter: str, asked: str, kind: str) -> None:
    path = path_of(f'@app.post("/a")\ndef a({parameter}):\n    return {{"y": model.predict([{asked}])[0]}}\n')

    assert path.takes == {kind}
    assert path.handler.name == "a"


def test_request_objects_and_events() -> None:
    flask = path_of('@web.route("/b")\ndef b():\n    return str(model.predict([request.get_json()["x"]]))\n')
    event = path_of('def handler(event, context):\n    return {"y": model.predict([event["x"]])[0]}\n')
    upload = path_of('@web.route("/c")\ndef c():\n    return str(model.predict(request.files["x"]))\n')

    assert (flask.takes, event.takes, upload.takes) == ({"structured"}, {"structured"}, {"file"})


def test_the_model_may_be_asked_in_another_file() -> None:
    body = "from core import ask\n\n@app.post('/a')\ndef a(row: dict):\n    return ask(row)\n"
    path = path_of(body, core="import joblib\n\nmodel = joblib.load('m')\n\n\ndef ask(row):\n    return model.predict([row])[0]\n")

    assert (path.prediction.path, path.takes) == ("core.py", {"structured"})
    assert {file for file, _ in path.functions} == {"app.py", "core.py"}


@pytest.mark.parametrize("path", ["tests/test_app.py", "examples/app.py", "homework/week1/app.py", "05_workshop/app.py"])
def test_lessons_and_tests_are_left_out(path: str) -> None:
    text = HEAD + "@app.post('/a')\ndef a(row: dict):\n    return model.predict([row])[0]\n"

    assert not list(serving_paths(project_of({path: text})))


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("    if row['age'] > 120:\n        return 'too old', 400\n", True),
        ("    if 'age' not in row:\n        raise ValueError\n", True),
        ("    assert row['age'] > 0\n", True),
        ("    if row['sex'] == 'f':\n        row['sex'] = 1\n    else:\n        row['sex'] = 0\n", False),
        ("    if request.method == 'GET':\n        return 'send a row'\n", False),
        ("    if web.debug:\n        return 'off'\n", False),
    ],
)
def test_conditions_that_turn_requests_away(body: str, refused: bool) -> None:
    text = HEAD + f"@web.route('/a')\ndef a():\n    row = request.get_json()\n{body}    return str(model.predict([row['age']]))\n"
    project = project_of({"app.py": text})
    (path,) = serving_paths(project)
    answer = (path.prediction.path, path.prediction.value)

    assert Validation(project).refuses_request(sorted(path.functions), path.given, answer) is refused


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("", ""),
        ("    print(answer)\n", "printed"),
        ("    print('asked')\n", ""),
        ("    app.logger.info('%s', answer)\n", "kept"),
        ("    app.logger.info('asked')\n", ""),
        ("    store_request(row)\n", "kept"),
        ("    db.session.add(Served(row, answer))\n", "kept"),
        ("    seen = set()\n    seen.add(answer)\n", ""),
        ("    answer = numpy.log(answer)\n", ""),
    ],
)
def test_how_answers_are_kept(body: str, kept: str) -> None:
    text = HEAD + f"@app.post('/a')\ndef a(row: dict):\n    answer = model.predict([row])[0]\n{body}    return {{'y': answer}}\n"
    project = project_of({"app.py": text})
    (path,) = serving_paths(project)

    assert Recording(project).of(path) == kept


def test_middleware_and_settings_of_the_platform_keep_answers() -> None:
    text = HEAD + "@app.post('/a')\ndef a(row: dict):\n    return model.predict([row])[0]\n"
    around = project_of({"app.py": text + "\n\n@app.middleware('http')\nasync def seen(request, then):\n    return await then(request)\n"})
    captured = project_of({"app.py": text, "endpoint.yaml": "DataCaptureConfig:\n  EnableCapture: true\n"})
    cors = project_of({"app.py": text + "\n\napp.add_middleware(CORSMiddleware)\n"})
    plain = project_of({"app.py": text, "endpoint.yaml": "InstanceType: small\n"})

    assert [Recording(p).of(next(serving_paths(p))) for p in (around, captured, cors, plain)] == ["kept", "kept", "", ""]
