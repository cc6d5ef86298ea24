"""What the commands that ask the linked project share."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from mldebt.config import ConfigError
from mldebt.linking import LinkArguments


def test_arguments_of_the_command_line():
    arguments = LinkArguments.of({"paths": ("a",), "no_cache": True, "quiet": True})
    day = datetime.date(2026, 1, 2)
    assert arguments.request(day).paths == (Path("a"),)
    assert (arguments.request(day).cache, arguments.request(day).today) == (False, day)
    assert LinkArguments().request().paths == (Path(),)


def test_a_project_and_its_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("MLDEBT_NOTHING", "1")
    arguments = LinkArguments((str(tmp_path),), no_cache=True)
    said: list[str] = []
    loaded = arguments.load(arguments.warner(said.append), {"profile": "audit"})
    project, unread = arguments.link(loaded, arguments.warner(said.append))
    assert (sorted(project.modules)[0], [one.path for one in unread]) == ("a.py", ["b.py"])
    assert loaded.config.profile == "audit"
    assert [text.split(":")[0] for text in said] == ["warning"] and "MLDEBT_NOTHING" in said[0]
    assert LinkArguments(quiet=True).warner(said.append)("more") is None and len(said) == 1


def test_settings_that_are_wrong_are_refused(tmp_path: Path):
    with pytest.raises(ConfigError):
        LinkArguments((str(tmp_path),)).load(print, {"profile": 3})
