"""Python 2 as Python 3: what each statement becomes, on which line, and that nothing else is touched."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts import extract
from mldebt.facts.model import Facts, Place
from mldebt.facts.python2 import NOTE, evenly_indented, modern
from mldebt.sources.model import Language, Role, Source, Text
from mldebt.sources.notebook import without_broken_cells
from tests.project.reading import PYTHON, calls_of, facts_of, seen, show


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print x, y", "print(x, y)"),
        ("print 'a' % b", "print('a' % b)"),
        ("print'a'", "print('a')"),
        ("print x,", "print(x,)"),
        ("print", "print()"),
        ("print; x", "print(); x"),
        ("print x; print y # z", "print(x); print(y) # z"),
        ("if a: print a", "if a: print(a)"),
        ("print (a), b", "print((a), b)"),
        ("print (a) % b", "print((a) % b)"),
        ("print (a, b)", "print (a, b)"),
        ("print lambda a: a, b", "print(lambda a: a, b)"),
        ("print {1: 2}[1]", "print({1: 2}[1])"),
        ("print -1", "print(-1)"),
        ("print not a", "print(not a)"),
        ("print 'a', \\\n    b", "print('a', \\\n    b)"),
        ("print >>f, x, y", "print(     x, y, file=f)"),
        ("print >>f", "print(   file=f)"),
        ("print>>sys.stderr, 'a'", "print(             'a', file=sys.stderr)"),
        ("print = x", "print = x"),
        ("x.print = 1", "x.print = 1"),
        ("from __future__ import print_function\nprint x", "from __future__ import print_function\nprint x"),
        ("try:\n  a\nexcept E, e:\n  b", "try:\n  a\nexcept E as e:\n  b"),
        ("try: a\nexcept (A, B), e: print e", "try: a\nexcept (A, B) as e: print(e)"),
        ("try: a\nexcept (A, B): b", "try: a\nexcept (A, B): b"),
        ("raise E, 'text'", "raise E( 'text')"),
        ("raise E, 'text', trace", "raise E( 'text').with_traceback( trace)"),
        ("raise E(a, b)", "raise E(a, b)"),
        ("exec code", "exec(code)"),
        ("exec code in a, b", "exec(code ,  a, b)"),
        ("exec(code) in a", "exec((code) ,  a)"),
        ("exec(code)", "exec(code)"),
        ("x = `y`", "x = repr(y)"),
        ("a <> b", "a != b"),
        ("0777, 00, 0, 10L, 0xFFL, 0L, 1.5, 0.7, 08.5", "0o777, 00, 0, 10 , 0xFF , 0 , 1.5, 0.7, 08.5"),
        ("ur'\\d', UR'x', u'y'", "r'\\d' , R'x' , u'y'"),
        ("f(async=True); self.async", "f(async_=True); self.async_"),
        ("async def f(): pass", "async def f(): pass"),
        ("lambda (a, b): a", "lambda _0, *, a, b: a"),
        ("lambda a, (b, c), d: a", "lambda a, _1, d, *, b, c: a"),
        ("def f(x, (a, (b, c)), *y, **z): pass", "def f(x, _1, *y, a, b, c, **z): pass"),
        ("def f(x=(1, 2)): pass", "def f(x=(1, 2)): pass"),
    ],
)
def test_what_becomes_of_a_statement(old: str, new: str) -> None:
    assert modern(old + "\n") == new + "\n"
    if "__future__" not in old and "08.5" not in old:
        ast.parse(new)


@pytest.mark.parametrize(
    "text",
    ['"""\nprint x\n"""', "# print x, `y`", "x = 'a <> b'", "'print x' 'y'", "f(x)[0:1]", 'x = "\\"\\nprint y"', "x if y", ""],
)
def test_strings_comments_and_other_code_stay(text: str) -> None:
    assert modern(text) == text


SCRIPT = """\
import cPickle as pickle
import sys

def load((rows, columns), path):
    try:
        print >>sys.stderr, "loading", describe(path)
        return pickle.load(open(path, "rb"))
    except IOError, error:
        raise ValueError, "no %s" % path

