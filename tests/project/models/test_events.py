"""Where models learn and where they are asked."""

from __future__ import annotations

import pytest

from tests.project.flow.tracing import linked
from tests.project.models.asking import fit_of, parts, predictions_of

XY = {"features": ["rows"], "labels": ["labels"]}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("from sklearn.svm import SVC\nm = SVC()\nm.fit(rows, labels)", "estimator", XY),
        ("from sklearn.svm import SVC\nm = SVC().fit(y=labels, X=rows)", "estimator", XY),
        ("from sklearn.linear_model import SGDClassifier\nm = SGDClassifier()\nm.partial_fit(rows, labels)", "estimator", XY),
        (
            "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nfrom sklearn.svm import SVC\n"
            "make_pipeline(StandardScaler(), SVC()).fit(rows, labels)",
            "estimator",
            XY,
        ),
        (
            "from sklearn.pipeline import Pipeline\nfrom sklearn.svm import SVC\np = Pipeline([('model', SVC())])\np.fit(rows, labels)",
            "estimator",
            XY,
        ),
        (
            "from sklearn.model_selection import GridSearchCV\nfrom sklearn.svm import SVC\nGridSearchCV(SVC(), {}).fit(rows, labels)",
            "search",
            XY,
        ),
        (
            "import xgboost as xgb\nd = xgb.DMatrix(rows, label=labels)\nb = xgb.train({}, d, evals=[e])",
            "model",
            {**XY, "evaluation": ["list<e>"]},
        ),
        ("import xgboost as xgb\nb = xgb.train({}, xgb.DMatrix(rows, labels), xgb_model=old)", "model", {**XY, "init": ["old"]}),
        ("import xgboost as xgb\nb = xgb.train({}, xgb.DMatrix(rows, labels, base_margin=m))", "model", {**XY, "init": ["m"]}),
        (
            "import xgboost as xgb\nm = xgb.XGBClassifier()\nm.fit(rows, labels, eval_set=v)",
            "xgb-estimator",
            {**XY, "evaluation": ["v"]},
        ),
        ("import xgboost as xgb\nxgb.XGBRegressor().fit(rows, labels, base_margin=m)", "xgb-estimator", {**XY, "init": ["m"]}),
        (
            "import lightgbm as lgb\nd = lgb.Dataset(rows, labels)\nb = lgb.train(params, d, valid_sets=v)",
            "model",
            {**XY, "evaluation": ["v"]},
        ),
        ("import lightgbm as lgb\nb = lgb.train(params, lgb.Dataset(rows, labels, init_score=s))", "model", {**XY, "init": ["s"]}),
        ("import lightgbm as lgb\nlgb.LGBMRegressor().fit(rows, labels, init_score=s)", "lgb-estimator", {**XY, "init": ["s"]}),
        (
            "from catboost import CatBoostClassifier, Pool\nCatBoostClassifier().fit(Pool(rows, labels), eval_set=v)",
            "catboost-model",
            {**XY, "evaluation": ["v"]},
        ),
        (
            "from catboost import CatBoostRegressor, Pool\nCatBoostRegressor().fit(Pool(rows, labels, baseline=s))",
            "catboost-model",
            {**XY, "init": ["s"]},
        ),
        ("import statsmodels.api as sm\nr = sm.OLS(labels, rows).fit()", "statistical-model", XY),
        ("import statsmodels.api as sm\nmodel = sm.Logit(labels, rows)\nr = model.fit()", "statistical-model", XY),
        (
            "import statsmodels.formula.api as smf\nr = smf.ols('y ~ x', data=rows).fit()",
            "statistical-model",
            {"features": ["rows"]},
        ),
        (
            "from tensorflow import keras\nm = keras.Sequential([])\nm.compile(loss='mse')\nm.fit(rows, labels, validation_data=v)",
            "keras-model",
            {**XY, "evaluation": ["v"]},
        ),
        (
            "import lightning as L\n\nclass Net(L.LightningModule):\n    def forward(self, x):\n        return x\n\n"
            "L.Trainer().fit(Net(), rows, v, ckpt_path=old)",
            "lightning-trainer",
            {"features": ["rows"], "evaluation": ["v"], "init": ["old"]},
        ),
        (
            "from transformers import Trainer\n"
            "t = Trainer(model=m, train_dataset=rows, eval_dataset=v)\nt.train(resume_from_checkpoint=old)",
            "hf-trainer",
            {"features": ["rows"], "evaluation": ["v"], "init": ["old"]},
        ),
        (
            "from sklearn.model_selection import cross_val_score\nfrom sklearn.svm import SVC\ncross_val_score(SVC(), rows, labels)",
            "trial",
            XY,
        ),
    ],
)
def test_what_models_learn_from(text: str, kind: str, expected: dict[str, list[str]]):
    assert fit_of(text) == (kind, expected)
    assert linked(text).models.fits[0].is_model


