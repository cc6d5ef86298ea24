"""Comments: code kept as a comment against prose, words of admitted debt, and what a suppression covers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts import extract
from mldebt.sources.languages import source_of
from mldebt.sources.model import Text
from tests.project.reading import facts_of, under


def commented(source: str) -> list[tuple[str, int]]:
    """(covered text, statements) of the code in comments."""
    return [(under(source, one.span), one.statements) for one in facts_of(source).commented]


@pytest.mark.parametrize(
    ("comment", "statements"),
    [
        ("# x = f(1)\n# y = g(x)", 2),
        ("# model.fit(X, y)", 1),
        ("# for i in range(10):\n#     train(i)", 2),
        ("# lr = 0.1", 1),
        ("# import os", 1),
        ("# return x", 1),
        ("#model = A()\n#model.fit(X)", 2),
        ("## model = A()", 1),
        ("# a = 1\n#\n# b = 2", 2),
        ("# if c:\n#     x = [\n#         1,\n#     ]", 2),
        ("# é = lade('ü')", 1),
        ("# elif c:\n#     x = 1", 3),  # with the `if` it needs
    ],
)
def test_code(comment: str, statements: int) -> None:
    assert commented(f"{comment}\nz = 1\n") == [(comment, statements)]


@pytest.mark.parametrize(
    "comment",
    [
        "# This is how we train the model (see above).",
        "# Note: this must be called first",
        "# use lr = 0.1 for the big model",
        "# see https://a.example/c?x=1",
        "# type: ignore",
        "# noqa: E501",
        "# pylint: disable=x",
        "# input: (n, d)\n# output: (n,)",
        "# y = W x + b",
        "# foo (bar)",
        "# x == y",
        "# pass",
        "# %% cell = 1",
        "# >>> f(1)",
        "# step 1: a = b",
        "# Copyright (c) 2020 Foo",
        "# -*- coding: utf-8 -*-",
        "# ------",
        "#",
    ],
)
def test_prose(comment: str) -> None:
    assert commented(f"{comment}\nz = 1\n") == []


@pytest.mark.parametrize(
    "source", ["s = '# x = f(1)'\n", "s = '''\n# x = f(1)\n'''\n", 'f(f"""\n# x = {1}\n""")\n', "s = 'it\\'s # x = f(1)'\n"]
)
def test_text_in_strings_is_no_comment(source: str) -> None:
    assert commented(source) == []


def test_prose_around_code_is_cut_off_and_the_line_above_is_kept() -> None:
    source = "# the former version:\n# model = A()\n# model.fit(X)\n# It was too slow on the large data.\nz = 1\n"
    (found,) = facts_of(source).commented
    assert under(source, found.span) == "# model = A()\n# model.fit(X)"
    assert (found.head, found.before, found.kind) == ("model = A()", "the former version:", "block")


def test_an_indented_run_ends_with_the_block_of_comments() -> None:
    source = "def f():\n    # x = 1\n    # if x:\n    #     g()\n\n    return 2  # y = 3\n"
    first, *rest = facts_of(source).commented
    assert (first.span.line, first.span.column, first.span.end_line, first.statements) == (2, 5, 4, 3)
    assert [one.span.line for one in rest] == [6]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = f(a)  # x = g(a)", ["# x = g(a)"]),
        ("cols = ['a', 'b']  # 'c', 'd'", ["# 'c', 'd'"]),
        ("x = 1  # the default (see paper)", []),
        ("x = 1  # TODO: y = 2 later", []),
        ("x = '#'  # x = g(a)", ["# x = g(a)"]),
        ("é = 'ü'  # x = g(a)", ["# x = g(a)"]),
    ],
)
def test_trailing_comments(line: str, found: list[str]) -> None:
    assert [text for text, _ in commented(f"{line}\n")] == found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1  # TODO: fix\n", [(1, "todo")]),
        ("# FIXME\n# a hack\n", [(1, "fixme"), (2, "hack")]),
        ("# todolist\nx = 1\n", []),
        ("# This should be removed\n", [(1, "should be removed")]),
        ("x = todo\n", []),
        ('color = "#fff"  # TODO\n', [(1, "todo")]),
        ('color = "#fff, a placeholder"\n', []),
        ('TEXT = """\n# TODO: not a comment\n"""\n', []),
    ],
)
def test_words_of_debt(source: str, expected: list[tuple[int, str]]) -> None:
    assert [(one.line, one.word) for one in facts_of(source).debt_comments] == expected


