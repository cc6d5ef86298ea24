"""Which models learn from what other models gave, and what only looks like it."""

from __future__ import annotations

import pytest

from tests.project.flow.tracing import Code, linked
from tests.project.models.asking import edges_of, only_edge

PD = "import pandas as pd\n"
MODELS = (
    f"{PD}import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
    f"from sklearn.linear_model import LogisticRegression, Ridge\n"
    "from sklearn.svm import SVC\nframe = pd.read_csv('rows.csv')\n"
    "rows, y = frame[['age']], frame['late']\nfirst = SVC()\nfirst.fit(rows, y)\n"
)

FILES = {
    "first.py": f"{MODELS}frame['score'] = first.predict(rows)\nframe[['id', 'score', 'age']].to_csv('out/second_input.csv')\n",
    "second.py": (
        f"{PD}from sklearn.linear_model import Ridge\nframe = pd.read_csv('out/second_input.csv')\n"
        "model = Ridge()\nmodel.fit(frame[['score']], y)\n"
    ),
}


def with_fit(features: str, labels: str = "other['late']") -> Code:
    text = f"{PD}from sklearn.linear_model import Ridge\nframe = pd.read_csv('out/second_input.csv')\nother = load()\n"
    return {**FILES, "second.py": f"{text}model = Ridge()\nmodel.fit({features}, {labels})\n"}


# edges -------------------------------------------------------------------------------------------------------------------


def test_a_cascade_through_the_column_of_a_file():
    edge = only_edge(FILES)
    assert (edge.how, edge.fit.path, edge.at.path, edge.artifacts) == ("feature", "second.py", "first.py", ("out/second_input.csv",))
    assert edge.confidence == 0.9 and edge.prediction is not None and edge.prediction.api == "estimator.predict"
    assert edges_of(FILES) == [("feature", "SVC", "Ridge")]
    assert [(hop.path, hop.how) for hop in edge.hops][-1] == ("second.py", "file")


@pytest.mark.parametrize(
    ("features", "found"),
    [
        ("frame[['score', 'age']]", True),
        ("frame", True),
        ("frame.drop(columns=['id'])", True),
        ("frame[['age']]", False),
        ("frame.drop(columns=['score'])", False),
        ("frame.drop(columns=['id', 'score']).values", False),
    ],
)
def test_only_the_columns_that_are_learned_from_count(features: str, found: bool):
    assert edges_of(with_fit(features)) == ([("feature", "SVC", "Ridge")] if found else [])


def test_a_file_that_is_only_evaluated_on_is_no_edge():
    text = FILES["second.py"].replace("model.fit(frame[['score']], y)", "model.fit(load(), labels)\nmodel.score(frame[['score']], labels)")
    assert edges_of({**FILES, "second.py": text}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("top = Ridge()\ntop.fit(np.column_stack([rows, first.predict(rows)]), y)", "feature"),
        ("rows = rows.copy()\nrows['p'] = first.predict_proba(rows)[:, 1]\ntop = Ridge()\ntop.fit(rows, y)", "feature"),
        ("top = Ridge()\ntop.fit(rows, y - first.predict(rows))", "residual"),
        ("left = y - first.predict(rows)\ntop = Ridge()\ntop.fit(rows, left)", "residual"),
        ("def left():\n    return y - first.predict(rows)\ntop = Ridge()\ntop.fit(rows, left())", "residual"),
        ("new = pd.read_csv('new.csv')\ntop = Ridge()\ntop.fit(new, first.predict(new))", "label"),
        ("import xgboost as xgb\ntop = xgb.XGBRegressor()\ntop.fit(rows, y, base_margin=first.predict(rows))", "state"),
        ("import xgboost as xgb\ntop = xgb.train({}, xgb.DMatrix(rows, y, base_margin=first.predict(rows)))", "state"),
        ("import lightgbm as lgb\ntop = lgb.train({}, lgb.Dataset(rows, y, init_score=first.predict(rows)))", "state"),
        ("import statsmodels.api as sm\ntop = sm.OLS(y, first.predict(rows)).fit()", "feature"),
        (
            "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
            "rows = rows.copy()\nrows['p'] = first.predict(rows)\ntop = make_pipeline(StandardScaler(), Ridge())\ntop.fit(rows, y)",
            "feature",
        ),
        (
            "from sklearn.preprocessing import StandardScaler\nrows = rows.copy()\nrows['p'] = first.predict(rows)\n"
            "top = Ridge()\ntop.fit(StandardScaler().fit_transform(rows), y)",
            "feature",
        ),
        (
            "from sklearn.model_selection import train_test_split\nrows = rows.copy()\nrows['p'] = first.predict(rows)\n"
            "a, b, c, d = train_test_split(rows, y)\ntop = Ridge()\ntop.fit(a, c)",
            "feature",
        ),
        (
            "folds = []\nfor a, b in split(rows):\n    folds.append(first.predict(b))\ntop = Ridge()\ntop.fit(np.concatenate(folds), y)",
            "feature",
        ),
    ],
)
def test_one_model_learns_from_another(text: str, expected: str):
    edge = only_edge(MODELS + text)
    assert edge.how == expected
    assert edge.artifacts == () and edge.sources and not set(edge.sources) & set(edge.targets)


