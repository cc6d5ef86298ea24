from __future__ import annotations

from mldebt.project.glue.programs import programs
from mldebt.project.glue.spread import spreads
from tests.project.reading import project_of

TRAIN = "import base\nimport xgboost\n\n\ndef train_{name}(rows):\n    return xgboost.train({{}}, rows)\n"


def shape(files: dict[str, str]) -> list[tuple[str, int, int, int]]:
    return [(s.vendor, len(s.first), s.wrappers, s.files) for s in spreads(project_of({**files, "base.py": "X = 1\n"}))]


def test_files_are_counted_once_and_within_their_program() -> None:
    files = {f"{name}.py": TRAIN.format(name=name) for name in "abc"}
    files["a.py"] += "\n\nprint(xgboost.XGBRegressor())\n"
    files["alone.py"] = "import xgboost\n\nxgboost.train({}, None)\n"
    assert shape(files) == [("xgboost", 3, 0, 4)]


def test_a_file_that_others_call_without_the_package_is_a_wrapper() -> None:
    files = {"a.py": TRAIN.format(name="a"), "main.py": "from a import train_a\n\ntrain_a(None)\n"}
    assert shape(files) == [("xgboost", 1, 1, 3)]
    assert shape({**files, "main.py": "import xgboost\nfrom a import train_a\n\ntrain_a(xgboost.DMatrix([]))\n"}) == [("xgboost", 1, 0, 3)]


def test_a_method_under_a_base_of_the_project_is_a_wrapper_but_a_constructor_is_not() -> None:
    head = "import xgboost\nfrom base import Model\n\n\nclass A(Model):\n"
    model = head + "    def {method}(self):\n        self.model = xgboost.XGBRegressor()\n"
    base = "class Model:\n    pass\n"
    for method, wrappers in (("fit", 1), ("__init__", 0)):
        (spread,) = spreads(project_of({"base.py": base, "a.py": model.format(method=method)}))
        assert spread.wrappers == wrappers


def test_frameworks_interfaces_and_helpers_do_not_spread() -> None:
    text = "import base\nfrom sklearn.svm import SVC\nimport torch\nimport xgboost\n\nprint(SVC(), torch.ones(1), xgboost.DMatrix([]))\n"
    assert shape({f"{name}.py": text for name in "abc"}) == []


def test_programs_follow_imports_in_both_directions() -> None:
    files = {"a.py": "import b\n", "b.py": "X = 1\n", "c.py": "import b\n", "d.py": "Y = 1\n", "tests/test_d.py": "import a\nimport d\n"}
    assert programs(project_of(files)) == {"a.py": "a.py", "b.py": "a.py", "c.py": "a.py", "d.py": "d.py"}