@pytest.mark.parametrize(
    ("source", "line", "covered"),
    [
        ("x = f()  # mldebt: ignore[a]\ny = 1\n", 1, (1, 1)),
        ("x = f(  # mldebt: ignore[a]\n  1,\n)\n", 1, (1, 3)),
        ("x = f(\n  1,  # mldebt: ignore[a]\n)\n", 2, (1, 3)),
        ("x = f(\n  1,\n)  # mldebt: ignore[a]\n", 3, (1, 3)),
        ("# mldebt: ignore[a]\nx = f(\n  1,\n)\n", 1, (1, 4)),
        ("# mldebt: ignore[a]\n\n# a note\nx = 1\ny = 2\n", 1, (1, 4)),
        ("if a:  # mldebt: ignore[a]\n  b()\n", 1, (1, 1)),
        ("# mldebt: ignore[a]\nif (a and\n    b):\n  c()\n", 1, (1, 3)),
        ("if a:\n  b()  # mldebt: ignore[a]\n", 2, (2, 2)),
        ("while (a or\n    b):  # mldebt: ignore[a]\n  c()\n", 2, (1, 2)),
        ("for i in f(\n    1):  # mldebt: ignore[a]\n  c()\n", 2, (1, 2)),
        ("with f(\n    1) as g:  # mldebt: ignore[a]\n  c()\n", 2, (1, 2)),
        ("def f(a):  # mldebt: ignore[a]\n  c()\n", 1, (1, 1)),
        ("class A:  # mldebt: ignore[a]\n  b = 1\n", 1, (1, 1)),
        ("try:\n  a()\nexcept E:  # mldebt: ignore[a]\n  b()\n", 3, (3, 3)),
        ("x = 1\n# mldebt: ignore[a]\n", 2, (2, 2)),
    ],
)
def test_what_a_suppression_covers(source: str, line: int, covered: tuple[int, int]) -> None:
    (found,) = facts_of(source).suppressions
    assert (found.kind, found.rules, found.line) == ("ignore", ("a",), line)
    assert (found.span.line, found.span.end_line) == covered


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# mldebt: ignore[unread-flag] it is fine", ("ignore", ("unread-flag",), "it is fine", "")),
        ("# mldebt: ignore[a, MLD420] why", ("ignore", ("a", "MLD420"), "why", "")),
        ("#mldebt:ignore[a]", ("ignore", ("a",), "", "")),
        ("# mldebt: accept[a] until=2027-03-01 planned", ("accept", ("a",), "planned", "2027-03-01")),
        ("# mldebt: accept[a] planned until=2027-03-01", ("accept", ("a",), "planned", "2027-03-01")),
        ("# noqa  # mldebt: ignore[a] why", ("ignore", ("a",), "why", "")),
        ("# mldebt: ignore", ("malformed", (), "ignore", "")),
        ("# mldebt: ignore[]", ("malformed", (), "", "")),
        ("# mldebt: wat", ("malformed", (), "wat", "")),
    ],
)
def test_what_a_suppression_says(comment: str, expected: tuple[str, tuple[str, ...], str, str]) -> None:
    (found,) = facts_of(f"é = 1  {comment}\n").suppressions
    assert (found.kind, found.rules, found.reason, found.until) == expected
    assert found.column == 8


@pytest.mark.parametrize(
    "source", ["x = '# mldebt: ignore[a]'\n", "s = '''\n# mldebt: ignore[a]\n'''\n", "mldebt = 1\n", "# about mldebt\nx = 1\n"]
)
def test_what_is_no_suppression(source: str) -> None:
    assert facts_of(source).suppressions == ()


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=("Cs",)), max_size=40)))
def test_any_comments_are_read_and_stay_in_their_lines(comments: list[str]) -> None:
    source = "".join(f"# {comment}\n" for comment in comments) + "x = 1\n"
    facts = facts_of(source)
    for one in facts.commented:
        assert 1 <= one.span.line <= one.span.end_line <= len(comments)
        assert under(source, one.span).startswith("#")


def test_the_text_of_a_comment_of_debt() -> None:
    (one,) = facts_of("x = 0.3  #  TODO: must match the service   \n").debt_comments
    assert (one.line, one.word, one.text) == (1, "todo", "TODO: must match the service")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("conf.yaml", "rate: 0.1  # for now\nname: '# TODO'\n", [(1, "for now")]),
        ("query.sql", "SELECT 1 -- FIXME: dates\n-- plain\n", [(1, "fixme")]),
        ("run.sh", "#!/bin/sh\necho hi # HACK\n", [(2, "hack")]),
        ("data.json", '{"a": "# TODO"}\n', []),
    ],
)
def test_comments_of_debt_in_other_languages(name: str, text: str, expected: list[tuple[int, str]]) -> None:
    source = source_of(name)
    assert source is not None
    facts = extract(source, Text(text, text.count("\n")))
    assert [(one.line, one.word) for one in facts.debt_comments] == expected


@pytest.mark.parametrize(
    ("name", "text", "covered"),
    [
        ("conf.yaml", "model:\n  depth: 3  # mldebt: ignore[MLD501] for the notebook\n", (2, 2)),
        ("conf.toml", "# mldebt: accept[MLD501] until=2030-01-01 later\n\ndepth = 3\n", (1, 3)),
        ("run.sh", "Rscript fit.R  # mldebt: ignore[MLD432] theirs\n", (1, 1)),
        ("query.sql", "-- mldebt: ignore[MLD206] a snapshot\nSELECT 1\n", (1, 2)),
    ],
)
def test_suppressions_in_other_languages(name: str, text: str, covered: tuple[int, int]) -> None:
    source = source_of(name)
    assert source is not None
    (one,) = extract(source, Text(text, text.count("\n"))).suppressions
    assert (one.span.line, one.span.end_line) == covered
    assert one.reason
