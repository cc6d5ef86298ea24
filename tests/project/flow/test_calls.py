"""Which calls enter a function, and what they pass."""

from __future__ import annotations

import pytest

from tests.project.flow.tracing import numbers

FRAME = "import pandas as pd\nf = load()\nf['a'] = 1\nf['b'] = 2\n"

JOB = """
    class Base:
        def __init__(self, rows):
            self.rows = rows

    class Job(Base):
        def __init__(self, rows, extra):
            super().__init__(rows)
            self.extra = extra

        def run(self):
            see(self.extra)

    Job(1, 2)
    """


# matched calls and returns -----------------------------------------------------------------------------------------------


def test_a_helper_of_two_callers_does_not_join_them():
    text = "def h(v):\n    return v\none = h(1)\ntwo = h(2)\nsee(two)"
    assert numbers(text) == [2]


def test_a_helper_of_helpers_does_not_join_their_callers():
    text = """
        def inner(v):
            return v

        def left(v):
            return inner(v)

        def right(v):
            return inner(v)

        left(1)
        see(right(2))
        """
    assert numbers(text) == [2]


def test_from_inside_a_function_all_its_callers_count():
    assert numbers("def h(v):\n    see(v)\nh(1)\nh(2)") == [1, 2]


def test_a_helper_of_another_file_does_not_join_its_callers():
    files = {
        "tools.py": "def clean(frame):\n    return frame.dropna()\n",
        "one.py": "from tools import clean\nclean(1)\n",
        "two.py": "from tools import clean\nsee(clean(2))\n",
    }
    assert numbers(files) == [2]


def test_calls_from_tests_do_not_count():
    files = {"tools.py": "def clean(frame):\n    see(frame)\nclean(1)\n", "tests/test_tools.py": "from tools import clean\nclean(2)\n"}
    assert numbers(files) == [1]


# tables, partial functions, collected arguments --------------------------------------------------------------------------


def test_a_table_of_functions_in_another_file():
    files = {
        "makers.py": "def one(v):\n    return 1\n\nMAKERS = {'one': one}\n",
        "main.py": "from makers import MAKERS\nsee(MAKERS[name](2))\n",
    }
    assert numbers(files) == [1]


def test_functions_of_a_table_get_what_the_table_is_called_with():
    assert numbers("def g(a):\n    see(a)\nT = {'x': g}\nT[name](2)") == [2]


PARTIAL = "from functools import partial\ndef g(a, b):\n    return {}\nh = partial(g, {})\nsee(h(2))"


@pytest.mark.parametrize(
    ("returned", "given", "expected"),
    [
        ("a", "b=1", [2]),
        ("a", "1", [1]),
        ("b", "1", [2]),
        ("b", "b=1", [1]),
    ],
)
def test_a_partial_has_the_first_arguments(returned: str, given: str, expected: list[int]):
    assert numbers(PARTIAL.format(returned, given)) == expected


def test_a_partial_that_is_passed_on():
    text = "from functools import partial\ndef g(a, b):\n    see({})\npool.map(partial(g, 1), rows)"
    assert numbers(text.format("a")) == [1]


@pytest.mark.parametrize(("key", "expected"), [("a", [1]), ("b", [2])])
def test_named_arguments_that_are_collected(key: str, expected: list[int]):
    assert set(expected) <= set(numbers(f"def g(**k):\n    see(k['{key}'])\ng(a=1, b=2)"))


def test_a_frame_among_collected_arguments_keeps_its_columns():
    assert numbers(FRAME + "def g(**k):\n    see(k['frame'])\ng(frame=f)") == [1, 2]


# classes ----------------------------------------------------------------------------------------------------------------


def test_inherited_fields_that_the_base_sets():
    assert numbers(JOB) == [2]


def test_what_an_heir_gives_to_the_base_through_super():
    assert numbers(JOB.replace("see(self.extra)", "see(self.rows)")) == [1]


def test_what_an_heir_without_init_is_made_with():
    text = (
        "class Base:\n    def __init__(self, rows):\n        self.rows = rows\n"
        "class Job(Base):\n    def run(self):\n        see(self.rows)\nJob(1)"
    )
    assert numbers(text) == [1]


def test_what_an_heir_gives_to_the_base_by_its_name():
    text = JOB.replace("super().__init__(rows)", "Base.__init__(self, rows)").replace("see(self.extra)", "see(self.rows)")
    assert numbers(text) == [1]


BASE = "class Base:\n    def make(self):\n        {}\n    def run(self):\n        see(self.make())\n"
HEIRS = "class One(Base):\n    def make(self):\n        return 4\nclass Two(Base):\n    def make(self):\n        return 5\n"


@pytest.mark.parametrize("body", ["raise NotImplementedError", "pass", "..."])
def test_a_method_that_the_base_leaves_to_its_heirs(body: str):
    assert numbers(BASE.format(body) + HEIRS) == [4, 5]


def test_a_method_that_the_base_does_not_have():
    assert numbers("class Base:\n    def run(self):\n        see(self.make())\n" + HEIRS) == [4, 5]


def test_a_method_that_the_base_has_is_its_own():
    assert numbers(BASE.format("return 3")) == [3]


def test_what_the_base_passes_to_a_method_of_its_heirs():
    text = "class Base:\n    def run(self):\n        return self.make(7)\nclass One(Base):\n    def make(self, seed):\n        see(seed)\n"
    assert numbers(text) == [7]


def test_fields_of_records_are_what_they_are_made_with():
    text = "from dataclasses import dataclass\n\n@dataclass\nclass Part:\n    rows: list\n    labels: list\n\npart = Part(1, labels=2)\n"
    assert numbers(f"{text}see(part.labels)") == [2]
    assert numbers(f"{text}see(part.rows)") == [1]
