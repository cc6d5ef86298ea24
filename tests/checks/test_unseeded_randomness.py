from __future__ import annotations

import pytest

from tests.checks.conftest import Found

SPLIT = "from sklearn.model_selection import train_test_split\n\ndef split(x, y):\n    return train_test_split(x, y)\n"


def lines(found: Found, text: str, **files: str) -> list[int]:
    return [f.location.line for f in found("unseeded_randomness", {"a.py": text, **files}) if f.location.path == "a.py"]


IMPORTS = """
import random

import hyperopt
import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV, train_test_split
from sklearn.tree import ExtraTreeRegressor
"""


def in_function(found: Found, expression: str) -> list[int]:
    return lines(found, f"{IMPORTS}\ndef f(x, y, seed, **options):\n    return {expression}\n")


@pytest.mark.parametrize(
    "expression",
    [
        "train_test_split(x, y)",
        "train_test_split(x, y, random_state=None)",
        "KFold(5, shuffle=True)",
        "RandomForestRegressor(n_estimators=9)",
        "GridSearchCV(RandomForestRegressor(), x)",
        "RandomizedSearchCV(RandomForestRegressor(), x, random_state=seed)",
        "LogisticRegression(solver='saga')",
        "hyperopt.fmin(fn=x, space=y, trials=hyperopt.Trials())",
        "train_test_split(x, y, random_state=random.randint(0, 9))",
        "RandomForestRegressor(**{'n_estimators': 9})",
        "torch.utils.data.DataLoader(x, shuffle=True)",
    ],
)
def test_drawn_without_a_seed(found: Found, expression: str) -> None:
    assert len(in_function(found, expression)) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "train_test_split(x, y, random_state=3)",
        "train_test_split(x, y, random_state=seed)",
        "train_test_split(x, y, shuffle=False)",
        "train_test_split(x, y, shuffle=y)",
        "train_test_split(x, **options)",
        "KFold(5)",
        "RandomForestRegressor(**{'random_state': 9})",
        "BaggingRegressor(ExtraTreeRegressor(), random_state=3)",
        "LogisticRegression()",
        "Lasso()",
        "KMeans(3, init=x)",
        "hyperopt.fmin(fn=x, space=y, rstate=np.random.default_rng(42))",
        "torch.utils.data.DataLoader(x)",
        "np.random.normal(size=3)",
        "np.random.permutation(x)",
    ],
)
def test_seeded_deterministic_or_unknown(found: Found, expression: str) -> None:
    assert in_function(found, expression) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import numpy as np\nnp.random.seed(3)\n", 0),
        ("import random\nrandom.seed(3)\n", 1),  # another generator
        ("import numpy as np\nnp.random.seed(None)\n", 1),
        ("from transformers import set_seed\n\ndef main():\n    set_seed(1)\n", 0),
        ("from company_tools import seed_everything\n\ndef main():\n    seed_everything(1)\n", 0),
    ],
)
def test_a_seed_in_the_same_file_covers_its_generator(found: Found, text: str, expected: int) -> None:
    assert len(lines(found, text + SPLIT)) == expected


def test_a_script_that_imports_and_seeds_covers(found: Found) -> None:
    helper = "import numpy as np\n\ndef fix(seed):\n    np.random.seed(seed)\n"
    run = "from a import split\nfrom helper import fix\n\nfix(3)\nsplit([1], [2])\n"
    assert lines(found, SPLIT, **{"helper.py": helper, "run.py": run}) == []


def test_a_helper_that_nobody_calls_does_not_cover(found: Found) -> None:
    helper = "import numpy as np\n\ndef fix(seed):\n    np.random.seed(seed)\n"
    text = SPLIT.replace("\n\ndef", "\nimport helper\n\ndef", 1)
    assert lines(found, text, **{"helper.py": helper}) == [5]
    assert lines(found, text, **{"helper.py": helper + "\nfix(1)\n"}) == []


def test_a_seed_in_a_test_covers_nothing(found: Found) -> None:
    test = "import numpy as np\nfrom a import split\n\nnp.random.seed(3)\nsplit([1], [2])\n"
    assert lines(found, SPLIT, **{"tests/test_a.py": test}) == [4]


def test_draws_count_where_something_learns(found: Found) -> None:
    text = """
import numpy as np

class Ensemble:
    def fit(self, x):
        self.columns = np.random.choice(x.columns, 3)

    def noise(self):
        return np.random.normal()

def sketch(x):
    return np.random.choice(x, 3)
"""
    assert lines(found, text) == [6]


def test_settings_in_a_dictionary_are_read(found: Found) -> None:
    text = """
from sklearn.ensemble import RandomForestClassifier

SEEDED = {"n_estimators": 3, "random_state": 1}
BARE = {"n_estimators": 4}
LATER = {"n_estimators": 3}
LATER["random_state"] = 1

def models(more):
    own = dict(n_estimators=3)
    own["random_state"] = 2
    return (
        RandomForestClassifier(**SEEDED),
        RandomForestClassifier(**BARE),
        RandomForestClassifier(**LATER),
        RandomForestClassifier(**own),
        RandomForestClassifier(**{**BARE, **more}),
    )
"""
    assert lines(found, text) == [14]