def test_pseudo_labels_in_a_file():
    files = {
        "first.py": f"{MODELS}new = pd.read_csv('new.csv')\nnew['label'] = first.predict(new)\nnew.to_csv('labelled.csv')\n",
        "second.py": f"{PD}from sklearn.linear_model import Ridge\nf = pd.read_csv('labelled.csv')\nRidge().fit(f[['age']], f['label'])\n",
    }
    assert edges_of(files) == [("label", "SVC", "Ridge")]


def test_a_model_that_learns_from_what_a_loaded_one_gives():
    files = {
        "first.py": f"{MODELS}import joblib\njoblib.dump(first, 'first.joblib')\n",
        "second.py": (
            f"{PD}import joblib\nfrom sklearn.linear_model import Ridge\n"
            f"first = joblib.load('first.joblib')\nrows = pd.read_csv('rows.csv')\n"
            "top = Ridge()\ntop.fit(first.predict_proba(rows), labels)\n"
        ),
    }
    assert edges_of(files) == [("feature", "SVC", "Ridge")]


def test_two_models_of_one_factory_are_two():
    text = """
        from sklearn.svm import SVR

        def make():
            return SVR()

        one = make()
        two = make()
        one.fit(rows, y)
        two.fit(one.predict(rows), y)
        """
    assert edges_of(text) == [("feature", "SVR", "SVR")]


def test_a_chain_of_three_has_two_edges():
    files = {
        **FILES,
        "second.py": FILES["second.py"] + "frame['better'] = model.predict(frame[['score']])\nframe.to_csv('out/third_input.csv')\n",
        "third.py": (
            f"{PD}import xgboost as xgb\nframe = pd.read_csv('out/third_input.csv')\n"
            f"model = xgb.XGBRegressor()\nmodel.fit(frame[['better']], y)\n"
        ),
    }
    assert edges_of(files) == [("feature", "Ridge", "XGBRegressor"), ("feature", "SVC", "Ridge")]


def test_a_file_that_says_predictions_and_has_no_writer_in_sight():
    edge = only_edge(f"{PD}from sklearn.linear_model import Ridge\nRidge().fit(pd.read_csv('oof/lgb.csv'), y)\n")
    assert (edge.how, edge.prediction, edge.artifacts, edge.confidence) == ("feature", None, ("oof/lgb.csv",), 0.7)


# sure and less sure ------------------------------------------------------------------------------------------------------


def test_one_script_is_less_sure_than_two():
    inside = only_edge(f"{MODELS}top = Ridge()\ntop.fit(first.predict(rows).reshape(-1, 1), y)\n")
    assert inside.confidence < only_edge(FILES).confidence


def test_a_model_of_which_nothing_is_known_is_less_sure():
    files = {
        "ask.py": f"{PD}def ask(model, rows):\n    rows['score'] = model.predict_proba(rows)\n    rows.to_csv('out/second_input.csv')\n",
        "second.py": FILES["second.py"],
    }
    assert only_edge(files).confidence < 0.9


