"""Tables of codes in the text, and what two of them disagree on."""

from __future__ import annotations

import pytest

from mldebt.project.skew.encodings import Difference, Encoding, difference, encodings
from tests.project.reading import project_of


def tables(source: str) -> list[Encoding]:
    return list(encodings(project_of({"module.py": source}).modules["module.py"]))


@pytest.mark.parametrize(
    "source",
    [
        "CODES = {'a': 0, 'b': 1, 'c': 2}",
        "CODES = {0: 'a', 1: 'b', 2: 'c'}",
        "def f(x):\n    codes = {'a': [1, 0, 0], 'b': [0, 1, 0], 'c': [0, 0, 1]}\n    return codes[x]",
        "from enum import IntEnum\nclass Codes(IntEnum):\n    a = 0\n    b = 1\n    c = 2",
        "frame['x'] = frame['x'].map({'a': 0, 'b': 1, 'c': 2})",
    ],
)
def test_spellings_of_a_table(source: str) -> None:
    (found,) = tables(source)

    assert found.codes == (("a", 0), ("b", 1), ("c", 2))


@pytest.mark.parametrize(
    "source",
    [
        "SIZES = {'depth': 6, 'rounds': 300, 'seed': 11}",
        "TWO = {'a': 0, 'b': 1}",
        "SAME = {'a': 1, 'b': 1, 'c': 1}",
        "MIXED = {'a': 0, 'b': 1, 'c': x}",
        "class Plain:\n    a = 0\n    b = 1\n    c = 2",
    ],
)
def test_what_is_no_table(source: str) -> None:
    assert not tables(source)


def test_difference_tells_members_and_codes() -> None:
    (here,) = tables("A = {'a': 0, 'b': 2, 'c': 1, 'new': 3}")
    (there,) = tables("B = {'a': 0, 'b': 1, 'c': 2, 'old': 3}")

    assert difference(here, there) == Difference(("new",), ("old",), ("b", "c"))
    assert not difference(here, here)


def test_an_all_zero_row_has_no_code() -> None:
    (found,) = tables("A = {'a': [1, 0, 0], 'b': [0, 1, 0], 'c': [0, 0, 1], 'none': [0, 0, 0]}")

    assert dict(found.codes)["none"] is None
