from __future__ import annotations

import pytest

from mldebt.project.glue.repeats import repeats
from tests.project.reading import project_of


def places(*bodies: str, head: str = "from sklearn.svm import SVC\n") -> list[int]:
    """Lines of the constructions that are found in functions with these bodies."""
    text = head + "".join(f"\n\ndef f{n}(rows, scale):\n    return {body}\n" for n, body in enumerate(bodies))
    return [b.site.span.line for r in repeats(project_of({"a.py": text})) for b in r.places]


def test_equal_settings_in_three_functions_in_any_order_and_by_any_name() -> None:
    head = "from sklearn.svm import SVC\nC_VALUE = 0.5\n"
    found = places("SVC(C=0.5, kernel='rbf')", "SVC(kernel='rbf', C=0.5)", "SVC(C=C_VALUE, kernel='rbf')", head=head)
    assert found == [6, 10, 14]


@pytest.mark.parametrize(
    "bodies",
    [
        ("SVC(C=0.5, kernel='rbf')", "SVC(C=0.5, kernel='rbf')"),
        ("SVC(C=0.5, kernel='rbf')", "SVC(C=0.5, kernel='rbf')", "SVC(C=0.6, kernel='rbf')"),
        ("SVC()", "SVC()", "SVC()"),
        ("SVC(C=0.5)", "SVC(C=0.5)", "SVC(C=0.5)"),
        ("SVC(C=scale, kernel=rows)", "SVC(C=scale, kernel=rows)", "SVC(C=scale, kernel=rows)"),
        ("SVC(**rows)", "SVC(**rows)", "SVC(**rows)"),
        ("[SVC(C=0.5, kernel='rbf'), SVC(C=0.5, kernel='rbf'), SVC(C=0.5, kernel='rbf')]",),
    ],
    ids=["two", "another value", "defaults", "one setting", "passed in", "unpacked", "one function"],
)
def test_other_constructions(bodies: tuple[str, ...]) -> None:
    assert places(*bodies) == []


def test_one_computed_setting_is_enough() -> None:
    head = "from xgboost import XGBClassifier\nfrom os import cpu_count\n"
    assert len(places(*["XGBClassifier(n_jobs=cpu_count())"] * 3, head=head)) == 3


def test_metrics_splits_and_layers_are_no_models() -> None:
    split = "from sklearn.model_selection import KFold\n"
    layer = "from torch.nn import Linear\n"
    assert places(*["KFold(n_splits=5, shuffle=True, random_state=0)"] * 3, head=split) == []
    assert places(*["Linear(10, 5, bias=False)"] * 3, head=layer) == []


def test_scripts_that_share_nothing_and_copied_functions_are_left_out() -> None:
    text = "from sklearn.svm import SVC\n\n\ndef {}():\n    return SVC(C=0.5, kernel='rbf')\n"
    assert not list(repeats(project_of({f"{name}.py": text.format(name) for name in "abc"})))
    shared = {f"{name}.py": "import base\n" + text.format("make") for name in "abc"}
    assert not list(repeats(project_of({**shared, "base.py": "X = 1\n"})))
    shared = {f"{name}.py": "import base\n" + text.format(f"make_{name}") for name in "abc"}
    (repeat,) = repeats(project_of({**shared, "base.py": "X = 1\n"}))
    assert [b.module.path for b in repeat.places] == ["a.py", "b.py", "c.py"]


def test_settings_that_grow_without_end_are_not_compared() -> None:
    lines = "\n".join(f"    x{n + 1} = [x{n}] * 2 + [x{n}, x{n}]" for n in range(200))
    text = f"from sklearn.svm import SVC\n\n\ndef f():\n    x0 = [1]\n{lines}\n    return SVC(C=x200, kernel=x199, gamma=x198)\n"
    assert not list(repeats(project_of({"a.py": text})))
