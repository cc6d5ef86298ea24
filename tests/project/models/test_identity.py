"""Which model a value is."""

from __future__ import annotations

import pytest

from mldebt.project.flow.model import Node
from mldebt.project.models.identity import shared
from tests.project.flow.tracing import Code, linked
from tests.project.models.asking import asked, makers

SVC = "from sklearn.svm import SVC\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SVC}m = SVC()\nm.fit(rows, y)\nm.predict(new)", "SVC()"),
        (f"{SVC}m = SVC().fit(rows, y)\nm.predict(new)", "SVC()"),
        (f"{SVC}SVC().set_params(C=2).fit(rows, y).predict(new)", "SVC()"),
        (f"{SVC}import copy\nm = copy.deepcopy(SVC(C=1))\nm.predict(new)", "SVC(C=1)"),
        (f"{SVC}def make():\n    return SVC()\nmake().predict(new)", "SVC()"),
        (
            f"{SVC}def make():\n    model = SVC()\n    model.fit(rows, y)\n    return model, 3\nmodel, score = make()\nmodel.predict(new)",
            "SVC()",
        ),
        (f"{SVC}def ask(model):\n    return model.predict(new)\nask(SVC())", "SVC()"),
        (f"{SVC}models = [SVC(C=1)]\nfor m in models:\n    m.predict(new)", "SVC(C=1)"),
        (f"{SVC}models = {{'a': SVC(C=1), 'b': SVC(C=2)}}\nmodels['b'].predict(new)", "SVC(C=2)"),
        (f"{SVC}models = {{}}\nmodels['a'] = SVC(C=1)\nmodels['b'] = SVC(C=2)\nmodels['a'].predict(new)", "SVC(C=1)"),
        ("import xgboost as xgb\nb = xgb.train({}, d)\nb.predict(new)", "xgb.train({}, d)"),
        ("import lightgbm as lgb\nb = lgb.train({}, d)\nb.predict(new)", "lgb.train({}, d)"),
        ("import joblib\njoblib.load('m.joblib').predict(new)", "joblib.load('m.joblib')"),
        (
            f"{SVC}from sklearn.calibration import CalibratedClassifierCV\nm = CalibratedClassifierCV(SVC())\nm.predict_proba(new)",
            "SVC()",
        ),
        (
            f"{SVC}from sklearn.model_selection import GridSearchCV\n"
            f"g = GridSearchCV(SVC(), {{}})\ng.fit(rows, y)\ng.best_estimator_.predict(new)",
            "SVC()",
        ),
        (
            f"{SVC}from sklearn.model_selection import GridSearchCV\nGridSearchCV(estimator=SVC(), param_grid={{}}).fit(a, b).predict(new)",
            "SVC()",
        ),
    ],
)
def test_the_call_that_makes_a_model(text: str, expected: str):
    assert makers(text) == [[expected]]


def test_one_of_several():
    both = [["SVC(C=1)", "SVC(C=2)"]]
    assert makers(f"{SVC}if c:\n    m = SVC(C=1)\nelse:\n    m = SVC(C=2)\nm.predict(new)") == both
    assert makers(f"{SVC}m = SVC(C=1) if c else SVC(C=2)\nm.predict(new)") == both


FIELD = """
    from sklearn.svm import SVC

    class Job:
        def __init__(self):
            self.model = SVC()

        def train(self, rows, y):
            self.model.fit(rows, y)

        def ask(self, rows):
            return self.model.predict(rows)
    """


def test_a_model_in_a_field():
    assert makers(FIELD) == [["SVC()"]]


def test_a_model_in_a_field_of_an_object_is_the_object():
    """So that the models in two objects of one class are two."""
    assert makers(f"{FIELD}\n    job = Job()\n    job.train(rows, y)\n    job.ask(new)\n") == [["Job()"]]


def test_models_of_two_objects_of_one_class_are_two():
    project = linked(f"{FIELD}\n    one = Job()\n    two = Job()\n    one.ask(new)\n    two.ask(new)\n")
    one, two = asked(project)
    assert one and two and not shared(one, two)


FACTORY = """
    from sklearn.svm import SVC

    def make():
        return SVC()

    one = make()
    two = make()
    """


def test_two_calls_of_one_factory_make_two_models():
    project = linked(f"{FACTORY}\n    one.predict(a)\n    two.predict(b)\n    one.predict(c)\n")
    one, two, again = asked(project)
    assert not shared(one, two) and shared(one, again) and one == again
    assert [node.index for node in one] == [node.index for node in two]


