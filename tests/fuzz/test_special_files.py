"""Files that are no files, links that leave the project, and names and paths that are hostile: told, never read, never waited for."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from mldebt.sources.discover import Discovery, FileSettings, discover
from mldebt.sources.ignore import level_of
from tests.fuzz.test_whole import scan

SETTINGS = FileSettings()


def found(root: Path) -> Discovery:
    return discover(root, (), SETTINGS)


def paths(root: Path) -> list[str]:
    return [source.path for source in found(root).sources]


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A project, beside things that are not its own."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.py").write_text("SECRET = 1\n")
    (tmp_path / "outside" / "secret.json").write_text('{"version": 1, "tool": {"name": "mldebt"}}')
    (tmp_path / "outside" / "ignored").write_text("*\n")
    root = tmp_path / "project"
    root.mkdir()
    (root / "mldebt.toml").write_text("")
    (root / "a.py").write_text("x = 1\n")
    return root


@pytest.mark.parametrize("place", [".gitignore", ".git/info/exclude", "sub/.gitignore"])
def test_an_ignore_file_that_is_a_pipe_is_not_waited_for(inside: Path, place: str) -> None:
    (inside / ".git").mkdir()
    (inside / place).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(inside / place)
    (inside / "sub").mkdir(exist_ok=True)
    (inside / "sub" / "b.py").write_text("")
    assert {"a.py", "sub/b.py"} <= set(paths(inside))


def test_an_ignore_file_that_is_a_link_is_not_read(inside: Path) -> None:
    (inside / ".gitignore").symlink_to(inside.parent / "outside" / "ignored")
    assert level_of(str(inside)) is None
    assert "a.py" in paths(inside)


@pytest.mark.parametrize("name", ["mldebt.toml", "pyproject.toml", "dvc.yaml", "conf.json", "n.ipynb", "Makefile", "CODEOWNERS", ".env"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "directory", "loop"])
def test_what_is_no_file_is_no_source(inside: Path, name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = inside / name
    place.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        monkeypatch.chdir(inside)  # the path of a socket must be short
        server = socket.socket(socket.AF_UNIX)
        server.bind(name)
        server.close()
    elif kind == "directory":
        place.mkdir()
        (place / "b.py").write_text("")
    else:
        place.symlink_to(name)
    (inside / "setup.py").write_text("")
    code, _ = scan(inside)
    assert code == 0
    assert name not in paths(inside)
    assert (f"{name}/b.py" in paths(inside)) == (kind == "directory")


def test_links_that_leave_the_project_are_not_opened(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = inside.parent / "outside"
    for name in ("secret.py", "secret.json"):
        (inside / name).symlink_to(outside / name)
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "up").symlink_to("..", target_is_directory=True)
    (inside / "step.py").symlink_to("folder/secret.py")
    monkeypatch.setattr("mldebt.sources.discover.is_own", lambda path: pytest.fail(f"{path} was opened"))
    result = found(inside)
    assert [source.path for source in result.sources] == ["a.py", "mldebt.toml"]
    assert {one.path: one.reason for one in result.unread} == dict.fromkeys(
        ("folder", "secret.json", "secret.py", "step.py", "up"), "symbolic link to outside the project root"
    )


def test_links_in_circles(inside: Path) -> None:
    (inside / "one").mkdir()
    (inside / "one" / "back").symlink_to("..", target_is_directory=True)
    (inside / "one" / "self").symlink_to("self", target_is_directory=True)
    (inside / "x.py").symlink_to("y.py")
    (inside / "y.py").symlink_to("x.py")
    result = found(inside)
    assert [source.path for source in result.sources] == ["a.py", "mldebt.toml"]
    assert [one.path for one in result.unread] == ["x.py", "y.py"]


NAMES = [
    "a\nb.py",
    "\x1b[31mred.py",
    "x\u202ey.py",
    "a#b.py",
    "a:3:1.py",
    "::error::x.py",
    "%0A.py",
    "a\\b.py",
    "~.py",
    "*.py",
    " .py",
    "<b>.py",
]


def test_names_that_mean_something_elsewhere(inside: Path) -> None:
    for name in NAMES:
        (inside / name).write_text("import argparse\np = argparse.ArgumentParser()\np.add_argument('--zz')\np.parse_args()\n")
    _, text = scan(inside)
    assert {one["path"] for one in json.loads(text)["findings"] if one["name"] == "unread-flag"} == set(NAMES)
    for form in ("text", "full", "concise"):
        _, text = scan(inside, "--color", "never", form=form)
        assert not {char for char in text if char in "\x1b\u202e\r\x07"}


def test_a_very_deep_path(inside: Path) -> None:
    here = os.getcwd()
    try:
        os.chdir(inside)
        for _ in range(20):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
            Path("deep.py").write_text("x = 1\n")
    finally:
        os.chdir(here)
    result = found(inside)
    assert len(result.sources) > 10
    assert all("too long" in one.reason for one in result.unread)
    assert scan(inside)[0] == 0
