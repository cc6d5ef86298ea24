"""Values that stand under a name elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mldebt.facts.model import Attr, Const, Name
from mldebt.project.members import Member
from tests.project.reading import argument, project_of


def found(source: str, files: Mapping[str, str] | None = None) -> list[tuple[object, str]]:
    """(constant, label) of what the attribute or name passed to `see` stands for."""
    project = project_of({"app.py": source, **(files or {})})
    module = project.modules["app.py"]
    value = module.facts.values[argument(module)]
    members = project.members
    made: list[Member] = []
    if isinstance(value, Attr):
        made = members.of_attribute(module, value.base, value.name)
    elif isinstance(value, Name):
        made = members.of_name(module, value.name)
    return [(v.value if isinstance(v := owner.facts.values[index], Const) else v, label) for owner, index, label in made]


SETTINGS = {"settings.py": "ROOT = 'data'\nTYPED: str = 'typed'\nclass Paths:\n    RAW = 'x.csv'\n    class Deep:\n        CUT = 'y.csv'\n"}
CASES = {
    "imported name": ("from settings import ROOT\nsee(ROOT)", [("data", "settings.py::ROOT")]),
    "annotated": ("from settings import TYPED\nsee(TYPED)", [("typed", "settings.py::TYPED")]),
    "attribute of a module": ("import settings\nsee(settings.ROOT)", [("data", "settings.py::ROOT")]),
    "attribute of a class": ("from settings import Paths\nsee(Paths.RAW)", [("x.csv", "settings.py::Paths.RAW")]),
    "class of a module": ("import settings\nsee(settings.Paths.RAW)", [("x.csv", "settings.py::Paths.RAW")]),
    "attribute of an object": ("from settings import Paths\npaths = Paths()\nsee(paths.RAW)", [("x.csv", "settings.py::Paths.RAW")]),
    "not there": ("import settings\nsee(settings.OTHER)", []),
    "of another package": ("import numpy as np\nsee(np.pi)", []),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES.keys())
def test_constants(source: str, expected: list[tuple[object, str]]) -> None:
    assert found(source, SETTINGS) == expected


def test_fields_before_class_attributes_before_bases() -> None:
    source = "class A:\n    p = 'a'\nclass B(A):\n    pass\nclass C(A):\n    p = 'c'\n    def go(self):\n        self.p = 'field'\n"
    assert found(source + "see(B.p)") == [("a", "app.py::A.p")]
    assert [value for value, _ in found(source + "see(C().p)")] == ["field", "c"]


def test_a_class_that_inherits_from_itself_ends() -> None:
    assert found("class A(B):\n    pass\nclass B(A):\n    pass\nsee(A.p)") == []


def test_a_loop_variable_is_no_constant() -> None:
    assert found("import s\nsee(s.n)", {"s.py": "for n in (1, 2):\n    pass\n"}) == []


def test_held_by_few_classes() -> None:
    files = {"a.py": "class A:\n    RAW = 'a'\n", "tests/test_a.py": "class T:\n    RAW = 't'\n"}
    members = project_of(files).members
    assert [label for _, _, label in members.held("RAW")] == ["a.py::A.RAW"]
    assert members.held("OTHER") == []
    many = {f"m{i}.py": "class A:\n    RAW = 'a'\n" for i in range(3)}
    assert project_of(many).members.held("RAW") == []
