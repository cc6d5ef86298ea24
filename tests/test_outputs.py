"""Files that `--output` names."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.config import ConfigError
from mldebt.outputs import place, write_output


def test_a_file_that_can_be_written(tmp_path: Path):
    file = place(str(tmp_path / "graph.html"), "--output graph.html")
    write_output(file, b"<p>", "--output graph.html")
    assert file.read_bytes() == b"<p>"


@pytest.mark.parametrize(("name", "what"), [("", "."), ("no/such", "no"), (".", ".")])
def test_what_is_no_place_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=f"^--output x: {what} is not a place for a file$"):
        place(name, "--output x")


def test_a_failure_names_the_option(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"^--output json=x: cannot be written: No such file"):
        write_output(tmp_path / "gone" / "x", b"", "--output json=x")
