from __future__ import annotations

import math

import pytest

from mldebt.project.constants.tuned import digits, is_tuned


@pytest.mark.parametrize("value", [0.09585355369315604, 1.060597050922164, 123.456789012, -0.0183451829, 4.2381920174e-05])
def test_numbers_of_a_search(value: float) -> None:
    assert is_tuned(value)


@pytest.mark.parametrize(
    "value",
    [
        0.1,
        0.0001,
        1e-12,
        42.5,
        0.4914,
        1 / 3,
        2 / 3,
        5 / 7,
        math.pi,
        math.pi / 180,
        2 * math.pi,
        math.sqrt(0.5),
        1 / math.sqrt(2 * math.pi),
        math.inf,
        math.nan,
        1e300,
    ],
)
def test_numbers_that_somebody_wrote(value: float) -> None:
    assert not is_tuned(value)


def test_digits_of_the_shortest_spelling() -> None:
    assert [digits(v) for v in (0.5, 0.125, 1200.0, 1e-7, 0.1234567890123)] == [1, 3, 2, 1, 13]


@pytest.mark.parametrize(
    "value",
    [
        1.959963984540054,
        1.6448536269514722,
        1.482602218505602,
        0.6744897501960817,
        1.6732632423543772,
        1.0507009873554805,
        298.257223563,
        6356752.314245,
        1.602176634e-19,
        3.280839895,
        0.30810780717887876,
        0.1306604762738429,
        0.5772156649015329,
        1.618033988749895,
    ],
)
def test_numbers_that_are_published(value: float) -> None:
    assert not is_tuned(value)
