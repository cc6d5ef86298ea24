"""The project at other commits: which one a name means, what its files said, and which commits make a trend."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path, PurePosixPath

from mldebt.git import GitError, blobs, entries, git, parsed, quiet, tree_of
from mldebt.repository import prefix, repository

MAX_BYTES = 60_000_000  # of one file
SUBMODULE, MISSING = "a submodule", "git does not have its content"  # why files are left out
_LINK, _SUBMODULE = "120000", "160000"


def resolve(root: Path, revision: str) -> str | None:
    """The full name of the commit that a revision means; None when it means none, or there is no repository.

    A GitError says why git could not tell.
    """
    top = repository(root)
    if top is None or not revision or revision.startswith("-") or "\0" in revision:
        return None
    name = parsed(top, f"{revision}^{{commit}}")
    return name if name.isalnum() else None  # `^HEAD` is a name for git, but not of a commit


def names(top: Path) -> tuple[str, ...]:
    """The branches and tags that git knows, for who misspells one."""
    return tuple(os.fsdecode(git(top, "for-each-ref", "--count=2000", "--format=%(refname:short)")).splitlines())


def merge_base(root: Path, one: str, other: str) -> str | None:
    """The commit from which two revisions parted; None when git knows none, as in a shallow clone."""
    top, a, b = repository(root), resolve(root, one), resolve(root, other)
    if top is None or a is None or b is None:
        return None
    return quiet(top, "merge-base", a, b) or None


def materialise(root: Path, commit: str, target: Path, wanted: Callable[[str], bool] = lambda path: True) -> tuple[tuple[str, str], ...]:
    """Write the files that the project had at a commit below `target`, and return those left out, with the reason.

    Those that are not `wanted` are there without their content. Nothing of the work tree or of git's folder changes. A folder that
    the commit does not have gives no files. A GitError says why git could not tell.
    """
    top = repository(root)
    if top is None:
        raise GitError("no git repository")
    folder = prefix(top, root)
    if folder and not parsed(top, tree_of(commit, folder)):
        return ()
    left_out: list[tuple[str, str]] = []
    files: dict[str, list[str]] = {}
    links: dict[str, list[str]] = {}
    for mode, identity, path in entries(top, tree_of(commit, folder)):
        if not _harmless(path):
            left_out.append((path, "its path leads elsewhere"))
        elif mode == _SUBMODULE:
            left_out.append((path, SUBMODULE))
        elif not wanted(path):
            _written(target / path, b"")
        else:
            (links if mode == _LINK else files).setdefault(identity, []).append(path)
    for size, identity in _sizes(top, files):
        if size > MAX_BYTES:
            left_out += ((path, f"larger than {MAX_BYTES // 1_000_000} MB") for path in files.pop(identity))
    for identity, content in blobs(top, sorted(files, key=lambda one: files[one])):
        for path in files.pop(identity):
            if not _written(target / path, content):
                left_out.append((path, "cannot be written"))
    left_out += ((path, MISSING) for paths in files.values() for path in paths)
    left_out += _linked(top, links, target)
    return tuple(sorted(left_out))


def sample(root: Path, since: str, number: int) -> tuple[tuple[str, str], ...]:
    """At most `number` commits of the main line with their dates (UTC), oldest first, spaced evenly between `since` and the newest.

    `since` is a date as git understands it. The newest commit is always among them; without one there are none.
    """
    top = repository(root)
    if top is None or number < 1 or not parsed(top, "HEAD"):
        return ()
    command = ("rev-list", "--first-parent", "--timestamp")
    newest = git(top, *command, "--max-count=1", "HEAD", "--").split()
    lines = git(top, *command, f"--since={since}", "HEAD", "--").splitlines()
    commits = [(int(time), name) for time, name in (line.decode("ascii").split() for line in reversed(lines))]
    if not commits:
        commits = [(int(newest[0]), newest[1].decode("ascii"))]
    times = list(accumulate((time for time, _ in commits), max))  # clocks are not always right
    start, length = times[0], times[-1] - times[0]
    chosen = {len(commits) - 1}
    for step in range(number - 1):
        moment = start + length * step / (number - 1)
        chosen.add(max(index for index, time in enumerate(times) if time <= moment))
    return tuple((name, _date(time)) for time, name in (commits[index] for index in sorted(chosen)))


def _date(time: int) -> str:
    return datetime.datetime.fromtimestamp(time, tz=datetime.UTC).date().isoformat()


def _harmless(path: str) -> bool:
    """Whether a path of a tree stays below the folder that it is written to, and is no part of a repository."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        return False
    return os.sep == "/" or not any(char in path for char in "\\:")


def _sizes(top: Path, identities: dict[str, list[str]]) -> list[tuple[int, str]]:
    output = git(top, "cat-file", "--batch-check=%(objectsize) %(objectname) %(objecttype)", data="\n".join(identities).encode())
    words = (line.split() for line in output.decode("ascii", "replace").splitlines())
    return [(int(word[0]), word[1]) for word in words if word[-1] == "blob"]


def _written(file: Path, content: bytes) -> bool:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as out:
            out.write(content)
    except OSError:
        return False
    return True


def _linked(top: Path, links: dict[str, list[str]], target: Path) -> list[tuple[str, str]]:
    """Make the links, last so that no file is written through one, and take back those that lead out of `target`."""
    left_out: list[tuple[str, str]] = []
    made: list[str] = []
    for identity, content in blobs(top, links):
        to = os.fsdecode(content)
        for path in links[identity]:
            file = target / path
            try:
                if PurePosixPath(to).is_absolute() or os.path.isabs(to):
                    raise ValueError
                file.parent.mkdir(parents=True, exist_ok=True)
                file.symlink_to(to)
            except (OSError, ValueError):
                left_out.append((path, "a link that leads elsewhere" if "\0" not in to else "a damaged link"))
            else:
                made.append(path)
    inside = target.resolve()
    for path in made:
        if not Path(os.path.realpath(target / path)).is_relative_to(inside):
            (target / path).unlink()
            left_out.append((path, "a link that leads elsewhere"))
    return left_out
