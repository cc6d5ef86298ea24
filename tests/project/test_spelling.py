"""Source text that no formatter changes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mldebt.project.spelling import canonical

CONDITIONS = (
    "merge and ( 1<n < 3E3 )",
    "mode=='train' or args['mode'] == \"it's\"",
    "'it\\'s' in name and name not in ('a', 'b',)",
    "isinstance(value,(list,tuple,)) and not (value.empty or value.shape[0]==0)",
    "os.path.exists(f'{folder}/model.pkl') if (overwrite) else lambda x:x",
    "first_long_name and second_long_name and third_long_name or fourth_long_name(with_an_argument)",
    "flags[{'a':1,}['a'] : -1] is None",
    "name == ('one' 'two')",
    "0XFF == mask and u'x' != R'\\d'",
)


def formatted(condition: str, width: int, quotes: str) -> str:
    """The condition of an `if`, as ruff writes it, blanks folded."""
    options = ("--isolated", "--config", f"line-length={width}", "--config", f"format.quote-style='{quotes}'")
    command = [sys.executable, "-m", "ruff", "format", *options, "-"]
    text = subprocess.run(command, input=f"if {condition}:\n    pass\n", capture_output=True, text=True, check=True).stdout
    return " ".join(text.removeprefix("if").partition("pass")[0].rstrip().removesuffix(":").split())


@pytest.mark.parametrize(("width", "quotes"), [(20, "single"), (200, "double")])
def test_what_a_formatter_does_is_undone(width: int, quotes: str) -> None:
    changed = [formatted(condition, width, quotes) for condition in CONDITIONS]
    assert sum(a != b for a, b in zip(changed, CONDITIONS, strict=True)) >= len(CONDITIONS) - 1
    assert [canonical(text) for text in changed] == [canonical(text) for text in CONDITIONS]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("merge and (1 < n < 3e3)", "merge and 1 < n < 3e3"),
        ("a.b( c )[ 'd' ]", 'a.b(c)["d"]'),
        ("not(a or b)", "not a or b"),
        ("x in {'a': 1,}", 'x in {"a": 1}'),
        ("'un", '"un"'),
        ("f((a), *(b))", "f(a, * b)"),
        ("", ""),
    ],
)
def test_it_can_be_read(source: str, text: str) -> None:
    assert canonical(source) == text


def test_other_conditions_stay_other_ones() -> None:
    different = ["a", "b", "not a", "a == 'x'", "a == 'y'", "a == x", "a(b)", "a[b]", "a.b", "a and b", "a or b", "a == 1", "a == 1.0"]
    assert len({canonical(text) for text in different}) == len(different)


def test_a_long_one_is_cut() -> None:
    assert canonical("value_" * 30) == ("value_" * 10)
    assert len(canonical("((" * 1000 + "\\" * 1000 + "'" * 1000)) <= 60
