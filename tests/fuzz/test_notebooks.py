"""Notebooks of any shape: a text whose every line has its place in the file, or a reason; a broken cell costs only itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.findings import Unread
from mldebt.sources.magics import mask, parses
from mldebt.sources.read import read
from tests.fuzz.strategies import examples, mutants
from tests.fuzz.texts import CELLS, NOTEBOOK, notebook
from tests.fuzz.trial import facts_of, source_of

NAME = "n.ipynb"
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=5),
        st.sampled_from(["code", "%%bash", "python"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "input", "worksheets", "metadata", "kernelspec", "name", "language"]), inner
        ),
    ),
    max_leaves=12,
)
CODE = st.one_of(st.sampled_from(CELLS), mutants(CELLS))


def _checked(root: Path, raw: bytes) -> None:
    (root / NAME).write_bytes(raw)
    text = read(root, source_of(NAME))
    facts = facts_of(root, NAME)[NAME]
    if isinstance(text, Unread):
        assert facts.unread == text.reason
        return
    lines = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert len(text.places) == text.text.count("\n")
    assert all(1 <= place.line <= lines for place in text.places)
    assert list(text.places) == sorted(text.places, key=lambda place: (place.cell, place.cell_line))
    assert all(1 <= command.line <= max(text.lines, 1) for command in text.commands)


@given(cells=st.lists(CODE, min_size=1, max_size=4), language=st.sampled_from(["python", "python3", "R", "", "Python"]))
@examples(60)
def test_mutated_cells(tmp_path: Path, cells: list[str], language: str) -> None:
    _checked(tmp_path, notebook(*cells, language=language).encode())


@given(text=mutants(NOTEBOOK))
@examples(100)
def test_mutated_files(tmp_path: Path, text: str) -> None:
    _checked(tmp_path, text.encode("utf-8", "replace"))


@given(value=JSON)
@examples(150)
def test_any_json(tmp_path: Path, value: object) -> None:
    _checked(tmp_path, json.dumps(value, indent=1).encode())


@given(lines=CODE.map(lambda cell: cell.replace("\r", "").replace("\0", "").split("\n")))
@examples(150)
def test_masks_keep_the_lines_and_leave_python_alone(lines: list[str]) -> None:
    masked = mask(lines)
    assert len(masked.lines) == len(lines)
    assert all("\n" not in line for line in masked.lines)
    assert all(1 <= command.line <= len(lines) for command in masked.commands)
    if parses("\n".join(lines)) and not any(line.lstrip().startswith(("%", "!", "?")) for line in lines):
        assert list(masked.lines) == lines


@given(broken=mutants(CELLS))
@examples(25)
def test_a_broken_cell_costs_only_itself(tmp_path: Path, broken: str) -> None:
    (tmp_path / NAME).write_text(notebook("import pandas\n", broken, "import joblib\n"))
    facts = facts_of(tmp_path, NAME)[NAME]
    assert not facts.unread
    assert {one.target for one in facts.imports} >= {"pandas", "joblib"}


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"cells": [' + b"{" * 5_000,
        b'{"cells": [{"cell_type": "code", "source": ' + b"[" * 5_000,
        b'{"cells": [], "cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": ' + b"9" * 5_000 + b"}",
        b'{"cells": [{"cell_type": "code", "source": "\\ud800 = \\u0000"}]}',
        b'{"cells": [{"cell_type": "code", "source": ["%%writefile ../../x.py\\n", "import os"]}]}',
        b'{"cells": [{"cell_type": "code", "source": ["%%writefile x.py"]}]}',
        b"\xef\xbb\xbf{}",
        b'{"cells": [{"cell_type": "code", "source": "!' + b"(" * 20_000 + b'"}]}',
        b'{"cells": [{"cell_type": "code", "source": "%%bash\\n' + b"$(" * 5_000 + b'"}]}',
    ],
    ids=range(11),
)
def test_hostile_notebooks(tmp_path: Path, raw: bytes) -> None:
    _checked(tmp_path, raw)
