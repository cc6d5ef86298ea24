"""missing-model-abstraction."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

CHAIN = """
    if {subject} == "xgb":
        return {one}
    elif {subject} == "lgbm":
        return {two}
    elif {subject} == "ridge":
        return {three}
"""
HEAD = "import xgboost\nfrom sklearn.linear_model import Ridge\n\n\n"


def chain(name: str, subject: str = "model_type") -> str:
    body = CHAIN.replace("{subject}", subject).replace("{one}", "1").replace("{two}", "2").replace("{three}", "3")
    return f"def {name}({subject.partition('.')[0]}):{body}\n\n"


def test_one_finding_for_all_functions_that_know_the_kinds(found: Found) -> None:
    files = {"a.py": HEAD + chain("build") + chain("saved"), "b.py": f"from a import build\n{HEAD}" + chain("loaded", "self.algo")}
    (finding,) = found("missing_abstraction", files)
    assert finding.anchor == "kinds lgbm ridge xgb"
    assert (finding.location.path, finding.location.line) == ("a.py", 6)
    assert [(place.path, place.line) for place in finding.evidence] == [("a.py", 15), ("b.py", 7)]
    assert finding.size == 3


@pytest.mark.parametrize(
    "text",
    [
        HEAD + chain("build"),  # chosen once
        HEAD + chain("build", "metric") + chain("saved", "metric"),  # no model
        chain("build") + chain("saved"),  # nothing to do with data or models
    ],
)
def test_what_is_no_shotgun_change(found: Found, text: str) -> None:
    assert found("missing_abstraction", {"a.py": text}) == []


def test_copies_of_one_function_and_scripts_that_nothing_joins_stay_silent(found: Found) -> None:
    assert found("missing_abstraction", {"a.py": HEAD + chain("build"), "b.py": HEAD + chain("build")}) == []
    assert found("missing_abstraction", {"a.py": HEAD + chain("build"), "b.py": HEAD + chain("saved")}) == []


def test_scripts_that_a_third_file_joins(found: Found) -> None:
    files = {"a.py": HEAD + chain("build"), "b.py": HEAD + chain("saved"), "main.py": "from a import build\nfrom b import saved\n"}
    assert len(found("missing_abstraction", files)) == 1


CLASSES = """
import sklearn.linear_model


class One{base}:
    def {a}(self, rows):
        self.model = sklearn.linear_model.Ridge().fit(rows, rows)

    def {b}(self, rows):
        return self.model.predict(rows)
"""


def classes(*names: tuple[str, str], base: str = "") -> dict[str, str]:
    return {
        f"models/m{n}.py": CLASSES.replace("{a}", a).replace("{b}", b).replace("{base}", base).replace("One", f"One{n}")
        for n, (a, b) in enumerate(names)
    }


def test_classes_that_share_neither_names_nor_a_base(found: Found) -> None:
    (finding,) = found("missing_abstraction", classes(("fit", "predict"), ("train", "infer"), ("learn", "forecast")))
    assert finding.anchor == "classes One0 One1 One2"
    assert finding.location.path == "models/m0.py"
    assert [place.path for place in finding.evidence] == ["models/m1.py", "models/m2.py"]


def test_classes_with_the_same_names_or_a_base_share_an_interface(found: Found) -> None:
    assert found("missing_abstraction", classes(("fit", "predict"), ("fit", "predict"), ("train", "predict"))) == []
    based = classes(("fit", "predict"), ("train", "infer"), ("learn", "forecast"), base="(sklearn.base.BaseEstimator)")
    assert found("missing_abstraction", based) == []


def test_any_order_of_files_gives_the_same(found: Found) -> None:
    files = {"a.py": HEAD + chain("build") + chain("saved"), "b.py": "from a import build\n" + HEAD + chain("loaded")}
    one = found("missing_abstraction", files)
    assert one == found("missing_abstraction", dict(reversed(files.items())))
