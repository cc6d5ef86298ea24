from __future__ import annotations

import math

from mldebt.data_pass.result import Interval


def test_an_interval_in_words():
    assert Interval(0.0031, -0.00044, 0.0066, 5).words() == "+0.0031 [-0.0004, +0.0066]"
    assert Interval(-0.0, -0.004, 0.004, 5).words(2) == "0.00 [0.00, 0.00]"
    assert Interval(math.nan, -math.inf, 1.0, 5).words(1) == "? [?, +1.0]"
