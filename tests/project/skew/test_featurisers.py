"""Functions that prepare data and stand in several files."""

from __future__ import annotations

from mldebt.project.resolve import Defined
from mldebt.project.skew.featurisers import Featurisers, Pair
from tests.project.reading import project_of

CLEAN = "def clean(text):\n    text = text.lower()\n    text = text.replace('-', ' ')\n    text = text.strip()\n    return text\n"


def pairs(one: str, other: str) -> list[Pair]:
    project = project_of({"a.py": one, "b.py": other})
    every = frozenset(Defined(m.path, i) for m in project.python for i in range(len(m.facts.scopes)))
    return list(Featurisers(project).pairs((d for d in every if d.path == "a.py"), every))


def test_a_copy() -> None:
    (found,) = pairs(CLEAN, f"import os\n\n{CLEAN}")

    assert found.equal
    assert found.share == 1.0


def test_a_copy_that_drifted() -> None:
    (found,) = pairs(CLEAN, CLEAN.replace("'-', ' '", "'-', '_'"))

    assert not found.equal
    assert found.share == 0.75


def test_functions_that_only_share_a_name() -> None:
    assert not pairs(CLEAN, "def clean(text):\n    words = text.split()\n    words.sort()\n    return set(words)\n")


def test_other_work_than_preparation() -> None:
    body = CLEAN.split("\n", 1)[1]
    for name in ("load_model", "main", "answer", "plot_clean"):
        source = f"def {name}(text):\n{body}"
        assert not pairs(source, source)


def test_methods_of_classes_of_another_name() -> None:
    method = "".join(f"    {line}\n" for line in CLEAN.replace("(text)", "(self, text)").splitlines())

    assert len(pairs(f"class A:\n{method}", f"class A:\n{method}")) == 1
    assert not pairs(f"class A:\n{method}", f"class B:\n{method}")
