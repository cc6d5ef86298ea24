"""Scopes, imports, writes and names: what a file defines, what it takes from elsewhere, and what nothing binds."""

from __future__ import annotations

import pytest

from mldebt.facts.model import Facts, Scope
from tests.project.reading import calls_of, facts_of, show, under

UNDEFINED = [
    ("print(x)", ["x"]),
    ("[a for b in c]", ["c", "a"]),
    ("lambda q: q + z", ["z"]),
    ("def f(a=zz): pass", ["zz"]),
    ("@deco\ndef f(): pass", ["deco"]),
    ("class A(B, metaclass=M): pass", ["B", "M"]),
    ("class A:\n  y = 1\n  def m(self): return y", ["y"]),
    ("def f():\n  class A:\n    B = C\n  return A", ["C"]),
    ("import a.b.c as d\nprint(d, a)", ["a"]),
    ("print(f'{aa:{bb}} {cc!r}')", ["aa", "bb", "cc"]),
    ("match 1:\n  case Foo(x=y): print(y)", ["Foo"]),
]
DEFINED = [
    "def f():\n  return x\nx = 1",
    "from a import *\nprint(x)",  # may bind anything
    "exec('x = 1')\nprint(x)",
    "def f():\n  global g\n  g = 1\ndef h(): return g",
    "def f(a: 'X') -> 'Y': pass",
    "print(__file__, __name__, __doc__)",
    "try:\n  pass\nexcept ValueError as e: print(e)",
    "x = 1\ndel x",
    "with open('x') as (b, c): print(b, c)",
    "for q in []: print(q)\nelse: print(q)",
    "import a.b.c\nprint(a)",
    "def f():\n  if (n := 1): pass\n  def g(): return n",
    "{k: v for k, v in []}",
    "def f(xs): return (x + y for x in xs for y in x)",
    "f = lambda: (y := 1) + y",
    "match 1:\n  case [a, *b]: print(a, b)\n  case {'k': c, **d}: print(c, d)\n  case e: print(e)",
    "class A:\n  def m(self): return __class__",
    "def f(*args, **kwargs): return args, kwargs",
]


@pytest.mark.parametrize(("source", "names"), UNDEFINED)
def test_names_that_nothing_binds(source: str, names: list[str]) -> None:
    assert [u.name for u in facts_of(source).undefined] == names


@pytest.mark.parametrize("source", DEFINED)
def test_names_that_something_binds(source: str) -> None:
    assert facts_of(source).undefined == ()


def test_an_undefined_name_stands_where_it_is_read() -> None:
    source = "def f():\n    return é + missing\n"
    assert [under(source, u.span) for u in facts_of(source).undefined] == ["é", "missing"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a", [("a", "a", "a")]),
        ("import a.b.c", [("a", "a", "a.b.c")]),
        ("import a.b as d, e", [("a.b", "d", "a.b"), ("e", "e", "e")]),
        ("from a.b import c, d as e", [("a.b.c", "c", "a.b"), ("a.b.d", "e", "a.b")]),
        ("from . import a", [(".a", "a", ".")]),
        ("from .a import b", [(".a.b", "b", ".a")]),
        ("from ..a.b import c", [("..a.b.c", "c", "..a.b")]),
        ("from a import *", [("a", "*", "a")]),
        ("from . import *", [(".", "*", ".")]),
        ("def f():\n  from a import (\n    b,\n  )", [("a.b", "b", "a")]),
    ],
)
def test_imports(source: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(i.target, i.name, i.module) for i in facts_of(source).imports] == expected


