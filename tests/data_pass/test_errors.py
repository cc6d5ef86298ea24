from __future__ import annotations

from mldebt.data_pass.errors import one_line


def test_one_line():
    assert one_line(ValueError("a\n  b\tc ")) == "a b c"
    assert one_line(KeyError()) == "KeyError"
