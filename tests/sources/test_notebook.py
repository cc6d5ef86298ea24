"""Notebooks: every line of the joined cells is found again in the .ipynb file, and magics leave Python behind."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.model import Command
from mldebt.sources.model import Text
from mldebt.sources.notebook import NotebookError, notebook, without_broken_cells


def code(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, **more}


def book(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def split(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def read(*sources: str) -> Text:
    return notebook(json.dumps(book(*(code(split(source)) for source in sources)), indent=1))


def test_joined_cells_and_their_places() -> None:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "words"]}, code(["import os\n", "x = 1"]), code(["y = 2\n"])]
    raw = json.dumps(book(*cells), indent=1)
    text = notebook(raw)
    assert text.text == "import os\nx = 1\n\ny = 2\n\n"
    assert text.lines == 5
    assert [(place.cell, place.cell_line) for place in text.places] == [(2, 1), (2, 2), (2, 2), (3, 1), (3, 1)]
    file_lines = raw.split("\n")
    assert [json.loads(file_lines[place.line - 1].strip().rstrip(",")) for place in text.places] == [
        "import os\n",
        "x = 1",
        "x = 1",
        "y = 2\n",
        "y = 2\n",
    ]


_LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(_LINE, min_size=1, max_size=5), max_size=4), st.sampled_from([None, 0, 1, 4]), st.booleans())
def test_every_line_is_found_again(cells: list[list[str]], indent: int | None, ascii_only: bool) -> None:
    raw = json.dumps(book(*(code([line + "\n" for line in lines]) for lines in cells)), indent=indent, ensure_ascii=ascii_only)
    text = notebook(raw)
    assert len(text.places) == text.lines == text.text.count("\n")
    file_lines = raw.split("\n")
    for place in text.places:
        wanted = json.dumps(cells[place.cell - 1][place.cell_line - 1] + "\n", ensure_ascii=ascii_only)
        assert wanted in file_lines[place.line - 1]


def test_source_as_one_string_stands_on_one_line() -> None:
    raw = json.dumps(book(code("a = 1\nb = 2"), code("c = 3")), indent=2)
    text = notebook(raw)
    assert text.text == "a = 1\nb = 2\n\nc = 3\n\n"
    assert text.places[0].line == text.places[1].line
    assert "a = 1" in raw.split("\n")[text.places[1].line - 1]
    assert "c = 3" in raw.split("\n")[text.places[3].line - 1]


def test_odd_splits_of_source_are_joined_as_jupyter_does() -> None:
    assert notebook(json.dumps(book(code(["a = ", "1\n", "b = 2\nc = 3\n", "", "d = 4"])))).text == "a = 1\nb = 2\nc = 3\nd = 4\n\n"


def test_windows_newlines_in_file_and_source() -> None:
    text = notebook(json.dumps(book(code(["a = 1\r\n", "b = 2"])), indent=1))
    assert text.text == "a = 1\nb = 2\n\n"


def test_format_3_and_source_before_cell_type() -> None:
    cells = [{"input": ["x = 1"], "cell_type": "code", "language": "python"}, {"cell_type": "code", "language": "R", "input": ["y <- 2"]}]
    assert notebook(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]})).text == "x = 1\n\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ('{"cells": [\n  {"cell_type": "code",\n   "source": ["x"}]}', "not valid JSON: line 3 column 18: Expecting ',' delimiter"),
        ('{"cells": []} trailing', "not valid JSON: line 1 column 15: Extra data"),
        ('{"cells": [', "not valid JSON: line 1 column 12: Expecting value"),
        ('<<<<<<< HEAD\n{"cells": []}', "not valid JSON: line 1 column 1: Expecting value"),
        ("[1, 2]", 'not a notebook: it has no list "cells"'),
        ('{"cells": 3}', 'not a notebook: it has no list "cells"'),
        ('{"cells": [], "x": ' + "[" * 200_000, "not valid JSON: nested too deeply"),
    ],
)
def test_why_it_is_not_a_notebook(raw: str, why: str) -> None:
    with pytest.raises(NotebookError) as error:
        notebook(raw)
    assert str(error.value) == why


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"language": "julia"}}, "julia"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9"}}, "julia"),
    ],
)
def test_other_kernels_are_skipped(metadata: dict[str, Any], language: str) -> None:
    with pytest.raises(NotebookError, match=f"^kernel language is {language}$"):
        notebook(json.dumps(book(code("x <- 1"), **metadata)))


@pytest.mark.parametrize("metadata", [{}, {"language_info": {"name": "python"}}, {"kernelspec": {"name": "python3"}}, {"kernelspec": 7}])
def test_python_kernels_are_read(metadata: dict[str, Any]) -> None:
    assert notebook(json.dumps(book(code("x = 1"), **metadata))).text == "x = 1\n\n"


def test_what_json_can_escape_but_nothing_can_encode() -> None:
    text = notebook('{"cells": [{"cell_type": "code", "source": ["s = \\"\\ud800 \\u0000\\""]}]}')
    text.text.encode()
    ast.parse(text.text)


@pytest.mark.parametrize(
    ("source", "masked"),
    [
        ("%matplotlib inline", "pass"),
        ("!ls", "0"),
        ("?", "0"),
        ("df.head?", "pass"),
        ("?df", "0"),
        ("if x:\n    !pip install y\n    z = 1", "if x:\n    pass\n    z = 1"),
        ("%time x = fit(a)", "pass; x = fit(a)"),
        ("%timeit -n 10 -r 3 f(x)", "pass;              f(x)"),
        ("%time for i in y: f(i)", "pass"),
        ("files = !ls", "files = list()"),
        ("files =   !ls -la somewhere", "files =   list()"),
        ("r = %time f(x)", "r =       f(x)"),
        ("v = %env HOME", "v = object()"),
        ("%pylab inline", "from pylab import *"),
        ("%run lib/setup.ipynb", "from lib.setup import *"),
        ("%run ../../2x.py", "pass"),
        ("!pip install \\\n  a \\\n  b\nx = 1", "pass\n\n\nx = 1"),
        ("%%time\nx = 1\n!ls -la", "\nx = 1\npass"),
        ("%%capture out\nx = 1", "out = object()\nx = 1"),
        ("%%sql\nSELECT *\nFROM t", "\n\n"),
        ("%%sql rows <<\nSELECT 1", "rows = object()\n"),
        ("%%unheard_of\nx = 1", "\nx = 1"),
        ("%%unheard_of\nnot python at all", "\n"),
        ("%sql\nSELECT 1", "\n"),
        ("%md # Words and more", ""),
        ("\n%%bash\necho hi", "\n\n"),
    ],
)
def test_magics_are_masked(source: str, masked: str) -> None:
    text = read(source).text
    assert [line.rstrip() for line in text.split("\n")] == [*masked.split("\n"), "", ""]
    ast.parse(text)


def test_a_masked_line_is_as_long_as_it_was() -> None:
    sources = ("%matplotlib inline", "if x:\n    !pip install y", "%timeit -n 10 f(x)", "found =   !ls -la somewhere", "!l")
    for source in sources:
        assert [len(line) for line in read(source).text.split("\n")] == [*(len(line) for line in source.split("\n")), 0, 0]


@pytest.mark.parametrize(
    "source",
    [
        "x = (a\n  % b)",
        's = """\n%matplotlib\n!ls\nwhat?\n"""',
        "y = a \\\n  % b",
        "s = '= !x'",
        "f'{a!r}'",
        "# what?\nx = 1  # why?",
        "d = {\n  'k': 1,\n}  # %magic",
        "a != b",
        "x = 'it''s' \n",
    ],
)
def test_python_that_only_looks_like_magic_is_left_alone(source: str) -> None:
    ast.parse(source)
    assert read(source).text == source.rstrip("\n") + "\n\n"


def test_commands_stand_on_the_joined_line() -> None:
    text = read(
        "x = 1",
        "!cd src && python train.py --lr {lr}\n%run eval.py --data out.csv\n%env MODE=fast\n%pip install -q mlx",
        "%%bash\necho a\npython b.py",
    )
    assert text.commands == (
        Command(("cd", "src"), 3),
        Command(("python", "train.py", "--lr", "{lr}"), 3, (), "src"),
        Command(("python", "eval.py", "--data", "out.csv"), 4),
        Command((), 5, (("MODE", "fast"),)),
        Command(("pip", "install", "-q", "mlx"), 6),
        Command(("echo", "a"), 9),
        Command(("python", "b.py"), 10),
    )


def test_written_files_with_their_places() -> None:
    text = read("%%writefile train.py\nimport os\nx = 1", "%%writefile -a train.py\ny = 2", "%%file 'other name.txt'\nz")
    assert [(name, body) for name, body, _ in text.written] == [("train.py", "import os\nx = 1\ny = 2\n"), ("other name.txt", "z\n")]
    assert [(place.cell, place.cell_line) for place in text.written[0][2]] == [(1, 2), (1, 3), (2, 2)]
    assert text.text.strip() == ""


def test_a_later_write_replaces_the_file() -> None:
    assert [(name, body) for name, body, _ in read("%%writefile a.py\nx = 1", "%%writefile a.py\nx = 2").written] == [("a.py", "x = 2\n")]


def test_one_broken_cell_does_not_cost_the_others() -> None:
    text, broken, mended = without_broken_cells(read("x = 1", "* some prose\n* more", "def f(:\n", "y = x"), lambda cell: cell)
    assert broken == (2, 3)
    assert not mended
    assert text.text == "x = 1\n\n\n\n\n\n\ny = x\n\n"
    assert len(text.places) == text.lines


def test_an_empty_notebook() -> None:
    assert notebook(json.dumps(book())) == Text("", 0)
    assert read("", "\n\n").text == "\n\n\n"


@given(st.lists(st.text(alphabet="%!?ab =\\'\"([#\n ", max_size=30), max_size=3))
def test_any_source_keeps_its_lines(sources: list[str]) -> None:
    text = read(*sources)
    assert text.text.count("\n") == len(text.places) == text.lines


def test_only_the_magic_moves_the_notebook() -> None:
    text = read("%cd work\n!cd x; ls\n!pwd", "!python a.py")
    assert [(command.argv[0], command.cwd) for command in text.commands][2:] == [("ls", "work/x"), ("pwd", "work"), ("python", "work")]
