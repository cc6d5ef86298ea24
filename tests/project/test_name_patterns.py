"""Columns that are chosen by a pattern of their names, and the places that write such columns."""

from __future__ import annotations

import pytest

from mldebt.project.name_patterns import Neighbours, Pattern, choices, producers
from tests.project.reading import project_of


def chosen(line: str) -> list[tuple[str, str]]:
    """How and what: the patterns of the choices in a function over a frame."""
    source = f"import re\n\ndef f(frame):\n    frame.shape\n    {line}\n"
    return [(p.how, p.text) for choice in choices(project_of({"select.py": source})) for p in choice.patterns]


@pytest.mark.parametrize(
    ("line", "how", "text"),
    [
        ("names = [c for c in frame.columns if '%' in c]", "contains", "%"),
        ("names = [c for c in frame if c.startswith('f_')]", "begins with", "f_"),
        ("names = [c for c in list(frame.columns) if c.endswith('_x') and c != 'y']", "ends with", "_x"),
        ("names = [c for c in frame.columns.tolist() if c[:2] == 'f_']", "begins with", "f_"),
        ("names = [c for c in frame.columns if re.match('f[0-9]', c)]", "matches", "f[0-9]"),
        ("part = frame.filter(like='f_')", "contains", "f_"),
        ("part = frame.filter(regex='^f_')", "matches", "^f_"),
        ("part = frame.loc[:, frame.columns.str.startswith('f_')]", "begins with", "f_"),
        ("names = frame.columns[frame.columns.str.contains('f_')]", "contains", "f_"),
        ("names = []\n    for c in frame.columns:\n        if c.startswith('f_'):\n            names.append(c)", "begins with", "f_"),
    ],
)
def test_patterns(line: str, how: str, text: str):
    assert chosen(line) == [(how, text)]


@pytest.mark.parametrize(
    "line",
    [
        "names = [c for c in frame.columns if c != 'y']",
        "names = [c for c in frame.columns if c not in ('y', 'id')]",
        "names = [c for c in frame.columns if not c.startswith('tmp_')]",
        "names = [c for c in frame.columns if not (c.startswith('a') and c.endswith('b'))]",
        "names = [w for w in 'a b'.split() if w.startswith('a')]",
        "rows = frame.filter(items=['a'])",
    ],
)
def test_no_pattern_of_names(line: str):
    assert chosen(line) == []


def test_lists_of_the_same_columns_are_told_apart_by_their_tests():
    source = """
    def f(frame):
        flags = [c for c in frame.columns if c.startswith("is_")]
        sums = [c for c in frame.columns if c.startswith("sum_")]
        return flags, sums
    """
    found = choices(project_of({"select.py": source}))
    assert [(c.target, [p.text for p in c.patterns]) for c in found] == [("flags", ["is_"]), ("sums", ["sum_"])]


def test_producers_are_frames_and_not_dicts():
    project = project_of(
        {
            "build.py": """
            def build(frame, sizes):
                frame["f_share"] = frame["a"] / frame["b"]
                for size in sizes:
                    frame[f"f_{size}"] = frame["a"].shift(size)
                return frame
            """,
            "settings.py": "def settings():\n    found = {}\n    found['f_path'] = 1\n    return found\n",
        }
    )
    assert [(p.module.path, p.name) for p in producers(project, (Pattern("begins with", "f_"),))] == [
        ("build.py", "f_share"),
        ("build.py", "f_{}"),
    ]


def test_files_that_can_work_on_the_same_frame():
    neighbours = Neighbours(
        project_of(
            {
                "base.py": "class Strategy:\n    pass\n",
                "own.py": "from base import Strategy\n\nclass Own(Strategy):\n    pass\n",
                "kitchen.py": "from base import Strategy\n",
                "main.py": "import left\nimport right\n",
                "left.py": "",
                "right.py": "",
                "alone.py": "",
            }
        )
    )
    assert neighbours.meet("base.py", "kitchen.py")
    assert neighbours.meet("own.py", "kitchen.py")
    assert neighbours.meet("left.py", "right.py")
    assert not neighbours.meet("left.py", "alone.py")
    assert not neighbours.meet("left.py", "left.py")
