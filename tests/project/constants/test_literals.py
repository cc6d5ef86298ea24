from __future__ import annotations

from mldebt.facts.model import Const
from mldebt.project.constants.literals import literals
from tests.project.reading import project_of


def _places(text: str, value: object) -> list[tuple[int, str, str, str]]:
    module = project_of({"m.py": text}).modules["m.py"]
    wanted = {i for i in module.of_kind(Const) if module.facts.values[i] == Const(value)}  # type: ignore[arg-type]
    return [(one.span.line, one.how, one.name, one.callee) for one in literals(module, wanted)]


def test_every_way_to_write_a_constant_down() -> None:
    text = (
        "A = 'xyzzy'\n"
        "class C:\n"
        "    field = {'key': 'other'}\n"
        "def f(p='plugh'):\n"
        "    b = {'key': 'xyzzy'}\n"
        "    g.h('xyzzy', k='xyzzy')\n"
        "    b['z'] = ['xyzzy']\n"
        "    if p == 'xyzzy':\n"
        "        return\n"
    )
    assert _places(text, "xyzzy") == [
        (1, "constant", "A", ""),
        (5, "local", "key", ""),
        (6, "argument", "", "h"),
        (6, "argument", "k", "h"),
        (7, "key", "z", ""),
        (8, "test", "", ""),
    ]
    assert _places(text, "plugh") == [(4, "default", "p", "")]
    assert _places(text, "other") == [(3, "field", "key", "")]


def test_reads_of_a_variable_are_no_literals() -> None:
    text = "A = 'xyzzy'\nB = A\nf(A, [A])\n\n\nclass C:\n    field = A\n\n    def m(self, p=A):\n        return A\n"
    assert _places(text, "xyzzy") == [(1, "constant", "A", "")]
    local = "def f():\n    a = 'xyzzy'\n    g(a)\n    return [a]\n"
    assert _places(local, "xyzzy") == [(2, "local", "a", "")]


def test_what_a_short_function_returns() -> None:
    assert _places("def f():\n    return ['xyzzy']\n", "xyzzy") == [(1, "return", "", "")]


def test_deep_and_wide_displays_end() -> None:
    deep = "A = " + "[" * 60 + "'xyzzy'" + "]" * 60 + "\n"
    assert _places(deep, "xyzzy") == []
    wide = "A = [" + "'a', " * 100_000 + "'xyzzy']\n"
    assert _places(wide, "xyzzy") == []
