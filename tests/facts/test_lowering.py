"""Which values reach a place: branches, loops, exceptions, scopes, unpacking, and what each kind of expression becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.model import Const, Op, Phi
from tests.project.reading import argument, facts_of, project_of, seen


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 1\nif c():\n  x = 2\nsee(x)", ["{1|2}"]),
        ("if c():\n  x = 2\nelse:\n  x = 3\nsee(x)", ["{2|3}"]),
        ("if a():\n  x = 1\nelif b():\n  x = 2\nelse:\n  raise E()\nsee(x)", ["{1|2}"]),
        ("if a():\n  x = 1\nelif b():\n  x = 2\nelse:\n  x = 3\nsee(x)", ["{1|2|3}"]),
        ("def f(a):\n  x = 1\n  if a:\n    x = 2\n    return\n  see(x)", ["1"]),
        ("def f(a):\n  if a:\n    x = 2\n  else:\n    return\n  see(x)", ["2"]),
        ("if c():\n  x = 1\nelse:\n  x = 1\nsee(x)", ["1"]),
        ("see(1 if c() else 2)", ["(1 if ?.c() else 2)"]),
    ],
)
def test_branches(source: str, values: list[str]) -> None:
    assert seen(source) == values


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 0\nfor i in r():\n  see(x)\n  x = i\nsee(x)", ["{0|elem(?.r())}", "{0|elem(?.r())}"]),
        ("for i in r():\n  see(i)", ["elem(?.r())"]),
        ("for i, (j, k) in r():\n  see(k)", ["elem(?.r())[1][1]"]),
        ("x = 0\nwhile c():\n  x = 1\nsee(x)", ["{0|1}"]),
        ("total = 0\nfor i in r():\n  total += i\nsee(total)", ["{(~ + elem(?.r()))|0}"]),
        ("for i in r():\n  x = 1\n  if i:\n    x = 5\n    continue\n  see(x)", ["1"]),
        ("x = 0\nfor i in r():\n  see(x)\n  x = 1\n  continue", ["{0|1}"]),
        ("x = 0\nfor i in r():\n  x = 1\n  if i:\n    break\n  x = 2\nsee(x)", ["{0|1|2}"]),
        ("x = 0\nwhile True:\n  x = 1\n  if c():\n    break\nsee(x)", ["{0|1}"]),
        ("x = 0\nfor i in r():\n  for j in i:\n    see(x)\n    x = 2\n  x = 1\n", ["{0|1|2}"]),
        ("async def f(a):\n  async for i in a():\n    see(i)", ["elem($a())"]),
    ],
)
def test_loops(source: str, values: list[str]) -> None:
    assert seen(source) == values


def test_the_test_of_a_while_loop_is_not_what_held_before_it() -> None:
    facts = facts_of("x = 0\nwhile x < 3:\n  x = x + 1")
    test = facts.values[facts.guards[0].test]
    assert isinstance(test, Op)
    assert not isinstance(facts.values[test.operands[0]], Const)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 0\ntry:\n  x = 1\n  g()\n  x = 2\nexcept E:\n  see(x)\nsee(x)", ["{0|1|2}", "{0|1|2}"]),
        ("def f():\n  x = 0\n  try:\n    x = 1\n  except E:\n    x = 9\n    return\n  see(x)", ["1"]),
        ("x = 0\ntry:\n  x = 1\nexcept E:\n  x = 2\nelse:\n  x = 3\nsee(x)", ["{2|3}"]),
        ("x = 0\ntry:\n  x = 1\nexcept E:\n  x = 2\nexcept F:\n  x = 3\nsee(x)", ["{1|2|3}"]),
        ("try:\n  g()\nexcept E as e:\n  see(e)", ["?exception"]),
        ("x = 0\ntry:\n  for i in r():\n    x = 1\nexcept E:\n  see(x)", ["{0|1}"]),
        ("x = 0\ntry:\n  g()\nfinally:\n  x = 2\nsee(x)", ["2"]),
        ("with open('a') as f, open('b') as (g, h):\n  see(f)\n  see(h)\nsee(f)", ["open('a')", "open('b')[1]", "open('a')"]),
        ("async def f():\n  async with b() as c:\n    see(c)", ["?.b()"]),
    ],
)
def test_exceptions_and_context_managers(source: str, values: list[str]) -> None:
    assert seen(source) == values


def test_match_captures_are_unknown_and_cases_are_branches() -> None:
    source = """
        x = 0
        match s():
            case 1:
                x = 1
            case [a, *rest]:
                see(rest)
            case {"k": v, **others}:
                see(v)
                see(others)
            case Point(q=w) as whole:
                see(w)
                see(whole)
            case _:
                x = 3
        see(x)
    """
    assert seen(source) == ["?match", "?match", "?match", "?match", "?match", "{0|1|3}"]


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 1\ny = [x for x in r()]\nsee(x)\nsee(y)", ["1", "comp<elem(?.r())>"]),
        ("see({k: v for k, v in d()})", ["{elem(?.d())[0]: elem(?.d())[1]}"]),
        ("see({x for x in r() if x})", ["comp<elem(?.r())>"]),
        ("def f(n):\n  return [i + n for i in r() if see(n)]", ["$n"]),
        ("see([y for x in r() for y in x])", ["comp<elem(elem(?.r()))>"]),
        ("see((x for x in r()))", ["comp<elem(?.r())>"]),
        ("if (n := len(d())) > 3:\n  see(n)\nsee(n)", ["len(?.d())", "len(?.d())"]),
        ("def f(h):\n  while (line := h.read()):\n    see(line)", ["$h.read()"]),
    ],
)
def test_comprehensions_and_walrus(source: str, values: list[str]) -> None:
    assert seen(source) == values


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 1\nf = lambda a, b=x: see(a + x)\nsee(f)", ["($a + x@module)", "def <lambda>"]),
        ("def f(q):\n  x = 1\n  def g(a):\n    see(x)\n    see(q)\n  x = 2", ["x@f", "$q"]),
        ("def f(q):\n  import os\n  def g(a):\n    see(os)", ["os"]),
        ("n = 0\ndef f():\n  global n\n  n = 1\n  see(n)\nsee(n)", ["n@module", "n@module"]),
        ("def f():\n  n = 0\n  def g():\n    nonlocal n\n    n = 1\n  g()\n  see(n)", ["n@f"]),
        ("def f():\n  see(g)\n  see(K)\ndef g(): pass\nK = 1", ["def g", "K@module"]),
        ("def f():\n  see(g)\ndef g(): pass\ndef g(): pass", ["g@module"]),
        ("try:\n  import a\nexcept ImportError:\n  a = None\nsee(a)\ndef f():\n  see(a)", ["{None|a}", "a@module"]),
        ("x = 1\nclass A:\n  y = 2\n  see(x)\n  see(y)\n  def m(self):\n    see(x)\n    see(self.y)", ["1", "2", "x@module", "$self.y"]),
        ("class A:\n  n = 1\n  def m(self):\n    see(n)\nn = 2", ["n@module"]),
        ("def f(a, /, b, *args, c=1, **kw):\n  see(a)\n  see(args)\n  see(kw)\n  a = 2\n  see(a)", ["$a", "$args", "$kw", "2"]),
    ],
)
def test_scopes(source: str, values: list[str]) -> None:
    assert seen(source) == values


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("x = 1\nx += 2\nsee(x)", ["(1 + 2)"]),
        ("a, b = 1, 2\nsee(a)\nsee(b)\na, b = b, a\nsee(a)", ["1", "2", "2"]),
        ("c, d = p()\nsee(d)", ["?.p()[1]"]),
        ("(e, [f, g]) = q()\nsee(g)", ["?.q()[1][1]"]),
        ("a, *b = p()\nsee(a)\nsee(b)", ["elem(?.p())", "elem(?.p())"]),
        ("x, y = [*p(), 2]\nsee(x)", ["list<*?.p(), 2>[0]"]),
        ("a = b = g()\nsee(a)\nsee(b)", ["?.g()", "?.g()"]),
        ("x: int = 1\nsee(x)", ["1"]),
        ("d = {}\nd['a'] = 1\nsee(d)\nd.update(x())\nsee(d)", ["{}<-[]('a': 1)", "{}<-[]('a': 1)<-update(?.x())"]),
        ("import m\nm.append(1)\nsee(m)", ["m"]),
    ],
)
def test_assignments(source: str, values: list[str]) -> None:
    assert seen(source) == values


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", "1"),
        ("1.0", "1.0"),
        ("True", "True"),
        ("None", "None"),
        ("-3", "-3"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "?big integer"),
        ("'a' 'b'", "'ab'"),
        ("f'a{p}b'", "f<'a', ?.p, 'b'>"),
        ("b'x'", "?bytes"),
        ("'\\ud800'", "?bytes"),
        ("...", "?ellipsis"),
        ("p and q and r", "(?.p and ?.q and ?.r)"),
        ("p and (q or r)", "(?.p and (?.q or ?.r))"),
        ("not p", "(not ?.p)"),
        ("p < q <= r", "((?.p < ?.q) and (?.q <= ?.r))"),
        ("p not in (q, r)", "(?.p not in tuple<?.q, ?.r>)"),
        ("p is not None", "(?.p is not None)"),
        ("p[1:2, ::q]", "?.p[tuple<(1 slice 2 slice None), (None slice None slice ?.q)>]"),
        ("p['k']", "?.p['k']"),
        ("{**p, 'k': q}", "{**: ?.p, 'k': ?.q}"),
        ("[*p, q]", "list<*?.p, ?.q>"),
        ("{p, 1}", "set<?.p, 1>"),
        ("g(*p, k=q, **r)", "?.g(*?.p, k=?.q, **=?.r)"),
        ("np.random.rand(3)", "numpy.random.rand(3)"),
        ("os.path.join", "os.path.join"),
        ("v[0]", "sys.argv[0]"),
        ("loader.load", ".io.loader.load"),
    ],
)
def test_expressions(expression: str, value: str) -> None:
    imports = "import numpy as np\nimport os.path\nfrom sys import argv as v\nfrom .io import loader\n"
    assert seen(f"{imports}see({expression})") == [value]


def test_equal_constants_of_different_types_stay_apart() -> None:
    source = "see(1)\nsee(1.0)\nsee(True)"
    assert seen(source) == ["1", "1.0", "True"]


def test_every_call_has_a_value_of_its_own() -> None:
    facts = facts_of("f(1)\nf(1)")
    first, second = (site.value for site in facts.sites)
    assert first != second
    assert facts.values[first] == facts.values[second]


def test_a_value_of_a_loop_may_contain_itself() -> None:
    facts = facts_of("x = 0\nfor i in r():\n  x = x + 1\n")
    loops = [index for index, value in enumerate(facts.values) if isinstance(value, Phi)]
    assert any(_reaches(facts.values, index, index) for index in loops)


def _reaches(values: tuple[object, ...], start: int, goal: int) -> bool:
    todo, done = [start], set[int]()
    while todo:
        value = values[todo.pop()]
        for other in (*getattr(value, "options", ()), *getattr(value, "operands", ())):
            if other == goal:
                return True
            if other not in done:
                done.add(other)
                todo.append(other)
    return False


@given(st.data())
def test_what_runs_is_among_what_is_said_to_reach(data: st.DataObject) -> None:
    """The constant that a random program of branches, loops and exceptions ends with is one of those of its facts."""
    source = f"x = 0\n{_block(data, 0, loop=False)}see(x)\n"
    choices = data.draw(st.lists(st.booleans(), min_size=40, max_size=40))

    def choice() -> bool:
        return choices.pop() if choices else False

    shown: list[object] = []
    exec(source, {"see": shown.append, "c": choice, "r": lambda: range(choice() + choice())})
    project = project_of({"m.py": source})
    module = project.modules["m.py"]
    found = project.evaluator.constant(module, argument(module))
    assert found is None or shown[0] in found, source


def _block(data: st.DataObject, depth: int, *, loop: bool) -> str:
    """Some statements, each line of them indented by `depth`."""
    pad, lines = "  " * depth, ""

    def block(loop: bool) -> str:
        return _block(data, depth + 1, loop=loop)

    kinds = ["set", "set", "pass", *(("if", "else", "for", "while", "try") if depth < 3 else ()), *(("break", "continue") if loop else ())]
    for kind in data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)):
        if kind == "set":
            lines += f"{pad}x = {data.draw(st.integers(1, 5))}\n"
        elif kind == "if":
            lines += f"{pad}if c():\n{block(loop)}"
        elif kind == "else":
            lines += f"{pad}if c():\n{block(loop)}{pad}else:\n{block(loop)}"
        elif kind == "for":
            lines += f"{pad}for i in r():\n{block(True)}"
        elif kind == "while":
            lines += f"{pad}while c():\n{block(True)}"
        elif kind == "try":
            lines += f"{pad}try:\n{block(loop)}{pad}  1 / c()\n{pad}except ZeroDivisionError:\n{block(loop)}"
        else:
            lines += f"{pad}{kind}\n"
    return lines
