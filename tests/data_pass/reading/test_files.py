"""Which files are tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mldebt.data_pass.reading.files import tables_in
from mldebt.data_pass.reading.open import Folder


def test_tables_by_path_and_nothing_hidden(tmp_path: Path):
    for name in ("b.csv", "a/z.CSV", "a/_tmp/x.csv", "_meta.csv", ".x/y.csv", "a/.part.csv", "readme.md", "k=1/c.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n1\n")
    (tmp_path / "folder.csv").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in tables_in(tmp_path)] == ["a/z.CSV", "b.csv", "k=1/c.csv"]


def test_a_folder_is_read_from_these_files(tmp_path: Path):
    for name in ("b.csv", "_x.csv", "a.csv", "notes.txt"):
        (tmp_path / name).write_text("x\n1\n")
    assert Folder(tmp_path).files == tables_in(tmp_path)


def test_nothing_heavy_is_imported():
    program = "import sys, mldebt.data_pass.stored; print([name for name in ('pandas', 'numpy', 'pyarrow') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
