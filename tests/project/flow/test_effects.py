"""What functions and methods put into objects that they are given."""

from __future__ import annotations

import pytest

from mldebt.project.flow.effects import Effect, Effects
from mldebt.project.project import Project
from mldebt.project.resolve import Defined
from tests.project.flow.tracing import linked, numbers

FILL = "def fill(v):\n    v['a'] = 5\n    v['b'] = 6\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f = load()\nfill(f)\nsee(f['a'])", [5]),
        ("f = load()\nfill(f)\nsee(f)", [5, 6]),
        ("f = load()\nfill(v=f)\nsee(f['b'])", [6]),
        ("f = load()\nfill(f)\nsee(f['c'])", []),
        ("f = load()\ng = load()\nfill(g)\nsee(f)", []),
        ("def m(f):\n    fill(f)\n    see(f['a'])\nm(x)", [5]),
        (
            "class A:\n    def __init__(self):\n        self.f = load()\n    def m(self):\n        fill(self.f)\n        see(self.f['a'])",
            [5],
        ),
    ],
)
def test_a_function_that_fills_its_parameter(text: str, expected: list[int]):
    assert numbers(FILL + text) == expected


def test_what_one_caller_puts_in_does_not_reach_the_other():
    text = "def put(rows, row):\n    rows.append(row)\none = load()\ntwo = load()\nput(one, 3)\nput(two, 4)\nsee(one)"
    assert numbers(text) == [3]


def test_a_frame_that_has_columns_already_is_filled_too():
    assert numbers(FILL + "f = load()\nf['c'] = 1\nfill(f)\nsee(f['a'])") == [5]


def test_a_function_that_lets_another_one_fill_its_parameter():
    assert numbers(FILL + "def outer(w):\n    fill(w)\nf = load()\nouter(f)\nsee(f['a'])") == [5]


@pytest.mark.xfail(strict=True, reason="equal displays are one value, so that what fills one would fill all")
def test_an_empty_list_that_a_function_fills():
    assert numbers("def put(rows):\n    rows.append(5)\nrows = []\nput(rows)\nsee(rows)") == [5]


@pytest.mark.parametrize(
    "how", ["self.rows.append(r)", "self.rows['a'] = r", "self.rows.extend([r])", "self.rows = [r]", "self.rows += [r]"]
)
def test_methods_put_into_a_field(how: str):
    text = f"""
        class Table:
            def __init__(self):
                self.rows = make()

            def add(self, r):
                {how}

            def all(self):
                return self.rows

        table = Table()
        table.add(3)
        see(table.all())
        """
    assert numbers(text) == [3]


def test_a_field_that_other_code_sets():
    assert numbers("class A:\n    def use(self):\n        see(self.x)\na = A()\na.x = 3") == [3]


def test_a_column_of_a_field_that_other_code_puts_in():
    text = (
        "class A:\n    def __init__(self):\n        self.f = load()\n    def use(self):\n"
        "        see(self.f['a'])\na = A()\na.f['a'] = 3\na.f['b'] = 4"
    )
    assert numbers(text) == [3]


def test_an_outer_variable_that_inner_functions_fill():
    assert numbers("rows = []\ndef add(r):\n    rows.append(r)\nadd(1)\ndef use():\n    see(rows)") == [1]
    assert numbers(
        "def outer():\n    rows = []\n    def add(r):\n        rows.append(r)\n    add(1)\n    def use():\n        see(rows)"
    ) == [1]


# the index ---------------------------------------------------------------------------------------------------------------


def scope_of(project: Project, qualname: str) -> Defined:
    (found,) = [Defined(m.path, i) for m in project.python for i, s in enumerate(m.facts.scopes) if s.qualname == qualname]
    return found


def columns(effects: tuple[Effect, ...]) -> list[str | None]:
    return [effect.column for effect in effects]


def test_effects_by_parameter():
    project = linked("def fill(v, w):\n    v['a'] = 5\n    v.append(6)\n    v[w] = 7\n    u = w\n    return u\n")
    effects, fill = Effects(project), scope_of(project, "fill")
    assert columns(effects.parameter(fill, "v")) == ["a", None, None]
    assert effects.parameter(fill, "w") == ()
    assert effects.fills(fill)


def test_a_function_that_only_reads_fills_nothing():
    project = linked("def read(v):\n    u = v['a']\n    return u.append\n")
    assert not Effects(project).fills(scope_of(project, "read"))


def test_a_part_of_an_object_of_which_nothing_is_known_is_not_the_object():
    project = linked("def f(v):\n    v.part['a'] = 5\n    v.part.more.append(6)\n    v.loc[row, 'b'] = 7\n")
    assert columns(Effects(project).parameter(scope_of(project, "f"), "v")) == [None]


def test_effects_by_field():
    project = linked("class A:\n    def add(self, r):\n        self.rows['k'] = r\n        self.rows.append(r)\na = A()\na.other = 1\n")
    effects, owner = Effects(project), scope_of(project, "A")
    assert columns(effects.field(owner, "rows")) == ["k", None]
    assert columns(effects.field(owner, "other")) == [None]
    assert effects.field(owner, "nothing") == ()


def test_effects_by_variable():
    project = linked("rows = []\ndef add(r):\n    rows.append(r)\n")
    module = project.modules["module.py"]
    assert columns(Effects(project).variable(module, 0, "rows")) == [None]
    assert Effects(project).variable(module, 0, "others") == ()
