"""MLD210: tables and columns that are loaded in vain."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("t = pd.read_csv('a')\n", ["t"]),
        ("t = pd.read_csv('a').fillna(0)\n", ["t"]),
        ("t = pd.read_csv('a')\nprint(t['x'])\n", []),
        ("n = len(pd.read_csv('a'))\n", []),
        ("t = pd.read_csv('a')\npart = t[['x']].copy()\n", []),
        ("_ = pd.read_csv('a')\n", []),
        ("def load(p):\n    t = pd.read_csv(p)\n    return tidy(t)\ndef tidy(t):\n    return t.dropna()\nt = load('a')\n", ["t"]),
        ("def load(p):\n    t = pd.read_csv(p)\n    t.to_parquet('b')\n    return t\nt = load('a')\n", []),
    ],
)
def test_tables(found: Found, text: str, said: list[str]):
    assert [one.anchor for one in found("loaded_unused", {"a.py": "import pandas as pd\n" + text})] == said


@pytest.mark.parametrize(
    ("use", "unused"),
    [
        ("print(t['a'].sum())", "`b`, `c`"),
        ("print(t.groupby('b')['a'].sum())", "`c`"),
        ("print(t['a'].sum(), t[columns].sum())", ""),
        ("print(t.sort_values(columns[:2])['a'].sum())", "`c`"),
        ("print(t.drop_duplicates()['a'].sum())", ""),
        ("t.to_parquet('k')", ""),
        ("def f():\n    return t", ""),
    ],
)
def test_columns_of_a_list(found: Found, use: str, unused: str):
    text = f"import pandas as pd\ncolumns = ['a', 'b', 'c']\nt = pd.read_csv('x', usecols=columns)\n{use}\n"
    messages = [one.message for one in found("loaded_unused", {"a.py": text})]
    assert [message.partition(": ")[2] for message in messages] == ([unused] if unused else [])


def test_columns_that_a_function_of_the_project_selects_by(found: Found):
    helper = """
import pandas as pd
from glob import glob

def pieces(path, columns):
    return pd.concat([pd.read_parquet(p)[columns] for p in glob(path)])
"""
    text = """
from helper import pieces

log = pieces('log/*', ['user', 'item', 'day'])

def make():
    return log.groupby('user')['item'].nunique()

make()
"""
    (one,) = found("loaded_unused", {"a.py": text, "helper.py": helper})
    assert one.message == "1 of 3 loaded columns is never used: `day`"


def test_notebooks_are_less_sure(found: Found):
    text = "import pandas as pd\nt = pd.read_csv('a')\nu = pd.read_csv('b')\nu.head()\nu.describe()\n"
    (one,) = found("loaded_unused", {"a.py": text})
    assert one.confidence < 0.7
