"""The constants that a value can be, and conditions in three values: always, never, not known."""

from __future__ import annotations

import pytest

from mldebt.project.evaluate import Constant
from tests.project.reading import argument, project_of

SETTING = "X = 3\nif u():\n  Y = 1\nelse:\n  Y = 2\nif u():\n  Z = 0\nelse:\n  Z = 1\nfor W in u(): pass\nA = 0\nA += 1\n"


def evaluated(source: str, **others: str) -> tuple[bool | None, frozenset[Constant] | None]:
    """Truth and constants of the argument of `see`."""
    project = project_of({"m.py": source, **{path.replace("__", "/") + ".py": text for path, text in others.items()}})
    module = project.modules["m.py"]
    return project.evaluator.truth(module, argument(module)), project.evaluator.constant(module, argument(module))


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("True", True),
        ("0", False),
        ("''", False),
        ("None", False),
        ("'False'", True),
        ("u()", None),
        ("not u()", None),
        ("u() and False", False),
        ("False and u()", False),
        ("True and u()", None),
        ("u() or True", True),
        ("u() or False", None),
        ("not (u() and 0)", True),
        ("u() and (u() or 1) and not X", False),
        ("1 if u() else 2", True),
        ("1 if u() else 0", None),
        ("1 if True else u()", True),
        ("X", True),
        ("not X", False),
        ("X and Y", True),
        ("Z", None),  # both are possible
        ("W", None),  # a loop variable
        ("A", None),  # counts
        ("p", None),
        ("p.x", None),
        ("[]", None),
        ("X == 3", True),
        ("X != 3", False),
        ("X * 2 > 5", True),
        ("Y < 3", True),
        ("Y < 2", None),
        ("1 < 'a'", None),
        ("X is None", False),
        ("X is not None", True),
        ("X is 3", None),  # identity of numbers is no property of the language
        ("1 in (1, 2)", True),
        ("X not in [1, 2]", True),
        ("Y in (1, 2)", True),
        ("u() in (1,)", None),
        ("1 in u()", None),
        ("'a' + 'b' == 'ab'", True),
        ("2 <= X <= 4", True),
        ("2 <= X <= u()", None),
        ("4 <= X <= u()", False),
    ],
)
def test_truth(expression: str, truth: bool | None) -> None:
    assert evaluated(f"{SETTING}def f(p):\n  see({expression})\n")[0] is truth


@pytest.mark.parametrize(
    ("expression", "constants"),
    [
        ("X", {3}),
        ("Y", {1, 2}),
        ("X + Y", {4, 5}),
        ("'a' + 'b'", {"ab"}),
        ("X if u() else None", {3, None}),
        ("u()", None),
        ("X + u()", None),
        ("X / 2", None),
        ("W", None),
    ],
)
def test_constants(expression: str, constants: set[Constant] | None) -> None:
    assert evaluated(f"{SETTING}def f():\n  see({expression})\n")[1] == constants


def test_the_only_string() -> None:
    project = project_of({"m.py": "N = 'a' + 'b'\nM = N if u() else 'c'\nsee(N, M, 1)\n"})
    module = project.modules["m.py"]
    assert [project.evaluator.string(module, argument(module, place)) for place in range(3)] == ["ab", None, None]


@pytest.mark.parametrize("reader", ["from c import X\nsee(X)\n", "import c\nsee(c.X)\n", "import c as d\ndef f():\n  see(d.X)\n"])
def test_constants_of_another_file(reader: str) -> None:
    assert evaluated(reader, c="X = True\n") == (True, {True})
    assert evaluated(reader, c="X = True\nif u():\n  X = False\n") == (None, {True, False})


@pytest.mark.parametrize(
    "writer",
    [
        {"d": "import c\nc.X = False\n"},
        {"tests__test_c": "def test_it(monkeypatch):\n  monkeypatch.setattr('c.X', False)\n"},
        {"tests__test_c": "import c\ndef test_it(monkeypatch):\n  monkeypatch.setattr(c, 'X', False)\n"},
    ],
)
def test_what_another_file_sets_is_not_known(writer: dict[str, str]) -> None:
    assert evaluated("import c\nsee(c.X)\n", c="X = True\n", **writer) == (None, None)


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("X = True\ndef g():\n  global X\n  X = False\ndef f():\n  see(X)\n", None),
        ("X = True\nsee(X)\n", True),
        ("import os\nX = os.environ.get('A', '')\ndef f():\n  see(X)\n", None),
        ("def f(x=True):\n  see(x)\n", None),
        ("def f():\n  x = True\n  def g():\n    nonlocal x\n    x = False\n  g()\n  see(x)\n", None),
        ("def f():\n  x = True\n  def g():\n    see(x)\n  return g\n", True),
    ],
)
def test_variables(source: str, truth: bool | None) -> None:
    assert evaluated(source)[0] is truth


def test_a_lookup_is_asked_first_and_may_decide() -> None:
    project = project_of({"m.py": "def f(args):\n  see(args.fast and not args.slow)\n"})
    module = project.modules["m.py"]
    known = {"fast": frozenset({True}), "slow": frozenset({False, True})}

    def lookup(_: object, index: int) -> frozenset[Constant] | None:
        return known.get(getattr(module.facts.values[index], "name", ""))

    assert project.evaluator.truth(module, argument(module), lookup) is None
    known["slow"] = frozenset({False})
    assert project.evaluator.truth(module, argument(module), lookup) is True
    assert project.evaluator.truth(module, argument(module)) is None
