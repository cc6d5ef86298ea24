"""What every call passes for a parameter, where all calls are in sight."""

from __future__ import annotations

import pytest

from mldebt.config import Config
from mldebt.facts.model import Param
from mldebt.project.evaluate import Constant
from tests.project.reading import argument, project_of

FUNCTION = "def train(x, fast=False):\n    see(fast)\n"


def values(source: str, **others: str) -> frozenset[Constant] | None:
    """Every constant that calls give to the parameter which is passed to `see`."""
    project = project_of({"m.py": source, **{f"{path}.py": text for path, text in others.items()}})
    module = project.modules["m.py"]
    parameter = module.facts.values[argument(module)]
    assert isinstance(parameter, Param)
    return project.parameters.values(module, parameter)


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ("train(1)", {False}),
        ("train(1)\ntrain(2)", {False}),
        ("train(1, False)", {False}),
        ("train(1, fast=True)", {True}),
        ("train(1)\ntrain(2, True)", {False, True}),
        ("FAST = True\ntrain(1, FAST)", {True}),
        ("train(1, u())", None),
        ("train(*u())", None),
        ("train(1, **u())", None),
        ("", None),  # nothing in sight calls it
        ("run(train)", None),  # something out of sight may
        ("jobs = {'t': train}", None),
        ("jobs = [train]", None),
        ("other = train\nother(1, True)\ntrain(1)", None),
    ],
)
def test_values_of_a_function(calls: str, found: set[Constant] | None) -> None:
    assert values(f"{FUNCTION}{calls}\n") == found


def test_calls_of_other_files_count() -> None:
    assert values(FUNCTION, a="from m import train\ntrain(1)\n", b="import m\nm.train(1, fast=True)\n") == {False, True}


def test_a_call_of_another_function_of_that_name_does_not() -> None:
    assert values(f"{FUNCTION}train(1)\n", a="def train(x, fast): pass\ntrain(1, True)\n") == {False}


def test_a_call_that_may_be_of_any_function_of_that_name_does() -> None:
    assert values(f"{FUNCTION}train(1)\n", a="def f(job):\n    job.train(1, True)\n") == {False, True}


def test_values_through_a_partial() -> None:
    assert values(f"{FUNCTION}import functools\nquick = functools.partial(train, 1, fast=True)\n") == {True}


@pytest.mark.parametrize(
    ("method", "call", "found"),
    [
        ("def run(self, fast=False):", "A().run(True)", {True}),
        ("def run(self, fast=False):", "A().run()", {False}),
        ("@staticmethod\n    def run(fast=False):", "A.run(True)", {True}),
        ("@classmethod\n    def run(cls, fast=False):", "A.run(True)", {True}),
        ("def __init__(self, fast=False):", "A(True)", {True}),
        ("def __init__(self, fast=False):", "A()", {False}),
        ("def __call__(self, fast=False):", "A()(True)", None),
    ],
)
def test_values_of_methods(method: str, call: str, found: set[Constant] | None) -> None:
    assert values(f"class A:\n    {method}\n        see(fast)\n{call}\n") == found


@pytest.mark.parametrize(
    "source",
    [
        "def train(fast):\n    see(fast)\ntrain(True)\n",  # no default: not a switch
        "def train(fast=u()):\n    see(fast)\ntrain()\n",
        "def train(*fast):\n    see(fast)\ntrain()\n",
        "@app.task\ndef train(fast=False):\n    see(fast)\ntrain()\n",
        "import torch\nclass A(torch.nn.Module):\n    def run(self, fast=False):\n        see(fast)\nA().run()\n",
    ],
)
def test_parameters_that_are_never_known(source: str) -> None:
    assert values(source) is None


def test_calls_that_pass_a_constant_outside_tests() -> None:
    files = {"m.py": f"{FUNCTION}train(1, True)\ntrain(1)\n", "a.py": "from m import train\ntrain(1, fast=True)\ntrain(1, fast=1)\n"}
    files["tests/test_m.py"] = "from m import train\ntrain(1, True)\n"
    project = project_of(files)
    module = project.modules["m.py"]
    parameter = module.facts.values[argument(module)]
    assert isinstance(parameter, Param)
    assert [(m.path, site.span.line) for m, site in project.parameters.passing(module, parameter, True)] == [("a.py", 2), ("m.py", 3)]


def test_confidence_falls_with_openness() -> None:
    def confidence(**settings: bool) -> float:
        project = project_of({"m.py": f"{FUNCTION}train(1)\n"}, config=Config(**settings))
        module = project.modules["m.py"]
        parameter = module.facts.values[argument(module)]
        assert isinstance(parameter, Param)
        return project.parameters.confidence(module, parameter)

    assert confidence(library=True) == 0 < confidence() <= confidence(library=False) < 1
