from __future__ import annotations

from mldebt.project.glue.clones import clones
from tests.project.reading import project_of

BODY = """
    total = 0.0
    scores = []
    for number, (train, valid) in enumerate(folds):
        model = {make}
        model.fit(rows[train], labels[train])
        answer = model.predict(rows[valid])
        scores.append(metric(labels[valid], answer))
        total = total + scores[-1]
        print(number, scores[-1], total)
    print("mean", total / len(scores))
    print("worst", min(scores))
    print("best", max(scores))
    save(scores, target)
    return scores, total
"""
HEAD = "import catboost\nimport lightgbm\nimport xgboost\nfrom sklearn.svm import SVC\nfrom sklearn.linear_model import Ridge\n"


def function(name: str, make: str, decorator: str = "") -> str:
    return f"\n\n{decorator}def {name}(folds, rows, labels, metric, save, target):{BODY.format(make=make)}"


def groups(files: dict[str, str]) -> list[list[str]]:
    return [[u.scope.qualname for u in clone.units] for clone in clones(project_of(files))]


def test_functions_for_each_package() -> None:
    text = HEAD + function("xgb", "xgboost.XGBRegressor()") + function("lgb", "lightgbm.LGBMRegressor()")
    assert groups({"a.py": text + function("cat", "catboost.CatBoostRegressor()")}) == [["xgb", "lgb", "cat"]]


def test_two_packages_with_much_in_common_are_enough() -> None:
    pad = "\n".join(f"    print('step {n}', rows[{n}])" for n in range(4))
    texts = [function(n, m) for n, m in (("xgb", "xgboost.XGBRegressor()"), ("svm", "SVC()"))]
    long = [t.replace("    total = 0.0", f"    total = 0.0\n{pad}") for t in texts]
    assert groups({"a.py": HEAD + "".join(texts)}) == []
    assert groups({"a.py": HEAD + "".join(long)}) == [["xgb", "svm"]]


def test_one_package_or_one_learner_is_no_adapter() -> None:
    assert groups({"a.py": HEAD + function("svm", "SVC()") + function("ridge", "Ridge()")}) == []
    assert groups({"a.py": HEAD + "".join(function(f"f{n}", "SVC()") for n in range(4))}) == []


def test_a_decorator_of_the_project_holds_what_is_common() -> None:
    head = HEAD + "\n\ndef learner(function):\n    return function\n"
    text = "".join(
        function(name, make, "@learner\n")
        for name, make in (("xgb", "xgboost.XGBRegressor()"), ("lgb", "lightgbm.LGBMRegressor()"), ("cat", "catboost.CatBoostRegressor()"))
    )
    assert groups({"a.py": head + text}) == []


CLASS = """

class {name}{base}:
    def __init__(self, params):
        self.params = params
        self.history = []

    def fit(self, rows, labels):
        print("rows", rows.shape)
        print("labels", labels.shape)
        self.model = {make}
        self.model.fit(rows, labels)
        return self

    def predict(self, rows):
        return self.model.predict(rows)

    def store(self, path):
        self.model.save_model(path)
"""
MAKES = {"Xgb": "xgboost.XGBRegressor()", "Lgb": "lightgbm.LGBMRegressor()", "Cat": "catboost.CatBoostRegressor()"}


def test_classes_without_a_common_base() -> None:
    text = "".join(CLASS.format(name=name, make=make, base="") for name, make in MAKES.items())
    assert groups({"a.py": HEAD + text}) == [["Xgb", "Lgb", "Cat"]]
    based = "".join(CLASS.format(name=name, make=make, base="(Model)") for name, make in MAKES.items())
    assert groups({"a.py": HEAD + "\n\nclass Model:\n    pass\n" + based}) == []


def test_a_file_each_for_an_interface_from_outside() -> None:
    files = {
        f"{name.lower()}.py": f"import base\nfrom steppy.base import BaseTransformer\n{HEAD}"
        + CLASS.format(name=name, make=make, base="(BaseTransformer)")
        for name, make in MAKES.items()
    }
    assert groups({**files, "base.py": "X = 1\n"}) == []


def test_functions_that_are_named_after_packages() -> None:
    body = "\n".join(f"    frame['c{n}'] = frame['c{n}'].fillna({n})" for n in range(8))
    text = "".join(f"\n\ndef {name}_preprocessing(frame):\n{body}\n    return frame\n" for name in ("light_gbm", "cat_boost", "xg_boost"))
    assert groups({"a.py": HEAD + text}) == [["light_gbm_preprocessing", "cat_boost_preprocessing", "xg_boost_preprocessing"]]


def test_copies_of_the_same_group_in_other_files_are_one() -> None:
    text = HEAD + "".join(function(name.lower(), make) for name, make in MAKES.items())
    assert groups({"x/a.py": text, "y/a.py": text}) == [["xgb", "lgb", "cat", "xgb", "lgb", "cat"]]