@pytest.mark.parametrize(
    ("source", "optional"),
    [
        ("import a", [False]),
        ("try:\n  import a\nexcept ImportError:\n  import b", [True, True]),
        ("try:\n  import a\nexcept (KeyError, ModuleNotFoundError): pass", [True]),
        ("try:\n  import a\nexcept Exception: pass", [True]),
        ("try:\n  import a\nexcept: pass", [True]),
        ("try:\n  import a\nexcept ValueError: pass", [False]),
        ("try:\n  import a\nfinally: pass", [False]),
        ("try:\n  pass\nexcept ImportError: pass\nelse:\n  import a", [False]),
        ("if TYPE_CHECKING:\n  import a\nelse:\n  import b", [True, False]),
        ("if typing.TYPE_CHECKING: import a", [True]),
        ("if HAS_TORCH:\n  import a", [True]),
        ("if sys.version_info < (3, 8):\n  import a", [True]),
        ("if c:\n  import a", [False]),
    ],
)
def test_imports_that_may_fail_on_purpose(source: str, optional: list[bool]) -> None:
    assert [i.optional for i in facts_of(source).imports] == optional


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("self.x = p", [("$self", ".x", "$p")]),
        ("self.y, self.z = 1, 2", [("$self", ".y", "1"), ("$self", ".z", "2")]),
        ("self.x += 1", [("$self", ".x", "($self.x + 1)")]),
        ("self.d['k'] = 3", [("$self.d", "'k'", "3")]),
        ("p.b.c = 1", [("$p.b", ".c", "1")]),
        ("p[0][1] = 2", [("$p[0]", "1", "2")]),
        ("p.b: int = 1", [("$p", ".b", "1")]),
        ("p.b = self.d = 3", [("$p", ".b", "3"), ("$self", ".d", "3")]),
        ("[p.b, *self.c] = q()", [("$p", ".b", "elem(?.q())"), ("$self", ".c", "elem(?.q())")]),
        ("for p.i in q(): pass", [("$p", ".i", "elem(?.q())")]),
        ("with q() as p.b: pass", [("$p", ".b", "?.q()")]),
        ("p.loc[m, 'c'] = 0", [("$p.loc", "tuple<?.m, 'c'>", "0")]),
        ("p = 1", []),
    ],
)
def test_writes(statement: str, expected: list[tuple[str, str, str]]) -> None:
    facts = facts_of(f"def f(self, p):\n  {statement}\n")
    found = [(show(facts, w.base), f".{w.name}" if w.key < 0 else show(facts, w.key), show(facts, w.value)) for w in facts.writes]
    assert found == expected


def scope(facts: Facts, name: str) -> Scope:
    (found,) = (s for s in facts.scopes if s.qualname == name)
    return found


def test_parameters_with_kinds_defaults_and_annotations() -> None:
    facts = facts_of("def f(self, a, /, b: int = 1, *args: str, c=2, d, **kw): pass")
    found = [
        (p.kind, p.name, show(facts, p.default) if p.default >= 0 else "", show(facts, p.annotation) if p.annotation >= 0 else "")
        for p in scope(facts, "f").parameters
    ]
    assert found == [
        ("posonly", "self", "", ""),
        ("posonly", "a", "", ""),
        ("pos", "b", "1", "int"),
        ("kw", "c", "2", ""),
        ("kw", "d", "", ""),
        ("*", "args", "", "str"),
        ("**", "kw", "", ""),
    ]


def test_scopes_nest_and_know_decorators_bases_and_returns() -> None:
    facts = facts_of(
        """
        import functools
        class A(Base, metaclass=M):
            @functools.lru_cache(None)
            def m(self):
                def inner():
                    yield 1
                return lambda z: z
        """
    )
    assert [(s.kind, s.qualname, s.parent) for s in facts.scopes] == [
        ("module", "", -1),
        ("class", "A", 0),
        ("function", "A.m", 1),
        ("function", "A.m.inner", 2),
        ("lambda", "A.m.<lambda>", 2),
    ]
    assert [show(facts, d) for d in scope(facts, "A.m").decorators] == ["functools.lru_cache(None)"]
    assert [show(facts, b) for b in scope(facts, "A").bases] == ["?.Base"]
    assert [show(facts, r) for r in scope(facts, "A.m").returns] == ["def A.m.<lambda>"]
    assert [s.generator for s in facts.scopes] == [False, False, False, True, False]


def test_bindings_with_how_they_are_made() -> None:
    facts = facts_of("import a\nx = 1\nx += 1\nfor y in a: pass\nwith a as z: pass\ndef f(): pass\nclass C: pass\nw: int = 2\n")
    assert {name: [b.how for b in found] for name, found in facts.scopes[0].bindings.items()} == {
        "C": ["class"],
        "a": ["import"],
        "f": ["def"],
        "w": ["annotated"],
        "x": ["=", "augmented"],
        "y": ["for"],
        "z": ["with"],
    }