def test_an_earlier_model_and_scores_to_start_from_are_both_the_first_state():
    text = "import xgboost as xgb\nb = xgb.train({}, xgb.DMatrix(rows, labels, base_margin=m), xgb_model=old)"
    assert fit_of(text)[1]["init"] == ["old", "m"]


def test_a_data_set_is_taken_apart_through_a_field_of_its_object():
    text = """
        import lightgbm as lgb

        class Job:
            def __init__(self, rows, labels):
                self.data = lgb.Dataset(rows, labels)

            def run(self):
                self.model = lgb.train({}, self.data)
        """
    assert fit_of(text)[1] == {"features": ["$rows"], "labels": ["$labels"]}


def test_a_training_loop():
    text = """
        import torch

        net = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(net.parameters())
        for x, y in loader:
            loss = torch.nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
        """
    fits = linked(text).models.fits
    assert [(fit.kind, fit.api, fit.is_model) for fit in fits] == [("loop", "backward", True), ("loop", "optimizer.step", True)]
    assert parts(linked(text), fits[0])["features"] == [
        "torch.nn.functional.mse_loss(torch.nn.Linear(3, 1)(elem(loader)[0]), elem(loader)[1])"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit(rows)",
        "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit_transform(rows)",
        "from sklearn.preprocessing import LabelEncoder\nLabelEncoder().fit(labels)",
        "def prepare(thing, rows):\n    thing.fit(rows)\n    return thing.transform(rows)",
        "def prepare(thing, rows):\n    thing.fit(rows)",
    ],
)
def test_what_prepares_data_is_no_model(text: str):
    (fit,) = linked(text).models.fits
    assert not fit.is_model
    assert linked(text).models.edges == ()


# objects of which nothing is known ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("def t(m, rows, labels):\n    m.fit(rows, labels)", "model", {"features": ["$rows"], "labels": ["$labels"]}),
        ("def t(m, rows, y):\n    m.fit(rows, y=y)", "model", {"features": ["$rows"], "labels": ["$y"]}),
        ("def t(m, rows):\n    m.fit(rows)\n    return m.predict(rows)", "model", {"features": ["$rows"]}),
        ("def t(m, rows):\n    m.fit(rows)\n    return m.transform(rows)", "transformer", {"features": ["$rows"]}),
        ("def t(m, rows):\n    m.fit(rows)", "unknown", {"features": ["$rows"]}),
        (
            "def t(m, rows, y, v):\n    m.fit(X=rows, labels=y, eval_set=v)",
            "model",
            {"features": ["$rows"], "labels": ["$y"], "evaluation": ["$v"]},
        ),
    ],
)
def test_other_calls_on_an_unknown_object_tell_what_it_is(text: str, kind: str, expected: dict[str, list[str]]):
    assert fit_of(text) == (kind, expected)


def test_callers_tell_what_an_unknown_object_is():
    text = (
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.svm import SVC\n\ndef learn(thing, rows):\n    thing.fit(rows)\n\n"
    )
    assert [f.kind for f in linked(f"{text}learn(StandardScaler(), rows)").models.fits] == ["transformer"]
    assert [f.is_model for f in linked(f"{text}learn(SVC(), rows)").models.fits] == [True]
    assert [f.is_model for f in linked(f"{text}learn(SVC(), rows)\nlearn(StandardScaler(), rows)").models.fits] == [True, False]


def test_the_call_of_a_base_is_no_fit_of_its_own():
    text = "from somewhere import Base\n\nclass Mine(Base):\n    def fit(self, rows, labels):\n        return super().fit(rows, labels)\n"
    assert linked(text).models.fits == ()


# classes of the project --------------------------------------------------------------------------------------------------

MINE = """
    from sklearn.svm import SVC

    class Mine:
        def __init__(self):
            self.inner = SVC()

        def fit(self, rows, labels):
            self.inner.fit(rows, labels)
            return self

        def predict(self, rows):
            return self.inner.predict(rows)

    mine = Mine()
    mine.fit(rows, labels)
    mine.predict(new)
    """


