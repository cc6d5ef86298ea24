"""Which texts can be read, by which of the two parsers, and the one line that says why not."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts import extract
from mldebt.facts.model import Facts
from mldebt.sources.model import Language, Role, Source, Text
from tests.project.reading import PYTHON, facts_of, show

NEWER = (
    "def first[T](items: list[T]) -> T:\n    return pick(items[0])\n",
    "class Stack[T]:\n    def push(self, item: T) -> None:\n        store(item)\n",
    "type Pair[T] = tuple[T, T]\nuse(Pair)\n",
    "use(f'{row['name']}')\n",
    'use(f"{f"{f"{1 + 1}"}"}")\n',
)


def unread(source: str) -> str:
    return extract(PYTHON, Text(source, source.count("\n"))).unread


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("print x, y\nx = = 1\n", "line 1: Python 2 syntax; convert the file (2to3) or exclude it"),
        ("x = = 1\nprint 'a'\n", "line 1: Python 2 syntax; convert the file (2to3) or exclude it"),
        ("x = 1\ndef f(:\n  pass\n", "line 2: not valid Python near `def f(:`"),
        ("x = (1,\n", "line 1: not valid Python near `x = (1,`"),
        ("if x:\n", "line 1: not valid Python near `if x:`"),
        ('x = """abc\n', 'line 1: not valid Python near `x = """abc`'),
        ("def train():\n    # YOUR CODE HERE\n    lr = ____ 3\n", "line 3: not valid Python near `lr = ____ 3`"),
    ],
)
def test_why_a_text_cannot_be_read(source: str, why: str) -> None:
    assert unread(source) == why


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n\n",
        "# only a comment",
        "x = 1",  # no newline at the end
        "try:\n  a()\nexcept* E:\n  b()\n",
        "async def f():\n  await x\n",
        "match a:\n  case {'k': [1, *r]} if r: pass\n",
        "print(f'{x=}', f'{y!r:>{w}}')\n",
        "def f(a, /, *, b): pass\n",
        "x = 1\n\x0c\ny = 2\n",  # a form feed between statements
        "if a:\n\tx = 1\n",
        "return 1\n",  # a fragment: the compiler would refuse it
        "x = 1; y = 2;\n",
        "a = \\\n  b\n",
    ],
)
def test_texts_that_can_be_read(source: str) -> None:
    assert unread(source) == ""


@pytest.mark.parametrize("source", NEWER)
def test_newer_syntax_than_this_pythons_is_read_all_the_same(source: str) -> None:
    assert len(facts_of(source).sites) == 1
    if sys.version_info < (3, 12):
        with pytest.raises(SyntaxError):  # so this was not the way of ordinary texts
            ast.parse(source)


def test_both_ways_give_the_same_facts() -> None:
    source = "import numpy as np\n\n\ndef f(a, b=1):\n    if a:\n        return np.mean([é(x) for x in a], axis=0)\n    return b\n"
    newer = f"{source}type X = int\n"
    plain, other = facts_of(source), facts_of(newer)
    for name in ("sites", "guards", "uses", "imports", "undefined"):
        assert getattr(plain, name) == getattr(other, name)
    assert plain.scopes[1:] == other.scopes[1:]


def test_an_unread_text_still_has_its_words() -> None:
    facts = extract(PYTHON, Text("print 'a' 1\nhelper(model_name)\n", 2))
    assert facts.words == ("helper", "model_name", "print")
    assert (facts.sites, facts.scopes, facts.lines) == ((), (), 2)


def test_a_long_literal_is_read() -> None:
    facts = facts_of("x = [\n" + "    ['a', 1, -2.5, {'k': None}],\n" * 3000 + "]\nsee(x)\n")
    assert show(facts, facts.sites[0].value).count("'a'") == 3000


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 300 + "1" + ")" * 300,
        "x = " + "[" * 90 + "1" + "]" * 90,
        "x = " + " + ".join(["a"] * 5000),
        "x = (" + "\n + ".join(["a"] * 5000) + ")",
        "x = " + " ".join(['"a"'] * 3000),
        "x = (" + "\n".join(['"a"'] * 3000) + ")",
        "x = " + " and ".join(["a"] * 5000),
        "x = " + "-" * 3000 + "1",
        "x = " + "not " * 2000 + "1",
        "x = a" + ".b" * 4000,
        "x = f" + "()" * 3000,
        "x = " + "lambda: " * 500 + "1",
        "x = " + "a if b else " * 1000 + "c",
        "if a: pass\n" + "elif b: pass\n" * 1500,
        "".join("    " * depth + f"if a{depth}:\n" for depth in range(95)) + "    " * 95 + "pass\n",
    ],
    ids=lambda source: source[:12].strip(),
)
def test_deep_texts_are_read_or_said_to_be_too_deep(source: str) -> None:
    facts = extract(PYTHON, Text(source, source.count("\n") + 1))
    assert facts.unread.endswith("nested too deeply to analyse") if facts.unread else facts.scopes


def test_the_language_is_the_sources() -> None:
    notebook = Source("a.ipynb", Language.NOTEBOOK, Role.NOTEBOOK)
    assert extract(notebook, Text("x = 1\n", 1)).language == "notebook"
    assert extract(notebook, Text("x = (\n", 1)).language == "notebook"


_PIECES = [*"abx =+-*/()[]{}:,.'\"#\n\t\\é0123@!%<>", "def ", "if ", "else:", "lambda ", "f'", "for ", "in ", "\n    "]


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_gives_facts_or_one_line(source: str) -> None:
    facts = extract(PYTHON, Text(source, source.count("\n") + 1))
    assert isinstance(facts, Facts)
    assert "\n" not in facts.unread and "internal" not in facts.unread
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return
    assert not facts.unread
