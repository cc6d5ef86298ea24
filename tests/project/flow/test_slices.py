"""Slices as a whole: order, ways, places to show, limits, and the same answer every time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from mldebt.facts.model import Call
from mldebt.project.flow.model import Demand, Hop, Node
from mldebt.project.flow.slices import Flow, enclosing
from tests.project.flow.tracing import constant, in_slice, linked, node_of, slice_of, start
from tests.project.reading import calls_of, under

FILES = {
    "prepare.py": """
        import pandas as pd
        from tools import clean

        frame = clean(pd.read_csv("raw.csv"))
        frame["age"] = 1
        frame["income"] = clean(2)
        frame.to_csv("clean.csv")
        """,
    "tools.py": """
        def clean(rows):
            return rows.dropna()
        """,
    "use.py": """
        import pandas as pd

        def load():
            return pd.read_csv("clean.csv")

        def features():
            return load()[["income"]]

        see(features())
        """,
}


def test_a_slice_holds_its_start_and_what_it_is_made_of():
    project = linked(FILES)
    found = slice_of(project)
    assert next(iter(found)) == start(project) and start(project) in found
    assert len(found) == len(list(found)) == len(set(found))
    assert in_slice(project, found) == [2]
    assert not found.cut


def test_the_nearest_comes_first():
    project = linked(FILES)
    found = slice_of(project)
    lengths = [len(found.way(node)) for node in found]
    assert lengths == sorted(lengths) and lengths[0] == 0


def test_every_way_is_a_chain_of_steps_that_ends_at_its_node():
    project = linked(FILES)
    found = slice_of(project)
    for node in found:
        way = found.way(node)
        before = start(project)
        for step in way:
            assert step in project.flow.steps.back(before)
            before = step.node
        assert before == node


def test_hops_are_the_places_that_a_reader_wants_to_see_in_the_order_of_the_data():
    project = linked(FILES)
    found = slice_of(project)
    hops = found.hops(node_of(project, found, 2))
    assert [(h.path, under(FILES[h.path], h.span), h.how, h.note) for h in hops] == [
        ("prepare.py", "clean(2)", "parameter", "clean"),
        ("use.py", 'pd.read_csv("clean.csv")', "file", "clean.csv"),
        ("use.py", "load()", "return", "load"),
        ("use.py", "features()", "return", "features"),
    ]
    assert found.hops(start(project)) == ()


def test_no_place_is_shown_twice_in_a_row():
    project = linked(FILES)
    found = slice_of(project)
    for node in found:
        hops = found.hops(node)
        assert all(isinstance(h, Hop) for h in hops)
        assert all((a.path, a.span) != (b.path, b.span) for a, b in pairwise(hops))


def test_several_starts_are_one_slice():
    project = linked("one = [1]\ntwo = [2]\nsee([one, two])")
    items = [step.node for step in project.flow.steps.back(start(project))]
    assert len(items) == 2
    found = project.flow.back(items)
    assert found.start == tuple(items) and all(found.way(node) == () for node in items)
    assert in_slice(project, found) == [1, 2] and start(project) not in found


def test_nodes_where_the_walk_ends_are_reached_and_not_left():
    project = linked("def f(v):\n    return v\nsee([f(1), 2])")
    call = project.flow.steps.back(start(project))
    first = next(iter(call)).node
    found = project.flow.back(start(project), until=lambda node: node == first)
    assert first in found and in_slice(project, found) == [2]


def test_steps_that_do_not_pass_are_not_taken():
    project = linked(FILES)
    found = project.flow.back(start(project), passes=lambda step: step.how != "file")
    assert {node.path for node in found} == {"use.py"}


def test_what_is_asked_of_the_start_counts():
    project = linked("f = load()\nf['a'] = 1\nf['b'] = 2\nsee(f)")
    assert in_slice(project, slice_of(project, Demand(frozenset({"b"})))) == [2]
    assert in_slice(project, slice_of(project, Demand(None, frozenset({"b"})))) == [1]


# limits ------------------------------------------------------------------------------------------------------------------


def test_a_start_that_is_larger_than_the_limit_stays_whole():
    project = linked(FILES)
    nodes = [Node("prepare.py", index) for index in range(6)]
    found = project.flow.back(nodes, limit=4)
    assert list(found)[:6] == nodes and len(found) == 6


def test_what_a_question_said_of_a_node_is_not_asked_again():
    project, asked = linked(FILES), []
    known: dict[int, bool] = {}
    first = project.flow.back(start(project), until=lambda node: asked.append(node) or False, known=known)
    assert len(asked) == len(first) == len(known)
    again = project.flow.back(start(project), until=lambda node: asked.append(node) or False, known=known)
    assert list(again) == list(first) and len(asked) == len(first)


def test_a_slice_that_reaches_its_limit_says_so():
    text = f"see([{', '.join(str(n) for n in range(50))}])"
    project = linked(text)
    found = project.flow.back(start(project), limit=10)
    assert found.cut and len(found) == 10
    whole = project.flow.back(start(project), limit=51)
    assert not whole.cut and len(whole) == 51


def test_calls_inside_calls_are_looked_into_to_a_depth():
    lines = [f"def f{n}(v):\n    return f{n + 1}(v)\n" for n in range(12)]
    deep = "".join(lines) + "def f12(v):\n    return 7\n"
    project = linked(f"{deep}see(f0(1))")
    assert in_slice(project, slice_of(project)) == []
    project = linked(f"{deep}see(f8(1))")
    assert in_slice(project, slice_of(project)) == [7]


# the same answer ---------------------------------------------------------------------------------------------------------


def shown(files: dict[str, str]) -> list[tuple[object, ...]]:
    project = linked(files)
    found = slice_of(project)
    return [(node.path, node.index, node.calls, node.demand, found.way(node)) for node in found]


def test_the_same_question_has_the_same_answer():
    project = linked(FILES)
    assert list(slice_of(project)) == list(slice_of(project))
    assert list(Flow(project).back(start(project))) == list(slice_of(project))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_files_does_not_matter(seed: int):
    items = list(FILES.items())
    random.Random(seed).shuffle(items)
    assert shown(dict(items)) == shown(FILES)


# places ------------------------------------------------------------------------------------------------------------------


def scope_named(text: str, name: str) -> tuple[Flow, int]:
    project = linked(text)
    names = [s.qualname for s in project.modules["module.py"].facts.scopes]
    return project.flow, names.index(name)


def test_contexts_are_the_chains_of_calls_that_lead_to_a_function():
    text = "def inner():\n    pass\ndef outer():\n    inner()\nouter()\nouter()\n"
    flow, scope = scope_named(text, "inner")
    assert [len(calls) for calls in flow.contexts("module.py", scope)] == [2, 2]
    assert [len(calls) for calls in flow.contexts("module.py", scope, depth=1)] == [1]
    assert len(flow.contexts("module.py", scope, limit=1)) == 1
    first, second = flow.contexts("module.py", scope)
    assert first[0] != second[0] and first[1] == second[1]  # outermost first


def test_what_nobody_calls_has_one_empty_chain():
    flow, scope = scope_named("def f():\n    pass\n", "f")
    assert flow.contexts("module.py", scope) == [()]
    assert flow.contexts("module.py", 0) == [()]


def test_a_function_that_calls_itself_has_chains_too():
    flow, scope = scope_named("def f():\n    f()\nf()\n", "f")
    found = flow.contexts("module.py", scope, depth=3)
    assert found and all(len(calls) <= 3 and len(set(calls)) == len(calls) for calls in found)


def test_where_values_stand():
    text = "x = [1]\nsee(x)\ny = make(x)\n"
    project = linked(text)
    module = project.modules["module.py"]
    ((site, call),) = calls_of(module.facts, "see")
    assert project.flow.span("module.py", site.value) == site.span
    span = project.flow.span("module.py", call.args[0])
    assert span is not None and span.line in (1, 2)
    made = next(i for i, v in enumerate(module.facts.values) if isinstance(v, Call) and i != site.value)
    span = project.flow.span("module.py", made)
    assert span is not None and under(text, span) == "make(x)"
    nothing = next(i for i in range(len(module.facts.values)) if constant(project, start(project)._replace(index=i)) == 1)
    assert project.flow.span("module.py", nothing) is None


def test_the_function_that_a_scope_stands_in():
    project = linked("def f():\n    return lambda: 1\nclass A:\n    x = lambda: 2\n    def m(self):\n        pass\nlambda: 3\n")
    module = project.modules["module.py"]
    kinds = {(s.qualname, s.kind): i for i, s in enumerate(module.facts.scopes)}
    function = kinds["f", "function"]
    inside = {module.facts.scopes[i].parent: enclosing(module, i) for i, s in enumerate(module.facts.scopes) if s.kind == "lambda"}
    assert inside == {function: function, kinds["A", "class"]: -1, 0: 0}
    assert enclosing(module, kinds["A.m", "function"]) == kinds["A.m", "function"]
    assert enclosing(module, kinds["A", "class"]) == -1
    assert enclosing(module, 0) == 0