def test_a_class_with_a_model_inside_learns_where_the_model_does():
    project = linked(MINE)
    (fit,) = project.models.fits
    assert (fit.kind, fit.api, len(fit.calls)) == ("estimator", "estimator.fit", 1)
    assert predictions_of(MINE) == [("estimator.predict", ["$rows"])]


def test_a_class_that_computes_by_itself_has_no_model_inside():
    text = (
        "class Mean:\n    def fit(self, rows, y):\n        self.m = y.mean()\n"
        "    def predict(self, rows):\n        return self.m\nMean().fit(a, b)\n"
    )
    assert linked(text).models.fits == ()


# asking ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from sklearn.svm import SVC\nSVC().fit(rows, y).predict(new)", [("estimator.predict", ["new"])]),
        ("from sklearn.svm import SVC\nm = SVC()\nm.predict_proba(X=new)", [("estimator.predict_proba", ["new"])]),
        ("import xgboost as xgb\nb = xgb.train({}, d)\nb.predict(new)", [("xgb-booster.predict", ["new"])]),
        ("import lightgbm as lgb\nb = lgb.train({}, d)\nb.predict(new)", [("lgb-booster.predict", ["new"])]),
        ("import statsmodels.api as sm\nr = sm.OLS(y, x).fit()\nr.predict(new)", [("statistical-results.predict", ["new"])]),
        ("import joblib\nm = joblib.load('m.joblib')\nm.predict(new)", [("predict", ["new"])]),
        ("def ask(m, new):\n    return m.predict_proba(new)[:, 1]", [("estimator.predict_proba", ["$new"])]),
        ("def ask(m):\n    return m.predict()", []),
        ("from sklearn.svm import SVC\nm = SVC()\nm.score(rows, y)", []),
        ("from sklearn.preprocessing import StandardScaler\nStandardScaler().transform(rows)", []),
    ],
)
def test_predictions(text: str, expected: list[tuple[str, list[str]]]):
    assert predictions_of(text) == expected


@pytest.mark.parametrize(("method", "embeds"), [("extract_features", True), ("predict", False)])
def test_what_returns_a_representation(method: str, embeds: bool):
    (found,) = linked(f"def f(model, rows):\n    return model.{method}(rows)").models.predictions
    assert found.embeds is embeds


def test_cross_validation_learns_and_predicts():
    text = (
        "from sklearn.model_selection import cross_val_predict\nfrom sklearn.svm import SVC\nout = cross_val_predict(SVC(), rows, labels)"
    )
    assert fit_of(text) == ("model", XY)
    assert predictions_of(text) == [("sklearn.model_selection.cross_val_predict", ["rows"])]


def test_a_method_of_the_project_with_such_a_name_is_its_own():
    text = "class Book:\n    def score_samples(self, rows):\n        return rows\n\ndef f(book):\n    return book.score_samples(1)\n"
    assert linked(text).models.fits == ()


# how often ---------------------------------------------------------------------------------------------------------------


def test_a_fit_is_seen_from_each_chain_of_calls():
    text = "from sklearn.svm import SVC\n\ndef train(rows, y):\n    return SVC().fit(rows, y)\n\ntrain(a, b)\ntrain(c, d)\n"
    project = linked(text)
    one, two = project.models.fits
    assert (one.value, one.span) == (two.value, two.span) and one.calls != two.calls
    assert [len(fit.calls) for fit in (one, two)] == [1, 1]
    assert len(project.models.sites) == 1


def test_tests_train_no_models_of_the_project():
    text = "from sklearn.svm import SVC\nSVC().fit(rows, y)\n"
    project = linked({"tests/test_a.py": text})
    assert project.models.fits == () and len(project.models.sites) == 1


def test_events_come_in_the_order_of_files_and_lines():
    text = "from sklearn.svm import SVC\nm = SVC()\nm.fit(a, b)\nm.predict(c)\nm.fit(d, e)\nm.predict(f)\n"
    one = linked({"b.py": text, "a.py": text}).models
    other = linked({"a.py": text, "b.py": text}).models
    assert one.fits == other.fits and one.predictions == other.predictions
    assert [(f.path, f.span.line) for f in one.fits] == [("a.py", 3), ("a.py", 5), ("b.py", 3), ("b.py", 5)]
    assert [(p.path, p.span.line) for p in one.predictions] == [("a.py", 4), ("a.py", 6), ("b.py", 4), ("b.py", 6)]
