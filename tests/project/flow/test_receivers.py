"""Methods of objects that a function is given."""

from __future__ import annotations

import pytest

from mldebt.project.flow.receivers import Receivers
from mldebt.project.resolve import Defined
from tests.project.flow.tracing import linked, numbers
from tests.project.reading import calls_of

TWO = (
    "class A:\n    def {0}(self, x):\n        return 5\nclass B:\n"
    "    def {0}(self, x):\n        return 6\ndef ask(o):\n    return o.{0}(1)\n"
)


@pytest.mark.parametrize("method", ["rate", "predict"])
@pytest.mark.parametrize(("made", "expected"), [("A()", [5]), ("B()", [6]), ("A() if c else B()", [5, 6])])
def test_the_class_is_what_the_caller_passes(method: str, made: str, expected: list[int]):
    assert numbers(TWO.format(method) + f"ask(A())\nask(B())\nsee(ask({made}))") == expected


def test_an_object_through_helpers_and_fields():
    text = """
        class Rater:
            def rate(self, x):
                return 5

        class Other:
            def rate(self, x):
                return 6

        def build():
            return Rater()

        class Job:
            def __init__(self, rater):
                self.rater = rater

            def run(self):
                see(self.rater.rate(1))

        Job(build())
        Other()
        """
    assert numbers(text) == [5]


@pytest.mark.parametrize("text", ["for o in [A()]:\n    see(o.rate(1))", "see({'a': A()}['a'].rate(1))"])
def test_objects_in_containers(text: str):
    assert numbers("class A:\n    def rate(self, x):\n        return 5\n" + text) == [5]


def test_a_method_that_one_class_alone_has_is_taken_for_it():
    assert numbers("class A:\n    def rate(self, x):\n        return x + 5\ndef ask(o):\n    return o.rate(1)\nsee(ask(q))") == [1, 5]


def test_what_unknown_callers_pass_to_a_method_that_one_class_alone_has():
    assert numbers("class A:\n    def rate(self, x):\n        see(x)\ndef ask(o):\n    return o.rate(1)") == [1]


def test_a_method_that_classes_of_several_files_have_is_nobodys():
    files = {
        "a.py": "class A:\n    def rate(self, x):\n        return 5\n",
        "b.py": "class B:\n    def rate(self, x):\n        return 6\n",
        "c.py": "see(unknown.rate(1))\n",
    }
    assert numbers(files) == [1]  # of what it is given, as for any call of something unknown


def test_names_that_objects_of_packages_have_too_are_nobodys():
    assert numbers("class A:\n    def predict(self, x):\n        see(x)\ndef ask(o):\n    return o.predict(1)") == []


def test_a_family_of_classes_counts_as_one():
    text = (
        "class Base:\n    def rate(self, x):\n        raise NotImplementedError\nclass A(Base):\n    def rate(self, x):\n        return 5\n"
    )
    files = {"family.py": text, "other.py": "from family import Base\nclass B(Base):\n    def rate(self, x):\n        return 6\n"}
    assert numbers({**files, "ask.py": "def ask(o):\n    see(o.rate(1))\n"}) == [5, 6]


def receivers(text: str) -> Receivers:
    return linked(text).flow.steps.receivers


def test_methods_that_are_unique():
    text = (
        "class A:\n    def rate(self):\n        pass\n    def fit(self):\n"
        "        pass\n    def __len__(self):\n        pass\ndef free():\n    pass\n"
    )
    found = receivers(text).unique
    assert list(found) == ["rate"]
    (method,) = found["rate"]
    assert method.path == "module.py"


def test_heirs_at_any_depth():
    project = linked("class A:\n    pass\nclass B(A):\n    pass\nclass C(B):\n    pass\nclass D:\n    pass\n")
    names = [s.name for s in project.modules["module.py"].facts.scopes]
    heirs = project.flow.steps.receivers.heirs(Defined("module.py", names.index("A")))
    assert [names[h.scope] for h in heirs] == ["B", "C"]


def test_heirs_in_a_ring_end():
    project = linked("class A(B):\n    pass\nclass B(A):\n    pass\n")
    assert len(project.flow.steps.receivers.heirs(Defined("module.py", 1))) <= 2


@pytest.mark.parametrize(
    ("text", "is_own"),
    [
        ("class A:\n    def f(self):\n        see(self)", True),
        ("class A:\n    def f(self, other):\n        see(other)", False),
        ("def f(self):\n    see(self)", False),
        ("class A:\n    @staticmethod\n    def f(rows):\n        see(rows)", False),
    ],
)
def test_the_class_of_self(text: str, is_own: bool):
    project = linked(text)
    module = project.modules["module.py"]
    ((_, call),) = calls_of(module.facts, "see")
    assert (project.flow.steps.receivers.own_class(module, call.args[0]) is not None) == is_own
