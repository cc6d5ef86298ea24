"""MLD212: equal expressions and names that stand twice."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("t['p'] = t['a'] / t['b']\nt['q'] = t['a'] / t['b']", ["p = q"]),
        ("t['p'] = t['a'] * t['b']\nt['q'] = t['b'] * t['a']", ["p = q"]),
        ("t['p'] = t.a.fillna(0)\nt['q'] = t.a.fillna(0)", ["p = q"]),
        ("t['p'] = t['a'] / t['b']\nt['q'] = t['b'] / t['a']", []),
        ("t['p'] = t['a'] / t['b']\nt['a'] = 1 + t['a']\nt['q'] = t['a'] / t['b']", []),
        ("t['p'] = t['a'] / t['b']\nt['q'] = t['a'] / t['b']\nt.loc[t.a > 1, 'q'] = 0", []),
        ("t['p'] = t['a']\nt['q'] = t['a']", []),
        ("t['p'] = t['a'].sample(frac=1)\nt['q'] = t['a'].sample(frac=1)", []),
        ("columns = ['a', 'b', 'c', 'a']", ["a"]),
        ("steps = ['a', 'b', 'c', 'a']", []),
        ("u = t[['a', 'b', 'c', 'a']]", ["a"]),
    ],
)
def test_duplicates(found: Found, lines: str, said: list[str]):
    text = f"import pandas as pd\nt = pd.read_csv('x').dropna(subset=['a'])\n{lines}\n"
    assert [one.anchor for one in found("duplicate_feature", {"a.py": text})] == said