if 3 <> 0777:
    print "done:", see(0777), see(12L); see(`1`)
"""


def test_the_facts_of_a_script_have_their_lines_and_columns() -> None:
    facts = facts_of(SCRIPT)
    assert facts.partly == NOTE
    assert facts.lines == 12
    site, call = calls_of(facts, "describe")[0]
    assert (site.span.line, site.span.column) == (6, SCRIPT.split("\n")[5].index("describe") + 1)
    assert show(facts, call.args[0]) == "$path"
    printed, call = min(calls_of(facts, "print"), key=lambda found: found[0].span)
    assert (printed.span.line, [show(facts, value) for _, value in call.keywords]) == (6, ["sys.stderr"])
    assert [name for name, _ in call.keywords] == ["file"]
    (raised,) = facts.raises
    assert (raised.span.line, show(facts, raised.value)) == (9, "ValueError(('no %s' % $path))")
    assert [guard.text for guard in facts.guards] == ["3 != 0o777"]
    assert seen(SCRIPT) == ["511", "12", "repr(1)"]
    assert [p.name for scope in facts.scopes if scope.name == "load" for p in scope.parameters] == ["_0", "path", "rows", "columns"]
    assert {found.name for found in facts.undefined} == {"see", "describe"}


def test_text_that_parses_is_never_changed() -> None:
    facts = facts_of("see('print x')\nprint (1), see(2)\n")
    assert facts.partly == ""
    assert [site.span.column for site, _ in calls_of(facts, "see")] == [1, 12]


def test_mixed_indentation_is_counted_as_python_2_does() -> None:
    facts = facts_of("if a:\n        see(1)\n\tsee(2)\n")
    assert facts.partly == NOTE
    assert [site.span.line for site, _ in calls_of(facts, "see")] == [2, 3]
    assert evenly_indented("  \tx\t\n\t y\n") == "        x\t\n         y\n"


def test_a_text_that_is_wrong_in_other_ways_stays_unread() -> None:
    facts = extract(PYTHON, Text("print x\nx = = 1\n", 2))
    assert facts.unread == "line 1: Python 2 syntax; convert the file (2to3) or exclude it"
    assert facts.partly == ""
    assert "print" in facts.words


def test_a_script_with_ipythons_commands_is_read_without_them() -> None:
    facts = facts_of("%matplotlib inline\nx = 1\n%%time\n!python train.py --fast\nsee(x)\nprint x\n")
    assert facts.partly == f"IPython commands left out; {NOTE}"
    assert [(command.argv, command.line) for command in facts.commands] == [(("python", "train.py", "--fast"), 4)]
    assert [site.span.line for site, _ in calls_of(facts, "see")] == [5]
    assert facts.open_names
    assert not facts.undefined


def test_cells_of_a_notebook_are_mended_one_by_one() -> None:
    text = Text("print 'a', see(1)\n\nx ==== 1\n\nsee(2)\n\n", 6, tuple(Place(n, (n + 1) // 2, 1) for n in range(1, 7)))
    facts = extract(Source("a.ipynb", Language.NOTEBOOK, Role.NOTEBOOK), text)
    assert facts.partly == f"cell 2 not valid Python; the other cells were read; {NOTE}"
    assert [site.span.line for site, _ in calls_of(facts, "see")] == [1, 5]
    assert without_broken_cells(text, modern)[1:] == ((2,), True)


_PIECES = [
    *"abx =+()[]{}:,.'\"#\n\t\\0`<>;%L",
    "print ",
    "print",
    "exec ",
    "raise ",
    "except ",
    "lambda ",
    "def f",
    ">>",
    '"""',
    "\n    ",
    "ur'",
]


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_keeps_its_lines(source: str) -> None:
    assert modern(source).count("\n") == source.count("\n")
    facts = extract(PYTHON, Text(source, source.count("\n") + 1))
    assert isinstance(facts, Facts)
    assert "internal" not in facts.unread


def test_open_strings_take_no_time() -> None:
    assert modern('x = "' * 20_000) == 'x = "' * 20_000
    assert modern('"""\\' * 20_000 + "a") == '"""\\' * 20_000 + "a"