# what only looks like it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "first.fit(first.predict(rows), y)",
        "first.fit(rows, first.predict(rows))",
        "from sklearn.metrics import roc_auc_score\nbest = roc_auc_score(y, first.predict(rows))\ntop = Ridge()\ntop.fit(rows * best, y)",
        "second = Ridge()\nsecond.fit(rows, y)\nblend = (first.predict(rows) + second.predict(rows)) / 2\nblend.tofile('out.bin')",
        "from sklearn.ensemble import StackingClassifier\n"
        "s = StackingClassifier([('a', SVC()), ('b', RandomForestClassifier())], LogisticRegression())\ns.fit(rows, y)",
        "from sklearn.calibration import CalibratedClassifierCV\n"
        "sure = CalibratedClassifierCV(first)\nsure.fit(first.predict_proba(rows), y)",
        "from sklearn.model_selection import GridSearchCV\nsearch = GridSearchCV(first, {})\nsearch.fit(rows, y)\nsearch.predict(rows)",
        "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\nscaler.fit(first.predict(rows).reshape(-1, 1))",
        "from sklearn.preprocessing import StandardScaler\ntop = Ridge()\ntop.fit(StandardScaler().fit_transform(rows), y)",
        "top = Ridge()\ntop.fit(rows, y)\ntop.predict(first.predict(rows))",
        "top = Ridge()\ntop.fit(rows[:len(first.predict(rows))], y)",
    ],
)
def test_no_edge(text: str):
    assert edges_of(MODELS + text) == []


def test_rows_that_a_prediction_chose_are_no_feature():
    assert edges_of(f"{MODELS}keep = first.predict(rows) == 1\ntop = Ridge()\ntop.fit(rows[keep], y)") == []


def test_alternatives_of_one_family_are_no_cascade():
    text = """
        from sklearn.linear_model import Ridge
        from sklearn.svm import SVR

        class Base:
            def learn(self, rows, y):
                raise NotImplementedError

            def run(self, rows, y):
                rows["score"] = self.ask(rows)
                self.learn(rows, y)

        class One(Base):
            def __init__(self):
                self.model = SVR()

            def learn(self, rows, y):
                self.model.fit(rows, y)

            def ask(self, rows):
                return self.model.predict(rows)

        class Two(Base):
            def __init__(self):
                self.model = Ridge()

            def learn(self, rows, y):
                self.model.fit(rows, y)

            def ask(self, rows):
                return self.model.predict(rows)
        """
    assert edges_of(text) == []


def test_a_model_trained_again_on_its_own_file_is_an_earlier_model():
    """Through a file it is another version: what it learned then is in what it learns now."""
    text = (
        f"{PD}from sklearn.svm import SVC\nrows = pd.read_csv('rows.csv')\nmodel = SVC()\nmodel.fit(rows[['score']], y)\n"
        "rows['score'] = model.predict(rows)\nrows.to_csv('rows.csv')\n"
    )
    assert edges_of(text) == [("feature", "SVC", "SVC")]


def test_helpers_of_two_callers_join_no_models():
    files = {
        "tools.py": "def clean(frame):\n    return frame.fillna(filler)\n",
        "one.py": f"{PD}from tools import clean\n{MODELS}scores = clean(first.predict(rows))\n",
        "two.py": f"{PD}from tools import clean\nfrom sklearn.linear_model import Ridge\n"
        f"top = Ridge()\ntop.fit(clean(pd.read_csv('x.csv')), y)\n",
    }
    assert edges_of(files) == []


# all of them -------------------------------------------------------------------------------------------------------------


def test_the_order_of_files_does_not_matter():
    one, other = linked(FILES).models.edges, linked(dict(reversed(FILES.items()))).models.edges
    assert one == other and len(one) == 1
    assert linked(FILES).models.edges == one


def test_one_pair_of_places_has_a_few_ways_at_most():
    ways = "".join(f"p{n} = first.predict(rows)\n" for n in range(9))
    text = f"{MODELS}{ways}top = Ridge()\ntop.fit(np.column_stack([{', '.join(f'p{n}' for n in range(9))}]), y)"
    edges = linked(text).models.edges
    assert len({(e.at.path, e.at.index) for e in edges}) == len(edges) == 9
