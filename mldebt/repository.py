"""The git repository around a path, read without running git."""

from __future__ import annotations

from pathlib import Path


def repository(start: Path) -> Path | None:
    """The nearest directory at or above `start` that holds `.git`."""
    absolute = start.resolve()
    return next((folder for folder in (absolute, *absolute.parents) if (folder / ".git").exists()), None)


def head(start: Path) -> str:
    """The commit that is checked out, or "" when there is none. Results that depend on history change with it."""
    top = repository(start)
    if top is None:
        return ""
    git = top / ".git"
    if git.is_file():  # a work tree or submodule: a line `gitdir: <path>`
        git = top / _read(git).removeprefix("gitdir:").strip()
    common = git / (_read(git / "commondir") or ".")
    name = _read(git / "HEAD")
    if not name.startswith("ref:"):
        return name
    name = name.removeprefix("ref:").strip()
    for folder in (git, common):
        if commit := _read(folder / name):
            return commit
    packed = (line.partition(" ") for line in _read(common / "packed-refs").splitlines())
    return next((commit for commit, _, ref in packed if ref == name), "")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
