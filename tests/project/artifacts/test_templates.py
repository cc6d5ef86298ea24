"""Strings with holes: normal form, joining, reading from configuration text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.project.artifacts.model import Hole, Template
from mldebt.project.artifacts.templates import (
    coded,
    decoded,
    from_glob,
    is_constant,
    join_path,
    normal_path,
    parse,
    segments,
    template,
    text,
)

X = Hole("x", "param")
PIECES = st.lists(st.one_of(st.text("ab./\\", max_size=5), st.sampled_from([X, Hole(), Hole("i", "loop")])), max_size=6)


def test_texts_are_joined_and_empty_ones_left_out() -> None:
    assert template("a", "", "b", X, ("c", X), "") == ("ab", X, "c", X)
    assert is_constant(template("a", "b"))
    assert not is_constant((X,))


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ((("a",), ("b",)), ("a/b",)),
        ((("a/",), ("b",)), ("a/b",)),
        ((("a",), ("/b",)), ("/b",)),
        (((X,), ("b",)), (X, "/b")),
        ((("a",), (X,), ("b.csv",)), ("a/", X, "/b.csv")),
        (((), ("b",)), ("b",)),
    ],
)
def test_paths_are_joined_as_the_standard_library_does(parts: tuple[Template, ...], joined: Template) -> None:
    assert join_path(*parts) == joined


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("./a//b/../c/", "a/c"),
        ("../x", "../x"),
        ("a/../../b", "../b"),
        ("/../a", "/a"),
        ("a\\b", "a/b"),
        ("s3://b//k/", "s3://b/k"),
        ("./", "."),
        ("/", "/"),
    ],
)
def test_normal_paths(path: str, normal: str) -> None:
    assert normal_path((path,)) == (normal,)


def test_a_hole_may_be_several_folders_and_is_not_folded() -> None:
    assert normal_path(("a/", X, "/../c")) == ("a/", X, "/../c")


@given(PIECES)
def test_normal_path_is_idempotent(pieces: list[str | Hole]) -> None:
    once = normal_path(template(*pieces))
    assert normal_path(once) == once


@given(PIECES)
def test_codes_can_be_undone(pieces: list[str | Hole]) -> None:
    made = template(*pieces)
    assert decoded(*coded(made)) == made


def test_segments_and_what_people_see() -> None:
    assert segments(("/a/", X, "_b/c")) == ((), ("a",), (X, "_b"), ("c",))
    assert text(("a/", X, "/", Hole("i", "loop"), Hole(), ".csv")) == "a/{x}/**.csv"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("data/{x}/a.csv", ("data/", Hole("x"), "/a.csv")),
        ("{0}_{name:.2f}.csv", (Hole(), "_", Hole("name"), ".csv")),
        ("{d:%Y%m%d}.csv", (Hole("d", "time"), ".csv")),
        ("${BUCKET:-b}/x", (Hole("BUCKET", "env"), "/x")),
        ("$HOME/x", (Hole("HOME", "env"), "/x")),
        ("${paths.data}/x", (Hole("paths.data", "config"), "/x")),
        ("${oc.env:DATA,x}/x", (Hole("DATA", "env"), "/x")),
        ("${now:%Y-%m-%d}/x", (Hole("", "time"), "/x")),
        ("out/$1", ("out/", Hole("1", "cli"))),
        ("d/{{ ds_nodash }}/x", ("d/", Hole("ds_nodash", "time"), "/x")),
        ("d/{{ run_id }}/x", ("d/", Hole("run_id", "run"), "/x")),
        ("{{ var.value.bucket }}/x", (Hole("var.value.bucket", "config"), "/x")),
        ("${{ github.run_id }}/x", (Hole("github.run_id", "run"), "/x")),
        ("$(date +%F).csv", (Hole("", "time"), ".csv")),
        ("<path>/x", (Hole("path", "param"), "/x")),
        ("log_%Y-%m-%d.csv", ("log_", Hole("", "time"), ".csv")),
        ("fold%d.csv", ("fold", Hole(), ".csv")),
        ("fold%(k)s.csv", ("fold", Hole("k"), ".csv")),
        ("a%20data.csv", ("a%20data.csv",)),
        ("t$20200101", ("t$20200101",)),
        ("f/*.csv", ("f/", Hole("", "glob"), ".csv")),
        ("f/**/x", ("f/", Hole("**", "glob"), "/x")),
        ("f{1..5}.csv", ("f", Hole("", "glob"), ".csv")),
        ("https://h/x?id=1", ("https://h/x?id=1",)),
    ],
)
def test_holes_of_configuration_text(source: str, found: Template) -> None:
    assert parse(source) == found


def test_only_globs_are_cut_out_of_a_pattern() -> None:
    assert from_glob(("{a}/", X, "/part-*.csv")) == ("{a}/", X, "/part-", Hole("", "glob"), ".csv")
