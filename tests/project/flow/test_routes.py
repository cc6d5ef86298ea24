"""From the call of a client to what the handler of the route returns."""

from __future__ import annotations

import pytest

from mldebt.facts.model import Call
from mldebt.project.project import Project
from tests.project.reading import argument, project_of

FLASK = """
    import joblib
    from flask import Flask, jsonify, request

    app = Flask(__name__)
    model = joblib.load("risk.joblib")

    @app.route("/predict", methods=["POST"])
    def predict():
        return jsonify({"risk": model.predict([request.json])[0]})

    @app.route("/predict", methods=["GET"])
    def form():
        return "a form"

    @app.route("/")
    def home():
        return str(model.predict([[0]])[0])
"""


def client(url: str, verb: str = "post") -> str:
    return f"""
        import os
        import requests

        HOST = os.environ["SCORER"]

        def ask(row):
            return requests.{verb}({url}, json=row).json()["risk"]

        see(ask({{}}))
    """


def asked(project: Project, path: str = "client.py") -> set[str]:
    """The files whose predictions reach the value that is looked at."""
    module = project.modules[path]
    from mldebt.project.flow.model import Node

    _, sources = project.models.sources([Node(path, argument(module))])
    assert all(isinstance(project.modules[s.at.path].facts.values[s.at.index], Call) for s in sources)
    return {s.at.path for s in sources}


@pytest.mark.parametrize(
    "url",
    [
        'f"{HOST}/predict"',
        '"http://localhost:9696/predict"',
        '"http://127.0.0.1:5000/predict/"',
        '"http://scorer:80/predict"',
        '"https://scorer.prod.svc.cluster.local/predict"',
        'HOST + "/predict?version=2"',
        'url=f"http://{HOST}/predict"',
    ],
)
def test_the_path_of_a_route(url: str) -> None:
    assert asked(project_of({"app.py": FLASK, "client.py": client(url)})) == {"app.py"}


@pytest.mark.parametrize(
    "url", ['f"{HOST}/"', '"https://api.vendor.com/predict"', 'f"{HOST}/predict/all"', 'f"{HOST}/{PATH}"', '"predict"', "HOST"]
)
def test_other_addresses(url: str) -> None:
    assert asked(project_of({"app.py": FLASK, "client.py": client(url)})) == set()


def test_another_method_is_another_handler() -> None:
    assert asked(project_of({"app.py": FLASK, "client.py": client('f"{HOST}/predict"', "get")})) == set()


def test_two_handlers_of_one_path_are_not_told_apart() -> None:
    assert asked(project_of({"app.py": FLASK, "other.py": FLASK, "client.py": client('f"{HOST}/predict"')})) == set()


def test_handlers_in_tests_are_no_services() -> None:
    assert asked(project_of({"tests/test_app.py": FLASK, "client.py": client('f"{HOST}/predict"')})) == set()


ROUTERS = {
    "svc/__init__.py": "",
    "svc/main.py": """
        from fastapi import FastAPI
        from svc import scoring

        app = FastAPI()
        app.include_router(scoring.router, prefix="/api")
    """,
    "svc/scoring.py": """
        import joblib
        from fastapi import APIRouter

        router = APIRouter(prefix="/v1")
        model = joblib.load("risk.joblib")

        @router.post("/score/{tenant}")
        async def score(tenant: str, body: dict):
            return {"risk": model.predict([body])[0]}
    """,
}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ('"http://scorer:8000/api/v1/score/" + row', True),
        ('f"{HOST}/api/v1/score/{row}"', True),
        ('f"{HOST}/score/{row}"', True),  # the setting may end in `/api/v1`
        ('"http://scorer:8000/v1/score/" + row', False),
    ],
)
def test_routers_with_prefixes_and_parameters(url: str, found: bool) -> None:
    assert asked(project_of({**ROUTERS, "client.py": client(url)})) == ({"svc/scoring.py"} if found else set())


def test_blueprints() -> None:
    files = {
        "scores.py": """
            import joblib
            from flask import Blueprint
            scores = Blueprint("scores", __name__)
            model = joblib.load("risk.joblib")
            @scores.post("/risk")
            def risk():
                return {"risk": model.predict([[1]])[0]}
        """,
        "app.py": """
            from flask import Flask
            from scores import scores
            app = Flask(__name__)
            app.register_blueprint(scores, url_prefix="/scores")
        """,
        "client.py": client('"http://localhost:5000/scores/risk"'),
    }
    assert asked(project_of(files)) == {"scores.py"}


@pytest.mark.parametrize(
    "service",
    [
        """
        from bottle import post
        import joblib
        model = joblib.load("risk.joblib")
        @post("/predict")
        def predict():
            return {"risk": model.predict([[1]])[0]}
        """,
        """
        from flask import Flask
        import joblib
        model = joblib.load("risk.joblib")
        def predict():
            return {"risk": model.predict([[1]])[0]}
        app = Flask(__name__)
        app.add_url_rule("/predict", view_func=predict, methods=["POST"])
        """,
        """
        from flask import Flask
        from flask_restful import Api, Resource
        import joblib
        model = joblib.load("risk.joblib")
        class Predict(Resource):
            def post(self):
                return {"risk": model.predict([[1]])[0]}
            def get(self):
                return "usage"
        api = Api(Flask(__name__))
        api.add_resource(Predict, "/predict")
        """,
    ],
)
def test_other_ways_to_register(service: str) -> None:
    assert asked(project_of({"app.py": service, "client.py": client('f"{HOST}/predict"')})) == {"app.py"}


def test_a_client_class_with_a_session_and_an_address() -> None:
    code = """
        import requests

        class Scorer:
            def __init__(self, url):
                self.url = url
                self.session = requests.Session()

            def ask(self, row):
                return self.session.post(self.url + "/predict", json=row).json()

        see(Scorer("http://localhost:8080").ask({}))
    """
    assert asked(project_of({"app.py": FLASK, "client.py": code})) == {"app.py"}


def test_a_service_that_asks_itself_comes_to_an_end() -> None:
    code = """
        import requests
        from flask import Flask
        app = Flask(__name__)

        @app.post("/again")
        def again():
            return requests.post("http://localhost:5000/again").json()

        see(again())
    """
    assert asked(project_of({"client.py": code})) == set()
