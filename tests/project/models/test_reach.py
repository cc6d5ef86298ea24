"""What the features of several models have in common."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.project.models.extractors import listed
from mldebt.project.models.reach import Shared, shared
from tests.project.reading import project_of

HEAD = "import pandas as pd\nimport xgboost\nfrom lightgbm import LGBMRegressor\nfrom sklearn.linear_model import Lasso, Ridge\n"
RATES = """
def rates(frame):
    frame["rate"] = frame["sold"] / frame["shown"]
    return frame
"""


def script(model: str, data: str = "common.rates(pd.read_csv('in.csv'))", label: str = "y") -> str:
    return f"{HEAD}import common\nframe = {data}\nx = frame.drop(columns='{label}')\n{model}.fit(x, frame['{label}'])\n"


def found(files: Mapping[str, str]) -> list[Shared]:
    project = project_of(files)
    return [*shared(project), *listed(project)]


def three(**more: str) -> dict[str, str]:
    """Three different models, each in a file of its own."""
    return {"ridge.py": script("Ridge()"), "trees.py": script("LGBMRegressor()"), "boost.py": script("xgboost.XGBRegressor()"), **more}


def test_a_function_that_three_models_use():
    (one,) = found(three() | {"common.py": RATES})

    assert (one.kind, one.name, one.place.path, one.place.span.line) == ("function", "rates", "common.py", 1)
    assert [(m.name, m.place.path, m.place.span.line) for m in one.models] == [
        ("boost.py", "boost.py", 8),
        ("ridge.py", "ridge.py", 8),
        ("trees.py", "trees.py", 8),
    ]


def test_two_models_are_few():
    files = three() | {"common.py": RATES}
    del files["trees.py"]

    assert found(files) == []


def test_runs_of_one_kind_on_the_same_features_are_one_model():
    files = {name: script("Ridge()") for name in ("train.py", "tune.py", "retrain.py", "again.py")}

    assert found(files | {"common.py": RATES}) == []


def test_labels_tell_models_of_one_kind_apart():
    files = {f"{name}.py": script("Ridge()", label=name) for name in ("price", "demand", "delay")}

    (one,) = found(files | {"common.py": RATES})
    assert len(one.models) == 3


def test_a_notebook_that_compares_what_scripts_train_adds_nothing():
    compare = script("Ridge()") + "LGBMRegressor().fit(x, frame['y'])\nxgboost.XGBRegressor().fit(x, frame['y'])\n"

    (one,) = found(three() | {"common.py": RATES, "all.py": compare})
    assert [m.name for m in one.models] == ["boost.py", "ridge.py", "trees.py"]


def test_through_a_file_that_a_script_writes():
    build = f"{HEAD}{RATES}\nrates(pd.read_csv('in.csv')).to_parquet('features.parquet')\n"
    read = "pd.read_parquet('features.parquet')"
    models = {"ridge.py": script("Ridge()", read), "trees.py": script("LGBMRegressor()", read), "boost.py": script("Lasso()", read)}

    assert [one.name for one in found(models | {"build.py": build, "common.py": ""})] == ["rates"]


def test_functions_without_columns_stay_silent():
    helper = "def rates(frame):\n    return frame.dropna()\n"

    assert found(three() | {"common.py": helper}) == []


def test_a_named_feature_is_less_sure():
    data = "common.user_features(pd.read_csv('in.csv'))"
    files = {"ridge.py": script("Ridge()", data), "trees.py": script("LGBMRegressor()", data), "lasso.py": script("Lasso()", data)}

    (one,) = found(files | {"common.py": "def user_features(frame):\n    return frame.groupby('user').mean()\n"})
    assert (one.name, one.confidence) == ("user_features", 0.65)


def test_a_version_in_the_name_lowers_it():
    files = {path: text.replace("rates", "rates_v2") for path, text in (three() | {"common.py": RATES}).items()}

    (one,) = found(files)
    assert (one.name, round(one.confidence, 2)) == ("rates_v2", 0.65)


def test_splits_and_examples_are_no_features():
    assert found({path: text.replace("rates", "split_rates") for path, text in (three() | {"common.py": RATES}).items()}) == []
    assert found({f"examples/{path}": text for path, text in (three() | {"common.py": RATES}).items()}) == []


def test_a_constant_list_chooses_the_columns():
    chosen = "import pandas as pd\nfrom {model} import {name}\nimport common\nframe = pd.read_csv('in.csv')\n"
    chosen += "{name}().fit(frame[common.COLUMNS + ['x']], frame['y'])\n"
    makers = [("sklearn.linear_model", "Ridge"), ("lightgbm", "LGBMRegressor"), ("xgboost", "XGBRegressor")]
    files = {f"{name}.py": chosen.format(model=model, name=name) for model, name in makers}

    (one,) = found(files | {"common.py": "COLUMNS = ['a', 'b']\nONE = 'a'\n"})
    assert (one.kind, one.name, one.place.span.line) == ("list", "COLUMNS", 1)


def test_a_method_of_what_trains_is_its_own():
    base = "class Base:\n    def fit(self, frame):\n        x = self.rates(frame)\n        self.model.fit(x, frame['y'])\n"
    base += "    def rates(self, frame):\n        frame['rate'] = frame['a'] / frame['b']\n        return frame\n"
    use = "import pandas as pd\nfrom common import Base\nBase().fit(pd.read_csv('{}.csv'))\n"

    assert found({"common.py": base} | {f"{n}.py": use.format(n) for n in "abc"}) == []


EXTRACTORS = "class Size{base}:\n    def __call__(self, row):\n        return len(row)\n\n\nclass Words(Size):\n    pass\n"
BASE = "class Model:\n    def train(self, x, y):\n        self.clf.fit(self.pipeline.transform(x), y)\n"


def family(item: str = "Size()", *, size: int = 3) -> str:
    head = "from base import Model\nfrom my_features import Size, Words\nfrom sklearn.linear_model import Ridge\n"
    body = "class M{0}(Model):\n    def __init__(self):\n        self.clf = Ridge()\n        self.parts = [{1}, Words()]\n"
    return head + "".join(body.format(n, item) for n in range(size))


def test_classes_listed_by_models_of_one_family():
    files = {"base.py": BASE, "my_features.py": EXTRACTORS.format(base="")}

    both = found(files | {"models.py": family()})
    assert [(one.kind, one.name, [m.name for m in one.models]) for one in both] == [
        ("class", "Size", ["M0", "M1", "M2"]),
        ("class", "Words", ["M0", "M1", "M2"]),
    ]
    assert found(files | {"models.py": family(size=2)}) == []


def test_arguments_of_their_own_make_it_less_sure():
    files = {"base.py": BASE, "my_features.py": EXTRACTORS.format(base=""), "models.py": family("Size(3)")}

    assert [(one.name, one.confidence) for one in found(files)] == [("Size", 0.65), ("Words", 0.8)]


def test_parts_of_networks_and_other_helpers_are_no_features():
    layers = "class Size:\n    def forward(self, x):\n        return x\n\n\nclass Words(Size):\n    pass\n"

    assert found({"base.py": BASE, "my_features.py": layers, "models.py": family()}) == []
    renamed = {"base.py": BASE, "callbacks.py": EXTRACTORS.format(base=""), "models.py": family().replace("my_features", "callbacks")}
    assert found(renamed) == []
