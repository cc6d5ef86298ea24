"""The models of a project one by one."""

from __future__ import annotations

from mldebt.project.models.inventory import Inventory, inventory
from tests.project.reading import project_of

CHURN = {
    "train.py": """
        import joblib
        import pandas as pd
        from sklearn.linear_model import LogisticRegression

        frame = pd.read_csv("data/visits.csv")
        model = LogisticRegression().fit(frame[["age", "visits"]], frame["churned"])
        joblib.dump(model, "models/churn.joblib")
        """,
    "score.py": """
        import joblib
        import pandas as pd

        model = joblib.load("models/churn.joblib")
        frame = pd.read_csv("data/today.csv")
        frame["score"] = model.predict_proba(frame)[:, 1]
        frame.to_csv("data/scores.csv")
        """,
    "offer.py": """
        import pandas as pd
        from sklearn.ensemble import GradientBoostingRegressor

        scores = pd.read_csv("data/scores.csv")
        spend = pd.read_csv("data/spend.csv")
        offer = GradientBoostingRegressor()
        offer.fit(scores[["score"]], spend["amount"])
        """,
    "serve.py": """
        import joblib
        from flask import Flask, request

        app = Flask(__name__)
        model = joblib.load("models/churn.joblib")

        @app.post("/score")
        def score():
            return {"score": model.predict(request.get_json()).tolist()}

        @app.get("/health")
        def health():
            return "ok"
        """,
}


def of(files: dict[str, str]) -> Inventory:
    return inventory(project_of(files))


def test_what_a_model_learns_from_and_where_its_answers_go():
    offer, churn = of(CHURN).models
    assert (churn.name, [(p.path, p.span.line) for p in churn.places]) == ("LogisticRegression", [("train.py", 6)])
    assert [(i.how, i.artifact, i.columns) for i in churn.inputs] == [
        ("feature", "data/visits.csv", ("age", "visits")),
        ("label", "data/visits.csv", ("churned",)),
    ]
    assert churn.held == ("models/churn.joblib",)
    assert [(p.path, p.api) for p in churn.predictions] == [("score.py", "estimator.predict_proba"), ("serve.py", "predict")]
    assert [(u.kind, u.name, u.place.path) for u in churn.uses] == [
        ("artifact", "data/scores.csv", "score.py"),
        ("route", "/score", "serve.py"),
    ]
    assert (offer.name, offer.predictions, offer.uses) == ("GradientBoostingRegressor", (), ())
    assert [(i.how, i.artifact, i.through) for i in offer.inputs] == [
        ("feature", "data/scores.csv", False),
        ("label", "data/spend.csv", False),
    ]


def test_a_model_that_learns_from_another_stands_behind_it():
    found = of(CHURN)
    (chain,) = found.chains
    assert [found.models[at].name for at in (chain.source, chain.target)] == ["LogisticRegression", "GradientBoostingRegressor"]
    assert (chain.how, chain.at.path, chain.to.path, chain.artifacts) == ("feature", "score.py", "offer.py", ("data/scores.csv",))
    assert [model.depth for model in found.models] == [1, 0]


def test_a_model_that_is_asked_about_the_answer_of_another():
    text = """
        import joblib

        base = joblib.load("base.joblib")
        calibrator = joblib.load("calibrator.joblib")

        def score(rows):
            return calibrator.predict(base.predict_proba(rows)[:, 1])
        """
    found = of({"serve.py": text})
    assert [(m.name, m.held, m.depth) for m in found.models] == [
        ("base.joblib", ("base.joblib",), 0),
        ("calibrator.joblib", ("calibrator.joblib",), 1),
    ]
    assert [(c.source, c.target, c.how) for c in found.chains] == [(0, 1, "input")]


def test_columns_that_are_dropped():
    text = """
        import pandas as pd
        from sklearn.svm import SVC

        frame = pd.read_parquet("x.parquet")
        SVC().fit(frame.drop(columns=["y", "id"]), frame["y"])
        """
    (model,) = of({"a.py": text}).models
    assert [(i.how, i.columns, i.without) for i in model.inputs] == [("feature", (), ("id", "y")), ("label", ("y",), ())]


def test_one_place_that_several_callers_reach_is_one_model():
    text = """
        from sklearn.svm import SVC

        def train(rows, labels):
            model = SVC()
            return model.fit(rows, labels)

        train(a, b)
        train(c, d)
        """
    assert [(m.name, len(m.fits)) for m in of({"a.py": text}).models] == [("SVC", 1)]


def test_encoders_tests_and_calls_of_nobody_are_no_models():
    scaler = "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit(rows)\n"
    test = "from sklearn.svm import SVC\nSVC().fit(rows, labels)\n"
    asked = "def score(model, rows):\n    return model.predict(rows)\n"
    found = of({"a.py": scaler, "tests/test_a.py": test, "b.py": asked})
    assert (found.models, found.chains, found.unknown) == ((), (), 1)


def test_a_function_that_trains_names_its_model_with_its_module():
    text = "import xgboost as xgb\nbooster = xgb.train({}, xgb.DMatrix(rows, labels))\n"
    assert [m.name for m in of({"a.py": text}).models] == ["xgboost.train"]


def test_what_a_model_learns_from_is_told_once():
    text = """
        from sklearn.linear_model import Ridge
        from sklearn.svm import SVR

        base = Ridge().fit(rows, labels)
        top = SVR().fit(base.predict(rows), labels)
        top.predict(base.predict(others))
        """
    found = of({"a.py": text})
    assert [(found.models[c.source].name, found.models[c.target].name, c.how) for c in found.chains] == [("Ridge", "SVR", "feature")]
