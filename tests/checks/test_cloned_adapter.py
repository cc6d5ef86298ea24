from __future__ import annotations

from tests.checks.conftest import Found

MODEL = "import catboost\nimport lightgbm\nimport xgboost\n"
CLASS = """

class {name}:
    def fit(self, rows, labels, target):
        print("rows", rows.shape)
        print("labels", labels.shape)
        print("target", target)
        self.model = {make}
        self.model.fit(rows, labels)
        return self

    def predict(self, rows):
        return self.model.predict(rows)

    def store(self, path):
        self.model.save_model(path)
"""


def test_a_repeated_construction_is_one_finding_at_its_first_place(found: Found) -> None:
    text = "from sklearn.svm import SVC\n" + "".join(f"\n\ndef f{n}():\n    return SVC(C=0.5, kernel='rbf')\n" for n in range(5))
    (finding,) = found("cloned_adapter", {"a.py": text})
    assert finding.message == "`sklearn.svm.SVC(C=0.5, kernel='rbf')` is written in 5 places with the same settings"
    assert (finding.location.line, [place.line for place in finding.evidence]) == (5, [9, 13, 17, 21])
    assert (finding.confidence, finding.size) == (0.9, 5)


def test_a_group_of_adapters_is_one_finding_with_every_member(found: Found) -> None:
    makes = {"Xgb": "xgboost.XGBRegressor()", "Lgb": "lightgbm.LGBMRegressor()", "Cat": "catboost.CatBoostRegressor()"}
    text = MODEL + "".join(CLASS.format(name=name, make=make) for name, make in makes.items())
    (finding,) = found("cloned_adapter", {"a.py": text, "copy/a.py": text})
    assert finding.message == "3 classes are one adapter written again for each package: `Xgb`, `Lgb`, `Cat`, copied to 2 files"
    assert len(finding.evidence) == 5
    assert finding.anchor == "Cat Lgb Xgb"


def test_tests_and_examples_are_silent(found: Found) -> None:
    text = "from sklearn.svm import SVC\n" + "".join(f"\n\ndef f{n}():\n    return SVC(C=0.5, kernel='rbf')\n" for n in range(5))
    assert found("cloned_adapter", {"tests/test_a.py": text, "examples/a.py": text}) == []
