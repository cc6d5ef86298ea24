"""The git repository around a path, read without running git."""

from __future__ import annotations

from pathlib import Path


def repository(start: Path) -> Path | None:
    """The nearest directory at or above `start` that holds `.git`."""
    absolute = start.resolve()
    return next((folder for folder in (absolute, *absolute.parents) if (folder / ".git").exists()), None)


def prefix(top: Path, root: Path) -> str:
    """The path of `root` in the repository `top`: with a `/` at its end, or "" when they are the same."""
    below = root.resolve().relative_to(top).as_posix()
    return "" if below == "." else f"{below}/"


def head(start: Path) -> str:
    """The commit that is checked out, or "" when there is none. Results that depend on history change with it."""
    top = repository(start)
    if top is None:
        return ""
    git, common = _folders(top)
    name = _read(git / "HEAD")
    if not name.startswith("ref:"):
        return name
    name = name.removeprefix("ref:").strip()
    for folder in (git, common):
        if commit := _read(folder / name):
            return commit
    packed = (line.partition(" ") for line in _read(common / "packed-refs").splitlines())
    return next((commit for commit, _, ref in packed if ref == name), "")


def shallow(top: Path) -> bool:
    """Whether a part of the history was not fetched."""
    return bool(_read(_folders(top)[1] / "shallow"))


def _folders(top: Path) -> tuple[Path, Path]:
    """Where a work tree keeps what is its own, and what it shares with others of its repository."""
    git = top / ".git"
    if git.is_file():  # a work tree or submodule: a line `gitdir: <path>`
        git = top / _read(git).removeprefix("gitdir:").strip()
    return git, git / (_read(git / "commondir") or ".")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip() if file.is_file() else ""
    except OSError:
        return ""