def test_names_bound_for_an_outer_scope_are_bindings_of_that_scope() -> None:
    facts = facts_of("def f():\n  n = 0\n  def g():\n    nonlocal n\n    global m\n    n = 1\n    m = 2\n")
    assert [show(facts, b.value) for b in scope(facts, "f").bindings["n"]] == ["0", "1"]
    assert [show(facts, b.value) for b in facts.scopes[0].bindings["m"]] == ["2"]
    assert dict(scope(facts, "f.g").bindings) == {}


@pytest.mark.parametrize(
    ("body", "unread"),
    [
        ("unused = 1", ("unused",)),
        ("used = 1\n  return used", ()),
        ("for i in r(): pass", ("i",)),
        ("a, b = r()\n  return a", ("b",)),
        ("x = 1\n  def g(): return x\n  return g", ()),
        ("x = 1\n  return lambda: x", ()),
        ("x = 1\n  return [x for _ in r()]", ()),
        ("x = 1\n  return locals()", ()),
        ("x = 1\n  x += 1", ()),  # an augmented assignment reads
        ("global x\n  x = 1", ()),
    ],
)
def test_own_variables_that_nothing_reads(body: str, unread: tuple[str, ...]) -> None:
    assert scope(facts_of(f"def f():\n  {body}\n"), "f").unread == unread


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("pass", "pass"),
        ("...", "..."),
        ("'doc'", "docstring"),
        ("'doc'\n  raise NotImplementedError", "raise"),
        ("raise NotImplementedError('later')", "raise"),
        ("return None", ""),
        ("'doc'\n  g()", ""),
    ],
)
def test_bodies_that_do_nothing(body: str, stub: str) -> None:
    assert scope(facts_of(f"def f():\n  {body}\n"), "f").stub == stub


def test_the_digest_of_a_body_ignores_layout_and_the_name_only() -> None:
    facts = facts_of(
        """
        def a(x):
            y = x + 1
            return y

        class K:
            def b(x):

                y = x + 1
                return y

        def c(x):
            y = x + 2
            return y
        """
    )
    one, same, other = (scope(facts, name).digest for name in ("a", "K.b", "c"))
    assert one == same != other


def test_names_and_strings_of_a_scope() -> None:
    facts = facts_of("def f(cfg):\n  cfg.run(getattr(cfg, 'use_it'))\n  load('package.module:function', 'a whole sentence')\n")
    found = scope(facts, "f")
    assert found.names == ("cfg", "run")
    assert found.qualified == ("?.load", "builtins.getattr")
    assert found.strings == ("use_it",)
    assert found.dotted == ("function", "module")


@pytest.mark.parametrize(
    ("source", "exports"),
    [
        ("x = 1", None),
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__ = ('a',)", ("a",)),
        ("__all__ = list(x)", None),
        ("def f():\n  __all__ = ['a']", None),
    ],
)
def test_exports(source: str, exports: tuple[str, ...] | None) -> None:
    assert facts_of(source).exports == exports


def test_call_sites_know_their_target_and_whether_the_result_is_kept() -> None:
    facts = facts_of("m = f(g(1))\nh(2)\na, b = k(3)\nreturn_ = [p(4)]\n")
    assert {name: (site.target, site.statement) for name in "fghkp" for site, _ in calls_of(facts, name)} == {
        "f": ("m", False),
        "g": ("", False),
        "h": ("", True),
        "k": ("", False),
        "p": ("", False),
    }


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("def f(args):\n  args.a.b", ["args.a.b"]),
        ("def f(args):\n  args['a'].b[0]", ["args['a'].b[0]"]),
        ("def f(args):\n  args.a.run()", ["args.a"]),
        ("import sys\nprint(sys.argv)", ["sys.argv"]),
        ("def f(args):\n  args", ["args"]),
        ("def f(args):\n  args.a = 1", []),
        ("def f(args):\n  return args[args.i]", ["args.i", "args[args.i]"]),
    ],
)
def test_reads_are_the_longest_chains(source: str, uses: list[str]) -> None:
    assert [under(source, use.span) for use in facts_of(source).uses] == uses