def test_tests_and_examples_stay_silent(found: Found) -> None:
    files = {"tests/test_b.py": SPLIT, "examples/b.py": SPLIT, "b_tutorial.py": SPLIT}
    assert found("unseeded_randomness", files) == []


def test_pictures_and_held_back_rows_stay_silent(found: Found) -> None:
    text = """
from sklearn.manifold import TSNE
from torch.utils.data import DataLoader

def plot_rows(rows):
    return TSNE(2).fit_transform(rows)

def loaders(rows):
    test_loader = DataLoader(rows, shuffle=True)
    train_loader = DataLoader(rows, shuffle=True)
    return train_loader, test_loader
"""
    assert lines(found, text) == [10]


FORESTS = "RandomForestClassifier, ExtraTreesClassifier"


def test_classes_that_a_loop_makes_by_turns(found: Found) -> None:
    body = "from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier\nfrom sklearn.linear_model import LinearRegression\n"
    loop = "for kind in ({}):\n    kind({}).fit(x, y)\n"
    (finding,) = found("unseeded_randomness", {"a.py": body + loop.format(FORESTS, "")})
    assert "RandomForestClassifier" in finding.message
    table = "for name, kind in {'a': RandomForestClassifier}.items():\n    kind().fit(x, y)\n"
    assert len(found("unseeded_randomness", {"a.py": body + table})) == 1
    assert found("unseeded_randomness", {"a.py": body + loop.format(FORESTS, "random_state=1")}) == []
    assert found("unseeded_randomness", {"a.py": body + loop.format("LinearRegression, LinearRegression", "")}) == []


def test_a_seed_that_is_drawn_for_what_nothing_is_known_of(found: Found) -> None:
    text = "import random\n\n\ndef f(rows, model):\n    seed = random.random()\n    model.fit(rows.sample(frac=1, random_state=seed))\n"
    (finding,) = found("unseeded_randomness", {"a.py": text})
    assert "draws the seed" in finding.message and [e.line for e in finding.evidence] == [6]
    assert found("unseeded_randomness", {"a.py": text.replace("import random\n", "import random\nrandom.seed(1)\n")}) == []
    assert found("unseeded_randomness", {"a.py": text.replace("model.fit", "print")}) == []


@pytest.mark.parametrize(("workers", "expected"), [("", 1), (", workers=8", 1), (", workers=1", 0), (", workers=n", 0)])
def test_word_vectors_of_several_threads(found: Found, workers: str, expected: int) -> None:
    text = f"from gensim.models import Word2Vec\n\n\ndef f(texts, n):\n    return Word2Vec(texts, seed=1{workers})\n"
    findings = found("unseeded_randomness", {"a.py": text})
    assert len(findings) == expected
    assert all("threads" in f.message for f in findings)


@pytest.mark.parametrize(
    ("expression", "confidence"),
    [
        ("LogisticRegression(solver='saga')", 0.45),
        ("LogisticRegression(solver='liblinear')", 0.45),
        ("Lasso(selection='random')", 0.45),
        ("RandomForestRegressor()", 0.85),
        ("KFold(5, shuffle=True)", 0.85),
    ],
)
def test_a_convex_problem_has_one_answer(found: Found, expression: str, confidence: float) -> None:
    (finding,) = found("unseeded_randomness", {"a.py": f"{IMPORTS}\ndef f(x, y):\n    return {expression}\n"})
    assert finding.confidence == confidence


LOADED = """
from torch.utils.data import DataLoader

def {name}(net, rows):
    loader = DataLoader(rows, shuffle=True)
    {use}
"""


@pytest.mark.parametrize(
    ("name", "use", "count"),
    [
        ("run", "return evaluate_net(net, loader)", 0),
        ("run", "return net.test(loader=loader)", 0),
        ("evaluate", "return [net(one) for one in loader]", 0),
        ("run", "return train_and_evaluate(net, loader)", 1),
        ("run", "return evaluate_net(net, loader), net.fit(loader)", 1),
        ("run", "return evaluate_net(net, loader), [net(one) for one in loader]", 1),
        ("run", "return latest(net, loader)", 1),
        ("fit_and_evaluate", "return [net(one) for one in loader]", 1),
    ],
)
def test_the_order_of_rows_that_a_model_is_asked_about(found: Found, name: str, use: str, count: int) -> None:
    assert len(lines(found, LOADED.format(name=name, use=use))) == count


PICKED = """
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.preprocessing import StandardScaler

def build(frame):
    chosen = np.random.choice(frame["host"].unique())
    return StandardScaler().fit_transform(frame[frame["host"] == chosen])
"""
FITTED = "\ndef fit(x, y):\n    return GradientBoostingRegressor(random_state=1).fit(x, y)\n"


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("build_features.py", PICKED, 1),
        ("inference.py", PICKED, 0),
        ("batch_scoring.py", PICKED, 0),
        ("inference.py", PICKED + FITTED, 1),  # it trains as well
        ("train_predict.py", PICKED, 1),
        ("build_features.py", PICKED.replace("def build", "def predict_host"), 0),
        ("underscore.py", PICKED, 1),
    ],
)
def test_a_draw_that_picks_what_a_model_is_asked(found: Found, path: str, text: str, count: int) -> None:
    assert len(found("unseeded_randomness", {path: text})) == count
