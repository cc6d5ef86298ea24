"""Which columns are asked for: names that a value stands for, and what a selection asks of its frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.model import Call
from mldebt.project.flow.demands import Names, narrowed
from mldebt.project.flow.model import ALL, Demand
from tests.project.flow.tracing import linked
from tests.project.reading import argument, calls_of

COLUMNS = st.sampled_from("abcdef")
SETS = st.frozensets(COLUMNS)
DEMANDS = st.builds(Demand, st.none() | SETS, SETS)


@given(DEMANDS)
def test_an_unknown_selection_asks_for_everything(demand: Demand):
    assert narrowed(demand, None) == ALL


@given(DEMANDS, COLUMNS)
def test_one_column_is_all_that_is_asked_whatever_is_asked_of_it(demand: Demand, name: str):
    """A series has no columns: what is asked of it are rows."""
    assert narrowed(demand, frozenset({name})) == Demand(frozenset({name}))


@given(DEMANDS, st.frozensets(COLUMNS, min_size=2))
def test_a_selection_never_asks_for_columns_outside_it(demand: Demand, names: frozenset[str]):
    found = narrowed(demand, names)
    assert found.names is not None and found.names <= names
    assert found.without == frozenset()
    assert all(found.asks(n) == (n in found.names) for n in "abcdef")


@given(DEMANDS, st.frozensets(COLUMNS, min_size=2))
def test_a_selection_asks_for_what_is_asked_of_it(demand: Demand, names: frozenset[str]):
    wanted = frozenset(n for n in names if demand.asks(n))
    if wanted:
        assert narrowed(demand, names).names == wanted
    else:  # nothing that the selection has: the names mean something else there
        assert narrowed(demand, names).names == names


@given(DEMANDS, st.frozensets(COLUMNS, min_size=2))
def test_the_same_selection_twice_is_one_selection(demand: Demand, names: frozenset[str]):
    once = narrowed(demand, names)
    assert narrowed(once, names) == once


@given(SETS, SETS, COLUMNS)
def test_what_is_left_out_is_not_asked(names: frozenset[str], without: frozenset[str], name: str):
    assert Demand(names, without).asks(name) == (name in names and name not in without)
    assert Demand(None, without).asks(name) == (name not in without)
    assert ALL.asks(name)


# names -------------------------------------------------------------------------------------------------------------------


def names(text: str, **others: str) -> frozenset[str] | None:
    project = linked({"module.py": text, **{f"{k}.py": v for k, v in others.items()}})
    return Names(project).of(project.modules["module.py"], argument(project.modules["module.py"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see('a')", {"a"}),
        ("see(['a', 'b'])", {"a", "b"}),
        ("see(('a', ['b', 'c']))", {"a", "b", "c"}),
        ("see(['a'] + ['b', 'c'])", {"a", "b", "c"}),
        ("NAMES = ['a', 'b']\nsee(NAMES)", {"a", "b"}),
        ("NAMES = ['a', 'b']\n\ndef f(frame):\n    see(NAMES)", {"a", "b"}),
        ("BASE = ['a']\nNAMES = BASE + ['b']\nsee(NAMES)", {"a", "b"}),
        ("KIND = 'day'\nsee(f'per_{KIND}')", {"per_day"}),
        ("KIND = 'day'\n\ndef f():\n    see(f'per_{KIND}_{KIND}')", {"per_day_day"}),
        ("see('per_' + 'day')", {"per_day"}),
        ("KIND = 'day'\nsee(['a', 'per_' + KIND])", {"a", "per_day"}),
        ("class C:\n    names = ['a', 'b']\n    def f(self):\n        see(self.names)", {"a", "b"}),
        ("class C:\n    def __init__(self):\n        self.key = 'k'\n    def f(self):\n        see(self.key)", {"k"}),
        ("class C:\n    names = ['a', 'b']\nsee(C.names)", {"a", "b"}),
    ],
)
def test_names_that_are_known(text: str, expected: set[str]):
    assert names(text) == expected


def test_names_of_another_file():
    assert names("from settings import COLUMNS\nsee(COLUMNS)", settings="COLUMNS = ['a', 'b']") == {"a", "b"}
    assert names("import settings\nsee(settings.COLUMNS + ['c'])", settings="COLUMNS = ['a', 'b']") == {"a", "b", "c"}


@pytest.mark.parametrize(
    "text",
    [
        "see(1)",
        "see(['a', 1])",
        "see(['a', other])",
        "see(unknown)",
        "see(f'per_{unknown}')",
        "see('per_' + unknown)",
        "see([n for n in ('a', 'b')])",
        "see([])",
        "import a\nNAMES = ['x']\nNAMES = a.change(NAMES)\n\ndef f():\n    see(NAMES)",
        "def f(names):\n    see(names)\nf(['a'])",
    ],
)
def test_names_that_are_not_known(text: str):
    assert names(text) is None


@pytest.mark.parametrize(("terms", "expected"), [(3, {"c0", "c1", "c2"}), (12, None)])
def test_deep_sums_of_lists_are_given_up(terms: int, expected: set[str] | None):
    assert names(f"see({' + '.join(f'[chr{n}]' for n in range(terms))})") is None
    assert names("see(" + " + ".join(f"['c{n}']" for n in range(terms)) + ")") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("frame.drop(columns=['a', 'b'])", {"a", "b"}),
        ("frame.drop(columns='a')", {"a"}),
        ("frame.drop(['a'], axis=1)", {"a"}),
        ("frame.drop('a', axis=1)", {"a"}),
        ("frame.drop(labels=['a'], axis=1)", {"a"}),
        ("frame.drop(columns=LEFT)", {"x", "y"}),
        ("frame.drop(columns=other)", set()),
        ("frame.drop(index=[1, 2])", set()),
        ("frame.drop()", set()),
        ("frame.pop('a')", {"a"}),
    ],
)
def test_columns_that_are_dropped(call: str, expected: set[str]):
    project = linked({"module.py": f"LEFT = ['x', 'y']\n{call}\n"})
    module = project.modules["module.py"]
    ((_, dropped),) = [*calls_of(module.facts, "drop"), *calls_of(module.facts, "pop")]
    assert isinstance(dropped, Call)
    assert Names(project).dropped(module, dropped) == expected
