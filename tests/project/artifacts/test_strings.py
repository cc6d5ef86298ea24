"""What operators and methods make of templates with holes."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.model import Folded, Hole, Template
from mldebt.project.artifacts.strings import (
    CUTS,
    FUNCTIONS,
    METHODS,
    PATH_ATTRIBUTES,
    combined,
    constant,
    formatted,
    join_text,
    percent,
    plain,
)
from mldebt.project.artifacts.templates import template

H = Hole("x")


@pytest.mark.parametrize(
    ("path", "parent", "name"),
    [
        (("a/b.csv",), ("a",), ("b.csv",)),
        (("/b.csv",), ("/",), ("b.csv",)),
        (("b.csv",), (".",), ("b.csv",)),
        (("a/b/",), ("a",), ("b",)),
        (("a/", H, ".csv"), ("a",), (H, ".csv")),
        (("a/b_", H), ("a",), ("b_", H)),
        ((H, "/b.csv"), (H,), ("b.csv",)),
        ((H, "/", H), (H,), (H,)),
        ((H,), (H,), (H,)),
    ],
)
def test_parent_and_name(path: Template, parent: Template, name: Template) -> None:
    assert PATH_ATTRIBUTES["parent"]([path]) == parent
    assert PATH_ATTRIBUTES["name"]([path]) == name
    assert FUNCTIONS["os.path.basename"]([path]) == name


@pytest.mark.parametrize(
    ("path", "root", "suffix"),
    [
        (("a/b.csv",), ("a/b",), (".csv",)),
        (("a/", H, ".csv"), ("a/", H), (".csv",)),
        (("a.b/c",), ("a.b/c",), (Hole("suffix"),)),
        (("a/", H), ("a/", H), (Hole("suffix"),)),
    ],
)
def test_root_and_suffix(path: Template, root: Template, suffix: Template) -> None:
    assert CUTS["os.path.splitext", 0]([path]) == root
    assert CUTS["os.path.splitext", 1]([path]) == suffix


def test_percent_and_format_keep_holes() -> None:
    assert percent(("%s/", H, "_%03d.csv"), [("a",), ("7",)]) == ("a/", H, "_7.csv")
    assert percent(("%s%s",), [("a",)]) == ("a", Hole())
    assert formatted(("{}/{x}.csv",), [("a",)], {}) == ("a/", H, ".csv")
    assert formatted(("{0}{0}{k:>5}",), [("a",)], {"k": (H,)}) == ("aa", H)
    assert formatted(("{row.id}.csv",), [], {}) == (Hole("id"), ".csv")


def test_other_methods() -> None:
    assert METHODS["replace"]([("a.csv",), (".csv",), (".json",)]) == ("a.json",)
    assert METHODS["replace"]([("a", H), (H,), ("b",)]) == ("a", H)
    assert METHODS["removesuffix"]([("a/", H, ".csv"), (".csv",)]) == ("a/", H)
    assert METHODS["rstrip"]([(H, "a/"), ("/",)]) == (H, "a")
    assert METHODS["with_suffix"]([(H, ".csv"), (".json",)]) == (H, ".json")
    assert METHODS["rglob"]([("data",), ("*.csv",)]) == ("data/", Hole("", "glob"), "/", Hole("", "glob"), ".csv")
    assert join_text((", ",), [("a",), (H,), ("b",)]) == ("a, ", H, ", b")


def test_literals() -> None:
    assert constant(None) == constant(True) == ()
    assert [f.template for f in constant("a")] == [("a",)] and [f.template for f in constant(3)] == [("3",)]
    assert plain(()) == "" and plain(("a",)) == "a" and plain(("a", H)) is None


def choice(*texts: str, constants: frozenset[str] = frozenset(), certainty: float = 1.0) -> tuple[Folded, ...]:
    return tuple(Folded((t,), constants, certainty=certainty) for t in texts)


def test_choices_are_combined() -> None:
    found = combined([choice("a", "b", constants=frozenset({"K"})), choice("x", certainty=0.5)], lambda p: template(*p))
    assert [(f.template, f.constants, f.certainty) for f in found] == [(("ax",), {"K"}, 0.5), (("bx",), {"K"}, 0.5)]


def test_the_longest_of_too_many_choices_becomes_a_hole() -> None:
    found = combined([choice("a", "b"), choice(*"0123456789")], lambda p: template(*p))
    assert [f.template for f in found] == [("a", Hole("", "loop")), ("b", Hole("", "loop"))]


def test_a_text_without_end_is_a_hole() -> None:
    found = choice("a")
    for _ in range(60):
        found = combined([found, found], lambda p: template(*p))
    assert all(len(str(f.template)) < 300_000 for f in found)
    assert [f.template for f in combined([choice("a" * 200_000)], lambda p: p[0])] == [(Hole(),)]
