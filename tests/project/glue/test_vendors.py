from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.catalogue import CatalogueError, load_catalogue
from mldebt.project.glue.vendors import Vendors
from tests.project.reading import project_of


def test_calls_and_methods_belong_to_the_package_that_was_imported() -> None:
    code = """
        import numpy as np
        import xgboost as xgb
        from sklearn.linear_model import Ridge


        def fit(rows, labels):
            booster = xgb.train({}, xgb.DMatrix(rows, labels))
            return booster.predict(np.asarray(rows)), Ridge().fit(rows, labels)
    """
    found = Vendors(project_of({"fit.py": code})).boundaries
    assert {v: sorted(b.name for b in calls) for v, calls in found.items()} == {
        "scikit-learn": ["estimator.fit", "sklearn.linear_model.Ridge"],
        "xgboost": ["xgb-booster.predict", "xgboost.DMatrix", "xgboost.train"],
    }


def test_tests_notebooks_and_examples_are_left_out() -> None:
    code = "from sklearn.svm import SVC\n\nSVC()\n"
    vendors = Vendors(project_of({"tests/test_a.py": code, "examples/a.py": code, "a.py": code}))
    assert [b.module.path for b in vendors.boundaries["scikit-learn"]] == ["a.py"]


def test_the_medium_is_what_the_project_subclasses() -> None:
    nets = "import torch\nimport xgboost\n\n\nclass Net(torch.nn.Module):\n    pass\n\n\nclass Balanced(xgboost.XGBClassifier):\n    pass\n"
    steps = "from sklearn.base import BaseEstimator\n\n\nclass A(BaseEstimator):\n    pass\n\n\nclass B(BaseEstimator):\n    pass\n"
    medium = Vendors(project_of({"nets.py": nets, "steps.py": steps})).medium
    assert {"torch", "tensorflow", "scikit-learn"} <= medium
    assert "xgboost" not in medium


def test_what_makes_a_model() -> None:
    vendors = Vendors(project_of({"a.py": "pass\n"}))
    assert vendors.makes_model("xgboost.XGBClassifier")
    assert vendors.makes_model("sklearn.ensemble.RandomForestClassifier")
    assert not vendors.makes_model("xgboost.DMatrix")
    assert not vendors.makes_model("sklearn.metrics.log_loss")
    assert not vendors.makes_model("pandas.DataFrame")


def test_a_catalogue_says_what_kind_of_vendor_a_package_is(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('package = "ours"\nimports = ["ours"]\nvendor = "framework"\n')
    assert [p.vendor for p in load_catalogue([own]).packages if p.package == "ours"] == ["framework"]
    own.write_text('package = "ours"\nimports = ["ours"]\nvendor = "seller"\n')
    with pytest.raises(CatalogueError, match="unknown vendor 'seller'"):
        load_catalogue([own])
