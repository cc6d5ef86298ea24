"""Where constants stand."""

from __future__ import annotations

from mldebt.project.placed import is_configuration, placed
from tests.project.reading import project_of

TEXT = """
PATH = "x1"

def f(a, b="x2"):
    g(["x3", {"k": "x4"}], key="x5")
    "x6".join(a)
    self.name = "x7"
    a["key"] = f"x8{b}"
    h(a + "x9", "x10" + a, inner("x11"))
    if a == "x12":
        return "y"
"""


def test_places():
    module = project_of({"a.py": TEXT}).modules["a.py"]
    found = {(p.text, p.how, p.name, p.callee, p.span.line) for p in placed(module, lambda text: text.startswith("x"))}
    assert found >= {
        ("x1", "name", "PATH", "", 1),
        ("x2", "default", "b", "", 3),
        ("x3", "argument", "", "g", 4),
        ("x4", "argument", "", "g", 4),
        ("x5", "keyword", "key", "g", 4),
        ("x6", "receiver", "", "join", 5),
        ("x7", "attribute", "name", "", 6),
        ("x8", "item", "key", "", 7),
        ("x10", "argument", "", "h", 8),
        ("x11", "argument", "", "inner", 8),
    }
    assert not {text for text, *_ in found} & {"x9", "x12"}


def test_values_that_hold_each_other_end():
    lines = ["x = 'start'", "for i in items:", *(f"    x = [x, x, {n}]" for n in range(200)), "see(x)"]
    module = project_of({"a.py": "\n".join(lines) + "\n"}).modules["a.py"]
    assert len(placed(module, lambda text: text == "start")) < 500


def test_modules_that_are_the_configuration():
    project = project_of(
        dict.fromkeys(("config.py", "app/settings.py", "conf/base.py", "app/configure_it.py", "train.py", "cons.py"), "x = 1\n")
    )
    assert [path for path, module in project.modules.items() if is_configuration(module)] == [
        "app/settings.py",
        "conf/base.py",
        "config.py",
        "cons.py",
    ]