@pytest.mark.xfail(strict=True, reason="a maker keeps the innermost call alone")
def test_a_factory_behind_a_factory_makes_another_model_at_each_call():
    text = """
        from sklearn.svm import SVC

        def make():
            return SVC()

        def build():
            return make()

        one = build()
        two = build()
        one.predict(a)
        two.predict(b)
        """
    one, two = asked(linked(text))
    assert not shared(one, two)


def test_a_model_of_the_module_is_one_for_all_functions():
    project = linked(
        f"{SVC}model = SVC()\n\ndef ask(rows):\n    return model.predict(rows)\n\ndef other(rows):\n    return model.predict(rows)\n"
    )
    one, two = asked(project)
    assert shared(one, two)


# files -------------------------------------------------------------------------------------------------------------------

TRAIN = f"{SVC}import joblib\nm = SVC()\nm.fit(rows, y)\njoblib.dump(m, 'models/m.joblib')\n"
ASK = "import joblib\nm = joblib.load('models/m.joblib')\nm.predict(new)\n"


@pytest.mark.parametrize(
    "files",
    [
        {"train.py": TRAIN, "ask.py": ASK},
        {
            "train.py": f"{SVC}import pickle\nm = SVC()\nm.fit(rows, y)\nwith open('m.pkl', 'wb') as h:\n    pickle.dump(m, h)\n",
            "ask.py": "import pickle\nwith open('m.pkl', 'rb') as h:\n    m = pickle.load(h)\nm.predict(new)\n",
        },
        {
            "train.py": TRAIN,
            "move.py": "import shutil\nshutil.copy('models/m.joblib', 'live/m.joblib')\n",
            "ask.py": "import joblib\njoblib.load('live/m.joblib').predict(new)\n",
        },
        {
            "train.py": TRAIN,
            "tools.py": "import joblib\n\ndef load(name):\n    return joblib.load(f'models/{name}.joblib')\n",
            "ask.py": "from tools import load\nload('m').predict(new)\n",
        },
    ],
)
def test_a_model_through_a_file(files: Code):
    assert makers(files) == [["SVC()"]]


def test_models_of_two_files_are_two():
    files = {
        "train.py": f"{SVC}import joblib\njoblib.dump(SVC(C=1), 'a.joblib')\njoblib.dump(SVC(C=2), 'b.joblib')\n",
        "tools.py": "import joblib\n\ndef load(name):\n    return joblib.load(name)\n",
        "ask.py": "from tools import load\nload('a.joblib').predict(new)\nload('b.joblib').predict(new)\n",
    }
    assert makers(files) == [["SVC(C=1)"], ["SVC(C=2)"]]


# nothing known -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["def ask(m, rows):\n    return m.predict(rows)", "class A:\n    def ask(self, rows):\n        return self.m.predict(rows)"]
)
def test_a_model_of_which_no_maker_is_in_sight(text: str):
    assert makers(text) == [[]]


def test_a_wrapper_is_on_the_way_and_no_maker():
    project = linked(
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.calibration import CalibratedClassifierCV\nfrom sklearn.svm import SVC\n"
        "m = CalibratedClassifierCV(SVC())\nm.fit(rows, y)\n"
    )
    (fit,) = project.models.fits
    assert len(project.models.identities.wrappers(Node(fit.path, fit.model))) == 1
    assert len(project.models.learner(fit)) == 1


def test_values_that_hold_themselves_end():
    assert makers("m = start\nwhile c:\n    m = [m, m]\nm.predict(new)") == [[]]


# the same ----------------------------------------------------------------------------------------------------------------

A, B = Node("a.py", 1), Node("a.py", 2)
FIRST, SECOND = ("a.py", 7), ("a.py", 8)


@pytest.mark.parametrize(
    ("some", "others", "same"),
    [
        ((A,), (A,), True),
        ((A,), (B,), False),
        ((A, B), (B,), True),
        ((), (A,), False),
        ((A._replace(calls=(FIRST,)),), (A._replace(calls=(FIRST,)),), True),
        ((A._replace(calls=(FIRST,)),), (A._replace(calls=(SECOND,)),), False),
        ((A._replace(calls=(FIRST,)),), (A,), True),
        ((A,), (A._replace(path="b.py"),), False),
    ],
)
def test_models_with_a_maker_in_common(some: tuple[Node, ...], others: tuple[Node, ...], same: bool):
    assert shared(some, others) is same and shared(others, some) is same
