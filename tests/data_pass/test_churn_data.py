"""The data of the fixtures is what its script makes, small, and the results beside it are of these very bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.data_pass.stored import examine, load
from tests.data_pass.churn_data import tables

TABLES = tables()


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parts[-3])
def test_the_committed_table_is_the_one_that_the_script_makes(path: Path):
    assert path.read_text(encoding="utf-8") == TABLES[path]
    header, *rows = TABLES[path].splitlines()
    assert len(rows) <= 400 and header.count(",") < 12


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parts[-3])
def test_the_stored_result_is_of_this_table(path: Path):
    root = path.parents[1]
    (entry,) = load(root).entries
    assert examine(entry, root).state == "same"
    columns = {column.name for column in entry.result.columns}
    assert columns == set(TABLES[path].splitlines()[0].split(",")) - {"churned"}
    assert bool(entry.result.drop) == (root.name == "churn")
