"""Files that are replaced whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mldebt.writing import replace


def test_content_and_mode_of_an_old_file_and_its_link(tmp_path: Path):
    old = tmp_path / "settings.toml"
    old.write_bytes(b"old")
    old.chmod(0o640)
    (tmp_path / "link.toml").symlink_to(old)
    replace(tmp_path / "link.toml", b"new")
    assert (tmp_path / "link.toml").is_symlink() and old.read_bytes() == b"new"
    assert old.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.toml", "settings.toml"]


def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path: Path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        replace(tmp_path / "taken", b"x")
    assert os.listdir(tmp_path) == ["taken"]


def test_a_pipe_stays_a_pipe(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    end = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    replace(tmp_path / "pipe", b"x")
    assert os.read(end, 9) == b"x" and (tmp_path / "pipe").is_fifo()
    os.close(end)
