"""What control flow says: statements and clauses that can never run, guards and what they decide, raises, blocks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mldebt.facts.model import Guard
from tests.project.reading import calls_of, facts_of, show, under

ROOT = Path(__file__).parents[2]


def dead(source: str) -> list[tuple[str, str, str]]:
    """(why, dead text, first line of what it comes after) of everything that cannot run."""
    return [(d.why, under(source, d.span), under(source, d.after).split("\n")[0]) for d in facts_of(source).dead]


@pytest.mark.parametrize(
    ("source", "why", "text", "after"),
    [
        ("def f():\n  return 1\n  g()\n  h()", "return", "g()\n  h()", "return 1"),
        ("def f():\n  raise E\n  g()", "raise", "g()", "raise E"),
        ("for i in r():\n  continue\n  g()", "continue", "g()", "continue"),
        ("for i in r():\n  break\n  g()", "break", "g()", "break"),
        ("import sys\nsys.exit(1)\ng()", "exit", "g()", "sys.exit(1)"),
        ("from sys import exit as stop\nstop()\ng()", "exit", "g()", "stop()"),
        ("exit()\ng()", "exit", "g()", "exit()"),
        ("import os\nos._exit(1)\ng()", "exit", "g()", "os._exit(1)"),
        ("def f(a):\n  if a:\n    return 1\n  else:\n    raise E\n  g()", "return", "g()", "if a:"),
        ("def f(a):\n  if a:\n    return 1\n  elif b:\n    return 2\n  else:\n    return 3\n  g()", "return", "g()", "if a:"),
        ("for i in r():\n  if i: break\n  else: continue\n  g()", "return", "g()", "if i: break"),
        ("while True:\n  g()\nh()", "loop", "h()", "while True:"),
        ("while 1:\n  for i in r():\n    break\nh()", "loop", "h()", "while 1:"),
        ("def f():\n  with open('x') as b:\n    return 1\n  g()", "return", "g()", "with open('x') as b:"),
        ("def f():\n  try:\n    return 1\n  except E:\n    return 2\n  g()", "return", "g()", "try:"),
        ("def f():\n  try:\n    a()\n  finally:\n    return 2\n  g()", "return", "g()", "try:"),
        ("def f():\n  try:\n    a()\n  except E:\n    return 1\n  else:\n    return 2\n  g()", "return", "g()", "try:"),
        ("def f():\n  return\n  def g(): pass\n  x = 1\nh()", "return", "def g(): pass\n  x = 1", "return"),
        ("def f():\n  return; g()", "return", "g()", "return"),
        ("class A:\n  def f(self):\n    return 1\n    g()", "return", "g()", "return 1"),
    ],
)
def test_statements_that_cannot_run(source: str, why: str, text: str, after: str) -> None:
    assert dead(source) == [(why, text, after)]


@pytest.mark.parametrize(
    "source",
    [
        "def f(a):\n  if a:\n    return 1\n  g()",
        "def f(a):\n  if a:\n    return 1\n  elif b:\n    return 2\n  g()",
        "def f(a):\n  if True:\n    return 1\n  g()",  # a constant condition is for the checks to judge
        "while True:\n  if c(): break\nh()",
        "while True:\n  for i in r():\n    pass\n  else:\n    break\nh()",
        "while True:\n  try:\n    a()\n    break\n  except E:\n    pass\ng()",
        "while c():\n  g()\nh()",
        "while False:\n  g()\nh()",
        "def f():\n  raise E\n  yield 1",  # makes it a generator
        "def f():\n  with a():\n    raise E\n  g()",  # the manager may swallow it
        "def f():\n  try:\n    return 1\n  except E:\n    pass\n  g()",
        "def f():\n  try:\n    a()\n  except E:\n    return 1\n  g()",
        "def f(a):\n  match a:\n    case 1: return 1\n    case 2: return 2\n  g()",
        "def f():\n  for i in r():\n    return 1\n  g()",
        "def f():\n  return 1\ng()",
        "def f():\n  return 1\n  # g()\n",
        "def f(exit):\n  exit()\n  g()",
    ],
)
def test_statements_that_may_run(source: str) -> None:
    assert dead(source) == []


@pytest.mark.parametrize(
    ("clauses", "covered"),
    [
        (["except:", "except E:"], ["except E:"]),
        (["except BaseException:", "except E:"], ["except E:"]),
        (["except E:", "except E:"], ["except E:"]),
        (["except (E, F):", "except F:", "except G:"], ["except F:"]),
        (["except E:", "except F:", "except (F, E):"], ["except (F, E):"]),
        (["except m.E:", "except m.E as e:", "except n.E:"], ["except m.E as e:"]),
        (["except E:", "except F:"], []),
        (["except E:", "except (E, F):"], []),
        (["except get():", "except get():"], []),
        (["except ValueError:", "except Exception:"], []),
    ],
)
def test_clauses_that_an_earlier_one_covers(clauses: list[str], covered: list[str]) -> None:
    # A bare clause that is not last is a syntax error for the compiler, not for the parser.
    source = "try:\n  a()\n" + "".join(f"{clause}\n  b()\n" for clause in clauses)
    found = dead(source)
    assert [(why, text.split("\n")[0]) for why, text, _ in found] == [("except", clause) for clause in covered]
    assert all(after == clauses[0] for _, _, after in found)


def guard(source: str, one: Guard) -> tuple[str, str, str, str | None]:
    return one.kind, one.text, under(source, one.body), None if one.orelse is None else under(source, one.orelse)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if a:\n  b()\n  c()", [("if", "a", "b()\n  c()", None)]),
        ("if a: b(); c()", [("if", "a", "b(); c()", None)]),
        ("if a:\n  b()\nelse:\n  c()", [("if", "a", "b()", "c()")]),
        ("if a:\n  b()\nelif c:\n  d()\nelse:\n  e()", [("if", "a", "b()", "elif c:\n  d()\nelse:\n  e()"), ("elif", "c", "d()", "e()")]),
        ("x = a if b else c", [("ifexp", "b", "a", "c")]),
        ("y = [i if j else 0 for i in r]", [("ifexp", "j", "i", "0")]),
        ("while a:\n  b()\nelse:\n  c()", [("while", "a", "b()", None)]),
        ("assert a, m", [("assert", "a", "a", None)]),
        ("if (a and\n    b):\n  c()", [("if", "a and b", "c()", None)]),
        ("def f():\n  if not a:\n    return 1\n  return 2", [("if", "not a", "return 1", None)]),
        ("if a:\n  if b:\n    c()\n  d()", [("if", "a", "if b:\n    c()\n  d()", None), ("if", "b", "c()", None)]),
    ],
)
def test_guards(source: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    facts = facts_of(source)
    assert [guard(source, one) for one in facts.guards] == expected


def test_a_chain_of_conditions_knows_its_earlier_ones() -> None:
    facts = facts_of("if a:\n  f()\nelif b:\n  g()\nelif c:\n  h()\nelse:\n  k()\n")
    assert [one.earlier for one in facts.guards] == [(), (0,), (0, 1)]
    assert [one.orelse_is_elif for one in facts.guards] == [True, True, False]
    conditions = {name: facts.blocks[calls_of(facts, name)[0][0].block] for name in "fghk"}
    assert {name: (block.kind, block.guard) for name, block in conditions.items()} == {
        "f": ("if", 0),
        "g": ("if", 1),
        "h": ("if", 2),
        "k": ("else", 2),
    }
    assert facts.blocks[conditions["k"].parent] == facts.blocks[facts.guards[1].orelse_block]


def test_blocks_know_what_stands_around_them() -> None:
    facts = facts_of("def f():\n  for i in r():\n    with a():\n      try:\n        g()\n      finally:\n        h()\n")
    block = calls_of(facts, "g")[0][0].block
    kinds = []
    while block >= 0:
        kinds.append(facts.blocks[block].kind)
        block = facts.blocks[block].parent
    assert kinds == ["try", "with", "for", "function", "module"]
    assert [block.kind for block in facts.blocks if block.loop] == ["for"]
    assert facts.blocks[calls_of(facts, "h")[0][0].block].kind == "finally"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n  raise E", [("?.E", True, "function")]),
        ("def f():\n  g()\n  raise E", [("?.E", False, "function")]),
        ("if a:\n  raise E('x') from e", [("?.E('x')", True, "if")]),
        ("try:\n  a()\nexcept E:\n  raise", [("", True, "except")]),
        ("if a: raise E\nelse: g(); raise F", [("?.E", True, "if"), ("?.F", False, "else")]),
    ],
)
def test_raises_and_whether_they_stand_alone(source: str, expected: list[tuple[str, bool, str]]) -> None:
    facts = facts_of(source)
    found = [(show(facts, r.value) if r.value >= 0 else "", r.alone, facts.blocks[r.block].kind) for r in facts.raises]
    assert found == expected


def test_the_values_of_a_while_loop_do_not_depend_on_the_hash_seed() -> None:
    source = "a = b = c = d = e = 0\nwhile a < b < c < d < e:\n    e, d, c, b, a = f(), g(), h(), i(), j()\n"
    code = f"from tests.project.reading import facts_of\nprint(facts_of({source!r}).values)"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    ]
    assert runs[0] == runs[1] == runs[2]
