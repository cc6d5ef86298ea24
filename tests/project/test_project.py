"""What is looked up in one file, and calls by the name that they are written with."""

from __future__ import annotations

from mldebt.facts.model import Attr, Call, Map, Name
from tests.project.reading import project_of

FILES = {
    "a.py": """
        import pandas as pd
        from tools import clean

        def own(rows):
            return rows.dropna().head()

        own(pd.read_csv("a.csv"))
        clean(own)
        """,
    "b.py": "from a import own\nown(1)\nfor f in (own,):\n    f()\n",
}


def test_values_by_their_kind():
    module = project_of(FILES).modules["a.py"]
    for kind in {type(value) for value in module.facts.values}:
        assert [*module.of_kind(kind)] == [n for n, value in enumerate(module.facts.values) if type(value) is kind]
    assert not module.of_kind(Map)


def test_imported_and_built_in_names():
    module = project_of(FILES).modules["a.py"]
    assert [*module.names] == [value.name for value in module.facts.values if type(value) is Name]
    assert all(module.facts.values[at] == Name(name) for name, at in module.names.items())


def test_every_call_has_a_place_in_the_text():
    for module in project_of(FILES).python:
        assert [site for site, _, _ in module.calls] == [*module.facts.sites]
        assert [call for _, call, _ in module.calls] == [value for value in module.facts.values if type(value) is Call]
        assert all(func is module.facts.values[call.func] for _, call, func in module.calls)


def test_calls_by_the_last_part_of_the_name():
    called = project_of(FILES).called
    places = {name: [(module.path, site.span.line) for module, site, _ in calls] for name, calls in called.items()}
    assert {name: [path for path, _ in places[name]] for name in ("own", "clean", "dropna", "head", "read_csv")} == {
        "own": ["a.py", "b.py"],
        "clean": ["a.py"],
        "dropna": ["a.py"],
        "head": ["a.py"],
        "read_csv": ["a.py"],
    }


def test_attributes():
    project = project_of(FILES)
    assert project.attribute_names == {"dropna", "head"}
    assert all(type(module.facts.values[at]) is Attr for module in project.python for at in module.of_kind(Attr))
