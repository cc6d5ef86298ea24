"""Which parameters functions fill so that the next call sees it."""

from __future__ import annotations

import pytest

from mldebt.facts.model import Const, Param
from mldebt.project.fills import Fills
from mldebt.project.resolve import Defined
from tests.project.reading import project_of


def lines(source: str, function: str, name: str) -> list[int]:
    """The lines on which a function of the source fills its parameter."""
    project = project_of({"steps.py": source})
    scopes = project.modules["steps.py"].facts.scopes
    number = next(n for n, scope in enumerate(scopes) if scope.name == function)
    return [fill.span.line for fill in Fills(project).of_parameter(Defined("steps.py", number), name)]


@pytest.mark.parametrize(
    "body",
    [
        "kept.append(row)",
        "kept.extend([row])",
        "kept += [row]",
        "kept.setdefault(row, []).append(1)",
        "other = kept; other.append(row)",
        "kept['rows'] = row; return kept",
        "if row not in kept: kept[row] = 1",
        "for one in row: kept.add(one)",
    ],
)
def test_what_the_next_call_sees(body: str):
    first, _, rest = body.partition("; ")
    source = f"def f(row, kept):\n    {first}\n" + (f"    {rest}\n" if rest else "")
    assert lines(source, "f", "kept")


@pytest.mark.parametrize(
    "body",
    [
        "kept = list(kept)\n    kept.append(row)",
        "kept = kept or []\n    kept.append(row)",
        "if kept is None:\n        kept = []\n    kept.append(row)",
        "if kept:\n        kept.append(row)",
        "if len(kept) > 0:\n        kept.insert(0, row)",
        "kept['rows'] = []\n    kept['rows'].append(row)",
        "kept[row] = []\n    return row",
        "kept = kept + [row]",
        "return kept.get(row)",
        "print(kept)",
    ],
)
def test_what_the_next_call_does_not_see(body: str):
    assert lines(f"def f(row, kept):\n    {body}\n", "f", "kept") == []


def test_a_function_that_is_called_fills():
    source = """
    def remember(values, value):
        values.append(value)

    def f(row, kept):
        remember(kept, row)
    """
    assert lines(source, "f", "kept") == [2]


def test_an_entry_under_a_constant_key_that_a_callee_fills_is_not_the_whole():
    source = """
    def step(result):
        result["loss"].append(1)

    def f(result):
        result["loss"] = []
        step(result)
    """
    assert lines(source, "f", "result") == []


def test_fields_are_filled_by_methods():
    project = project_of(
        {
            "runs.py": """
            class Run:
                def __init__(self, tags):
                    self.tags = tags

                def tag(self, name):
                    self.tags.append(name)
            """
        }
    )
    scopes = project.modules["runs.py"].facts.scopes
    owner = next(n for n, scope in enumerate(scopes) if scope.kind == "class")
    assert [fill.span.line for fill in Fills(project).of_field(Defined("runs.py", owner), "tags")] == [6]


def test_the_root_of_a_part_is_the_parameter():
    project = project_of({"steps.py": "def f(row, kept):\n    kept['a']['b'] = row\n"})
    module = project.modules["steps.py"]
    (write,) = module.facts.writes
    root = Fills(project).root(module, write.base)
    assert isinstance(root, Param)
    assert root.name == "kept"
    assert Fills(project).root(module, module.facts.values.index(Const("a"))) is None


def test_branches_that_meet_again_many_times_are_walked_once() -> None:
    body = "".join(f"    if flags[{i}]:\n        rows = rows[{i}]\n" for i in range(60))
    assert lines(f"def grow(rows, flags):\n{body}    rows.append(1)\n", "grow", "rows") == [122]
