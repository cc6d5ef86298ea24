"""A small project with a chain of three models, over a table and in a service."""

from __future__ import annotations

import pytest

from mldebt.graphs.models.model import ModelReport, model_report
from tests.project.reading import project_of

FILES = {
    "train.py": """
        import joblib
        import pandas as pd
        from sklearn.linear_model import LogisticRegression

        frame = pd.read_csv("data/visits.csv")
        model = LogisticRegression().fit(frame[["age", "visits"]], frame["churned"])
        joblib.dump(model, "models/churn.joblib")
        frame["score"] = model.predict_proba(frame)[:, 1]
        frame.to_csv("data/scores.csv")
        """,
    "offer.py": """
        import joblib
        import pandas as pd
        from sklearn.ensemble import GradientBoostingRegressor

        scores = pd.read_csv("data/scores.csv")
        offer = GradientBoostingRegressor()
        offer.fit(scores.drop(columns=["amount"]), scores["amount"])
        joblib.dump(offer, "models/offer.joblib")
        """,
    "serve.py": """
        import joblib
        from fastapi import FastAPI

        app = FastAPI()
        limiter = joblib.load("limits/limiter.joblib")
        offer = joblib.load("models/offer.joblib")

        @app.post("/offer")
        def propose(rows):
            return limiter.predict(offer.predict(rows))

        def other(model, rows):
            return model.predict(rows)
        """,
}


@pytest.fixture
def report() -> ModelReport:
    return model_report(project_of(FILES))
