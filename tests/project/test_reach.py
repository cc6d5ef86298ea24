"""Which definitions anything that can run refers to."""

from __future__ import annotations

import pytest

from tests.project.reading import project_of


def unreached(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Each unreached definition with those that it alone keeps alive."""
    return {one.scope.qualname: tuple(scope.qualname for _, scope in one.dependents) for one in project_of(files).reach.unreached()}


@pytest.mark.parametrize(
    "use",
    [
        "experiment()",
        "print(experiment)",
        "run(target=experiment)",
        "def main():\n    experiment()\nmain()",
        "if c:\n    experiment()",
        "{'e': experiment}",
        "@experiment\ndef other(): pass\nother()",
        "lambda: experiment()",
        "class A:\n    x = experiment()\nA()\n",
    ],
)
def test_a_function_that_something_names_is_reached(use: str) -> None:
    assert unreached({"m.py": f"def experiment(): pass\n{use}\n"}) == {}


@pytest.mark.parametrize(
    "use",
    ["", "# experiment()", "print('experiment was here')", "def experiment2(): pass\nexperiment2()", "experiments()"],
)
def test_a_function_that_nothing_names_is_not(use: str) -> None:
    assert unreached({"m.py": f"def experiment(): pass\n{use}\n"}) == {"experiment": ()}


def test_what_only_the_unreached_uses_is_listed_under_it() -> None:
    source = (
        "def experiment():\n    helper()\n    shared()\ndef helper():\n    deeper()\ndef deeper(): pass\ndef shared(): pass\nshared()\n"
    )
    assert unreached({"m.py": source}) == {"experiment": ("helper", "deeper")}


def test_a_cycle_of_the_unreached_is_told_once() -> None:
    assert unreached({"m.py": "def a():\n    b()\ndef b():\n    a()\n"}) == {"a": ("b",)}


def test_a_function_that_only_calls_itself_is_unreached() -> None:
    assert unreached({"m.py": "def a(n):\n    return a(n - 1)\n"}) == {"a": ()}


def test_an_import_makes_a_name_visible_and_its_absence_hides_it() -> None:
    files = {"lib.py": "def experiment(): pass\n", "use.py": "from lib import *\nexperiment()\n"}
    assert unreached(files) == {}
    assert unreached({**files, "use.py": "def experiment(): pass\nexperiment()\n"}) == {"experiment": ()}


def test_what_only_tests_use() -> None:
    files = {
        "lib.py": "def experiment(): pass\ndef gone(): pass\n",
        "tests/test_lib.py": "from lib import experiment\ndef test_it():\n    experiment()\n",
    }
    found = {one.scope.qualname: one.only_tests for one in project_of(files).reach.unreached()}
    assert found == {"experiment": True, "gone": False}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("run.sh", "python -c 'import m; m.experiment()'\npython m.py experiment\n"),
        ("Makefile", "go:\n\tpython m.py experiment\n"),
        ("conf/jobs.yaml", "job: m.experiment\n"),
        ("old.py", "def half(:\nexperiment()\n"),  # cannot be parsed
    ],
)
def test_other_files_reach_by_name(path: str, text: str) -> None:
    assert unreached({"m.py": "def experiment(): pass\n", path: text}) == {}


def test_methods_are_reached_by_their_name_alone() -> None:
    source = "class A:\n    def used(self): pass\n    def unused(self): pass\n    def __len__(self): return 0\na = A()\na.used()\n"
    assert unreached({"m.py": source}) == {"A.unused": ()}


def test_a_string_may_name_a_method_or_a_class_but_no_function() -> None:
    source = "class A:\n    def experiment(self): pass\ndef trial(): pass\ngetattr(A(), 'experiment')()\nprint('trial')\n"
    assert unreached({"m.py": source}) == {"trial": ()}


def test_methods_of_an_unused_class_are_part_of_it() -> None:
    assert list(unreached({"m.py": "class A:\n    def one(self): pass\n    def two(self): pass\n"})) == ["A"]


def test_methods_that_a_foreign_base_may_call_are_reached() -> None:
    foreign = "import torch\nclass Net(torch.nn.Module):\n    def forward(self, x): pass\n"
    source = f"{foreign}class Own:\n    def forward2(self, x): pass\nNet()\nOwn()\n"
    assert unreached({"m.py": source}) == {"Own.forward2": ()}


@pytest.mark.parametrize(
    ("decorator", "reached"),
    [
        ("@app.route('/')", True),
        ("@pytest.fixture", True),
        ("@functools.lru_cache(None)", False),
        ("@staticmethod", False),
        ("@contextlib.contextmanager", False),
    ],
)
def test_decorators_that_register_reach(decorator: str, reached: bool) -> None:
    imports = "import contextlib\nimport functools\nimport pytest\nfrom flask import Flask\n"
    source = f"{imports}app = Flask('a')\n{decorator}\ndef experiment(): pass\n"
    assert (unreached({"m.py": source}) == {}) is reached


def test_files_whose_functions_are_looked_up_by_computed_names() -> None:
    files = {
        "jobs.py": "def a(): pass\n",
        "own.py": "def b(): pass\nglobals()[name()]()\n",
        "m.py": "import jobs\ngetattr(jobs, name())()\n",
    }
    assert project_of(files).reach.dynamic == {"jobs.py", "own.py"}


def test_whether_code_is_live() -> None:
    project = project_of({"m.py": "def used():\n    def inner(): pass\n    return inner\ndef unused(): pass\nused()\n"})
    module = project.modules["m.py"]
    live = {scope.name: project.reach.is_live(module, index) for index, scope in enumerate(module.facts.scopes)}
    assert live == {"": True, "used": True, "inner": True, "unused": False}
